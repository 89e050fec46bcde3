"""Headers as a workflow may set them."""

import re
from collections.abc import Iterable, Sequence

from pumpflix.lib.safe_http.errors import OutboundError

Headers = tuple[tuple[str, str], ...]
RawHeaders = list[tuple[bytes, bytes]]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")

# They say where a message goes or where it ends; whoever sets them can smuggle a second one.
_REFUSED = frozenset(
    {"host", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect", "proxy-authorization"}
)
# Between us and the next hop; common in requests copied out of a browser, and of no use here.
_IGNORED = frozenset({"connection", "keep-alive", "proxy-connection", "accept-encoding"})
_CREDENTIALS = frozenset({"authorization", "cookie", "cookie2", "proxy-authorization"})
_FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})

_MAX_COUNT = 200
_MAX_BYTES = 64 * 1024


def check_method(method: str) -> str:
    """The method in upper case."""
    method = method.upper()
    if not _TOKEN.fullmatch(method) or len(method) > 32 or method in _FORBIDDEN_METHODS:
        raise OutboundError("method_invalid", "This HTTP method cannot be used.")
    return method


def check_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers that will be sent. Raises OutboundError naming the first that is not allowed."""
    kept = []
    size = 0
    for name, text in headers:
        if not _TOKEN.fullmatch(name):
            raise OutboundError("header_invalid", "A header name has letters, digits and dashes only.")
        if name.lower() in _REFUSED:
            raise OutboundError("header_not_allowed", f"The header '{name}' is set by PumpFlix and cannot be changed.")
        value = text.strip(" \t")
        if not _VALUE.fullmatch(value):
            raise OutboundError(
                "header_invalid", f"The value of header '{name}' has a line break or control character."
            )
        size += len(name) + len(value)
        if name.lower() not in _IGNORED:
            kept.append((name, value))
    if len(kept) > _MAX_COUNT or size > _MAX_BYTES:
        raise OutboundError("header_invalid", f"More than {_MAX_COUNT} headers, or more than 64 KB of them.")
    return tuple(kept)


def without_credentials(headers: Headers, secret_headers: Sequence[str]) -> Headers:
    """What may follow a redirect to another origin."""
    secret = _CREDENTIALS | {name.lower() for name in secret_headers}
    return tuple((name, value) for name, value in headers if name.lower() not in secret)


def without_body_headers(headers: Headers) -> Headers:
    """For a redirect that turned into a GET."""
    return tuple((name, value) for name, value in headers if not name.lower().startswith("content-"))


def wire_headers(headers: Headers, *, host: str, body: bytes, method: str) -> RawHeaders:
    """In the order they go out. Text beyond Latin-1 is sent as UTF-8."""
    given = {name.lower() for name, _ in headers}
    raw: RawHeaders = [(b"Host", host.encode("ascii"))]
    for name, value in (("User-Agent", "PumpFlix"), ("Accept", "*/*")):
        if name.lower() not in given:
            raw.append((name.encode("ascii"), value.encode("ascii")))
    raw.append((b"Accept-Encoding", b"gzip, deflate"))
    raw.extend((name.encode("ascii"), _encoded(value)) for name, value in headers)
    if body or method in {"POST", "PUT", "PATCH"}:
        raw.append((b"Content-Length", str(len(body)).encode("ascii")))
    return raw


def _encoded(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
