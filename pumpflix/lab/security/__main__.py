"""`python -m pumpflix.lab.security [pytest arguments]`: every test that says which requirement it shows, one last line.

With `-k` only what was found counts, so the last line says less and the exit code is 1.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pumpflix.env import ROOT
from pumpflix.lab.security import marks, register
from pumpflix.lab.security.plugin import OUTCOMES

# What needs no product of its own runs side by side.
TIERS = {
    "unit": ["-m", f"{marks.MARK} and not live and not e2e", "-n", "2"],
    "live": ["-m", f"{marks.MARK} and live"],
    "e2e": ["-m", f"{marks.MARK} and e2e"],
}
ENDED = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


def main(arguments: list[str]) -> int:
    tests = marks.shown_by()
    files = sorted({name.partition("::")[0] for names in tests.values() for name in names})
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for tier, chosen in TIERS.items():
            outcomes.append(run(Path(folder) / f"{tier}.json", [*files, *chosen, *arguments]))
    verdict = register.judge(register.read().values(), together(outcomes), tests)
    for number in verdict.failed:
        say(f"{number}: failing test", sorted({name for each in outcomes for name in each["red"].get(str(number), [])}))
    for number in verdict.untested:
        say(f"{number}: no test", [])
    sys.stdout.write(f"{verdict.last_line}\n")
    return 0 if verdict.is_green and all(each["ended"] for each in outcomes) else 1


def run(file: Path, arguments: list[str]) -> dict[str, Any]:
    """One pytest of its own: what a tier left in its process, the next must not find."""
    plugin = "pumpflix.lab.security.plugin"
    command = [sys.executable, "-m", "pytest", "-p", plugin, *arguments]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, OUTCOMES: str(file)}, check=False).returncode
    read = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"tested": {}, "red": {}}
    return {**read, "ended": code in ENDED}


def together(outcomes: list[dict[str, Any]]) -> dict[int, bool]:
    """By number: passed in every tier that has a test of it."""
    tested: dict[int, bool] = {}
    for outcome in outcomes:
        for number, passed in outcome["tested"].items():
            tested[int(number)] = passed and tested.get(int(number), True)
    return tested


def say(what: str, tests: list[str]) -> None:
    sys.stdout.write(f"{what}{': ' if tests else ''}{', '.join(tests[:3])}{' …' if len(tests) > 3 else ''}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
