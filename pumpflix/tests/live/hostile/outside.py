"""What stands around the product: a canary that nobody may knock at, and a machine of somebody else that misbehaves."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pumpflix.lib.tests.safe_http.servers import Answer, Seen, Server, reply
from pumpflix.tests.product import OUTSIDE

OTHER_NAME = "other.trap.example"
MIB = 1024 * 1024


@dataclass
class Canary:
    """Listens where nothing of ours may ever connect to: on this machine, in both kinds of address."""

    port: int = 0
    knocks: list[str] = field(default_factory=list)


@contextmanager
def canary() -> Iterator[Canary]:
    first = socket.create_server(("127.0.0.1", 0))
    found = Canary(first.getsockname()[1])
    listeners = [first]
    with suppress(OSError):
        listeners.append(socket.create_server(("::1", found.port), family=socket.AF_INET6))

    def listen(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, address = listener.accept()
                found.knocks.append(str(address))
                caller.close()

    for listener in listeners:
        threading.Thread(target=listen, args=(listener,), daemon=True).start()
    try:
        yield found
    finally:
        for listener in listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@dataclass
class Machine:
    """Servers at an address that the product may call: one plain, one whose certificate nobody vouches for, one whose
    certificate has run out."""

    plain: Server
    self_signed: Server
    expired: Server

    @property
    def url(self) -> str:
        return self.plain.url

    def seen(self, path: str) -> Seen | None:
        """The last request for that path."""
        return next((seen for seen in reversed(self.plain.seen) if seen.target.partition("?")[0] == path), None)


@contextmanager
def machine(canary_port: int, folder: Path) -> Iterator[Machine]:
    def answer(seen: Seen, sock: socket.socket) -> bytes | None:
        found = ANSWERS.get(seen.target.partition("?")[0], reply(b'{"ok": true}', Content_Type="application/json"))
        told = found(seen, sock) if callable(found) else found
        ports = {b"<canary>": canary_port, b"<port>": made.plain.port}
        for word, port in ports.items():
            told = told and told.replace(word, str(port).encode())
        return told

    servers = [Server(answer, address=OUTSIDE)]
    servers += [Server(answer, address=OUTSIDE, tls=context(folder, days)) for days in (30, -1)]
    made = Machine(*servers)
    try:
        yield made
    finally:
        for server in servers:
            server.close()


def context(folder: Path, days: int) -> ssl.SSLContext:
    """A certificate for that address, good for so many days."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, OUTSIDE)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(OUTSIDE))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{days}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(path)
    return made


def to(location: str, status: int = 302) -> bytes:
    return reply(status=f"{status} Moved", Location=location)


def chunks(_seen: Seen, sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    part = b"100000\r\n" + b"x" * MIB + b"\r\n"
    for _ in range(400):
        sock.sendall(part)


def long_header(_seen: Seen, sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(1024):
        sock.sendall(b"x" * MIB)


def a_byte_a_second(_seen: Seen, sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(20):
        sock.sendall(b"x")
        time.sleep(1)


ANSWERS: dict[str, bytes | Answer | Callable[[Seen, socket.socket], None]] = {
    **{f"/to-here-{status}": to("http://127.0.0.1:<canary>/", status) for status in (301, 302, 303, 307, 308)},
    "/to-file": to("file:///etc/passwd"),
    "/to-gopher": to("gopher://127.0.0.1:<canary>/_x"),
    "/to-name": to("http://chain-to-here.trap.example:<canary>/"),
    "/to-six": to("http://[::1]:<canary>/"),
    "/to-backslash": to("http://127.0.0.2\\@127.0.0.1:<canary>/"),
    "/to-user": to("http://127.0.0.2@127.0.0.1:<canary>/"),
    "/to-other": to(f"http://{OTHER_NAME}:<port>/landed"),
    "/loop": to("/loop"),
    "/set-cookie": reply(
        status="302 Found", Set_Cookie="sid=of-one-host; Path=/", Location=f"http://{OTHER_NAME}:<port>/cookies"
    ),
    "/gzip-bomb": lambda _seen, _sock: reply(gzip.compress(bytes(64 * MIB)), Content_Encoding="gzip"),
    "/long-header": long_header,
    "/endless-chunks": chunks,
    "/a-byte-a-second": a_byte_a_second,
    "/wrong-length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nshort",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nshort!",
    "/many-interim": b"HTTP/1.1 102 Processing\r\n\r\n" * 100 + reply(b"late"),
    "/no-http": b"220 mail.example ESMTP\r\n" * 3,
}
