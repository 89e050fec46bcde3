"""Calls that end a wait: `/resume/<execution>/<node>/<run>/<signature>`, answered in front of Django.

Whatever is wrong with a call, too late, repeated, forged or made in another way than the node asks for, the answer is
the same. Asking for an approval's address shows a page with a button: what opens links in mails must not decide."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import structlog

from executions_app import doorbell, payload_codec
from executions_app.database import pool
from executions_app.intake import bodies, form_pages
from executions_app.intake.batcher import AWAY
from executions_app.intake.http import (
    Gone,
    Receive,
    Refused,
    Scope,
    Send,
    joined_headers,
    send_answer,
    send_error,
    without_own_cookies,
)
from executions_app.intake.reading import Kept, is_bot, read_plain
from executions_app.intake.waits import REASONS, end_wait
from executions_app.payload_codec import NotStorable
from executions_app.payloads import StoredPayload
from executions_app.resume_links import PREFIX, form_link, node_mark, read_link
from executions_app.runner.versions import versions
from executions_app.webhook_answers import at_once, safe_headers
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.approvals import answer_item, approval_page

# A called run may wait a moment before its caller does.
TRIES, PAUSE_S = 20, 0.1

NOT_FOUND = Refused(404, "not_waiting", "Nothing waits at this address.")
NO_ANSWER = Refused(422, "answer_missing", "Choose one of the answers that are offered.")
NOT_YET = Refused(503, "not_waiting_yet", "The run does not wait yet. Call again.", [("retry-after", "1")])

SELECT = """
SELECT e.team_id, e.version_id, e.reason, e.resume_node, e.resume_run, n.context
  FROM executions_app_execution e
  LEFT JOIN executions_app_noderun n
    ON n.execution_id = e.id AND n.node = e.resume_node AND n.run_index = e.resume_run AND n.status = 'started'
 WHERE e.id = %s AND e.status = 'waiting' AND e.reason = ANY(%s) AND e.resume_items IS NULL
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits for this call. `parameters` are those of the node that waits, `page` is what it asks."""

    execution_id: UUID
    team_id: UUID
    reason: str
    node: str
    run_index: int
    parameters: dict[str, Any]
    page: JsonObject

    @property
    def options(self) -> dict[str, Any]:
        found = self.parameters.get("options")
        return found if isinstance(found, dict) else {}


def is_resume(path: str) -> bool:
    return path.startswith(PREFIX)


class ResumeCalls:
    """The ASGI handler. `ring` is called after a commit that let a run go on."""

    def __init__(self, ring: Callable[[], object] = doorbell.ring) -> None:
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._serve(scope, receive, send)
        except Refused as error:
            await say(scope, send, error)
        except Gone:
            return
        except psycopg.Error as error:
            log.warning("resume_without_database", error=str(error))
            await say(scope, send, AWAY)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = joined_headers(scope)
        waiting = await asyncio.to_thread(find, scope["path"])
        method = scope["method"]
        if waiting is None or is_unwanted(waiting, method, headers):
            raise NOT_FOUND
        if waiting.reason == "approval" and method == "GET":
            await send_answer(send, 200, form_pages.HEADERS, await asyncio.to_thread(asking, waiting, scope))
            return
        if waiting.reason == "form":
            await send_answer(send, 303, [("location", form_link(waiting.execution_id))], b"")
            return
        raw = await read_plain(receive, headers)
        answer, files = await asyncio.to_thread(read_call, waiting, scope, headers, raw)
        for _ in range(TRIES):
            if await asyncio.to_thread(go_on, waiting, answer, files):
                break
            if await asyncio.to_thread(find, scope["path"]) is None:
                raise NOT_FOUND
            await asyncio.sleep(PAUSE_S)
        else:
            raise NOT_YET
        await asyncio.to_thread(self._ring)
        if waiting.reason == "approval":
            body = await asyncio.to_thread(form_pages.ending, "Thank you", "Your answer has been recorded.")
            await send_answer(send, 200, form_pages.HEADERS, body)
            return
        reply = at_once({"options": waiting.options})
        await send_answer(send, reply.status, safe_headers(reply.headers), reply.body)


def find(path: str) -> Waiting | None:
    """The wait that this address ends, if it was signed here and the run still waits for it."""
    link = read_link(path)
    if link is None:
        return None
    execution_id, mark, run_index, behind = link
    with pool().connection() as connection:
        row = connection.execute(SELECT, (execution_id, REASONS)).fetchone()
    if row is None or row[4] != run_index or node_mark(row[3]) != mark:
        return None
    node = versions.get(row[1]).nodes.get(row[3])
    if node is None:
        return None
    page = {} if row[5] is None else payload_codec.decode(row[5]).get("page") or {}
    waiting = Waiting(execution_id, row[0], row[2], row[3], run_index, node.node.parameters, page)
    return waiting if behind.strip("/") == str(waiting.options.get("webhookSuffix") or "").strip("/") else None


def is_unwanted(waiting: Waiting, method: str, headers: dict[str, str]) -> bool:
    """Another method than the node asks for, or a crawler where the node wants none."""
    if waiting.reason == "approval":
        return method not in ("GET", "POST")
    if waiting.reason == "form":
        return method != "GET"
    if method != str(waiting.parameters.get("httpMethod") or "GET"):
        return True
    return bool(waiting.options.get("ignoreBots")) and is_bot(headers)


def read_call(waiting: Waiting, scope: Scope, headers: dict[str, str], raw: bytes) -> tuple[bytes, list[StoredPayload]]:
    """What the node goes on with, as `resume_items`, and the files in it. Raises Refused."""
    files = Kept(waiting.team_id)
    body = bodies.read(raw, headers.get("content-type", ""), options=waiting.options, put=files.put)
    query = bodies.query(scope["query_string"].decode("latin-1"))
    if waiting.reason == "approval":
        return payload_codec.encode({"items": [decided(waiting, query, body.value)], "decision": "continue"}), []
    told = without_own_cookies(headers)
    item: dict[str, Any] = {"json": {"headers": told, "params": {}, "query": query, "body": body.value}}
    if body.files:
        item["binary"] = body.files
    try:
        return payload_codec.encode({"items": [item], "decision": "continue"}), files.rows
    except NotStorable as error:
        raise Refused(422, "body_too_deep", "The body is nested too deep.") from error


def go_on(waiting: Waiting, answer: bytes, files: list[StoredPayload]) -> bool:
    return end_wait(waiting.execution_id, (waiting.node, waiting.run_index), answer, files)


def decided(waiting: Waiting, query: JsonObject, body: Any) -> JsonObject:
    """The answer of a person. Raises Refused where it is none that was offered."""
    said = {**query, **(body if isinstance(body, dict) else {})}
    approved, note = said.get("approved"), said.get("note")
    offered = ("true", "false") if waiting.page.get("decline") or not waiting.page else ("true",)
    if approved not in offered:
        raise NO_ANSWER
    return answer_item(approved=approved == "true", note=note if isinstance(note, str) else "")


def asking(waiting: Waiting, scope: Scope) -> bytes:
    """The page of an approval; what the link says is only suggested."""
    query = bodies.query(scope["query_string"].decode("latin-1"))
    return form_pages.approval(waiting.page or approval_page("", "", "", "Decline"), str(query.get("approved") or ""))


async def say(scope: Scope, send: Send, error: Refused) -> None:
    """An error as a page to those who read pages."""
    if "text/html" not in joined_headers(scope).get("accept", ""):
        await send_error(send, error)
        return
    body = await asyncio.to_thread(form_pages.ending, "This link cannot be used", error.message, is_error=True)
    await send_answer(send, error.status, [*form_pages.HEADERS, *error.headers], body)
