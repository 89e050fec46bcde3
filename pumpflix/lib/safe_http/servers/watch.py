"""Cutting a socket that a protocol library reads from: when its time is up, or when nobody wants the answer any more.

Libraries block in their own reads. One thread of the process asks about once a second for each socket in use and shuts
down those that are to end; the read returns, and what ended it is raised in place of the library's own error."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pumpflix.lib.safe_http.errors import OutboundError

_TICK_S = 0.25
_POLL_S = 1.0


@dataclass(eq=False)
class _Watched:
    handle: socket.socket
    until: float
    poll: Callable[[], None]
    next_poll: float
    ended_by: BaseException | None = None
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, now: float) -> None:
        """Once a tick. What `poll` raises is kept for the thread that waits."""
        reason: BaseException | None = None
        if now >= self.until:
            reason = OutboundError("deadline_exceeded", "The call took longer in all than it may.")
        elif now >= self.next_poll:
            self.next_poll = now + _POLL_S
            try:
                self.poll()
            except BaseException as error:  # noqa: BLE001  handed on to the thread it is meant for
                reason = error
        if reason is not None:
            self.end(reason)

    def end(self, reason: BaseException) -> None:
        with self.lock:
            if self.is_over:
                return
            self.ended_by, self.is_over = reason, True
            cut(self.handle)


class _Watcher:
    """The thread, started with the first socket and asleep while there is none."""

    def __init__(self) -> None:
        self._watched: set[_Watched] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, one: _Watched) -> None:
        with self._changed:
            self._watched.add(one)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="outbound-watch", daemon=True)
                self._thread.start()
            self._changed.notify()

    def remove(self, one: _Watched) -> None:
        with self._changed:
            self._watched.discard(one)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._watched))
                current = list(self._watched)
            now = time.monotonic()
            for one in current:
                one.look(now)
            time.sleep(_TICK_S)


_watcher = _Watcher()


def cut(sock: socket.socket) -> None:
    """Reads and writes of whoever holds this connection return at once."""
    with suppress(OSError):  # it is down already
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


@contextmanager
def watched(
    sock: socket.socket, timeout_s: float, poll: Callable[[], None] | None, *, is_closed_inside: bool = False
) -> Iterator[None]:
    """While this lasts the socket is cut at the limit, and when `poll` raises; then that is raised here. The socket may
    be one that is wrapped by TLS meanwhile: the connection below is cut. `is_closed_inside`: closing it says that all
    is sent, so nothing else may hold it open."""
    now = time.monotonic()
    handle = sock if is_closed_inside else socket.socket(fileno=os.dup(sock.fileno()))
    one = _Watched(handle, now + timeout_s, poll or (lambda: None), now + _POLL_S)
    _watcher.add(one)
    try:
        yield
    except Exception:
        if one.ended_by is not None:
            raise one.ended_by from None
        raise
    finally:
        with one.lock:
            one.is_over = True
        _watcher.remove(one)
        if handle is not sock:
            handle.close()
    if one.ended_by is not None:
        raise one.ended_by
