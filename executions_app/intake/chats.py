"""Chats: `/chat/<token>` and n8n's `/webhook/<id>/chat` show a page, and take each message in as a run.

The page gets its answer as lines of JSON while it waits (`begin`, `wait`, then `item` and `end`, or `error`), an
embedded chat as one JSON object, and a browser without scripts as a page. Answered in front of Django."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import structlog
from django.template.loader import render_to_string

from executions_app.intake import bodies, cors
from executions_app.intake.batcher import AWAY, IntakeBatcher, Request, encode_items
from executions_app.intake.callers import Callers
from executions_app.intake.form_pages import HTML, ending
from executions_app.intake.http import (
    Gone,
    Headers,
    Receive,
    Refused,
    Scope,
    Send,
    joined_headers,
    send_answer,
    send_error,
)
from executions_app.intake.members import is_member, may_run
from executions_app.intake.reading import Kept, read_plain
from executions_app.intake.routes import Match, Route, Routes
from executions_app.intake.waiting import WAIT_S, Waiter
from executions_app.stream import Hub
from executions_app.webhook_answers import safe_headers
from pumpflix.lib.ids import uuid7
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import WebhookResponse
from workflows_app.services.webhooks import CHAT_PATH
from workflows_app.toolkit.chat_page import answer_text
from workflows_app.toolkit.form_pages import is_accepted

PREFIX = "/chat/"
EMBEDDED = ("/webhook/", "/chat")
LONGEST_INPUT, LONGEST_SESSION, MOST_FILES = 100_000, 200, 20
PAGE_WAIT_S, PING_S = 900.0, 10.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Headers = [
    HTML,
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
]
LINES: Headers = [
    ("content-type", "application/x-ndjson; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),
    ("x-content-type-options", "nosniff"),
]
NO_CHAT = Refused(404, "chat_not_found", "There is no chat at this address, or it is switched off.")
WRONG_METHOD = Refused(405, "method_not_allowed", "A chat is opened or written to.", [("allow", "GET, POST, OPTIONS")])

App = Callable[[Scope, Receive, Send], Awaitable[None]]
log = structlog.get_logger(__name__)


def is_chat(path: str) -> bool:
    """Or looks like one: so many parts may be a webhook's, too."""
    return path.startswith(PREFIX) or (path.startswith(EMBEDDED[0]) and path[len(EMBEDDED[0]) :].endswith(EMBEDDED[1]))


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it came. `wants` is how its sender reads answers: `lines`, `json` or `page`."""

    session: str
    text: str
    action: str
    wants: str
    metadata: Any
    files: Kept
    uploads: list[JsonObject]


class Chats:
    """The ASGI handler. `otherwise` serves what only looks like the address of a chat."""

    def __init__(
        self, *, batcher: IntakeBatcher, hub: Hub, otherwise: App | None = None, routes: Routes | None = None
    ) -> None:
        self._batcher = batcher
        self._hub = hub
        self._otherwise = otherwise
        self._routes = routes or Routes()
        self._callers = Callers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = joined_headers(scope)
        try:
            match = await self._match(scope["path"])
            if match is not None:
                await self._serve(match.route, scope, headers, receive, send)
            elif scope["path"].startswith(PREFIX) or self._otherwise is None:
                await self._say(send, headers, NO_CHAT)
            else:
                await self._otherwise(scope, receive, send)
        except Refused as error:
            await self._say(send, headers, error)
        except Gone:
            return
        except psycopg.Error as error:
            log.warning("chat_without_database", error=str(error))
            await self._say(send, headers, AWAY)
        except Exception:
            log.exception("chat_failed", path=scope["path"])
            await self._say(send, headers, Refused(500, "unexpected_error", "The message could not be taken in."))

    async def _match(self, path: str) -> Match | None:
        name = path[len(PREFIX) :] if path.startswith(PREFIX) else path[len(EMBEDDED[0]) : -len(EMBEDDED[1])]
        name = name.strip("/")
        if not name or len(name) > 190 or "\x00" in name:
            return None
        for kind, key in (("token", name), ("path", f"{CHAT_PATH}{name}")):
            found = self._routes.remembered(kind, key) or await asyncio.to_thread(self._routes.look_up, kind, key)
            if found is not None and found.route.is_chat:
                return found
        return None

    async def _serve(
        self, route: Route, scope: Scope, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:  # fmt: skip
        method, open_to = scope["method"], cors.allowed(route, headers)
        if method == "OPTIONS" and "access-control-request-method" in headers:
            await send_answer(send, 204, [*open_to, *cors.preflight(route, headers)], b"")
            return
        if method not in ("GET", "HEAD", "POST"):
            raise WRONG_METHOD
        if not await self._is_let_in(route, scope, headers):
            where = [("location", f"/accounts/login/?next={scope['path']}"), ("cache-control", "no-store")]
            if method == "POST":
                raise Refused(401, "sign_in_needed", "Sign in to write here.")
            await send_answer(send, 303, where, b"")
            return
        if method != "POST":
            if route.options.get("mode") == "webhook":
                raise NO_CHAT
            await send_answer(send, 200, HEADERS, await drawn(route.options["page"]), with_body=method != "HEAD")
            return
        said = await read_message(route, scope, headers, receive)
        if said.action == "loadPreviousSession":
            await send_answer(send, 200, [("content-type", "application/json"), *open_to], b'{"data":[]}')
            return
        await self._take_in(route, headers, said, receive, send, open_to)

    async def _is_let_in(self, route: Route, scope: Scope, headers: dict[str, str]) -> bool:
        """Whoever may write: anybody in a public chat, who signs in as its node asks; else the team. False: nobody is
        signed in here. Raises Refused."""
        is_public = bool(route.options.get("public"))
        if is_public and route.options.get("authentication") != "n8nUserAuth":
            await self._callers.known(route, headers)
            return True
        own = f"://{headers.get('host', '')}"
        if scope["method"] == "POST" and not headers.get("origin", own).endswith(own):
            raise Refused(403, "address_not_allowed", "This chat takes messages from its own page only.")
        user_id = await asyncio.to_thread(is_member, headers.get("cookie", ""))
        if user_id is None:
            return False
        if not is_public and not await asyncio.to_thread(may_run, user_id, route.team_id):
            raise NO_CHAT
        return True

    async def _take_in(
        self, route: Route, headers: dict[str, str], said: Said, receive: Receive, send: Send, open_to: Any
    ) -> None:  # fmt: skip
        request, wait_s = request_of(route, said, headers), PAGE_WAIT_S if said.wants == "lines" else WAIT_S
        with Waiter(self._hub, request.execution_id, wait_s=wait_s) as waiter:
            stored = await self._batcher.store(request)
            if stored.is_repeat:
                with Waiter(self._hub, stored.execution_id, wait_s=wait_s) as first:
                    await answer(first, said, route, send, receive, open_to)
                return
            await answer(waiter, said, route, send, receive, open_to)

    async def _say(self, send: Send, headers: dict[str, str], error: Refused) -> None:
        """As a page for people, as the one error body for programs."""
        if "text/html" in headers.get("accept", "") and "json" not in headers.get("content-type", ""):
            body = await asyncio.to_thread(ending, "This chat cannot be used", error.message, is_error=True)
            await send_answer(send, error.status, [*HEADERS, *error.headers], body)
        else:
            await send_error(send, error)


async def answer(
    waiter: Waiter, said: Said, route: Route, send: Send, receive: Receive, open_to: Any
) -> None:  # fmt: skip
    if said.wants == "lines":
        await in_lines(waiter, send, receive, open_to)
        return
    found = await waiter.answer()
    if said.wants == "page":
        exchange = {
            "said": said.text,
            "answer": text_of(found),
            "is_error": found.status >= 400,
            "session": said.session,
        }
        await send_answer(send, 200, HEADERS, await drawn(route.options["page"], exchange))
    else:
        await send_answer(send, found.status, [*safe_headers(found.headers), *open_to], found.body)


async def in_lines(waiter: Waiter, send: Send, receive: Receive, open_to: Any) -> None:
    """The page's own way: it learns at once that the run began, and that it goes on, until the answer is there."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in [*LINES, *open_to]]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    await send_line(send, {"type": "begin"})
    found, hung_up = asyncio.ensure_future(waiter.answer()), asyncio.ensure_future(receive())
    try:
        while not found.done() and not hung_up.done():
            await asyncio.wait({found, hung_up}, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            if not found.done() and not hung_up.done():
                await send_line(send, {"type": "wait"})
        if not found.done():
            return
        for line in lines_of(found):
            await send_line(send, line)
        await send({"type": "http.response.body", "body": b""})
    finally:
        found.cancel()
        hung_up.cancel()


def lines_of(found: "asyncio.Future[WebhookResponse]") -> list[JsonObject]:
    try:
        response = found.result()
    except Refused as error:
        return [{"type": "error", "content": error.message}]
    if response.status >= 400:
        return [{"type": "error", "content": text_of(response) or "The workflow failed."}]
    return [{"type": "item", "content": text_of(response)}, {"type": "end"}]


async def send_line(send: Send, line: JsonObject) -> None:
    await send({"type": "http.response.body", "body": orjson.dumps(line) + b"\n", "more_body": True})


def text_of(response: WebhookResponse) -> str:
    text = response.body.decode("utf-8", "replace")
    try:
        return answer_text(orjson.loads(response.body))
    except orjson.JSONDecodeError:
        return text


async def drawn(page: JsonObject, exchange: JsonObject | None = None) -> bytes:
    context = {**page, "exchange": exchange or {}, "message_id": uuid4().hex}
    return await asyncio.to_thread(lambda: render_to_string("chat/page.html", context).encode())


async def read_message(route: Route, scope: Scope, headers: dict[str, str], receive: Receive) -> Said:
    """JSON from programs, a form with files from browsers. Raises Refused."""
    kind = headers.get("content-type", "")
    raw, files = await read_plain(receive, headers), Kept(route.team_id)
    body = bodies.read(raw, kind, options={}, put=files.put)
    given: JsonObject = body.value if isinstance(body.value, dict) else {}
    text, session = given.get("chatInput"), given.get("sessionId")
    action = str(given.get("action") or bodies.query(scope["query_string"].decode("latin-1")).get("action") or "")
    uploads = [file for file in body.files.values() if file.get("fileName")]
    is_earlier = action == "loadPreviousSession"
    if not is_earlier and not (isinstance(text, str) and (text.strip() or uploads)):
        raise Refused(422, "message_missing", "The message is empty: `chatInput` is its text.")
    if isinstance(text, str) and len(text) > LONGEST_INPUT:
        raise Refused(413, "too_large", f"A message has at most {LONGEST_INPUT:,} characters.")
    refuse_files(route, uploads)
    wants_lines = "x-ndjson" in headers.get("accept", "")
    wants = (
        "lines" if wants_lines else "json" if "json" in kind or "text/html" not in headers.get("accept", "") else "page"
    )
    named = session if isinstance(session, str) and 0 < len(session) <= LONGEST_SESSION else str(uuid4())
    return Said(
        named,
        text if isinstance(text, str) else "",
        action or "sendMessage",
        wants,
        given.get("metadata"),
        files,
        uploads,
    )


def refuse_files(route: Route, uploads: list[JsonObject]) -> None:
    page = route.options["page"]
    if not uploads:
        return
    allowed = [part.strip().lower() for part in str(page["accept"]).split(",") if part.strip()]
    if not page["files"] or len(uploads) > MOST_FILES or not all(is_accepted(one, allowed) for one in uploads):
        raise Refused(422, "file_refused", "This chat does not take these files.")


def request_of(route: Route, said: Said, headers: dict[str, str]) -> Request:
    """The item in n8n's shape; a message sent twice under one `Idempotency-Key` counts once."""
    item: JsonObject = {"json": {"sessionId": said.session, "action": said.action, "chatInput": said.text}}
    if said.metadata is not None:
        item["json"]["metadata"] = said.metadata
    if said.uploads:
        item["binary"] = {f"data{number}": file for number, file in enumerate(said.uploads)}
        item["json"]["files"] = [described(file, f"data{number}") for number, file in enumerate(said.uploads)]
    used = {file["id"] for file in said.uploads}
    said.files.rows = [row for row in said.files.rows if row.ref in used]
    return Request(
        uuid7(), route.webhook_id, encode_items([item], said.files.rows, route.team_id),
        message_key(route.webhook_id, headers), said.files.rows,
    )  # fmt: skip


def described(file: JsonObject, key: str) -> JsonObject:
    mime = str(file.get("mimeType") or "")
    return {
        "fileName": file.get("fileName"),
        "fileSize": file.get("fileSize"),
        "fileExtension": file.get("fileExtension"),
        "mimeType": mime,
        "fileType": mime.partition("/")[0],
        "binaryKey": key,
    }


def message_key(webhook_id: UUID, headers: dict[str, str]) -> str:
    given = headers.get("idempotency-key", "")
    digest = hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()
    return f"chat:{webhook_id.hex}:{digest[:48]}" if given else ""
