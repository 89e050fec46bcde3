"""The body of a webhook request as n8n's webhook item has it: parsed where the content type is known, a file otherwise.

Files come from the request's own bytes alone: nothing a caller writes into JSON or a part can name a file of ours."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.conf import settings
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from executions_app.adapters.payloads import describe
from executions_app.intake.http import Refused, too_large
from executions_app.intake.xml import read_xml
from workflows_app.engine.items import JsonObject

MAX_FIELDS = 1000
MOST_KEYS = 100_000
DEEPEST = 64

Put = Callable[[bytes], str]


@dataclass(slots=True)
class Body:
    """`value` is the item's `body`, `files` its binaries by name."""

    value: Any = field(default_factory=dict)
    files: JsonObject = field(default_factory=dict)


def read(raw: bytes, content_type: str, *, options: JsonObject, put: Put) -> Body:
    """Raises Refused for a body that is not what its content type says. `put` stores a file and returns its
    reference."""
    kind, parameters = parse_options_header(content_type)
    mime_type = kind.decode("latin-1").lower()
    wants_raw = bool(options.get("rawBody"))
    if mime_type == "multipart/form-data":
        return _multipart(raw, parameters.get(b"boundary", b""), options, put)
    body = Body()
    if raw and (wants_raw or options.get("binaryData") or not _is_parsed(mime_type)):
        name = str(options.get("binaryPropertyName") or "data")
        body.files[name] = describe(put(raw), raw, mime_type=mime_type, file_name="").to_json()
    if raw and _is_parsed(mime_type) and not options.get("binaryData"):
        body.value = _parsed(raw, mime_type, parameters.get(b"charset", b"utf-8").decode("latin-1"))
    return body


def max_body_bytes() -> int:
    """Of a call of a webhook or form, unpacked."""
    return int(settings.PUMPFLIX.webhook_body_mb) * 2**20


def inflate(raw: bytes, encoding: str) -> bytes:
    """Undo `Content-Encoding`. Raises Refused for others than gzip and deflate, and for more than the limit."""
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Refused(415, "encoding_unknown", "Send the body as it is, or compressed by gzip or deflate.")
    inflater, most = zlib.decompressobj(zlib.MAX_WBITS | 32), max_body_bytes()
    try:
        data = inflater.decompress(raw, most + 1)
    except zlib.error as error:
        raise Refused(400, "encoding_broken", "The body is not the compressed data it is said to be.") from error
    if len(data) > most:
        raise too_large(most)
    if not inflater.eof:
        raise Refused(400, "encoding_broken", "The compressed body is cut short.")
    return data


def query(text: str) -> JsonObject:
    """The query as an object; a repeated name becomes a list. Raises Refused for too many."""
    return _grouped(_pairs(text))


def _is_parsed(mime_type: str) -> bool:
    is_json = mime_type == "application/json" or mime_type.endswith("+json")
    return (
        is_json
        or is_xml(mime_type)
        or mime_type == "application/x-www-form-urlencoded"
        or mime_type.startswith("text/")
    )


def is_xml(mime_type: str) -> bool:
    return mime_type in ("application/xml", "text/xml") or mime_type.endswith("+xml")


def _parsed(raw: bytes, mime_type: str, charset: str) -> Any:
    if mime_type == "application/json" or mime_type.endswith("+json"):
        return _json(raw)
    text = _text(raw, charset)
    if is_xml(mime_type):
        return read_xml(text)
    if mime_type == "application/x-www-form-urlencoded":
        return _grouped(_pairs(text))
    return text


def _json(raw: bytes) -> Any:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = _odd_json(raw)
    # Counting bytes is cheap, and most bodies have too few brackets to be too deep and too few colons for too many
    # keys. What brackets and colons in texts add only makes more bodies be walked through.
    if raw.count(b"[") + raw.count(b"{") > DEEPEST or raw.count(b":") > MOST_KEYS:
        _refuse_monsters(value)
    return value


def _odd_json(raw: bytes) -> Any:
    """Lone surrogates are still JSON; NaN is not."""
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(422, "body_not_json", f"The body is not JSON: {error}.") from error


def _refuse_monsters(value: Any) -> None:
    level, keys = [value] if isinstance(value, dict | list) else [], 0
    for _ in range(DEEPEST):
        keys += sum(len(entry) for entry in level if isinstance(entry, dict))
        inside = (entry.values() if isinstance(entry, dict) else entry for entry in level)
        level = [child for entry in inside for child in entry if isinstance(child, dict | list)]
        if not level:
            break
    if level or keys > MOST_KEYS:
        raise Refused(422, "body_too_deep", f"The JSON has over {MOST_KEYS:,} keys, or over {DEEPEST} levels.")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _text(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return raw.decode("utf-8", "replace")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError as error:
        raise Refused(400, "too_many_fields", f"More than {MAX_FIELDS} fields.") from error


def _grouped(pairs: list[tuple[str, Any]]) -> JsonObject:
    found: JsonObject = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


# multipart ------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)


class _Collector:
    """Callbacks of the parser, which hand over slices of one buffer."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self._name = bytearray()
        self._value = bytearray()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_part_data": lambda data, start, end: self.parts[-1].data.extend(data[start:end]),
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MAX_FIELDS:
            raise Refused(400, "too_many_fields", f"More than {MAX_FIELDS} parts.")
        self.parts.append(_Part())

    def _header(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()


def _multipart(raw: bytes, boundary: bytes, options: JsonObject, put: Put) -> Body:
    collector = _Collector()
    try:
        parser = MultipartParser(boundary, collector.callbacks())
        parser.write(raw)
        parser.finalize()
    except ValueError as error:
        raise Refused(400, "body_not_multipart", "The body is not the multipart form it is said to be.") from error
    if parser.state != MultipartState.END:
        raise Refused(400, "body_not_multipart", "The multipart form is cut short: its end is missing.")
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, str, str, bytes]] = []
    for part in collector.parts:
        _, disposition = parse_options_header(part.headers.get("content-disposition", b""))
        name = disposition.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in disposition:
            file_name = disposition[b"filename"].decode("utf-8", "replace")
            files.append((name, file_name, _mime_type(part), bytes(part.data)))
        else:
            fields.append((name, part.data.decode("utf-8", "replace")))
    return Body(_grouped(fields), _named_files(files, str(options.get("binaryPropertyName") or ""), put))


def _mime_type(part: _Part) -> str:
    message = Message()
    message["content-type"] = part.headers.get("content-type", b"").decode("latin-1") or "application/octet-stream"
    return message.get_content_type()


def _named_files(files: list[tuple[str, str, str, bytes]], prefix: str, put: Put) -> JsonObject:
    """Names as n8n gives them: the prefix with a number, else the field's name, numbered where it holds several."""
    counts: dict[str, int] = {}
    for name, *_ in files:
        counts[name] = counts.get(name, 0) + 1
    found: JsonObject = {}
    seen: dict[str, int] = {}
    for index, (name, file_name, mime_type, data) in enumerate(files):
        number = seen.get(name, 0)
        seen[name] = number + 1
        plain = name.removesuffix("[]")
        key = f"{prefix}{index}" if prefix else f"{plain}{number}" if counts[name] > 1 else plain
        found[key] = describe(put(data), data, mime_type=mime_type, file_name=file_name).to_json()
    return found
