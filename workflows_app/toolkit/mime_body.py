"""Bodies of requests: forms, multipart, JSON; and query strings with nested values."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, unquote_plus

from workflows_app.toolkit.compare import to_text

ArrayFormat = Literal["brackets", "indices", "repeat"]
SAFE = "-_.!~*'()"
UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body; a file has a name and a type."""

    name: str
    data: bytes
    file_name: str = ""
    mime_type: str = ""


def query_pairs(name: str, value: Any, arrays: ArrayFormat) -> list[tuple[str, str]]:
    """The pairs one value becomes: objects as `a[b]`, lists as the format says, nothing for null inside of those."""
    if isinstance(value, dict):
        return [pair for key, entry in value.items() for pair in query_pairs(f"{name}[{key}]", entry, arrays)]
    if isinstance(value, list):
        names = {"brackets": f"{name}[]", "repeat": name}
        return [
            pair
            for number, entry in enumerate(value)
            for pair in query_pairs(names.get(arrays, f"{name}[{number}]"), entry, arrays)
        ]
    return [(name, to_text(value))]


def query_text(values: dict[str, Any], arrays: ArrayFormat = "indices", *, safe: str = SAFE) -> str:
    """A query string, percent-encoded as browsers do for components."""
    pairs = [pair for name, value in values.items() for pair in query_pairs(name, value, arrays)]
    return "&".join(f"{encoded(name, safe)}={encoded(value, safe)}" for name, value in pairs)


def form_text(values: dict[str, Any]) -> str:
    """A form body; RFC 3986 leaves fewer characters as they are."""
    return query_text(values, safe=UNRESERVED)


def form_values(text: str) -> dict[str, Any]:
    """The fields of a form body written by hand; one named twice becomes a list."""
    found: dict[str, Any] = {}
    for pair in filter(None, text.split("&")):
        name, _, value = (unquote_plus(part, errors="replace") for part in pair.partition("="))
        found[name] = [*ensured(found[name]), value] if name in found else value
    return found


def ensured(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def encoded(text: str, safe: str = SAFE) -> str:
    return quote(text, safe=safe, errors="replace")


def with_query(url: str, query: str) -> str:
    """The address with more query text, before a fragment if there is one."""
    if not query:
        return url
    base, mark, fragment = url.partition("#")
    joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
    return f"{base}{joint}{query}{mark}{fragment}"


def multipart(parts: Sequence[Part], boundary: str = "") -> tuple[bytes, str]:
    """The body and its content type. The boundary is random unless given."""
    boundary = boundary or f"pumpflix-{secrets.token_hex(16)}"
    chunks: list[bytes] = []
    for part in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{header_safe(part.name)}"'
        if part.file_name:
            head += f'; filename="{header_safe(part.file_name)}"'
        if part.mime_type:
            head += f"\r\nContent-Type: {part.mime_type}"
        chunks += [head.encode(), b"\r\n\r\n", part.data, b"\r\n"]
    chunks.append(f"--{boundary}--\r\n".encode())
    return b"".join(chunks), f"multipart/form-data; boundary={boundary}"


def header_safe(text: str) -> str:
    """Text inside quotes of a header: quotes and line ends escaped as browsers do."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
