"""`matrix.txt`, read: what every caller gets at every address."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pumpflix.tests.access.world import CALLERS

FILE = Path(__file__).with_name("matrix.txt")
SECTIONS = ("operations", "pages", "public")


@dataclass(frozen=True)
class Row:
    """`name` is an operation, or a URL name and a method; `target` whose object it is called with; `expected` a status
    by caller. Callers in `changing` change rows by it."""

    name: str
    target: str
    expected: dict[str, int]
    changing: frozenset[str]


def lines(section: str) -> Iterator[list[str]]:
    current = ""
    for number, line in enumerate(FILE.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if line.startswith("["):
            current = line.strip("[] ")
            assert current in SECTIONS, f"{FILE.name}:{number}: there is no section {line}"
        elif current == section:
            yield words


def rows(section: str) -> list[Row]:
    found = []
    for name, target, *statuses in lines(section):
        assert len(statuses) == len(CALLERS), f"{FILE.name}: {name} {target} has not one status for each caller"
        said = dict(zip(CALLERS, statuses, strict=True))
        expected = {caller: int(status.rstrip("+")) for caller, status in said.items()}
        changing = frozenset(caller for caller, status in said.items() if status.endswith("+"))
        found.append(Row(name, target, expected, changing))
    doubled = {
        (row.name, row.target) for row in found if [(r.name, r.target) for r in found].count((row.name, row.target)) > 1
    }
    assert not doubled, f"{FILE.name}: more than one row for {sorted(doubled)}"
    return found


@cache
def public() -> dict[str, str]:
    """Pattern of URL names -> why everybody may come there, or who decides who may."""
    return {words[0]: " ".join(words[1:]) for words in lines("public")}


def as_line(name: str, target: str, statuses: dict[str, int], changing: Collection[str]) -> str:
    """A row as the file has it."""
    cells = [f"{status}{'+' if caller in changing else ''}" for caller, status in statuses.items()]
    return f"{name:<40} {target:<8}" + "".join(f"{cell:>10}" for cell in cells)
