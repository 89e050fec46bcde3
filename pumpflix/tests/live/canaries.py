"""Secrets that are planted to be found again, and services that say back whatever they were told."""

import base64
import html
import json
import secrets
import socket
import string
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import redis

from pumpflix.lib.tests.safe_http.servers import Seen, Server

CHUNK = 7
PIECE = 211
LONG = 6000


@dataclass(frozen=True)
class Canary:
    """`text` is planted; `core` is what no other text of the world holds. Its end may be shown as a hint."""

    kind: str
    text: str
    core: str

    def spellings(self) -> list[str]:
        raw = self.text.encode()
        return [
            self.text,
            base64.b64encode(raw).decode(),
            base64.urlsafe_b64encode(raw).decode(),
            base64.b64encode(b"ann:" + raw).decode(),
            quote(self.text),
            quote(self.text, safe=""),
            quote_plus(self.text),
            quote(self.text, safe="/= ")
            .replace("%C3%BC", "%c3%bc")
            .replace("%2B", "%2b")
            .replace("%3C", "%3c")
            .replace("%3E", "%3e"),
            quote(self.text, safe=string.punctuation + " "),
            quote(quote(self.text, safe=""), safe=""),
            json.dumps(self.text),
            json.dumps(self.text, ensure_ascii=False).replace("/", "\\/"),
            json.dumps(json.dumps({"said": self.text})),
            html.escape(self.text),
            raw.hex(),
            raw.hex().upper(),
        ]

    def needles(self) -> list[str]:
        """The core in every spelling, and its two halves: what was cut in the middle is a leak too."""
        raw = self.core.encode()
        inner = [base64.b64encode(b"\0" * lead + raw).decode()[-(-lead * 8 // 6) + 1 : -5] for lead in range(3)]
        return [self.core[:10], self.core[-10:], raw.hex()[:20], raw.hex().upper()[:20], *inner]


def plant(kind: str, *, plain: bool = False, base32: bool = False) -> Canary:
    """`plain`: it has to fit into a header; `base32`: into an authenticator app."""
    core = secrets.token_hex(12)
    if base32:
        text = base64.b32encode(secrets.token_bytes(20)).decode()
        return Canary(kind, text, text[2:26])
    return Canary(kind, f"cnry/+={core}=-tail" if plain else f'cnry/+="<ü>& {core} -tail', core)


@dataclass
class Echo:
    """An HTTP service that answers `/<n>/<what>` with all it was told and with canary n in every spelling: long
    enough to be cut anywhere, in pieces of a few bytes, in headers, in the reason line, in where it sends one."""

    canaries: list[Canary]
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = Server(self._answer)

    def address(self, number: int, what: str) -> str:
        return f"{self.server.url}/{number}/{what}"

    def said(self, number: int) -> str:
        everything = " ".join(self.canaries[number].spellings())
        return (everything + " ") * (LONG // len(everything) + 1)

    def _answer(self, request: Seen, sock: socket.socket) -> bytes | None:
        number, what = request.target.split("?")[0].strip("/").split("/")[:2]
        canary = self.canaries[int(number)]
        raw = canary.text.encode().decode("latin-1")
        if what == "token":
            body = {"access_token": self.canaries[int(number) + 1].text, "refresh_token": canary.text + "-refresh"}
            return answer("200 OK", json.dumps({**body, "expires_in": 3600}))
        if what == "redirect":
            return answer("302 Found", "", f"Location: /{number}/ok?again={quote(canary.text, safe='')}")
        told = {"target": request.target, "headers": request.headers, "body": request.body.decode("utf-8", "replace")}
        said = self.said(int(number))
        body = json.dumps({"message": said, "error": {"message": said}, "error_description": said, "told": told})
        status = "200 OK" if what == "ok" else f"401 No {raw}"
        data = answer(status, body, f"X-Echo: {raw}")
        for at in range(0, len(data), PIECE):
            sock.sendall(data[at : at + PIECE])
        return b""


def answer(status: str, body: str, *headers: str) -> bytes:
    """Chunked, each chunk of a few bytes."""
    data = body.encode()
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    sent = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks) + b"0\r\n\r\n"
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", "Transfer-Encoding: chunked", *headers, "", ""]
    return "\r\n".join(head).encode("latin-1", "replace") + sent


@contextmanager
def refusing(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of another protocol; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock, suppress(OSError):
                talk(sock)

    threading.Thread(target=serve, daemon=True).start()
    with closing(listener):
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def line_by_line(greeting: str, replies: dict[str, str], otherwise: str) -> Callable[[socket.socket], None]:
    """Answers the line that begins with a word as told, and any other line with a refusal."""

    def talk(sock: socket.socket) -> None:
        sock.sendall(greeting.encode())
        with sock.makefile("rb") as lines:
            for line in lines:
                word = line.decode("utf-8", "replace").split()[0].upper() if line.strip() else ""
                sock.sendall(replies.get(word, otherwise).encode())

    return talk


def refusals(texts: dict[str, str]) -> dict[str, Callable[[socket.socket], None]]:
    """By type of credential: a server that says the secret back when it refuses."""
    postgres = f"SFATAL\0VFATAL\0C28P01\0Mpassword {texts['postgres']} is wrong\0\0".encode()
    mysql = b"\xff\x15\x04#28000Access denied, password " + texts["mySql"].encode()

    def postgres_talk(sock: socket.socket) -> None:
        sock.recv(4096)
        sock.sendall(b"E" + (len(postgres) + 4).to_bytes(4, "big") + postgres)

    def mysql_talk(sock: socket.socket) -> None:
        sock.sendall(len(mysql).to_bytes(3, "little") + b"\0" + mysql)

    mail = {"EHLO": "250-here\r\n250 AUTH PLAIN LOGIN\r\n", "QUIT": "221 bye\r\n"}
    return {
        "smtp": line_by_line("220 here\r\n", mail, f"535 5.7.8 no {texts['smtp']}\r\n"),
        "ftp": line_by_line("220 here\r\n", {"USER": "331 and the password?\r\n"}, f"530 no {texts['ftp']}\r\n"),
        "redis": line_by_line("", {}, f"-WRONGPASS no {texts['redis']}\r\n"),
        "postgres": postgres_talk,
        "mySql": mysql_talk,
    }


@contextmanager
def watched_redis(client: Any, url: str) -> Iterator[list[str]]:
    """Every command that any process sends to this Redis meanwhile."""
    commands: list[str] = []
    end = f"end-{secrets.token_hex(8)}"
    with redis.Redis.from_url(url, socket_timeout=None) as patient, patient.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                if end in command["command"]:
                    return
                commands.append(command["command"])

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield commands
        client.echo(end)
        thread.join(30)
