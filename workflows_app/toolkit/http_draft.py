"""A request before it is sent: values that pagination may still change, turned into bytes at the end."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.ports import HttpRequest, TlsCertificate
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.mime_body import ArrayFormat, Part, form_text, multipart, query_text, with_query
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

BodyKind = Literal["none", "json", "form", "multipart", "raw", "bytes"]
MAX_TIMEOUT_S = 3600.0
MAX_REDIRECTS = 21


@dataclass(frozen=True, slots=True)
class Draft:
    """`body` is a JSON value, a dict of form fields, a list of `Part`, a text or bytes, as `kind` says."""

    method: str
    url: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    kind: BodyKind = "none"
    body: Any = None
    content_type: str = ""
    arrays: ArrayFormat = "indices"
    timeout_s: float = 300.0
    follow_redirects: bool = True
    max_redirects: int = MAX_REDIRECTS
    verify_tls: bool = True
    secret_headers: tuple[str, ...] = ()
    secret_query: dict[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    identity: TlsCertificate | None = None

    def to_request(self) -> HttpRequest:
        url = checked_url(self.url)
        shown = with_query(url, query_text(self.query, self.arrays))
        url = with_query(url, query_text(self.query | self.secret_query, self.arrays))
        body, content_type = self.bytes_and_type()
        headers = dict(self.headers)
        if content_type and "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = content_type
        return HttpRequest(
            method=self.method,
            url=url,
            headers=tuple(checked_header(name, value) for name, value in headers.items()),
            body=body,
            timeout_s=min(self.timeout_s, MAX_TIMEOUT_S),
            follow_redirects=self.follow_redirects,
            max_redirects=self.max_redirects,
            verify_tls=self.verify_tls,
            secret_headers=self.secret_headers,
            allowed_hosts=self.allowed_hosts,
            shown_url=shown if self.secret_query else "",
            identity=self.identity,
        )

    def bytes_and_type(self) -> tuple[bytes, str]:
        if self.kind == "json":
            return json_text(self.body).encode(), "application/json"
        if self.kind == "form":
            return form_text(self.body).encode(), "application/x-www-form-urlencoded"
        if self.kind == "multipart":
            return multipart(self.body)
        if self.kind == "raw":
            return to_text(self.body).encode(), self.content_type
        return (self.body, self.content_type) if self.kind == "bytes" else (b"", "")

    def with_secret_header(self, name: str, value: str) -> "Draft":
        """The same request with a header that follows no redirect elsewhere; it replaces one of that name."""
        kept = {key: text for key, text in self.headers.items() if key.lower() != name.lower()}
        return replace(self, headers=kept | {name: value}, secret_headers=(*self.secret_headers, name))

    def with_header_unless_given(self, name: str, value: str) -> "Draft":
        if name.lower() in {key.lower() for key in self.headers}:
            return self
        return replace(self, headers=self.headers | {name: value})

    def with_values(self, place: str, name: str, value: Any) -> "Draft":
        """The same request with one more query value, header or body field."""
        if place == "qs":
            return replace(self, query=self.query | {name: value})
        if place == "headers":
            return replace(self, headers=self.headers | {name: to_text(value)})
        if self.kind == "multipart":
            kept = [part for part in self.body if part.name != name]
            return replace(self, body=[*kept, Part(name, to_text(value).encode())])
        base = self.body if isinstance(self.body, dict) else {}
        return replace(self, body=base | {name: value}, kind="json" if self.kind == "none" else self.kind)


def checked_url(url: str) -> str:
    """The address, trimmed. Raises ParameterError unless it is http or https with a host."""
    url = url.strip()
    parts = urlsplit(url) if url.isprintable() else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        shown = url if len(url) <= 120 else url[:117] + "..."
        hint = "It must begin with http:// or https:// and name a host."
        raise ParameterError(f"'{shown}' is not a web address.", hint=hint)
    return url.replace(" ", "%20")


def checked_header(name: str, value: str) -> tuple[str, str]:
    """Raises ParameterError for a header that could smuggle another one in."""
    if any(char in "\r\n\0" for char in name + value) or not name.strip() or ":" in name:
        raise ParameterError(
            f"The header '{name[:60]}' is not valid.", hint="Remove line breaks and colons from its name."
        )
    return name.strip(), value.strip()


def json_value(text: Any, label: str) -> Any:
    """A JSON parameter: a value that is one already, or text to parse. Raises ParameterError naming the parameter."""
    if not isinstance(text, str):
        return text
    if not text.strip():
        return {}
    try:
        return parse_strict(text)
    except NotJson as error:
        hint = "Check quotes and commas. In an expression, JSON.stringify makes safe JSON of any value."
        raise ParameterError(f"{label} is not valid JSON: {error}.", hint=hint) from None


def json_object(text: Any, label: str) -> dict[str, Any]:
    value = json_value(text, label)
    if not isinstance(value, dict):
        raise ParameterError(f"{label} must be a JSON object.", hint='Write it like {"name": "value"}.')
    return value


__all__ = ["BodyKind", "Draft", "Part", "checked_url", "json_object", "json_value"]
