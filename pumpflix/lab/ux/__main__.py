"""`python -m pumpflix.lab.ux [pytest arguments]`: the tests of the points against the product, one last line."""

import os
import sys

import pytest

from pumpflix.env import ROOT
from pumpflix.lab.ux import perf, register
from pumpflix.lab.ux.plugin import Points

TESTS = "pumpflix/tests/e2e/ux"
# Each worker has a product and a browser of its own; the order of the tests is theirs to say (ux/conftest.py).
SIDE_BY_SIDE = ["-p", "pumpflix.lab.ux.worker", "-n", "2", "--dist=loadgroup", "--no-loadscope-reorder"]


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    points = Points()
    code = pytest.main([TESTS, *SIDE_BY_SIDE, "--durations=10", *arguments], plugins=[points])
    verdict = register.judge(register.due(), points.tested)
    sys.stdout.write(perf.table(points.measured))
    sys.stdout.writelines(f"{figure}\n" for figure in points.figures)
    say("failed", verdict.failed)
    say("no test", verdict.untested)
    sys.stdout.write(f"{verdict.last_line}\n")
    return 0 if verdict.is_green and code == pytest.ExitCode.OK else 1


def say(what: str, names: list[str]) -> None:
    if names:
        sys.stdout.write(f"{what}: {' '.join(names)}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
