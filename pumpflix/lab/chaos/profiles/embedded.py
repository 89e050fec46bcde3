"""P2: the supervisor is killed again and again. Every start is clean, and what was running goes on."""

import time

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.report import Verdict, spread

RESUMED_S = 3.0
PATIENCE_S = 1500.0
# The first thing a worker records about a run that another one held before.
RESUMED = """
    SELECT extract(epoch FROM min(n.finished_at))::float8
      FROM executions_app_noderun n JOIN executions_app_execution e ON e.id = n.execution_id
     WHERE e.id = ANY(%s) AND n.epoch > 1 AND n.finished_at > to_timestamp(%s)
"""
BROKEN_PAGES = "SELECT count(*) FROM pg_stat_database WHERE checksum_failures > 0"


def run(options: Options) -> Verdict:
    kills = 4 if options.is_ci else 50
    with campaign(options, "embedded", lease_s=10.0) as it:
        it.client.patience_s = PATIENCE_S
        starts: list[float] = []
        resumed: list[float] = []
        deployed, count = it.deploy(12), options.count(300, 6 * kills)
        cases = it.load(deployed, count, over_s=kills * 9.0, during=lambda: kill_all(it, kills, starts, resumed))
        it.wait_quiet(120)
        verdict = it.judge(cases)
        figures = {"start_s": spread(starts), "worker_to_resumed_s": spread(resumed)}
        it.check_kills(verdict, kills)
        verdict.check(
            f"first resumed node < {RESUMED_S} s after a worker is up", max(resumed, default=0) < RESUMED_S, figures
        )
        verdict.check("no page is damaged", it.truth.value(BROKEN_PAGES) == 0)
        verdict.figures |= figures
        return verdict


def kill_all(it: Campaign, times: int, starts: list[float], resumed: list[float]) -> None:
    for _ in range(times):
        started_s, resumed_s = kill_and_start(it)
        starts.append(started_s)
        resumed += [] if resumed_s is None else [resumed_s]


def kill_and_start(it: Campaign) -> tuple[float, float | None]:
    """Seconds until it was ready again, and from the first worker's start to the first node run that was resumed; None
    where nothing was running."""
    time.sleep(it.faults.rng.uniform(0.2, 2.0))
    it.faults.kill("supervisor")
    started_s = it.stack.start()
    held = it.faults.last_held
    it.stack.wait_for_workers(1)
    up_at = it.truth.now()
    if not held:
        return started_s, None
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        first = it.truth.value(RESUMED, (held, up_at - 5))
        if first is not None:
            return started_s, max(0.0, first - up_at)
        if not it.watch.is_pending(held):
            return started_s, None
        time.sleep(0.05)
    return started_s, 30.0
