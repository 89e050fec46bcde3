"""What code may ask of this process while it runs: HTTP through the run's own port, bytes of files, a pause."""

import base64
from collections.abc import Callable
from typing import Any

from workflows_app.engine.errors import ParameterError, RemoteError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpRequest, HttpResponse
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.mime_body import query_text, with_query
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

MAX_SLEEP_S = 30.0


class Helpers:
    """Called by the Code port as `on_call(name, args)`; what it returns or raises is what the code sees."""

    def __init__(self, run: NodeRun[Any]) -> None:
        self.run = run

    def __call__(self, name: str, args: list[Any]) -> Any:
        helpers: dict[str, Callable[..., Any]] = {
            "httpRequest": self.http_request,
            "request": self.http_request,
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
        settings: JsonObject = {"url": options} if isinstance(options, str) else dict(options or {})
        response = self.run.http(request_of(settings))
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


def request_of(settings: JsonObject) -> HttpRequest:
    """n8n's helper options (and the older request options) as one request."""
    url = str(settings.get("url") or settings.get("uri") or "")
    if not url:
        raise ParameterError("The request has no url.", hint="Pass an object with 'url'.")
    query = settings.get("qs")
    if isinstance(query, dict) and query:
        url = with_query(url, query_text(query))
    headers = {str(key): to_text(value) for key, value in (settings.get("headers") or {}).items()}
    body, kind = body_of(settings)
    if kind and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = kind
    timeout_ms = settings.get("timeout")
    return HttpRequest(
        method=str(settings.get("method") or "GET").upper(),
        url=url,
        headers=tuple(headers.items()),
        body=body,
        timeout_s=float(timeout_ms) / 1000 if isinstance(timeout_ms, int | float) else 300.0,
        follow_redirects=not settings.get("disableFollowRedirect"),
    )


def body_of(settings: JsonObject) -> tuple[bytes, str]:
    form = settings.get("form")
    if isinstance(form, dict):
        return query_text(form).encode(), "application/x-www-form-urlencoded"
    body = settings.get("body")
    if body is None or body == "":
        return b"", ""
    if isinstance(body, str):
        return body.encode(), "application/json" if settings.get("json") is True else "text/plain"
    return json_text(body).encode(), "application/json"


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
