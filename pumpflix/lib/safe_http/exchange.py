"""One call in flight: its deadline, its byte allowance and the question whether it is still wanted.

The sockets below the HTTP library see only their own arguments, so they find the exchange of their thread here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from pumpflix.lib.safe_http.errors import OutboundError

_POLL_S = 1.0


def _keep_going() -> None:
    """Nobody can call off this exchange."""


@dataclass(slots=True)
class Exchange:
    """`poll` is called before the first byte and about once a second from then on, also while a socket is silent;
    whatever it raises ends the call."""

    deadline: float
    read_s: float
    poll: Callable[[], None] = _keep_going
    allowance: int = 0
    received: int = 0
    has_dialled: bool = False
    _next_poll: float = 0.0

    @classmethod
    def start(cls, *, deadline_s: float, read_s: float, poll: Callable[[], None] | None = None) -> "Exchange":
        now = time.monotonic()
        return cls(deadline=now + deadline_s, read_s=read_s, poll=poll or _keep_going, _next_poll=now)

    def slice_s(self, until: float) -> float:
        """How long a socket may block before asking again. Raises when the time is up."""
        now = time.monotonic()
        if now >= self._next_poll:
            self._next_poll = now + _POLL_S
            self.poll()
        if now >= self.deadline:
            raise OutboundError("deadline_exceeded", "The call took longer in all than it may.")
        if now >= until:
            raise OutboundError("timed_out", "The other side was silent for longer than it may be.")
        return min(until, self.deadline, self._next_poll) - now

    def until(self, limit_s: float) -> float:
        return time.monotonic() + limit_s

    def count(self, size: int) -> None:
        self.received += size
        if self.received > self.allowance:
            raise OutboundError("too_large", "The response is larger than allowed.")


_current: ContextVar[Exchange | None] = ContextVar("outbound_exchange", default=None)


@contextmanager
def running(exchange: Exchange) -> Iterator[Exchange]:
    token = _current.set(exchange)
    try:
        yield exchange
    finally:
        _current.reset(token)


def current() -> Exchange:
    exchange = _current.get()
    if exchange is None:
        raise RuntimeError("Sockets of the dialer are used inside an exchange only.")
    return exchange
