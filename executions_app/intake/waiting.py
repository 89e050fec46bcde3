"""A webhook caller that waits: for the Respond node, or for the end of the run."""

import asyncio
import time
from uuid import UUID

import orjson
import psycopg
import structlog

from executions_app import payload_codec
from executions_app.database import pool
from executions_app.intake.http import Refused
from executions_app.stream import Hub, Listener
from executions_app.webhook_answers import decode_response, message
from workflows_app.engine.ports import WebhookResponse

WAIT_S = 120.0
# The stream may lose a line; the row never does.
POLL_S = 1.0

ROW = "SELECT status, response FROM executions_app_execution WHERE id = %s"

TOO_LATE = Refused(504, "answer_too_late", "The workflow still runs; it has not answered in time.")

log = structlog.get_logger(__name__)


class Waiter:
    """Listens from before the commit, so that no answer can pass unseen. Use as `with Waiter(...) as waiter`."""

    def __init__(self, hub: Hub, execution_id: UUID, *, wait_s: float = WAIT_S) -> None:
        self._hub = hub
        self._execution_id = execution_id
        self._deadline = time.monotonic() + wait_s
        self._listener: Listener | None = None

    def __enter__(self) -> "Waiter":
        self._listener = self._hub.listen(self._execution_id)
        return self

    def __exit__(self, *_: object) -> None:
        if self._listener is not None:
            self._hub.leave(self._execution_id, self._listener)

    async def answer(self) -> WebhookResponse:
        """Raises Refused when the time is up."""
        while (left := self._deadline - time.monotonic()) > 0:
            found = await self._next(min(left, POLL_S))
            if found is not None:
                return found
        raise TOO_LATE

    async def _next(self, seconds: float) -> WebhookResponse | None:
        """What the stream says, or the row once the stream has been silent for a while."""
        assert self._listener is not None
        try:
            batch = await asyncio.wait_for(self._listener.queue.get(), seconds)
        except TimeoutError:
            return await self._stored()
        for frame in batch:
            if frame.kind == "response" and (answer := orjson.loads(frame.text)["response"]) is not None:
                return decode_response(answer)
            if frame.kind in ("response", "end"):
                return await self._stored()
        return None

    async def _stored(self) -> WebhookResponse | None:
        """What the row says; nothing yet while the database is away. The call was accepted: told that it failed, its
        caller would send it again."""
        try:
            return await asyncio.to_thread(read_answer, self._execution_id)
        except psycopg.Error as error:
            log.warning("answer_without_database", error=str(error))
            return None


def read_answer(execution_id: UUID) -> WebhookResponse | None:
    """The stored answer; a word about the end where a run is over without one; None while it goes on."""
    with pool().connection() as connection:
        row = connection.execute(ROW, (execution_id,)).fetchone()
    if row is None:
        return message(500, "The run is gone.")
    status, response = row
    if response is not None:
        return decode_response(payload_codec.decode(response))
    if status in ("queued", "running", "waiting"):
        return None
    return message(200, "Workflow executed successfully") if status == "success" else message(500, "Error in workflow")
