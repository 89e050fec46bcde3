"""A pool that outlives its server: what a stopped server left behind is noticed by a look at the socket, before it is
handed out, and then all of it goes at once. While the server is away, whoever asks is told so within two seconds."""

import select
from typing import Any, TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

AWAY_AFTER_S = 1.0
PROBE_S = 1

Conn = TypeVar("Conn", bound=psycopg.Connection[Any])


class LastingPool(ConnectionPool[Conn]):
    """Give it a short `reconnect_timeout`: while that runs it makes no other attempt, however often it is asked.
    `getconn` raises psycopg.OperationalError while the server takes no connections, PoolTimeout where it does and all
    connections stay busy."""

    def getconn(self, timeout: float | None = None) -> Conn:
        timeout = self.timeout if timeout is None else timeout
        connection = self._soon(timeout)
        if not is_alive(connection):
            connection.close()
            self.putconn(connection)
            self.check()
            connection = self._soon(timeout)
        return connection

    def _soon(self, timeout: float) -> Conn:
        try:
            return super().getconn(min(timeout, AWAY_AFTER_S))
        except PoolTimeout:
            if timeout <= AWAY_AFTER_S:
                raise
            self._probe()
            return super().getconn(timeout - AWAY_AFTER_S)

    def _probe(self) -> None:
        """Raises psycopg.OperationalError where no connection can be made."""
        given = {**self._resolve_kwargs(), "connect_timeout": PROBE_S}
        psycopg.connect(self._resolve_conninfo(), **given).close()


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether a connection that was kept can be used: asks the server only where there is reason to."""
    return is_silent(connection) or is_usable(connection)


def is_silent(connection: psycopg.Connection[Any]) -> bool:
    """Whether nothing came from the server since the last answer: a server that goes says so, or closes. Costs a
    microsecond, where a question would cost fifty."""
    if not hasattr(select, "poll"):
        return False
    watch = select.poll()
    try:
        watch.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    except psycopg.OperationalError:
        return False
    return not watch.poll(0)


def is_usable(connection: psycopg.Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
