"""Bodies of pages and API, read to their end before a thread is taken for them, and never further than their route
allows, whatever length they were said to have. Somebody who sends one byte a second holds no thread."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO, Any

from django.urls import Resolver404, resolve

from executions_app.intake.http import Receive, Send, send_answer
from pumpflix.lib.body_limits import MOST_BYTES, most_bytes_of

Scope = dict[str, Any]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Where the middleware finds out that a page was sent more than it takes.
TOO_LARGE = "pumpflix.too_large"
API = "/api/"
SILENCE_S = 30.0
LONGEST_S = 300.0
IN_MEMORY_BYTES = 1024 * 1024
PIECE_BYTES = 256 * 1024
FRAMING = {b"content-length", b"transfer-encoding"}


class WholeBodies:
    """In front of an application that reads in a thread."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not FRAMING & {name for name, _ in scope["headers"]}:
            await self.application(scope, receive, send)
            return
        most = _most_bytes(scope["path"])
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            try:
                async with asyncio.timeout(LONGEST_S):
                    size = await _read(receive, body, most)
            except TimeoutError:
                await _too_slow(send)
                return
            if size is None:
                return
            body.seek(0)
            await self.application(_framed(scope, size, most), _given(body, receive), send)


def _most_bytes(path: str) -> int:
    try:
        return most_bytes_of(resolve(path).func)
    except Resolver404:
        return MOST_BYTES


async def _read(receive: Receive, body: IO[bytes], most: int) -> int | None:
    """How much came: at most one byte more than allowed. None if the caller hung up."""
    size = 0
    while True:
        async with asyncio.timeout(SILENCE_S):
            message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")[: most + 1 - size]
        body.write(part)
        size += len(part)
        if size > most or not message.get("more_body"):
            return size


def _framed(scope: Scope, size: int, most: int) -> Scope:
    """The scope with the length that is true. A page learns that it was too much; the API counts for itself, and says
    so to those only who may call it."""
    headers = [(name, value) for name, value in scope["headers"] if name not in FRAMING]
    framed = {**scope, "headers": [*headers, (b"content-length", b"%d" % size)]}
    if size > most and not scope["path"].startswith(API):
        framed[TOO_LARGE] = most
    return framed


def _given(body: IO[bytes], receive: Receive) -> Receive:
    """The body once more, then whatever the server still has to say."""
    is_over = False

    async def again() -> dict[str, Any]:
        nonlocal is_over
        if is_over:
            return await receive()
        piece = body.read(PIECE_BYTES)
        is_over = len(piece) < PIECE_BYTES
        return {"type": "http.request", "body": piece, "more_body": not is_over}

    return again


async def _too_slow(send: Send) -> None:
    headers = [("content-type", "text/plain"), ("connection", "close")]
    await send_answer(send, 408, headers, b"The body did not arrive in time.")
