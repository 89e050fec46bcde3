"""Forms: `/form/<path or token>` shows the first page and starts a run; `/form/run/<execution>/<signature>` shows what
became of it and its further pages. Answered in front of Django, without scripts; a form sent twice counts once."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog

from executions_app import doorbell, payloads
from executions_app.intake import bodies, form_pages, form_runs
from executions_app.intake.batcher import AWAY, IntakeBatcher, Request, encode_items
from executions_app.intake.callers import Callers
from executions_app.intake.http import Gone, Receive, Refused, Scope, Send, joined_headers, name_behind, send_answer
from executions_app.intake.reading import Kept, is_bot, read_plain
from executions_app.intake.routes import Match, Route, Routes
from executions_app.resume_links import FORM_PREFIX, form_link
from executions_app.webhook_answers import safe_headers
from pumpflix.lib.ids import uuid7
from workflows_app.engine.items import JsonObject
from workflows_app.services.webhooks import FORM_PATH
from workflows_app.toolkit.form_pages import Sent, input_name, item_of, read_sent

PREFIX = "/form/"
LONGEST_NAME = 190
TRIES, PAUSE_S = 25, 0.2
NO_FORM = Refused(404, "form_not_found", "There is no form at this address, or it is switched off.")
NO_RUN = Refused(404, "form_not_found", "This page is gone, or the address is not complete.")
WRONG_METHOD = Refused(405, "method_not_allowed", "A form is opened or sent, nothing else.", [("allow", "GET, POST")])

log = structlog.get_logger(__name__)


def is_form(path: str) -> bool:
    return path.startswith(PREFIX)


class Forms:
    """The ASGI handler. `ring` is called after a commit that let a run go on."""

    def __init__(
        self, *, batcher: IntakeBatcher, routes: Routes | None = None, ring: Callable[[], object] = doorbell.ring
    ) -> None:
        self._batcher = batcher
        self._routes = routes or Routes()
        self._callers = Callers()
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._serve(scope, receive, send)
        except Refused as error:
            await say(send, error)
        except Gone:
            return
        except psycopg.Error as error:
            log.warning("form_without_database", error=str(error))
            await say(send, AWAY)
        except Exception:
            log.exception("form_failed", path=scope["path"])
            await say(send, Refused(500, "unexpected_error", "The form could not be taken in."))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise WRONG_METHOD
        if scope["path"].startswith(FORM_PREFIX):
            await self._further(scope, receive, send)
        else:
            await self._first(scope, receive, send)

    # the first page ---------------------------------------------------------------------------------------------
    async def _first(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = joined_headers(scope)
        route = (await self._match(scope["path"])).route
        if route.chosen.get("ignoreBots") and is_bot(headers):
            raise Refused(403, "bot_ignored", "This form does not take requests from bots.")
        await self._callers.known(route, headers)
        shown: JsonObject = route.options["page"]
        query = {name: [str(value)] for name, value in bodies.query(scope["query_string"].decode("latin-1")).items()}
        if scope["method"] != "POST":
            await self._show(send, 200, shown, prefilled(shown, query), {})
            return
        given, files, uploads = await read_form(route.team_id, receive, headers)
        sent = read_sent(shown, {**prefilled(shown, query), **given}, uploads)
        if sent.problems:
            await self._show(send, 422, shown, given, sent.problems)
            return
        stored = await self._batcher.store(request_of(route, sent, files, given))
        await send_answer(send, 303, [("location", form_link(stored.execution_id))], b"")

    async def _match(self, path: str) -> Match:
        name = name_behind(path, PREFIX, LONGEST_NAME)
        if not name:
            raise NO_FORM
        for kind, key in (("token", name), ("path", f"{FORM_PATH}{name}")):
            found = self._routes.remembered(kind, key) or await asyncio.to_thread(self._routes.look_up, kind, key)
            if found is not None and found.route.is_form:
                return found
        raise NO_FORM

    async def _show(
        self, send: Send, status: int, shown: JsonObject, given: dict[str, list[str]], problems: dict[int, str]
    ) -> None:
        submission = next(iter(given.get("submission", [])), "")
        body = await asyncio.to_thread(form_pages.page, shown, given, problems, submission)
        await send_answer(send, status, form_pages.HEADERS, body)

    # what became of it, and further pages -------------------------------------------------------------------------
    async def _further(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = await asyncio.to_thread(form_runs.find, scope["path"])
        if found is None:
            raise NO_RUN
        if found.behind == "file":
            await send_file(send, found)
            return
        if scope["method"] == "POST":
            await self._go_on(found, scope, receive, send)
            return
        for _ in range(TRIES):
            if not found.is_busy:
                break
            await asyncio.sleep(PAUSE_S)
            found = await asyncio.to_thread(form_runs.find, scope["path"]) or found
        if found.page is not None:
            await self._show(send, 200, found.page, {}, {})
            return
        answer = await asyncio.to_thread(form_runs.answer, found)
        headers = answer.headers if answer.is_ours else safe_headers(tuple(answer.headers))
        await send_answer(send, answer.status, headers, answer.body)

    async def _go_on(self, found: form_runs.FormRun, scope: Scope, receive: Receive, send: Send) -> None:
        """Take in a further page. One that was sent already leads to where the run stands now."""
        here = [("location", form_link(found.execution_id))]
        given, files, uploads = await read_form(found.team_id, receive, joined_headers(scope))
        if found.page is None:
            await send_answer(send, 303, here, b"")
            return
        sent = read_sent(found.page, given, uploads)
        if sent.problems:
            await self._show(send, 422, found.page, given, sent.problems)
            return
        if await asyncio.to_thread(
            form_runs.go_on, found, item_of(sent, datetime.now(UTC), found.zone, "production"), files.rows
        ):
            await asyncio.to_thread(self._ring)
        await send_answer(send, 303, here, b"")


def prefilled(shown: JsonObject, query: dict[str, list[str]]) -> dict[str, list[str]]:
    """What the address fills in: `?Label=value`, as the fields of that name hold it."""
    return {
        input_name(number): query[one["name"]]
        for number, one in enumerate(shown["fields"])
        if one["kind"] not in ("html", "file", "password") and one["name"] in query
    }


async def read_form(
    team_id: UUID, receive: Receive, headers: dict[str, str]
) -> tuple[dict[str, list[str]], Kept, dict[str, list[JsonObject]]]:
    """Texts by name, the files as payloads, and the files by name. Raises Refused."""
    raw, kept = await read_plain(receive, headers), Kept(team_id)
    body = bodies.read(raw, headers.get("content-type", ""), options={}, put=kept.put)
    values: dict[str, Any] = body.value if isinstance(body.value, dict) else {}
    given = {
        name: [str(one) for one in (value if isinstance(value, list) else [value])] for name, value in values.items()
    }
    uploads: dict[str, list[JsonObject]] = {}
    for key, file in body.files.items():
        if file.get("fileName"):
            # Several files of one field are numbered behind its underscore.
            uploads.setdefault(f"{key.rpartition('_')[0]}_", []).append(file)
    used = {file["id"] for files in uploads.values() for file in files}
    kept.rows = [row for row in kept.rows if row.ref in used]
    return given, kept, uploads


def request_of(route: Route, sent: Sent, files: Kept, given: dict[str, list[str]]) -> Request:
    item = item_of(sent, datetime.now(UTC), str(route.options.get("timezone") or "UTC"), "production")
    submission = next(iter(given.get("submission", [])), "")
    digest = hashlib.sha256(submission.encode("utf-8", "replace")).hexdigest()
    key = f"form:{route.webhook_id.hex}:{digest[:48]}" if submission else ""
    return Request(uuid7(), route.webhook_id, encode_items([item], files.rows, route.team_id), key, files.rows)


async def send_file(send: Send, found: form_runs.FormRun) -> None:
    """The file that the last page offers."""
    file = form_runs.offered_file(found)
    if file is None:
        raise NO_RUN
    data = await asyncio.to_thread(payloads.load, found.team_id, str(file["id"]))
    name = str(file.get("fileName") or "file").encode("ascii", "replace").decode().replace('"', "_")
    headers = [
        ("content-type", "application/octet-stream"),
        ("content-disposition", f'attachment; filename="{name}"'),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ]
    await send_answer(send, 200, headers, data)


async def say(send: Send, error: Refused) -> None:
    """An error as a page: people read it."""
    body = await asyncio.to_thread(form_pages.ending, "This form cannot be used", error.message, is_error=True)
    await send_answer(send, error.status, [*form_pages.HEADERS, *error.headers], body)
