"""Run the campaign: `python -m pumpflix.lab.chaos --help`."""

import argparse
import json
import os
import random
import signal
import sys
import traceback

from pumpflix.lab.chaos import profiles
from pumpflix.lab.chaos.campaign import Options
from pumpflix.lab.chaos.report import Verdict, last_line


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pumpflix.lab.chaos", description=__doc__)
    parser.add_argument("--profile", action="append", choices=[*profiles.PROFILES, "ci", "full"], default=[])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("CHAOS_SEED") or random.randrange(10**6)))  # noqa: S311
    parser.add_argument("--executions", type=int, default=0, help="instead of the profile's own number")
    parser.add_argument("--ci", action="store_true", help="the small form of each profile")
    parser.add_argument("--planted", default="", help="let the workers run with this fault, to see it found")
    parser.add_argument("--quiet", action="store_true", help="do not tell each fault")
    given = parser.parse_args()
    options = Options(
        seed=given.seed,
        executions=given.executions,
        is_ci=given.ci or "ci" in given.profile,
        planted=given.planted,
        is_loud=not given.quiet,
    )
    # Whoever ends the campaign ends the product with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.stdout.write(f"CHAOS_SEED={given.seed}\n")
    sys.stdout.flush()
    verdicts = [judged(name, options) for name in names_of(given.profile)]
    sys.stdout.write(
        json.dumps({"kept": all(one.is_kept for one in verdicts), "profiles": [v.to_json() for v in verdicts]}) + "\n"
    )
    sys.stdout.write(last_line(verdicts) + "\n")
    return 0 if all(verdict.is_kept for verdict in verdicts) else 1


def names_of(chosen: list[str]) -> list[str]:
    groups = {"ci": profiles.CI, "full": profiles.PROFILES}
    return [name for one in chosen or ["full"] for name in groups.get(one, (one,))]


def judged(name: str, options: Options) -> Verdict:
    """A profile that breaks off is a profile that fails; the others go on."""
    try:
        verdict = profiles.run(name, options)
    except Exception as error:  # noqa: BLE001
        traceback.print_exc()
        verdict = Verdict(name, options.seed, wrong=[f"broke off: {type(error).__name__}: {error}"[:2000]])
    word = "kept" if verdict.is_kept else "NOT KEPT: " + "; ".join(verdict.wrong[:5])
    sys.stdout.write(f"{name}: {verdict.seconds:.0f} s, {word}\n")
    sys.stdout.flush()
    return verdict


if __name__ == "__main__":
    sys.exit(main())
