"""The table of what pages weigh and how long they take, as the tests of the budgets recorded it."""

from collections.abc import Iterable

HEAD = ("page", "LCP ms", "CLS", "INP ms", "JS KB", "CSS KB", "requests", "server p95 ms")


def table(rows: Iterable[Iterable[str]]) -> str:
    """Lines of columns, `HEAD` above them; nothing if nothing was measured."""
    lines = [HEAD, *(tuple(row) for row in rows)]
    if len(lines) == 1:
        return ""
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    return "".join(
        "PERF  " + "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
