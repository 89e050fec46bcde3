"""Where the request being answered comes from: kept for the audit trail, so that services need not be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    ip_address: str | None = None
    user_agent: str = ""
    request_id: str = ""


NOWHERE = Origin()
"""What happens without a request: a command, a worker."""

_current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current() -> Origin:
    return _current.get()


@contextmanager
def within(origin: Origin) -> Iterator[None]:
    """Everything recorded inside comes from there."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
