"""What many large runs may take of a process's memory at once: what waits for its commit, and what they start from."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

UNWRITTEN_BYTES = 8 * 2**20
STARTED_BYTES = 2 * 2**20
HELD_S = 10.0
LOOK_S = 0.25


class Backlog:
    """Bytes of large outputs and files that were recorded and are not committed yet. While it `is_full`, whoever
    records more waits for the commit of its own: else runs get ahead of the database until the memory is gone."""

    def __init__(self, limit_bytes: int = UNWRITTEN_BYTES) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._lock = threading.Lock()

    def change(self, by_bytes: int) -> None:
        with self._lock:
            self._size += by_bytes

    @property
    def is_full(self) -> bool:
        return self._size > self._limit


class Gate:
    """Lets runs in, in the order they came, while what they start from is small together; and always one. In memory a
    run takes many times what it starts from. Who came in longer than `held_s` ago keeps nobody out: many large runs at
    once come in one by one, and none waits for the end of another that takes an hour."""

    def __init__(self, limit_bytes: int = STARTED_BYTES, held_s: float = HELD_S) -> None:
        self._limit = limit_bytes
        self._held_s = held_s
        self._inside: dict[object, tuple[int, float]] = {}
        self._queue: deque[object] = deque()
        self._free = threading.Condition()

    @contextmanager
    def entered(self, size_bytes: int, is_over: Callable[[], bool]) -> Iterator[None]:
        """Wait until there is room, or `is_over`: then whoever comes in ends at once, and has to see so itself."""
        place = object()
        with self._free:
            self._queue.append(place)
            while not self._may_enter(place, size_bytes) and not is_over():
                self._free.wait(LOOK_S)
            self._queue.remove(place)
            self._inside[place] = (size_bytes, time.monotonic())
            self._free.notify_all()
        try:
            yield
        finally:
            with self._free:
                del self._inside[place]
                self._free.notify_all()

    def _may_enter(self, place: object, size_bytes: int) -> bool:
        held = self._held_bytes()
        return self._queue[0] is place and (not held or held + size_bytes <= self._limit)

    def _held_bytes(self) -> int:
        since = time.monotonic() - self._held_s
        return sum(size for size, entered in self._inside.values() if entered > since)


backlog = Backlog()
gate = Gate()
