"""The little of HTTP that the lean handlers need: what was asked, and sending an answer or an error."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import orjson

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[str, str]]

# Besides those that begin with `pf_`.
OWN_COOKIES = frozenset({"messages", "theme"})


class Refused(Exception):
    """The request is answered with an error: status, code, message, further headers."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = tuple(headers)


class Gone(Exception):
    """The caller hung up."""


def joined_headers(scope: Scope) -> dict[str, str]:
    """Header values by lower-case name; repeated ones joined as HTTP allows."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in found:
            value = f"{found[name]}{'; ' if name == 'cookie' else ', '}{value}"
        found[name] = value
    return found


def without_own_cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as a workflow may see them. A browser sends the cookies of this site to every address of it, and the
    author of a workflow must not sign in with what his visitors carry."""
    if "cookie" not in headers:
        return dict(headers)
    kept = [part.strip() for part in headers["cookie"].split(";") if not is_own_cookie(part)]
    return {name: value for name, value in {**headers, "cookie": "; ".join(kept)}.items() if name != "cookie" or kept}


def is_own_cookie(part: str) -> bool:
    name = part.partition("=")[0].strip().removeprefix("__Host-").removeprefix("__Secure-").lower()
    return not name or name.startswith("pf_") or name in OWN_COOKIES


def name_behind(path: str, prefix: str, longest: int) -> str:
    """What a path names behind its prefix; empty where no name can be meant."""
    name = unquote(path[len(prefix) :]).strip("/")
    return name if len(name) <= longest and is_text(name) else ""


def is_text(text: str) -> bool:
    """Whether the database takes it: no NUL, no half of a pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """The whole body, never more than `limit` bytes of it. Raises Refused, Gone."""
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > limit:
        raise too_large(limit)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def too_large(limit: int) -> Refused:
    return Refused(413, "too_large", f"The body is larger than {limit // 2**20} MB.", [("connection", "close")])


async def send_answer(send: Send, status: int, headers: Headers, body: bytes, *, with_body: bool = True) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    raw.append((b"content-length", str(len(body)).encode("ascii")))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body if with_body else b""})


async def send_error(send: Send, error: Refused) -> None:
    """The one error body of the product."""
    request_id = uuid4().hex
    body = {"code": error.code, "message": error.message, "problems": [], "requestId": request_id}
    plain = [("content-type", "application/json"), ("x-content-type-options", "nosniff")]
    headers = [*plain, ("x-request-id", request_id), *error.headers]
    await send_answer(send, error.status, headers, orjson.dumps(body))
