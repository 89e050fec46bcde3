"""Requests as bytes on a socket, so that nothing on our side puts right what is wrong with them."""

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from pumpflix.tests.live.hostile.entries import Outcome
from pumpflix.tests.live.hostile.stage import REQUEST_S, body_of
from pumpflix.tests.product import patience

MOST_TEXT = 200_000


def send(url: str, data: bytes, *, is_head: bool = False) -> Outcome:
    """What is answered to those bytes: a status, `closed` without an answer, or `hang`."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 80), REQUEST_S * patience()) as sock:
        # Refused before all of it was sent; the answer may be there already.
        with suppress(OSError):
            sock.sendall(data)
        try:
            return _answer(sock, is_head)
        except TimeoutError:
            return Outcome("hang")
        except (OSError, http.client.HTTPException):
            return Outcome("closed")


def _answer(sock: socket.socket, is_head: bool) -> Outcome:
    answer = http.client.HTTPResponse(sock, method="HEAD" if is_head else "GET")
    answer.begin()
    text = answer.read(MOST_TEXT).decode("utf-8", "replace")
    headers = "".join(f"{name}: {value}\n" for name, value in answer.getheaders())
    return Outcome(str(answer.status), code_in(text), f"{text}\n{headers}")


def code_in(text: str) -> str:
    """The code of an error in the one shape."""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def request(url: str, given: Mapping[str, Any], bearer: Mapping[str, str] | None = None) -> Outcome:
    """The request that a case describes: `method`, `path`, `type`, `headers`, `body`, and how its length is told."""
    method = str(given.get("method", "POST"))
    body = body_of(given["body"]) if "body" in given else b""
    headers = {"Host": urlsplit(url).netloc, "Connection": "close", **(bearer or {})}
    if kind := given.get("type", "application/json" if body else ""):
        headers["Content-Type"] = str(kind)
    if given.get("chunked"):
        headers["Transfer-Encoding"] = "chunked"
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:1000], body[1000:]) if part)
        body += b"0\r\n\r\n"
    elif body or method not in ("GET", "HEAD"):
        headers["Content-Length"] = str(given.get("length", len(body)))
    headers |= given.get("headers", {})
    lines = [(f"{method} ", given["path"], " HTTP/1.1\r\n")]
    for name, values in headers.items():
        lines += [(f"{name}: ", value, "\r\n") for value in (values if isinstance(values, list) else [values])]
    head = b"".join(part if isinstance(part, bytes) else _bytes(part) for line in lines for part in line)
    return send(url, head + b"\r\n" + body, is_head=method == "HEAD")


def _bytes(text: Any) -> bytes:
    return str(text).encode("utf-8", "surrogatepass")
