"""Heartbeat and watchdog of a worker: leases are renewed by one thread; another ends the process when that, or the
writer, has been stuck for so long that the leases are about to be anybody's."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import structlog

from executions_app import database, transitions
from executions_app.database import Connection
from executions_app.runner.drain import Runner
from executions_app.runner.rounds import Rounds
from executions_app.runner.session import Session

CANCEL_POLL_S = 1.0
FENCE_SHARE = 0.6
FENCE_EXIT_CODE = 70

CANCELED = "SELECT id FROM executions_app_execution WHERE id = ANY(%s) AND cancel_requested"

log = structlog.get_logger(__name__)


class Heartbeat:
    """Renews the leases every quarter of their length and asks every second whose cancel was requested. A session whose
    row is no longer ours is told so at once."""

    def __init__(
        self,
        runner: Runner,
        *,
        lease_s: float,
        connect: Callable[[], Connection] = lambda: database.connect(name="heartbeat"),
    ) -> None:
        self._runner = runner
        self._lease_s = lease_s
        self._connect = connect
        self._connection: Connection | None = None
        self._stop = threading.Event()
        self._last_ok = time.monotonic()
        self._last_beat = 0.0
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        # What was prepared before may have taken as long as a lease; nothing was held meanwhile.
        self._last_ok = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def stale_s(self) -> float:
        """How long ago the leases were known to be good; 0 while there are none."""
        return time.monotonic() - self._last_ok

    @property
    def is_fresh(self) -> bool:
        """Whether nobody else can hold what is held here."""
        return self.stale_s <= self._lease_s * FENCE_SHARE

    def _run(self) -> None:
        pause = min(CANCEL_POLL_S, self._lease_s / 4)
        while not self._stop.wait(pause):
            self.beat()
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def beat(self) -> None:
        """One round. Whatever the database does to it, it never raises: the watchdog judges by `stale_s`."""
        began = time.monotonic()
        sessions = self._runner.sessions
        if not sessions:
            self._last_ok = self._last_beat = began
        try:
            # Kept even while there is nothing to renew: by it the others know that this worker is there.
            connection = self._connected()
            if not sessions:
                return
            if began - self._last_beat >= self._lease_s / 4 - 0.01:
                self._renew(connection, sessions)
                self._last_ok = self._last_beat = began
            self._ask_canceled(connection, sessions)
        except psycopg.Error as error:
            log.warning("heartbeat_failed", error=str(error))
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _renew(self, connection: Connection, sessions: Sequence[Session]) -> None:
        values: dict[str, Any] = {
            "lease": timedelta(seconds=self._lease_s),
            "ids": [session.claim.id for session in sessions],
            "owner": self._runner.claimer.owner,
        }
        rows = connection.execute(transitions.BEAT, values, prepare=True).fetchall()
        held = {row[0]: row[1] for row in rows}
        for session in sessions:
            if held.get(session.claim.id) != session.claim.epoch and not session.is_ending:
                log.warning("lease_lost", execution=str(session.claim.id))
                session.lose()

    def _ask_canceled(self, connection: Connection, sessions: Sequence[Session]) -> None:
        rows = connection.execute(CANCELED, ([session.claim.id for session in sessions],), prepare=True).fetchall()
        asked = {row[0] for row in rows}
        for session in sessions:
            if session.claim.id in asked:
                session.cancel()

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection


def end_process(code: int = FENCE_EXIT_CODE) -> None:
    """At once, without any cleaning up that might still write."""
    os._exit(code)


class Watchdog(Rounds):
    """Ends the process before another worker may hold its executions. `stale` gives, per name, the seconds since
    that part was known to be well."""

    def __init__(
        self, stale: dict[str, Callable[[], float]], *, lease_s: float, fence: Callable[[], None] = end_process
    ) -> None:
        self._stale = stale
        self._limit_s = lease_s * FENCE_SHARE
        self._fence = fence
        super().__init__("watchdog", min(0.25, lease_s / 40))

    def round(self) -> None:
        self.check()

    def check(self) -> bool:
        """True if all is well; else the process is ended."""
        for name, seconds in self._stale.items():
            if seconds() > self._limit_s:
                log.error("self_fenced", part=name, stale_s=round(seconds(), 2))
                self._fence()
                return False
        return True
