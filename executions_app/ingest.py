"""Webhooks in: `/webhook/<path>` and `/hook/<token>`, one URL per webhook, answered in front of Django.

Size, method and caller are judged before the body is read; the execution is committed before anything is answered."""

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
import structlog

from executions_app.intake import bodies, cors
from executions_app.intake.batcher import AWAY, NOT_FOUND, IntakeBatcher, Request, Stored, encode_items
from executions_app.intake.callers import Caller, Callers
from executions_app.intake.deliveries import Call, delivery_of
from executions_app.intake.http import (
    Gone,
    Receive,
    Refused,
    Scope,
    Send,
    joined_headers,
    name_behind,
    send_answer,
    send_error,
    without_own_cookies,
)
from executions_app.intake.reading import Kept, is_bot, read_plain
from executions_app.intake.routes import Match, Route, Routes
from executions_app.intake.waiting import Waiter
from executions_app.payload_codec import NotStorable
from executions_app.stream import Hub
from executions_app.webhook_answers import AWAITED_MODES, at_once, safe_headers
from pumpflix.lib.addresses import nearest_untrusted
from pumpflix.lib.ids import uuid7
from workflows_app.engine.ports import WebhookResponse

LONGEST_NAME = 300
# Larger bodies are read beside the loop, so that nobody waits for them.
READ_ELSEWHERE_BYTES = 128 * 1024
PREFIXES = {"/webhook/": "path", "/hook/": "token"}

EXECUTION_HEADER = "x-pumpflix-execution"

log = structlog.get_logger(__name__)


def is_webhook(path: str) -> bool:
    return path.startswith(tuple(PREFIXES))


class Ingest:
    """The ASGI handler. `public_url` is what callers see; `trusted_proxies` say how far `X-Forwarded-For` is
    believed."""

    def __init__(
        self,
        *,
        batcher: IntakeBatcher,
        hub: Hub,
        public_url: str,
        trusted_proxies: int = 0,
        routes: Routes | None = None,
    ) -> None:
        self._batcher = batcher
        self._hub = hub
        self._public_url = public_url.rstrip("/")
        self._trusted_proxies = trusted_proxies
        self._routes = routes or Routes()
        self._callers = Callers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = joined_headers(scope)
        try:
            await self._serve(scope, headers, receive, send)
        except Refused as error:
            await send_error(send, error)
        except Gone:
            return
        except Exception:
            log.exception("webhook_failed", path=scope["path"])
            await send_error(send, Refused(500, "unexpected_error", "The request could not be taken in."))

    async def _serve(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        match = await self._match(scope["path"])
        route, method = match.route, scope["method"]
        open_to = cors.allowed(route, headers)
        if method == "OPTIONS" and "access-control-request-method" in headers:
            await send_answer(send, 204, [*open_to, *cors.preflight(route, headers)], b"")
            return
        self._judge(scope, headers, route)
        caller = await self._callers.known(route, headers)
        raw = await read_plain(receive, headers)
        caller.judge(raw)
        if len(raw) > READ_ELSEWHERE_BYTES:
            request = await asyncio.to_thread(self._request, scope, caller, match, raw)
        else:
            request = self._request(scope, caller, match, raw)
        answer = await self._answer(route, request)
        await send_answer(
            send, answer.status, [*safe_headers(answer.headers), *open_to], answer.body, with_body=method != "HEAD"
        )

    async def _match(self, path: str) -> Match:
        prefix, kind = next(item for item in PREFIXES.items() if path.startswith(item[0]))
        name = name_behind(path, prefix, LONGEST_NAME)
        if not name:
            raise NOT_FOUND
        found = self._routes.remembered(kind, name)
        if found is None:
            try:
                found = await asyncio.to_thread(self._routes.look_up, kind, name)
            except psycopg.Error as error:
                log.warning("webhook_without_database", error=str(error))
                raise AWAY from error
        if found is None or not found.route.is_webhook:
            raise NOT_FOUND
        return found

    def _judge(self, scope: Scope, headers: Mapping[str, str], route: Route) -> None:
        """Who may call, and how. Raises Refused."""
        method = scope["method"]
        if method not in route.methods and not (method == "HEAD" and "GET" in route.methods):
            allowed = ", ".join(sorted(route.methods))
            text = f"This webhook takes {allowed} requests, not {method}."
            raise Refused(405, "method_not_allowed", text, [("allow", allowed)])
        allowed_addresses = str(route.chosen.get("ipWhitelist") or "")
        if allowed_addresses and not is_allowed(self._caller(scope, headers), allowed_addresses):
            raise Refused(403, "address_not_allowed", "This webhook does not take requests from your address.")
        if route.chosen.get("ignoreBots") and is_bot(headers):
            raise Refused(403, "bot_ignored", "This webhook does not take requests from bots.")

    def _caller(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """The address next to the proxies that are trusted; what the caller itself claims is never believed."""
        direct = str((scope.get("client") or ("",))[0])
        return nearest_untrusted(direct, headers.get("x-forwarded-for", ""), self._trusted_proxies)

    def _request(self, scope: Scope, caller: Caller, match: Match, raw: bytes) -> Request:
        route, files = match.route, Kept(match.route.team_id)
        headers = without_own_cookies(caller.headers)
        body = bodies.read(raw, headers.get("content-type", ""), options=route.chosen, put=files.put)
        item: dict[str, Any] = {
            "json": {
                "headers": headers,
                "params": match.params,
                "query": bodies.query(scope["query_string"].decode("latin-1")),
                "body": body.value,
                "webhookUrl": f"{self._public_url}{scope['path']}",
                "executionMode": "production",
            }
        }
        if caller.token is not None:
            item["json"]["jwtPayload"] = caller.token
        if body.files:
            item["binary"] = body.files
        if len(route.methods) > 1:
            item["json"]["method"] = scope["method"]
        try:
            encoded = encode_items([item], files.rows, route.team_id)
        except NotStorable as error:
            raise Refused(422, "body_too_deep", "The body is nested too deep.") from error
        call = Call(headers, item["json"], said(scope), raw)
        return Request(uuid7(), route.webhook_id, encoded, files=files.rows, delivery=delivery_of(call, route.chosen))

    async def _answer(self, route: Route, request: Request) -> WebhookResponse:
        with Waiter(self._hub, request.execution_id) as waiter:
            stored = await self._batcher.store(request)
            if stored.response_mode not in AWAITED_MODES:
                return named(at_once(route.options), stored)
            if not stored.is_repeat:
                return named(await waiter.answer(), stored)
        return await self._answer_of_first(stored)

    async def _answer_of_first(self, stored: Stored) -> WebhookResponse:
        with Waiter(self._hub, stored.execution_id) as waiter:
            return named(await waiter.answer(), stored)


def named(answer: WebhookResponse, stored: Stored) -> WebhookResponse:
    """With the execution that answers for the request, so that a caller can tell a repeat, and ask about it."""
    told = [(EXECUTION_HEADER, str(stored.execution_id)), *([("idempotent-replayed", "true")] * stored.is_repeat)]
    return replace(answer, headers=(*answer.headers, *told))


def said(scope: Scope) -> bytes:
    """The call but for its body and headers."""
    return f"{scope['method']} {scope['path']}?".encode() + bytes(scope["query_string"])


def is_allowed(address: str, allowed: str) -> bool:
    """Whether the address is one of the addresses and networks, separated by commas."""
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A socket that takes both kinds shows addresses of the older kind inside the newer.
    caller = getattr(caller, "ipv4_mapped", None) or caller
    for entry in allowed.split(","):
        try:
            if caller in ipaddress.ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
