"""`/ws/executions/<uuid>?after=<seq>`: authorise, replay the rows after that number, then forward what is committed."""

import asyncio
import time
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from executions_app import frames
from executions_app.frames import Frame
from executions_app.sample_access import may_see
from executions_app.selectors.live import events_after, status_of
from executions_app.stream import Listener, hub
from executions_app.transitions import TERMINAL

NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
TOO_SLOW = 4408

# The stream may lose a line; rows are asked after this much silence, and at every gap.
SILENCE_S = 5.0
RECHECK_S = 60.0
PAGE = 500


class ExecutionConsumer(AsyncWebsocketConsumer):
    """One socket, one execution. It has no inbox in the channel layer: what it sends comes from the stream and the
    rows."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        self.execution_id: UUID = self.scope["url_route"]["kwargs"]["execution_id"]
        self.last = read_after(self.scope.get("query_string", b""))
        self.listener: Listener | None = None
        self.forwarding: asyncio.Task[None] | None = None
        await self.accept()
        if not await self.is_allowed():
            is_known = getattr(self.scope.get("user"), "is_authenticated", False)
            await self.close(NOT_FOUND if is_known else NOT_SIGNED_IN)
            return
        self.listener = hub.listen(self.execution_id)
        self.forwarding = asyncio.create_task(self.forward(self.listener))

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the base class's signature
        if self.forwarding is not None:
            self.forwarding.cancel()
            with suppress(asyncio.CancelledError):
                await self.forwarding
        if self.listener is not None:
            hub.leave(self.execution_id, self.listener)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Clients have nothing to say."""

    async def forward(self, listener: Listener) -> None:
        """Until the execution is over, the socket closes, or its owner may not look any more."""
        checked_at = time.monotonic()
        is_over = await self.replay()
        while not is_over:
            if listener.is_slow:
                await self.close(TOO_SLOW)
                return
            if time.monotonic() - checked_at > RECHECK_S:
                checked_at = time.monotonic()
                if not await self.is_allowed():
                    await self.close(NOT_SIGNED_IN)
                    return
            try:
                batch = await asyncio.wait_for(listener.queue.get(), SILENCE_S)
            except TimeoutError:
                is_over = await self.replay()
            else:
                is_over = await self.pass_on(batch)
        await self.close()

    async def pass_on(self, batch: list[Frame]) -> bool:
        """Send what is new; read the rows where a number is missing. True after the end."""
        for frame in batch:
            if frame.kind == "response" or 0 < frame.seq <= self.last:
                continue
            if frame.seq > self.last + 1:
                return await self.replay()
            self.last = max(self.last, frame.seq)
            await self.send(text_data=frame.text.decode("utf-8"))
            if frame.kind == "end":
                return True
        return False

    async def replay(self) -> bool:
        """Send every stored event after the last one sent, then the status. True if that is the end."""
        status = await asyncio.to_thread(status_of, self.execution_id)
        while rows := await asyncio.to_thread(events_after, self.execution_id, self.last, PAGE):
            for seq, body in rows:
                await self.send(text_data=frames.event(seq, body).decode("utf-8"))
            self.last = rows[-1][0]
        line = frames.end(status) if status in TERMINAL else frames.status(status)
        await self.send(text_data=line.decode("utf-8"))
        return status in TERMINAL

    async def is_allowed(self) -> bool:
        cookies: dict[str, str] = self.scope.get("cookies", {})
        allowed: Any = await database_sync_to_async(may_see)(self.scope.get("user"), cookies, self.execution_id)
        return bool(allowed)


def read_after(query: bytes) -> int:
    """The number in `after`, 0 for anything else."""
    text = parse_qs(query.decode("latin-1")).get("after", ["0"])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
