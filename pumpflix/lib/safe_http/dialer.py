"""The only place that opens an outgoing connection: resolve once, judge every address, connect to a judged one.

`httpx-secure` was read and not used: it protects async clients only, finds the address by connecting to it (a probe
reaches denied hosts), judges just the address that answered, keeps names for ten minutes, and leaves ports, 6to4 and
our own listeners alone. A network backend below httpcore's connection pool is its public seam for the same purpose.
"""

import errno
import functools
import os
import queue
import select
import selectors
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import certifi
import httpcore

from pumpflix.lib.safe_http.addresses import IPAddress, parse_address
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.exchange import Exchange, current
from pumpflix.lib.safe_http.policy import OutboundPolicy, address_not_allowed, is_internal_name
from pumpflix.lib.safe_http.urls import is_ip_literal

# Takes a host name, gives its addresses in the order to try them; raises OSError when there are none.
Resolver = Callable[[str, Exchange], Sequence[IPAddress]]

_T = TypeVar("_T")

_NEXT_ADDRESS_S = 0.25
_MAX_ADDRESSES = 8
_LOOKUP_S = 15.0
_lookups = threading.BoundedSemaphore(128)


def system_resolver(host: str, exchange: Exchange) -> list[IPAddress]:
    """getaddrinfo in a thread of its own, since it cannot be interrupted and a hostile name server may be slow."""
    answers: queue.SimpleQueue[list[IPAddress] | None] = queue.SimpleQueue()
    if not _lookups.acquire(timeout=exchange.slice_s(exchange.until(_LOOKUP_S))):
        raise OSError("too many lookups at once")

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put([parse_address(str(entry[4][0])) for entry in found])
        except (OSError, ValueError):
            answers.put(None)
        finally:
            _lookups.release()

    threading.Thread(target=look_up, name="outbound-lookup", daemon=True).start()
    until = exchange.until(_LOOKUP_S)
    while True:
        try:
            answer = answers.get(timeout=exchange.slice_s(until))
        except queue.Empty:
            continue
        if answer is None:
            raise OSError("no such host")
        return answer


@dataclass(frozen=True, slots=True)
class Dialer:
    """A policy and a way to look names up."""

    policy: OutboundPolicy
    resolver: Resolver = system_resolver

    def addresses(
        self, host: str, port: int, exchange: Exchange, *, service_ports: frozenset[int] = frozenset()
    ) -> list[IPAddress]:
        """What a canonical host resolves to, all of it allowed. For libraries that dial by themselves: give them these.

        `service_ports` are denied ports that the caller's protocol itself needs.
        """
        self.policy.check_name(host)
        found = [parse_address(host)] if is_ip_literal(host) else self._resolve(host, exchange)
        return self.policy.check_addresses(host, found, port, service_ports=service_ports)

    def connect(
        self, host: str, port: int, exchange: Exchange, *, service_ports: frozenset[int] = frozenset()
    ) -> socket.socket:
        """A connected socket. All failures take the same least time."""
        limits = self.policy.limits
        started = time.monotonic()
        try:
            addresses = self.addresses(host, port, exchange, service_ports=service_ports)
            return _connect_first(addresses, port, exchange, exchange.until(limits.connect_s))
        except OutboundError:
            time.sleep(max(0.0, started + limits.failure_s - time.monotonic()))
            raise

    def _resolve(self, host: str, exchange: Exchange) -> Sequence[IPAddress]:
        try:
            found = self.resolver(host, exchange)
        except OSError:
            found = []
        if found:
            return found
        if is_internal_name(host):
            raise address_not_allowed()
        raise OutboundError("resolve_failed", f"The host name '{host}' cannot be found.")


def _connect_first(addresses: Sequence[IPAddress], port: int, exchange: Exchange, until: float) -> socket.socket:
    """Try the addresses in turn, each a quarter of a second after the one before; the first to answer wins."""
    waiting = list(dict.fromkeys(addresses))[:_MAX_ADDRESSES]
    next_at = time.monotonic()
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or selector.get_map():
                if waiting and time.monotonic() >= next_at:
                    if not _begin(waiting.pop(0), port, selector):
                        continue
                    next_at = time.monotonic() + _NEXT_ADDRESS_S
                pause = exchange.slice_s(until)
                if waiting:
                    pause = max(0.0, min(pause, next_at - time.monotonic()))
                for key, _ in selector.select(pause):
                    sock: socket.socket = key.data
                    selector.unregister(sock)
                    if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                        return sock
                    sock.close()
                    next_at = time.monotonic()
        finally:
            for key in list(selector.get_map().values()):
                key.data.close()
    raise OutboundError("connect_failed", "The host does not accept the connection.")


def _begin(address: IPAddress, port: int, selector: selectors.BaseSelector) -> bool:
    """False if this address cannot even be tried from here (no route, no IPv6)."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return False
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sock.connect_ex((str(address), port)) not in {0, errno.EINPROGRESS}:
        sock.close()
        return False
    selector.register(sock, selectors.EVENT_WRITE, sock)
    return True


@functools.lru_cache(maxsize=16)
def tls_context(ca_file: str, verify: bool) -> ssl.SSLContext:
    """Shared by all pools: loading the certificates takes some 20 ms."""
    context = ssl.create_default_context(cafile=ca_file or certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """Who calls: a certificate and its key, as PEM texts. `authority` signs servers that no public one vouches for."""

    certificate: str = ""
    key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    authority: str = ""


def identified_context(ca_file: str, verify: bool, identity: TlsIdentity) -> ssl.SSLContext:
    """A context of its own. Raises OutboundError for texts that are no certificate or no key."""
    context = ssl.create_default_context(cafile=ca_file or certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    try:
        if identity.authority:
            context.load_verify_locations(cadata=identity.authority)
        if identity.certificate:
            with _readable_once(f"{identity.certificate.strip()}\n{identity.key.strip()}\n") as place:
                context.load_cert_chain(place, password=identity.passphrase)
    except (ssl.SSLError, ValueError):
        raise OutboundError("tls_failed", "The client certificate or its key cannot be read.") from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _readable_once(text: str) -> Iterator[str]:
    """A path to the text, for the one function of OpenSSL that takes nothing else; in memory where the system can."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("certificate")
        try:
            os.write(descriptor, text.encode())
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name


class GuardedStream(httpcore.NetworkStream):
    """A socket that keeps its exchange's deadline and allowance, and asks every second whether to go on."""

    def __init__(self, sock: socket.socket, connect_s: float):
        self._sock = sock
        self._connect_s = connect_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = current()
        try:
            data = self._patiently(lambda: self._sock.recv(max_bytes), exchange, timeout or exchange.read_s)
        except OSError as error:
            raise httpcore.ReadError from error
        exchange.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = current()
        view = memoryview(buffer)
        try:
            while view:
                part = view[:262_144]
                sent = self._patiently(functools.partial(self._sock.send, part), exchange, timeout or exchange.read_s)
                view = view[sent:]
        except OSError as error:
            raise httpcore.WriteError from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "GuardedStream":
        try:
            self._sock.setblocking(True)
            sock = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname, do_handshake_on_connect=False)
            self._sock = sock
            self._patiently(sock.do_handshake, current(), timeout or self._connect_s)
        except ssl.SSLCertVerificationError as error:
            self.close()
            message = f"The certificate of the host is not accepted: {error.verify_message}."
            raise OutboundError("tls_failed", message) from None
        except OSError:
            self.close()
            raise OutboundError("tls_failed", "No encrypted connection could be agreed with the host.") from None
        except BaseException:
            self.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _is_readable(self._sock)
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        return {"socket": self._sock}.get(info)

    def _patiently(self, operation: Callable[[], _T], exchange: Exchange, limit_s: float) -> _T:
        until = exchange.until(limit_s)
        while True:
            self._sock.settimeout(exchange.slice_s(until))
            try:
                return operation()
            except TimeoutError:
                continue


def _is_readable(sock: socket.socket) -> bool:
    """True also for a closed socket: either way an idle connection is not to be used again."""
    if sock.fileno() < 0:
        return True
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(0))


class GuardedBackend(httpcore.NetworkBackend):
    """What the connection pool dials with."""

    def __init__(self, dialer: Dialer):
        self._dialer = dialer

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the exchange keeps the time
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> GuardedStream:
        exchange = current()
        sock = self._dialer.connect(host, port, exchange)
        exchange.has_dialled = True
        return GuardedStream(sock, self._dialer.policy.limits.connect_s)
