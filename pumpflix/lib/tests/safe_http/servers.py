"""A server on loopback that answers what a test tells it to, byte for byte."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pumpflix.lib.safe_http.policy import Limits, OutboundPolicy, parse_open_networks

OPEN = OutboundPolicy(parse_open_networks("127.0.0.0/8"), limits=Limits(failure_s=0.0))


@dataclass(frozen=True)
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


# Gets the request and its socket; returns bytes to send, or nothing if it has sent them itself.
Answer = Callable[[Seen, socket.socket], bytes | None]


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if "Transfer_Encoding" not in headers and "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server:
    """Serves each connection in a thread until the client hangs up or an answer ends the connection."""

    def __init__(self, answer: Answer, *, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None):
        self.answer = answer
        self.seen: list[Seen] = []
        self.connections = 0
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((address, port))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{address}:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        for sock in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            sock = self._tls.wrap_socket(sock, server_side=True) if self._tls else sock
            self._open.add(sock)
            with sock, sock.makefile("rb") as stream:
                while (request := _read(stream)) is not None:
                    self.seen.append(request)
                    data = self.answer(request, sock)
                    if data is not None:
                        sock.sendall(data)
                    if data is None or b"\r\nConnection: close\r\n" in data:
                        return
        except (OSError, ValueError):
            return


def _read(stream) -> Seen | None:
    first = stream.readline().decode("latin-1").split(" ")
    if len(first) != 3:
        return None
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Seen(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))
