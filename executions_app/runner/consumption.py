"""A worker that should work and does not: rows wait, slots are free, and it claims nothing. Whatever it is stuck in, a
new process is not; the supervisor starts one."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog

from executions_app import database, transitions
from executions_app.database import Connection
from executions_app.runner.drain import Runner
from executions_app.runner.rounds import Rounds

LOOK_EVERY_S = 5.0
IDLE_S = 30.0
STUCK_EXIT_CODE = 71

log = structlog.get_logger(__name__)


class Consumption(Rounds):
    """Looks from a thread and a connection of its own. `leave` is called once the very same row has been waiting for
    half a minute in which this worker had room for it and claimed nothing."""

    def __init__(
        self,
        runner: Runner,
        *,
        leave: Callable[[], None],
        connect: Callable[[], Connection] = lambda: database.connect(name="watch"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner = runner
        self._leave = leave
        self._connect = connect
        self._clock = clock
        self._seen: tuple[Any, ...] | None = None
        self._since = clock()
        super().__init__("consumption", LOOK_EVERY_S)

    def round(self) -> None:
        self.look()

    def look(self) -> bool:
        """True once the process was told to leave."""
        now = self._clock()
        if self._runner.is_stopping or now - self._runner.last_claim < IDLE_S:
            self._seen = None
            return False
        row = self._oldest()
        if row is None or row != self._seen:
            self._seen, self._since = row, now
            return False
        if now - self._since < IDLE_S:
            return False
        log.error("worker_consumes_nothing", execution=str(row[0]), idle_s=round(now - self._runner.last_claim))
        self._leave()
        return True

    def _oldest(self) -> tuple[Any, ...] | None:
        try:
            with self._connect() as connection:
                values = {"engine": transitions.ENGINE_VERSION}
                return connection.execute(transitions.OLDEST_CLAIMABLE, values).fetchone()
        except psycopg.Error as error:
            log.warning("consumption_not_seen", error=str(error))
            return None
