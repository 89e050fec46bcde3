"""Checked connections for protocols other than HTTP: mail, databases, file transfer."""

import socket
from collections.abc import Callable

import httpcore

from pumpflix.lib.safe_http.dialer import Dialer, GuardedStream, tls_context
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.exchange import Exchange, running
from pumpflix.lib.safe_http.policy import OutboundPolicy
from pumpflix.lib.safe_http.urls import parse_host


class OutboundConnection:
    """Bytes to and from a checked host. Every operation has `timeout_s`; each raises OutboundError."""

    def __init__(self, sock: socket.socket, host: str, policy: OutboundPolicy, exchange: Exchange):
        self._stream = GuardedStream(sock, policy.limits.connect_s)
        self._host = host
        self._policy = policy
        self._exchange = exchange

    @property
    def socket(self) -> socket.socket:
        """For client libraries that take a connected socket. They then keep their own time."""
        sock: socket.socket = self._stream.get_extra_info("socket")
        return sock

    def start_tls(self, *, verify: bool = True) -> None:
        with running(self._exchange):
            self._stream.start_tls(tls_context(self._policy.ca_file, verify), self._host)

    def send(self, data: bytes) -> None:
        try:
            with running(self._exchange):
                self._stream.write(data)
        except httpcore.WriteError:
            raise _lost() from None

    def receive(self, max_bytes: int) -> bytes:
        """At least one byte, or none if the other side has finished."""
        try:
            with running(self._exchange):
                return self._stream.read(max_bytes)
        except httpcore.ReadError:
            raise _lost() from None

    def close(self) -> None:
        self._stream.close()


def open_connection(
    dialer: Dialer,
    host: str,
    port: int,
    *,
    timeout_s: float = 60.0,
    service_ports: frozenset[int] = frozenset(),
    poll: Callable[[], None] | None = None,
) -> OutboundConnection:
    """Connect to a host as a person writes it. `service_ports` are denied ports that the protocol itself needs."""
    name = parse_host(f"[{host}]" if ":" in host and not host.startswith("[") else host)
    limits = dialer.policy.limits
    exchange = Exchange.start(deadline_s=limits.deadline_s, read_s=min(timeout_s, limits.read_s), poll=poll)
    exchange.allowance = limits.max_body_bytes
    sock = dialer.connect(name, port, exchange, service_ports=service_ports)
    return OutboundConnection(sock, name, dialer.policy, exchange)


def _lost() -> OutboundError:
    return OutboundError("connection_lost", "The host closed the connection.")
