"""Following one execution: the rows after a number, then what is committed, without a gap and without a repeat."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar
from uuid import UUID

import django.db
import psycopg
import structlog

from executions_app import frames
from executions_app.frames import Frame
from executions_app.selectors.live import events_after, status_of
from executions_app.stream import hub
from executions_app.transitions import TERMINAL

# The stream may lose a line; rows are asked after this much silence, and at every gap.
SILENCE_S = 5.0
RECHECK_S = 60.0
AGAIN_S = 1.0
PAGE = 500

Ending = Literal["over", "slow", "denied"]
Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


async def answer_of(question: Callable[[], Awaitable[Answer]]) -> Answer:
    """What the database says; asked again while it is away. A socket that ended with its task would stay open, and tell
    nothing more."""
    while True:
        try:
            return await question()
        except (psycopg.Error, django.db.Error) as error:
            log.warning("socket_without_database", error=str(error))
        await asyncio.sleep(AGAIN_S)


class Follower:
    """One client's view of one execution. `send` gets every frame in order; `is_allowed` is asked again each minute."""

    def __init__(
        self,
        execution_id: UUID,
        *,
        after: int,
        send: Callable[[Frame], Awaitable[None]],
        is_allowed: Callable[[], Awaitable[bool]],
    ) -> None:
        self.execution_id = execution_id
        self.last = after
        self._send = send
        self._is_allowed = is_allowed

    async def run(self) -> Ending:
        """Until the execution is over, the client reads too slowly, or may not look any more."""
        listener = hub.listen(self.execution_id)
        try:
            checked_at = time.monotonic()
            is_over = await self._replay()
            while not is_over:
                if listener.is_slow:
                    return "slow"
                if time.monotonic() - checked_at > RECHECK_S:
                    checked_at = time.monotonic()
                    if not await answer_of(self._is_allowed):
                        return "denied"
                try:
                    batch = await asyncio.wait_for(listener.queue.get(), SILENCE_S)
                except TimeoutError:
                    is_over = await self._replay()
                else:
                    is_over = await self._pass_on(batch)
            return "over"
        finally:
            hub.leave(self.execution_id, listener)

    async def _pass_on(self, batch: list[Frame]) -> bool:
        """Send what is new; read the rows where a number is missing. True after the end."""
        for frame in batch:
            if frame.kind == "response" or 0 < frame.seq <= self.last:
                continue
            if frame.seq > self.last + 1:
                return await self._replay()
            self.last = max(self.last, frame.seq)
            await self._send(frame)
            if frame.kind == "end":
                return True
        return False

    async def _replay(self) -> bool:
        """Send every stored event after the last one sent, then the status. True if that is the end."""
        status = await answer_of(lambda: asyncio.to_thread(status_of, self.execution_id))
        while rows := await answer_of(lambda: asyncio.to_thread(events_after, self.execution_id, self.last, PAGE)):
            for seq, body in rows:
                await self._send(Frame("event", seq, frames.event(seq, body)))
                self.last = seq
        is_over = status in TERMINAL
        line = frames.end(status) if is_over else frames.status(status)
        await self._send(Frame("end" if is_over else "status", 0, line))
        return is_over
