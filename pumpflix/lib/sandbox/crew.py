"""The children of one kind: who starts them, who may have one, and who has to wait."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pumpflix.lib.sandbox.backoff import Backoff
from pumpflix.lib.sandbox.errors import SandboxCanceled, SandboxError, SandboxUnavailable
from pumpflix.lib.sandbox.parent import Call, Child

_MIB = 2**20
_RECYCLE_CALLS = 20_000
_RECYCLE_GROWTH_BYTES = 256 * _MIB
_CHECK_EVERY_CALLS = 64
# The first may be a spare that failed, or died, long ago.
_START_ATTEMPTS = 3
# How often a caller who waits for a child looks whether it is still wanted.
_LOOK_UP_S = 0.25
# A call that takes longer keeps nobody else waiting: beside it another child may start, within bounds.
_LONG_S = 0.5
_MOST_ON_FEW_CORES = 8
CLOSING = SandboxUnavailable("The sandbox is shutting down; run this again.")


class Spawner:
    """Starts every child in one thread that outlives them: a parent-death signal comes when the *thread* ends."""

    def __init__(self, start_child: Callable[[], Child], stock: int = 1) -> None:
        self._start_child = start_child
        self._stock = stock
        self._wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Child | SandboxUnavailable] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._on_order = 0
        self._thread = threading.Thread(target=self._work, name="sandbox-spawner", daemon=True)
        self._thread.start()

    def order(self) -> None:
        """Ask for as many spares as are neither ready nor on their way."""
        with self._lock:
            while self._on_order < self._stock:
                self._on_order += 1
                self._wanted.put(True)

    def take(self) -> Child:
        """The spare, or the next child to be ready. Its successor is on order when this returns."""
        failure = None
        self.order()
        for _ in range(_START_ATTEMPTS):
            found = self._ready.get()
            with self._lock:
                self._on_order -= 1
            if found is CLOSING:
                # Whoever waits next must hear of it too.
                self._ready.put(found)
            else:
                # Whatever it was: others may wait for what was taken here, and ordered nothing of their own.
                self.order()
            if isinstance(found, SandboxUnavailable):
                failure = found
                continue
            if found.is_alive():
                return found
        raise SandboxUnavailable(str(failure or "The sandbox processes of this machine die at once.")) from failure

    def close(self) -> None:
        """End the thread and the spares."""
        self._wanted.put(False)
        self._thread.join()
        while not self._ready.empty():
            found = self._ready.get()
            if isinstance(found, Child):
                found.kill()
        self._ready.put(CLOSING)

    def _work(self) -> None:
        while self._wanted.get():
            try:
                self._ready.put(self._start_child())
            except SandboxUnavailable as error:
                self._ready.put(error)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: whoever waits must hear of it
                self._ready.put(SandboxUnavailable(f"The sandbox process could not be started: {error}"))


class Crew:
    """The children of one kind: ``size``, and more while calls take long, so that nobody waits behind another's loop. A
    new one joins when a caller has waited ``patience_s`` in vain.

    No team may have all of them, and one whose children keep dying pauses before it gets the next (``backoff``). With
    ``is_single_use`` a child ends with the call it served.
    """

    def __init__(
        self,
        spawner: Spawner,
        size: int,
        patience_s: float,
        *,
        is_single_use: bool = False,
        backoff: Backoff | None = None,
    ) -> None:
        self._spawner = spawner
        self._size = size
        self._most = max(2 * size, min(4 * size, _MOST_ON_FEW_CORES))
        self._patience_s = patience_s
        self._is_single_use = is_single_use
        self._backoff = backoff or Backoff()
        self._free = threading.Condition()
        self._idle: list[Child] = []
        self._busy: dict[int, tuple[str, float]] = {}
        self._members = 0
        self._closed = False

    @contextmanager
    def child(self, team: str, call: Call | None = None) -> Iterator[Child]:
        """A child for one call; the one that served this team last, if it is free. Dropped if it did not survive."""
        self._pause(team, call)
        child = self._take(team, call)
        try:
            yield child
        except SandboxCanceled:
            raise
        except SandboxError:
            self._backoff.died(team)
            raise
        finally:
            self._put_back(child)

    def close(self) -> None:
        """End the idle children now and the busy ones as they come back."""
        with self._free:
            self._closed = True
            for child in self._idle:
                child.kill()
            self._idle.clear()
            self._free.notify_all()

    def _pause(self, team: str, call: Call | None) -> None:
        """Wait until the team may have a child again. Ends early when the call is canceled, or the pool closes."""
        if call is not None:
            call.stop_if_canceled()
        with self._free:
            while not self._closed and (left_s := self._backoff.pause_s(team)) > 0:
                self._free.wait(min(left_s, _LOOK_UP_S))
                if call is not None:
                    call.stop_if_canceled()

    def _take(self, team: str, call: Call | None) -> Child:
        with self._free:
            child = self._wait_for_one(team, call)
            if child is None:
                self._members += 1
        if child is None:
            child = self._started()
        self._busy[id(child)] = (team, time.monotonic())
        return child

    def _wait_for_one(self, team: str, call: Call | None) -> Child | None:
        """A free child, or None when a new one may be started. Called with the lock held."""
        while not self._closed:
            if self._has_share(team):
                child = self._idle_for(team)
                if child is not None or self._members == 0:
                    return child
            may_grow = self._may_grow(team)
            if not self._free.wait(self._patience_s if may_grow else _LOOK_UP_S) and self._may_grow(team):
                return None
            if call is not None:
                call.stop_if_canceled()
        raise SandboxUnavailable(str(CLOSING))

    def _started(self) -> Child:
        try:
            return self._spawner.take()
        except BaseException:
            self._drop()
            raise

    def _may_grow(self, team: str) -> bool:
        """Whether one more child may start: while there are fewer than ``size`` that will soon be free."""
        return self._quick() < self._size and self._members < self._most and self._has_share(team)

    def _quick(self) -> int:
        """How many are free, or will soon be."""
        long_since = time.monotonic() - _LONG_S
        # A copy, for others leave the dictionary without the lock.
        return self._members - sum(since < long_since for _, since in list(self._busy.values()))

    def _has_share(self, team: str) -> bool:
        """Whether the team leaves some for the others."""
        return sum(owner == team for owner, _ in list(self._busy.values())) < max(1, self._most - self._size)

    def _idle_for(self, team: str) -> Child | None:
        while self._idle:
            # The one that came back last: what it works with is still at hand.
            last = len(self._idle) - 1
            place = next((n for n in range(last, -1, -1) if team in self._idle[n].teams), last)
            child = self._idle.pop(place)
            if child.is_alive():
                return child
            child.kill()
            self._members -= 1
        return None

    def _put_back(self, child: Child) -> None:
        self._busy.pop(id(child), None)
        is_spare = self._quick() > self._size
        if self._closed or self._is_single_use or is_spare or not child.is_alive() or _is_worn(child):
            child.kill()
            self._drop()
            return
        with self._free:
            self._idle.append(child)
            self._free.notify()

    def _drop(self) -> None:
        with self._free:
            self._members -= 1
            self._free.notify()


def _is_worn(child: Child) -> bool:
    """Whether a fresh one should take its place: it has grown, or served, too much, or cannot be made urgent again."""
    if child.is_nice:
        return True
    if child.calls % _CHECK_EVERY_CALLS:
        return False
    return child.calls >= _RECYCLE_CALLS or child.rss_bytes() > child.ready_rss_bytes + _RECYCLE_GROWTH_BYTES
