"""Small helpers to write SVG text: every value that comes from outside is escaped here."""

from html import escape


def number(value: float) -> str:
    """One decimal at most, without a trailing zero: coordinates stay short."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def attributes(**values: object) -> str:
    """`data_node="A"` becomes ` data-node="A"`; None and False are left out, True is an empty value."""
    parts = []
    for key, value in values.items():
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(f' {name}=""')
            continue
        text = number(value) if isinstance(value, float) else str(value)
        parts.append(f' {name}="{escape(text)}"')
    return "".join(parts)


def element(tag: str, content: str = "", **values: object) -> str:
    """An element with escaped attributes. `content` is markup and must be escaped already."""
    return f"<{tag}{attributes(**values)}>{content}</{tag}>" if content else f"<{tag}{attributes(**values)}/>"


def wrap(label: str, *, width: int, lines: int) -> list[str]:
    """Break a label at spaces into at most `lines` lines of `width` characters, with an ellipsis where it was cut."""
    rows: list[str] = []
    for word in label.split():
        if rows and len(rows[-1]) + 1 + len(word) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    kept = [row if len(row) <= width else row[: width - 1] + "…" for row in rows[:lines]]
    if len(rows) > lines and not kept[-1].endswith("…"):
        kept[-1] = kept[-1][: width - 1] + "…"
    return kept
