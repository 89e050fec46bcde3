"""P20: one team queues thousands of runs, another starts one now and then. The other does not wait behind the first,
and the first has every slot that is idle."""

import time
from concurrent.futures import ThreadPoolExecutor

from pumpflix.lab.chaos.campaign import RUN_SLOTS, SENDERS, Campaign, Options, campaign
from pumpflix.lab.chaos.report import Verdict, percentile
from pumpflix.lab.chaos.single import fetching

PAUSE_S = 0.5
WORKERS = 2
START_S = 2.0
USED = 0.95
BODY_MS = 8_000
STARTED = """
SELECT extract(epoch FROM started_at - created_at)::float8 FROM executions_app_execution
 WHERE workflow_id = %s AND started_at IS NOT NULL
"""
STATE = """
SELECT count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE status = 'queued')
  FROM executions_app_execution WHERE parent_id IS NULL
"""


def run(options: Options) -> Verdict:
    crowd, few = options.count(10_000, 400), 20 if not options.is_ci else 8
    with campaign(options, "fairness", lease_s=10.0, workers=WORKERS) as it:
        other = it.new_client("patient")
        slow = fetching("slow", f"{it.book.url}/slow?delay_ms={BODY_MS}")
        busy, calm = it.client.deploy(slow), other.deploy(slow)
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(lambda n: it.client.start(busy, {}, key=f"crowd-{n}"), range(crowd)))
        # Slow enough that the few never run more than their share at once.
        used, pause_s = [], 10.0 if not options.is_ci else 2.0
        for number in range(few):
            other.start(calm, {}, key=f"few-{number}")
            used += looks(it, pause_s)
        verdict = it.judge([])
        waits = [row[0] for row in it.truth.rows(STARTED, (calm,))]
        judge(verdict, waits, used, few)
        verdict.executions = crowd + few
        other.close()
        return verdict


def looks(it: Campaign, seconds: float) -> list[float]:
    """The share of all slots that is taken, looked at while work is left."""
    found, ends = [], time.monotonic() + seconds
    while time.monotonic() < ends:
        running, queued = it.truth.rows(STATE)[0]
        if queued > WORKERS * RUN_SLOTS:
            found.append(running / (WORKERS * RUN_SLOTS))
        time.sleep(PAUSE_S)
    return found


def judge(verdict: Verdict, waits: list[float], used: list[float], few: int) -> None:
    p95, share = percentile(waits, 0.95), sum(used) / max(1, len(used))
    verdict.figures |= {"start_p95_s": round(p95, 2), "slots_used": round(share, 3), "looks": len(used)}
    verdict.check("all of the few started", len(waits) == few, f"{len(waits)} of {few}")
    verdict.check(f"start p95 < {START_S} s", p95 < START_S, round(p95, 2))
    verdict.check("looked while work was left", bool(used))
    verdict.check(f"slots used >= {USED}", share >= USED, round(share, 3))
