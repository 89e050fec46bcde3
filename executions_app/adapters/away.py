"""Ports that live in our own database, for when it is away: that is no error of the run."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import structlog

from executions_app.runner.session import Session
from pumpflix.lib.postgresql.away import is_away
from workflows_app.engine.errors import LeaseLost

log = structlog.get_logger(__name__)
Port = TypeVar("Port")


def giving_back(port: Port, session: Session) -> Port:
    """The same port; a call that the database's absence stops gives the run back, to go on from what is recorded."""
    return cast("Port", _GivingBack(port, session))


class _GivingBack:
    def __init__(self, port: object, session: Session) -> None:
        self._port = port
        self._session = session

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._guarded(found) if callable(found) else found

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*given: Any, **named: Any) -> Any:
            try:
                return method(*given, **named)
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("run_given_back", execution=str(self._session.claim.id), error=str(error))
                self._session.give_back()
                raise LeaseLost from error

        return call
