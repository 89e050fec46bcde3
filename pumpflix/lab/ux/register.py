"""The register of acceptance points: one file names every point and says whether it is due."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

REGISTER = Path(__file__).with_name("points.toml")
STATES = ("due", "not yet")
SHAPE = re.compile(r"[A-Z0-9]+-[0-9]+")


@dataclass(frozen=True)
class Verdict:
    """What one run of the tests says about the points that are due. `untested` have no test, `failed` one that failed
    or did not run."""

    due: int
    passed: int
    failed: list[str]
    untested: list[str]

    @property
    def is_green(self) -> bool:
        return self.passed == self.due

    @property
    def last_line(self) -> str:
        return f"ux: {self.passed} of {self.due} points pass"


def read(path: Path = REGISTER) -> dict[str, str]:
    """State by point. Raises ValueError for an id or a state that is none."""
    states: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    wrong = [name for name, state in states.items() if not SHAPE.fullmatch(name) or state not in STATES]
    if wrong:
        raise ValueError(f"{path.name}: neither an id with a state of {STATES}: {', '.join(wrong)}")
    return states


def due(path: Path = REGISTER) -> list[str]:
    return [name for name, state in read(path).items() if state == "due"]


def judge(wanted: Iterable[str], tested: dict[str, bool]) -> Verdict:
    """`tested` says of each point that has a test whether all of its tests passed."""
    points = list(wanted)
    return Verdict(
        due=len(points),
        passed=sum(tested.get(name, False) for name in points),
        failed=[name for name in points if tested.get(name) is False],
        untested=[name for name in points if name not in tested],
    )
