"""`python -m pumpflix.lab.api_fuzz [--most N] [--least N] [--seed N] [pytest arguments]`: every documented operation,
by everybody, with values that schemathesis makes of the document. One last line says how many calls were made.

`--most` calls of each operation by the owner and by somebody who has not signed in, `--least` by each of the others.
The seed is in the last line; with it the same values come again. `-k workflows` narrows."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pumpflix.env import ROOT

TESTS = "pumpflix/tests/access/test_fuzz.py"
MOST, LEAST = 200, 25


def main(arguments: list[str]) -> int:
    wanted, others = parser().parse_known_args(arguments)
    seed = secrets.randbelow(2**31) if wanted.seed is None else wanted.seed
    with tempfile.TemporaryDirectory() as folder:
        tally = Path(folder) / "tally.txt"
        given = {
            "FUZZ_EXAMPLES": f"{wanted.most},{wanted.least}",
            "FUZZ_SEED": str(seed),
            "FUZZ_TALLY": str(tally),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:logging", "-n", str(wanted.jobs), TESTS, *others]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, check=False).returncode
        calls = tally.read_text(encoding="utf-8") if tally.exists() else ""
    sys.stdout.write(f"{summary(calls, seed=seed, is_green=code == 0)}\n")
    return code


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m pumpflix.lab.api_fuzz", description=__doc__)
    made.add_argument("--most", type=int, default=MOST)
    made.add_argument("--least", type=int, default=LEAST)
    made.add_argument("--seed", type=int, default=None)
    made.add_argument("--jobs", type=int, default=2, help="processes side by side")
    return made


def summary(calls: str, *, seed: int, is_green: bool) -> str:
    """Of lines `caller operation number`, one for each pair that answered as documented."""
    by_caller: Counter[str] = Counter()
    operations = set()
    for line in calls.splitlines():
        caller, operation, number = line.split()
        by_caller[caller] += int(number)
        operations.add(operation)
    told = ", ".join(f"{caller} {number}" for caller, number in sorted(by_caller.items()))
    verdict = "nothing found" if is_green else "see above what was found"
    return f"fuzz: {len(operations)} operations, {by_caller.total()} calls ({told}), seed {seed}: {verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
