"""A head that takes its time, by a loop whose clock the test turns."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from pumpflix.heads import WITHIN_S, BoundedHeads

pytestmark = pytest.mark.requirement(15)
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


class Timers:
    """The loop as far as timers go: what was asked for, and not called off."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.pending: list[Any] = []

    def call_later(self, seconds: float, callback: Any, *args: Any) -> Any:
        handle = self._loop.call_later(3600, callback, *args)
        self.pending.append((seconds, handle, callback, args))
        return handle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def of_heads(self) -> list[Any]:
        return [entry for entry in self.pending if entry[0] == WITHIN_S and not entry[1].cancelled()]


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture
async def opened() -> Any:
    timers = Timers(asyncio.get_running_loop())
    config = uvicorn.Config(answer, log_config=None, proxy_headers=False)
    protocol = BoundedHeads(config=config, server_state=ServerState(), app_state={}, _loop=timers)
    wire = Wire()
    protocol.connection_made(wire)
    yield protocol, wire, timers
    for *_, handle, _callback, _args in timers.pending:
        handle.cancel()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: "])
async def test_a_head_that_does_not_come_to_its_end_is_let_go(opened: Any, sent: bytes) -> None:
    protocol, wire, timers = opened
    if sent:
        protocol.data_received(sent)
    [(_, _, callback, args)] = timers.of_heads()
    callback(*args)
    assert wire.written.startswith(b"HTTP/1.1 408 ")
    assert wire.is_closed


async def test_a_head_that_came_may_take_its_time_to_be_answered_and_the_next_is_timed_anew(opened: Any) -> None:
    protocol, wire, timers = opened
    protocol.data_received(REQUEST)
    assert timers.of_heads() == []
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.written.startswith(b"HTTP/1.1 204 ")
    protocol.data_received(REQUEST[:10])
    assert len(timers.of_heads()) == 1
    protocol.connection_lost(None)
    assert timers.of_heads() == []
