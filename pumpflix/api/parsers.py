"""Reading bodies: JSON in UTF-8, never longer or deeper than the endpoint allows, every key once."""

import json
from typing import Any

from rest_framework import exceptions, parsers

from workflows_app.services.imports import MAX_DEPTH, depth_exceeds, describe, finite, refuse_constant

UTF_8 = (None, "utf-8", "utf8")
MOST_KEYS = 100_000


class BodyTooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class BodyUnreadable(exceptions.ParseError):
    """400: `code` is one of those of imports, such as `not_json`."""


class JsonParser(parsers.BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value. Raises with the line and column of what is wrong."""
        request = parser_context["request"]
        _refuse_encodings(request, media_type or "")
        data = limited(stream, parser_context["view"].most_bytes)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BodyUnreadable(f"Not UTF-8 text: byte {error.start} is not valid.", "not_utf8") from None
        return load(text)


def load(text: str) -> Any:
    if not text.strip():
        raise BodyUnreadable("The body is empty; a JSON object belongs here.", "empty")
    keys = Keys()
    try:
        value = json.loads(text, parse_constant=refuse_constant, parse_float=finite, object_pairs_hook=keys.once)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BodyUnreadable(f"{describe(error, text)} ({place})", "not_json") from None
    except RecursionError:
        raise BodyUnreadable(f"Nested deeper than {MAX_DEPTH} levels.", "too_deep") from None
    except ValueError as error:
        raise BodyUnreadable(str(error), "not_json") from None
    if depth_exceeds(value, MAX_DEPTH):
        raise BodyUnreadable(f"Nested deeper than {MAX_DEPTH} levels.", "too_deep")
    return value


class Keys:
    """Counts keys, and refuses an object that has one twice: readers would not agree on which counts."""

    def __init__(self) -> None:
        self.count = 0

    def once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.count += len(pairs)
        if self.count > MOST_KEYS:
            raise BodyUnreadable(f"More than {MOST_KEYS:,} keys.", "too_large")
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise BodyUnreadable(f"The key '{twice[:60]}' stands twice in one object.", "duplicate_key")
        return found


def limited(stream: Any, most_bytes: int) -> bytes:
    """All of the body. Raises BodyTooLarge as soon as it is too long, whatever its length was said to be."""
    data: bytes = stream.read(most_bytes + 1)
    if len(data) > most_bytes:
        size = f"{most_bytes // 1_048_576} MB" if most_bytes >= 1_048_576 else f"{most_bytes // 1024} KB"
        raise BodyTooLarge(f"A body may have {size} here.")
    return data


def _refuse_encodings(request: Any, media_type: str) -> None:
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise exceptions.UnsupportedMediaType(encoding, "Send the body as it is, without Content-Encoding.")
    charset = next((part.split("=", 1)[1] for part in _parameters(media_type) if part.startswith("charset=")), None)
    if charset not in UTF_8:
        raise exceptions.UnsupportedMediaType(media_type, "JSON is read in UTF-8.")


def _parameters(media_type: str) -> list[str]:
    return [part.strip().strip('"').replace('"', "").lower() for part in media_type.split(";")[1:]]
