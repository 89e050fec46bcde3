"""The receiver behind a ledger: writes every call to its SQLite file before it answers.

    python -m pumpflix.lab.counting_server FILE [PORT]

Prints `port <n>` when it listens and ends when its standard input does. How a call is answered is in its query:
`status=503`, `body=text`, `delay_ms=2000` (written down first, answered late), `delay_first=1` (only the first call
with the same key is answered late), `fail_first=2` (the first two calls with the same key get a 503), `drop=1` (written
down, then the connection is cut without an answer), `echo=1` (the answer is the body that came).
`GET /-/wait?count=5&path=/a&timeout_s=10` answers as soon as so many calls have come, or with 408.
"""

import asyncio
import json
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SCHEMA = """
    CREATE TABLE IF NOT EXISTS call (
        seq INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
        key TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS call_key ON call (key);
    CREATE INDEX IF NOT EXISTS call_path ON call (path);
"""
_MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("idempotency-key", "")

    def option(self, name: str, default: str = "") -> str:
        return parse_qs(self.query).get(name, [default])[0]


class Book:
    """The file. One process writes; others read it while it does."""

    def __init__(self, path: Path):
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def write(self, request: Request) -> tuple[int, int]:
        """The number of this call, and how many with its key there have been, this one included."""
        values = (time.time(), request.method, request.path, request.query, request.key, json.dumps(request.headers))
        statement = "INSERT INTO call (at, method, path, query, key, headers, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        seq = self._db.execute(statement, (*values, request.body)).lastrowid or 0
        return seq, self._count("key = ?", request.key) if request.key else 1

    def count(self, path: str) -> int:
        return self._count("path = ?", path) if path else self._count("?", 1)

    def _count(self, condition: str, value: object) -> int:
        count: int = self._db.execute(f"SELECT count(*) FROM call WHERE {condition}", (value,)).fetchone()[0]  # noqa: S608
        return count


class CountingServer:
    def __init__(self, book: Book):
        self._book = book
        self._written = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                answer = await (self._wait(request) if request.path == "/-/wait" else self._record(request))
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            # The client is gone, or this process ends while it keeps its connection open.
            pass
        finally:
            writer.close()

    async def _record(self, request: Request) -> bytes | None:
        seq, times = self._book.write(request)
        async with self._written:
            self._written.notify_all()
        if times <= int(request.option("delay_first", str(times))):
            await asyncio.sleep(int(request.option("delay_ms", "0")) / 1000)
        if request.option("drop"):
            return None
        failing = times <= int(request.option("fail_first", "0"))
        status = 503 if failing else int(request.option("status", "200"))
        if request.option("echo"):
            return response(status, request.body)
        body = request.option("body") or json.dumps({"seq": seq, "times": times, "key": request.key})
        return response(status, body.encode("utf-8"))

    async def _wait(self, request: Request) -> bytes:
        path, wanted = request.option("path"), int(request.option("count", "1"))
        try:
            async with asyncio.timeout(float(request.option("timeout_s", "30"))), self._written:
                await self._written.wait_for(lambda: self._book.count(path) >= wanted)
        except TimeoutError:
            return response(408, b"{}")
        return response(200, json.dumps({"count": self._book.count(path)}).encode("ascii"))


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; nothing when the client has left."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, parts.query, headers, body)


def response(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


async def run(path: Path, port: int) -> None:
    """Serve until standard input ends, so that no receiver outlives the test that started it."""
    handler = CountingServer(Book(path))
    server = await asyncio.start_server(handler.serve, "127.0.0.1", port, limit=_MAX_HEAD, backlog=1024)
    sys.stdout.write(f"port {server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
