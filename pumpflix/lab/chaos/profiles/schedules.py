"""P14: days around changes of the clocks in twelve zones, two tickers, twenty of them killed, against an oracle."""

import re
import subprocess
import sys
import time

from pumpflix.env import ROOT
from pumpflix.lab.chaos.campaign import Options
from pumpflix.lab.chaos.report import Verdict

LINE = re.compile(r"schedules: (\d+) fires, (\d+) missed, (\d+) duplicate, (\d+) wrong")
KILLED = re.compile(r"(\d+) tickers killed")
PATIENCE_S = 480


def run(options: Options) -> Verdict:
    began, verdict = time.monotonic(), Verdict("schedules", options.seed)
    count, days, kills = (48, 1, 3) if options.is_ci else (500, 0, 20)
    wanted = {"--seed": options.seed, "--count": options.executions or count, "--days": days, "--kills": kills}
    given = [str(part) for pair in wanted.items() for part in pair]
    told = subprocess.run(
        [sys.executable, "-m", "pumpflix.lab.schedules", *given],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    ).stdout
    if options.is_loud:
        sys.stdout.write(told)
    found, killed = LINE.search(told), KILLED.search(told)
    verdict.check("came to its end", found is not None and killed is not None, told[-1000:])
    if found is not None and killed is not None:
        fires, missed, duplicate, wrong = (int(number) for number in found.groups())
        verdict.executions, verdict.lost, verdict.rerun, verdict.kills = fires, missed, duplicate, int(killed[1])
        verdict.check("every moment of the oracle, once, and no other", not missed + duplicate + wrong, found[0])
        verdict.check("kills", verdict.kills == kills, verdict.kills)
    verdict.seconds = time.monotonic() - began
    return verdict
