"""The live stream: workers append what they committed, every web process follows and hands it to its own listeners.

One capped Redis stream for all executions. An entry is a commit: a field per execution, its frames as the value. It
may be lost, cut or flushed at any time; rows fill every gap, because events are numbered.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import redis
import redis.asyncio
import structlog
from django.conf import settings

from executions_app import frames
from executions_app.runner.commits import Commit

KEY = "pumpflix:live"
MAX_ENTRIES = 5_000
MAX_FRAMES = 50
KEPT_OF_MANY = 20
QUEUE_FRAMES = 2_000
PAUSE_S = 1.0

log = structlog.get_logger(__name__)


class StreamPublisher:
    """Appends to the stream; while Redis is away it drops, and tries again after a second."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=0.5)
        self._closed_until = 0.0
        self.dropped = 0

    def publish(self, commits: Sequence[Commit]) -> None:
        entry: dict[bytes, bytes] = {}
        for commit in commits:
            lines = frames_of(commit)
            if lines:
                entry[commit.execution_id.hex.encode("ascii")] = frames.join(lines)
        if entry:
            self.append(entry)

    def append(self, entry: dict[bytes, bytes]) -> None:
        if time.monotonic() < self._closed_until:
            self.dropped += 1
            return
        try:
            self._redis.execute_command("XADD", KEY, "MAXLEN", "~", MAX_ENTRIES, "*", *_flat(entry))
        except redis.RedisError as error:
            self._closed_until = time.monotonic() + PAUSE_S
            self.dropped += 1
            log.warning("stream_unavailable", error=str(error))

    def close(self) -> None:
        self._redis.close()


@cache
def publisher() -> StreamPublisher:
    """The one of this process for the few lines that no worker writes."""
    return StreamPublisher(settings.REDIS_URL)


def frames_of(commit: Commit) -> list[bytes]:
    """The lines of one commit. Of very many only the last: who sees the gap reads the rows."""
    rows = commit.events if len(commit.events) <= MAX_FRAMES else commit.events[-KEPT_OF_MANY:]
    lines = [frames.event(row.seq, row.body) for row in rows]
    head = commit.head
    if head.response is not None:
        # A short answer travels along; the waiting web process reads a long one from the row.
        lines.append(frames.response(head.response[1:] if head.response[:1] == b"j" else b"null"))
    if commit.is_last:
        is_end = head.status in ("success", "error", "canceled", "crashed")
        lines.append(frames.end(head.status) if is_end else frames.status(head.status))
    return lines


def _flat(entry: dict[bytes, bytes]) -> list[bytes]:
    return [part for pair in entry.items() for part in pair]


class Listener:
    """One socket's or one webhook caller's view of one execution. `is_slow` once it fell too far behind."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[list[frames.Frame]] = asyncio.Queue(QUEUE_FRAMES)
        self.is_slow = False

    def put(self, batch: list[frames.Frame]) -> None:
        try:
            self.queue.put_nowait(batch)
        except asyncio.QueueFull:
            self.is_slow = True


class Hub:
    """Who listens to which execution in this process. Used from the event loop only."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    def listen(self, execution_id: Any) -> Listener:
        listener = Listener()
        self._listeners.setdefault(execution_id.hex, set()).add(listener)
        return listener

    def leave(self, execution_id: Any, listener: Listener) -> None:
        listeners = self._listeners.get(execution_id.hex, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(execution_id.hex, None)

    @property
    def listeners(self) -> int:
        """Read by other threads too; a figure for operators, exact when nothing changes."""
        return sum(len(same) for same in list(self._listeners.values()))

    def dispatch(self, fields: dict[bytes, bytes]) -> None:
        for key, value in fields.items():
            listeners = self._listeners.get(key.decode("ascii", "replace"))
            if listeners:
                batch = frames.split(value)
                for listener in listeners:
                    listener.put(batch)


hub = Hub()


class StreamTail:
    """Follows the stream and feeds a hub until it is stopped; survives the loss of Redis and of the stream."""

    def __init__(self, url: str, dispatch: Callable[[dict[bytes, bytes]], None] = hub.dispatch) -> None:
        self._redis = redis.asyncio.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
        self._dispatch = dispatch
        self._last: bytes | None = None
        self._task: asyncio.Task[None] | None = None
        self.is_ready = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="stream-tail")

    async def stop(self) -> None:
        # One cancel may be lost to a timeout inside the client that fires in the same moment.
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.5)
        await self._redis.aclose()

    async def _run(self) -> None:
        while True:
            try:
                if self._last is None:
                    self._last = await self._newest()
                self.is_ready.set()
                await self._read()
            except (redis.RedisError, OSError) as error:
                log.warning("stream_lost", error=str(error))
                await asyncio.sleep(PAUSE_S)

    async def _newest(self) -> bytes:
        newest = await self._redis.execute_command("XREVRANGE", KEY, "+", "-", "COUNT", 1)
        return bytes(newest[0][0]) if newest else b"0-0"

    async def _read(self) -> None:
        answer = await self._redis.xread({KEY: self._last or b"$"}, count=200, block=5_000)
        for _, entries in answer.items() if isinstance(answer, dict) else answer or ():
            for number, fields in _pairs(entries):
                self._last = number
                self._dispatch(fields)


def _pairs(entries: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """RESP3 wraps the entries of a stream in one more list than RESP2."""
    if entries and isinstance(entries[0], list):
        entries = [pair for part in entries for pair in part]
    return [(number, fields) for number, fields in entries if fields]
