"""The ticker of every worker: due schedules, due waits, expired leases, and the look that replaces a lost doorbell.
No other process has to be alive for any of them; rows are locked with SKIP LOCKED, so many tickers share the work."""

from collections.abc import Callable, Sequence

import psutil
import psycopg
import structlog

from executions_app import doorbell, transitions
from executions_app.database import pool
from executions_app.runner.drain import Runner
from executions_app.runner.owners import expire_of_the_dead
from executions_app.runner.rounds import Rounds
from executions_app.runner.schedules import fire_due_schedules

TICK_S = 1.0
BATCH = 200

log = structlog.get_logger(__name__)

# What failed just now is looked after at once; what could not be, in the job's own time.
HURRY = """
UPDATE executions_app_job SET run_at = clock_timestamp()
 WHERE kind = 'executions.failures' AND key = 'recurring' AND status = 'queued' AND run_at > clock_timestamp()
   AND EXISTS (SELECT 1 FROM executions_app_failure WHERE at > clock_timestamp() - interval '5 s')
RETURNING queue
"""


class Ticker(Rounds):
    """`on_too_large` is called once when the process has grown beyond `max_rss_bytes` (0: never), each of `looks` every
    round: it returns at once."""

    def __init__(
        self,
        runner: Runner,
        *,
        max_rss_bytes: int = 0,
        on_too_large: Callable[[], None] = lambda: None,
        looks: Sequence[Callable[[], None]] = (),
    ) -> None:
        self._runner = runner
        self._looks = looks
        self._max_rss = max_rss_bytes
        self._on_too_large = on_too_large
        super().__init__("ticker", TICK_S)

    def round(self) -> None:
        self.tick()

    def tick(self) -> None:
        """One round; a database that is away costs this round only."""
        try:
            fire_due_schedules()
            wake_due_waits()
            end_orphans()
            hurry_failures()
            self._runner.around.look()
            expire_of_the_dead(self._runner.claimer.owner)
            self._runner.take(with_expired=True)
        except psycopg.Error as error:
            log.warning("tick_failed", error=str(error))
        for look in self._looks:
            look()
        self._check_size()

    def _check_size(self) -> None:
        if self._max_rss and not self._runner.is_stopping and psutil.Process().memory_info().rss > self._max_rss:
            log.warning("worker_too_large", limit_mb=self._max_rss // 2**20)
            self._on_too_large()


def wake_due_waits() -> int:
    """Queue every execution whose wait is over; end those whose unknown outcome nobody decided about, and those that
    were canceled just as they began to wait."""
    with pool().connection() as connection:
        connection.execute(transitions.CANCEL_WAITING, {"limit": BATCH}, prepare=True)
        woken = connection.execute(transitions.WAKE_DUE, {"limit": BATCH}, prepare=True).fetchall()
        connection.execute(transitions.EXPIRE_UNKNOWN, {"limit": BATCH}, prepare=True)
    return len(woken)


def end_orphans() -> int:
    """End the called runs whose caller is over and could not end them."""
    with pool().connection() as connection:
        values = {"terminal": list(transitions.TERMINAL)}
        return len(connection.execute(transitions.END_ORPHANS, values, prepare=True).fetchall())


def hurry_failures() -> bool:
    """Have the job that follows failures run now, where something failed."""
    with pool().connection() as connection:
        rows = connection.execute(HURRY, prepare=True).fetchall()
    for (queue,) in rows:
        doorbell.ring_jobs(queue)
    return bool(rows)
