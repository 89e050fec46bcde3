"""Requests to a webhook of this machine over a few kept connections: so many, or for so long."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT_S = 180.0
NUMBER = b"{{i}}"
BODY = b'{"name":"  Ada King Lovelace ","a":{{i}},"b":2}'


@dataclass(slots=True)
class Answers:
    """`latencies_ms` of the good ones; `bad` counts all others by status, or by the name of what was raised."""

    latencies_ms: list[float] = field(default_factory=list)
    bad: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def good(self) -> int:
        return len(self.latencies_ms)

    def percentile(self, share: float) -> float:
        """Between the two nearest; 0 without answers."""
        ordered = sorted(self.latencies_ms)
        if not ordered:
            return 0.0
        place = (len(ordered) - 1) * share
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@dataclass(frozen=True, slots=True)
class Load:
    """`{{i}}` in the body becomes the request's number. An answer without `expect` is a bad one."""

    url: str
    most: int
    seconds: float
    connections: int
    body: bytes = BODY
    expect: str = ""


def send(load: Load) -> Answers:
    """Send until `most` are sent or the time is over; every request sent is waited for."""
    answers = Answers()
    began = time.perf_counter()
    asyncio.run(_all(load, answers, time.monotonic() + load.seconds))
    answers.seconds = time.perf_counter() - began
    return answers


async def _all(load: Load, answers: Answers, until: float) -> None:
    numbers = iter(range(load.most))
    await asyncio.gather(*(_caller(load, numbers, answers, until) for _ in range(min(load.connections, load.most))))


async def _caller(load: Load, numbers, answers: Answers, until: float) -> None:
    connection = Connection(load.url)
    for number in numbers:
        if time.monotonic() > until:
            break
        began = time.perf_counter()
        try:
            status, body = await asyncio.wait_for(connection.post(load.body.replace(NUMBER, b"%d" % number)), TIMEOUT_S)
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            answers.bad[type(error).__name__] += 1
            connection.close()
            continue
        if 200 <= status < 300 and load.expect.encode() in body:
            answers.latencies_ms.append((time.perf_counter() - began) * 1000)
        else:
            answers.bad[str(status)] += 1
    connection.close()


class Connection:
    """One HTTP/1.1 connection that is kept; opened again when the other side has closed it meanwhile."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path or "/"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Status and body. Raises OSError, EOFError, ValueError."""
        was_kept = self._streams is not None
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=2**20)
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._streams[1].write(head.encode() + body)
            await self._streams[1].drain()
            line = await self._streams[0].readline()
            if not line:
                raise ConnectionResetError("closed")
        except ConnectionError:
            self.close()
            if was_kept:
                return await self.post(body)
            raise
        return int(line.split()[1]), await self._body()

    async def _body(self) -> bytes:
        assert self._streams is not None
        reader = self._streams[0]
        headers = {}
        while (line := await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip().lower()
        if "chunked" in headers.get("transfer-encoding", ""):
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readline()
    return b"".join(parts)
