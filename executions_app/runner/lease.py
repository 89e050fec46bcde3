"""A lease on a row, renewed by a thread of its own, known to be lost as soon as anything finds that out."""

import threading
from typing import Any, Self

import psycopg
import structlog

from executions_app import database

log = structlog.get_logger(__name__)


class Lease:
    """`beat` is a statement that returns a row while the lease is ours."""

    def __init__(self, beat: str, values: dict[str, Any], *, lease_s: float) -> None:
        self._beat = beat
        self._values = values
        self._pause_s = lease_s / 4
        self._is_over = threading.Event()
        self.is_lost = False
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._pause_s) and not self.is_lost:
            self.beat()

    def beat(self) -> None:
        try:
            self.is_lost = not statement(self._beat, self._values)
        except psycopg.Error as error:
            log.warning("lease_not_renewed", error=str(error))


def statement(text: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows that it returned, none for one that returns nothing."""
    with database.pool().connection() as connection:
        cursor = connection.execute(text, values)
        return cursor.fetchall() if cursor.description else []
