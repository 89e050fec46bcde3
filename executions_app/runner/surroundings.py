"""What a worker knows of the others: how many there are, and whether anything queued must be counted before it is
claimed."""

import time
from collections.abc import Callable
from typing import Any

from executions_app.transitions import LOOK_AROUND

RING_EVERY_S = 0.2


class Surroundings:
    """`ring` is called when this worker took its part of a burst and left the rest: the others may be asleep."""

    def __init__(self, connect: Callable[[], Any], ring: Callable[[], object]) -> None:
        self._connect = connect
        self._ring = ring
        self._rang_at = 0.0
        self.workers = 1
        self.has_limited = True

    def look(self) -> None:
        """Once a tick. Raises psycopg.Error."""
        with self._connect() as connection:
            workers, self.has_limited = connection.execute(LOOK_AROUND, prepare=True).fetchone()
        self.workers = max(1, workers)

    def took(self, count: int) -> None:
        """Of a burst, wake one more; it wakes the next in turn."""
        now = time.monotonic()
        if count > 1 and self.workers > 1 and now - self._rang_at >= RING_EVERY_S:
            self._rang_at = now
            self._ring()
