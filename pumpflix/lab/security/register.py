"""The register of security requirements: one file names every number, and says which of them block a public start."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

REGISTER = Path(__file__).with_name("requirements.toml")
LAST = 68
ENOUGH = 62


@dataclass(frozen=True)
class Requirement:
    """What has to hold. One that is not due may be without a test."""

    number: int
    title: str
    blocking: bool = False
    due: bool = True


@dataclass(frozen=True)
class Verdict:
    """What one run of the tests says. `failed` and `untested` are numbers, in order."""

    total: int
    blocking: int
    met: list[int]
    met_blocking: int
    failed: list[int] = field(default_factory=list)
    untested: list[int] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        return len(self.met) >= ENOUGH and self.met_blocking == self.blocking

    @property
    def last_line(self) -> str:
        return f"security: {len(self.met)} of {self.total} met, B: {self.met_blocking} of {self.blocking}"


def read(path: Path = REGISTER) -> dict[int, Requirement]:
    """By number. Raises ValueError for a number that is none or left out, TypeError for a key nobody knows."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    if list(entries) != [str(number) for number in range(1, LAST + 1)]:
        raise ValueError(f"{path.name}: the numbers are 1 to {LAST}, each once and in order")
    return {int(number): Requirement(int(number), **entry) for number, entry in entries.items()}


def judge(requirements: Iterable[Requirement], tested: Mapping[int, bool], marked: Collection[int] = ()) -> Verdict:
    """`tested` says of each number that has a test whether all of its tests passed, `marked` which numbers have tests
    in the sources: one of them that did not run has failed."""
    wanted = list(requirements)
    met = [each for each in wanted if tested.get(each.number, False)]
    rest = [each.number for each in wanted if each not in met]
    return Verdict(
        total=len(wanted),
        blocking=sum(each.blocking for each in wanted),
        met=[each.number for each in met],
        met_blocking=sum(each.blocking for each in met),
        failed=[number for number in rest if number in tested or number in marked],
        untested=[number for number in rest if number not in tested and number not in marked],
    )
