"""A connection for a library that takes a socket: dialled, encrypted and counted before it is handed over."""

import socket
from collections.abc import Mapping
from typing import Any

from pumpflix.lib.safe_http.connection import OutboundConnection, open_connection
from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.servers.speaker import Poll, host_of, port_of

MAX_BYTES = 64 * 1024 * 1024
STEP_S = 300.0
"""What a library may wait for one read; the whole question has its own limit, kept by `watched`."""


def dialled(dialer: Dialer, fields: Mapping[str, Any], port: int, poll: Poll | None) -> OutboundConnection:
    """A checked connection to the server of a credential. `port` is the protocol's own, which no rule refuses."""
    return open_connection(
        dialer, host_of(fields), port_of(fields, port), service_ports=frozenset({port}), poll=poll
    )  # fmt: skip


class CountedSocket:
    """A socket that reads so much per question and no more."""

    def __init__(self, sock: socket.socket, limit: int = MAX_BYTES) -> None:
        self.below = sock
        self._limit = limit
        self._received = 0

    def begin(self) -> None:
        """Another question."""
        self._received = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = self.below.recv(size, flags) if flags else self.below.recv(size)
        self._count(len(data))
        return data

    def recv_into(self, buffer: Any, size: int = 0) -> int:
        count = self.below.recv_into(buffer, size)
        self._count(count)
        return count

    def _count(self, size: int) -> None:
        self._received += size
        if self._received > self._limit:
            raise OutboundError("too_large", "The server answers with more than a node may hold.")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.below, name)


def lost() -> OutboundError:
    return OutboundError("connection_lost", "The host closed the connection.")
