"""The checklist of the documentation: every requirement with the tests that show it. `make schemas` writes it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pumpflix.env import ROOT
from pumpflix.lab.security import marks, register
from pumpflix.lab.security.register import Requirement

PAGE = ROOT / "docs" / "reference" / "security-requirements.md"
HEAD = """# Security requirements

What PumpFlix has to withstand, and the tests that show it: each is an attack on the real thing. `make security` runs
them all and ends in one line. No public start without those marked **B**. Generated from the register
(`pumpflix/lab/security/requirements.toml`) and from the marks at the tests (`@pytest.mark.requirement(29)`).
"""


def text(requirements: Mapping[int, Requirement], tests: Mapping[int, Sequence[str]]) -> str:
    return "\n".join([HEAD, *(section(each, tests.get(number, ())) for number, each in requirements.items())])


def section(each: Requirement, tests: Sequence[str]) -> str:
    mark = " **B**" if each.blocking else ""
    shown = [f"* `{name}`" for name in tests] or ["* no test yet"]
    return "\n".join([f"## {each.number}.{mark} {each.title}", "", *shown]) + "\n"


def main(page: Path = PAGE) -> None:
    page.write_text(text(register.read(), marks.shown_by()), encoding="utf-8")


if __name__ == "__main__":
    main()
