"""Reading `bad_inputs.yaml`: entries with a number, a door (`where`), what is put through it, and what may come back.

Values that are too long or too odd to write down are made of a mapping with one key that begins with `$`; `<<name>>` in
a text stands for something of the stage, such as the address of the canary.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("bad_inputs.yaml")
PLACE = re.compile(r"<<([A-Za-z_.]+)>>")


@dataclass(frozen=True)
class Case:
    """One thing put through a door. `expect` lists what may come back: a word, or a word and a code."""

    name: str
    given: dict[str, Any]
    expect: tuple[str, ...]

    def fits(self, outcome: "Outcome") -> bool:
        return any(outcome.fits(wanted) for wanted in self.expect)


@dataclass(frozen=True)
class Outcome:
    """What came back: `word` is a status, of HTTP or of a run, or what became of a connection; `code` says more."""

    word: str
    code: str = ""
    text: str = ""

    def fits(self, wanted: str) -> bool:
        word, _, code = wanted.partition(" ")
        return self.word == word and code in ("", self.code)

    @property
    def is_fault(self) -> bool:
        """An error of ours, or none of it within the time."""
        return self.word == "hang" or (self.word.isdigit() and int(self.word) >= 500)

    def __str__(self) -> str:
        return f"{self.word} {self.code} {self.text[:200]}".strip()


@dataclass(frozen=True)
class Entry:
    id: int
    about: str
    where: str
    payload: list[Any]
    expect: tuple[str, ...]
    each: dict[str, Any] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    limit_s: float = 20.0

    def __str__(self) -> str:
        return f"{self.id}-{self.where}"

    def cases(self, names: Mapping[str, str]) -> list[Case]:
        return [self._case(number, given, names) for number, given in enumerate(self.payload)]

    def _case(self, number: int, given: Any, names: Mapping[str, str]) -> Case:
        own = given if isinstance(given, dict) and not _is_made(given) else {"it": given}
        built = filled({**self.each, **own}, names)
        expect = built.pop("expect", None) or self.expect
        wanted = expect if isinstance(expect, list | tuple) else [expect]
        return Case(f"{number}: {str(own)[:90]}", built, tuple(str(one) for one in wanted))


def entries() -> list[Entry]:
    return [
        Entry(**{name: tuple(value) if name in ("expect", "never") else value for name, value in one.items()})
        for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))
    ]


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """The value with what is to be made of it made, and with the names of the stage in it."""
    if isinstance(value, str):
        return PLACE.sub(lambda found: names[found[1]], value)
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    if _is_made(value):
        ((maker, given),) = value.items()
        return MAKERS[maker](filled(given, names))
    return {filled(name, names): filled(one, names) for name, one in value.items()}


def _is_made(value: Mapping[Any, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in MAKERS


def _nested(given: list[Any]) -> str:
    before, after, depth = given
    return str(before) * int(depth) + str(after) * int(depth)


def _numbered(given: list[Any]) -> str:
    """`[text with %d, how often, what stands between]`."""
    text, count, between = given
    return str(between).join(str(text).replace("%d", str(number)) for number in range(count))


def _nodes(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """So many nodes of one kind."""
    return [{"name": f"N{number}", "type": given["type"], "parameters": {}} for number in range(given["count"])]


MAKERS: dict[str, Callable[[Any], Any]] = {
    "$repeat": lambda given: given[0] * int(given[1]),
    "$nested": _nested,
    "$numbered": _numbered,
    "$join": lambda given: (b"" if isinstance(given[0], bytes) else "").join(given),
    "$list": lambda given: [given[0]] * int(given[1]),
    "$power": lambda given: int(given[0]) ** int(given[1]),
    "$latin1": lambda given: str(given).encode("latin-1"),
    "$utf8": lambda given: str(given).encode("utf-8", "surrogatepass"),
    "$encode": lambda given: str(given[0]).encode(given[1]),
    "$gzip": lambda given: gzip.compress(given if isinstance(given, bytes) else str(given).encode()),
    "$zip_bomb": lambda given: gzip.compress(zlib.decompress(zlib.compress(bytes(int(given) * 1024 * 1024)))),
    "$surrogate": lambda given: str(given).replace("?", "\ud800"),
    "$json": json.dumps,
    "$nodes": _nodes,
    "$text": str,
}
