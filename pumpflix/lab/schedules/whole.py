"""The whole campaign on the database of DATABASE_URL, which is new and empty."""

import argparse
import os
import random
import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django must be set up first

from executions_app.database import connect  # noqa: E402
from pumpflix.lab.schedules import campaign, plan  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pumpflix.lab.schedules")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("CHAOS_SEED") or random.randrange(10**6)))  # noqa: S311
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--days", type=int, default=0, help="only the first so many")
    parser.add_argument("--kills", type=int, default=20)
    given = parser.parse_args()
    days = plan.DAYS[: given.days or None]
    sys.stdout.write(f"CHAOS_SEED={given.seed}\n")
    sys.stdout.flush()
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    environ = {"DATABASE_URL": os.environ["DATABASE_URL"], "DJANGO_SETTINGS_MODULE": "pumpflix.settings"}
    with connect(name="schedules") as connection:
        tally = campaign.run(connection, environ, campaign.Plan(given.seed, given.count, days, given.kills))
    for said in tally.told[:20]:
        sys.stdout.write(f"{said}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{given.count} schedules, {len(days)} days, {tally.kills} tickers killed, {seconds:.0f} s\n")
    sys.stdout.write(f"{tally.line()}\n")
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
