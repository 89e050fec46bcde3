"""A web process that lacks a key which stored secrets need says so, and does nothing else.

Had it served its pages, whatever people then stored would be sealed with a key that is not the one of this instance.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import DatabaseError, connections

from accounts import keys
from executions_app.intake.http import Receive, Send, send_answer

TRY_AGAIN_LATER = 1013


class Held:
    """`expected` are the ids of keys that are missing; none of them can come back without a restart."""

    def __init__(self) -> None:
        self.expected: tuple[str, ...] = ()

    async def look(self) -> None:
        """Once, at the start. Where the database is away there is nothing to be missed yet."""
        try:
            self.expected = tuple(await asyncio.to_thread(_missing))
        except DatabaseError:
            self.expected = ()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """503 to everybody, with the ids. They are names that whoever runs the instance chose, and nobody can sign in
        to be told: second factors may be sealed with the very key."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        elif scope["path"] == "/health/live":
            await _answer(send, 200, "application/json", orjson.dumps({"live": True}))
        elif scope["path"] == "/health":
            body = {"database": True, "keys": False, "expectedKeys": list(self.expected)}
            await _answer(send, 503, "application/json", orjson.dumps(body))
        else:
            names = ", ".join(self.expected)
            text = f"No workflow runs, and nothing is stored: the encryption key {names} is missing.\n"
            await _answer(send, 503, "text/plain; charset=utf-8", text.encode())


def _missing() -> list[str]:
    try:
        return keys.missing_keys()
    finally:
        connections.close_all()


async def _answer(send: Send, status: int, kind: str, body: bytes) -> None:
    headers = [("content-type", kind), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
    await send_answer(send, status, headers, body)


held = Held()
