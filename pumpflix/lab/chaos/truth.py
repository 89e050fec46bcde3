"""What the database says, read directly. It outlives a server that is being killed."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg

PATIENCE_S = 60.0
PAUSE_S = 0.1


class Truth:
    """Safe for one thread; `again()` gives another thread its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def again(self) -> "Truth":
        return Truth(self._url)

    def rows(self, query: str, values: Any = None, *, patience_s: float = PATIENCE_S) -> list[tuple[Any, ...]]:
        """Asks until the server answers. Raises psycopg.OperationalError after `patience_s`."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return self._connected().execute(query, values).fetchall()
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_S)

    def value(self, query: str, values: Any = None, *, patience_s: float = PATIENCE_S) -> Any:
        return self.rows(query, values, patience_s=patience_s)[0][0]

    def now(self) -> float:
        """The database's clock, in seconds since 1970."""
        return float(self.value("SELECT extract(epoch FROM clock_timestamp())"))

    def held_by(self, pids: Sequence[int], *, patience_s: float = PATIENCE_S) -> dict[Any, int]:
        """Epochs of the executions whose lease those processes hold, by id; called runs go with their caller."""
        query = """
            SELECT id, epoch FROM executions_app_execution
             WHERE status = 'running' AND worker_pid = ANY(%s) AND parent_id IS NULL
               AND lease_until > clock_timestamp()
        """
        return dict(self.rows(query, (list(pids),), patience_s=patience_s))

    def on_last_chance(self, pid: int) -> int:
        """How many runs that process holds whose workers died twice already over the same node."""
        query = """
            SELECT count(*) FROM executions_app_execution
             WHERE status = 'running' AND worker_pid = %s AND crash_count >= 2
        """
        return int(self.value(query, (pid,)))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._url, autocommit=True, connect_timeout=5, application_name="chaos", options="-c timezone=UTC"
            )
        return self._connection
