"""What code may ask of this process while it runs: HTTP through the run's own port, bytes of files, a pause."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workflows_app.engine.errors import ParameterError, RemoteError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.http_auth import Caller
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

MAX_SLEEP_S = 30.0


class Helpers:
    """Called by the Code port as `on_call(name, args)`; what it returns or raises is what the code sees."""

    def __init__(self, run: NodeRun[Any]) -> None:
        self.run = run
        self.caller = Caller(run)

    def __call__(self, name: str, args: list[Any]) -> Any:
        helpers: dict[str, Callable[..., Any]] = {
            "httpRequest": self.http_request,
            "request": self.http_request,
            "httpRequestWithAuthentication": self.signed_request,
            "requestWithAuthentication": self.signed_request,
            "getBinaryDataBuffer": self.file_bytes,
            "sleep": self.sleep,
        }
        serve = helpers.get(name)
        if serve is None:
            raise UserError(
                f"'{name}' is not available in code.", code="helper_missing", hint="Use a node of its own for it."
            )
        return serve(*args)

    def http_request(self, options: Any, *_: Any) -> Any:
        """The body of the answer, parsed where it is JSON; with `returnFullResponse` also status and headers."""
        return self.answer_to(options, None)

    def signed_request(self, credential_type: Any, options: Any = None, *_: Any) -> Any:
        """The same with a credential of the node. The code never sees it."""
        return self.answer_to(options, to_text(credential_type))

    def answer_to(self, options: Any, credential_type: str | None) -> Any:
        settings: JsonObject = {"url": options} if isinstance(options, str) else dict(options or {})
        response = self.caller.send(draft_of(settings), 0, credential_type)
        full = settings.get("returnFullResponse") or settings.get("resolveWithFullResponse")
        if response.status >= 400 and not (settings.get("ignoreHttpStatusErrors") or settings.get("simple") is False):
            raise RemoteError(
                f"{settings.get('url')} answered with {response.status}.", status=response.status, permanent=True
            )
        body = parsed_body(response, settings)
        if not full:
            return body
        return {
            "body": body,
            "headers": dict(response.headers),
            "statusCode": response.status,
            "statusMessage": response.reason,
        }

    def file_bytes(self, item: Any, name: Any) -> JsonObject:
        index = int(item or 0)
        if not 0 <= index < len(self.run.items):
            raise ParameterError(f"There is no item {index}.", hint="Count items from 0.")
        _, data = self.run.get_file(self.run.items[index], str(name))
        return {"base64": base64.b64encode(data).decode()}

    def sleep(self, milliseconds: Any, *_: Any) -> None:
        self.run.ports.clock.sleep(min(max(float(milliseconds or 0), 0) / 1000, MAX_SLEEP_S))


def draft_of(settings: JsonObject) -> Draft:
    """n8n's helper options (and the older request options) as one request."""
    url = str(settings.get("url") or settings.get("uri") or "")
    if not url:
        raise ParameterError("The request has no url.", hint="Pass an object with 'url'.")
    base = settings.get("baseURL")
    query = settings.get("qs")
    timeout_ms = settings.get("timeout")
    draft = Draft(
        method=str(settings.get("method") or "GET").upper(),
        url=f"{str(base).rstrip('/')}/{url.lstrip('/')}" if base and "://" not in url else url,
        query=query if isinstance(query, dict) else {},
        headers={str(key): to_text(value) for key, value in (settings.get("headers") or {}).items()},
        timeout_s=float(timeout_ms) / 1000 if isinstance(timeout_ms, int | float) else 300.0,
        follow_redirects=not settings.get("disableFollowRedirect"),
        max_redirects=5,
        verify_tls=not settings.get("skipSslCertificateValidation"),
    )
    return with_body(draft, settings)


def with_body(draft: Draft, settings: JsonObject) -> Draft:
    form, body = settings.get("form"), settings.get("body")
    if isinstance(form, dict):
        return replace(draft, kind="form", body=form)
    if body is None or body == "":
        return draft
    if isinstance(body, str):
        kind = "application/json" if settings.get("json") is True else "text/plain"
        return replace(draft, kind="raw", body=body, content_type=kind)
    return replace(draft, kind="json", body=body)


def parsed_body(response: HttpResponse, settings: JsonObject) -> Any:
    if settings.get("encoding") == "arraybuffer":
        return {"$type": "Buffer", "base64": base64.b64encode(response.body).decode()}
    text = response.body.decode("utf-8", "replace")
    if settings.get("json") is False or "json" not in response.header("content-type"):
        return text if not settings.get("json") else try_json(text)
    return try_json(text)


def try_json(text: str) -> Any:
    try:
        return parse_strict(text)
    except NotJson:
        return text
