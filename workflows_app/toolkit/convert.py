"""Turning a value into the type an author asked for, with the leniency n8n has: `"42"` is a number, `"true"` a boolean,
`"{'a': 1}"` an object; `"yes"` is not a boolean. One function per type, each raising Unfit with the reason."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from workflows_app.toolkit.compare import is_nan, to_number, to_text, type_of
from workflows_app.toolkit.dates import parse_date
from workflows_app.toolkit.relaxed_json import NotJson, parse

TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?([-+]\d{4})?([-+]\d{1,2}(:\d{2})?)?", re.ASCII)
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ARTICLES = {"array": "an array", "object": "an object"}


class Unfit(ValueError):
    """The value cannot become that type. The message is a full sentence without a final dot."""


def convert(value: Any, wanted: str, *, strict: bool = False, texts: bool = False, zone: tzinfo = UTC) -> Any:
    """`value` as `wanted`: string, number, boolean, dateTime, time, object, array, string-alphanumeric; any other word
    passes it as it is. Null stays null. `strict` refuses to convert; `texts` turns other types into text. Raises
    Unfit."""
    if value is None:
        return None
    if strict and wanted in STRICT and type_of(value) != wanted:
        raise Unfit(wrong_type(value, wanted))
    if wanted == "string":
        return to_text(value) if texts else value
    if wanted == "dateTime":
        return to_moment(value, zone)
    worker = CONVERTERS.get(wanted)
    return worker(value) if worker else value


STRICT = ("string", "number", "boolean", "object", "array")


def wrong_type(value: Any, wanted: str) -> str:
    return f"{shown(value)} is {a(type_of(value))} but was expecting {a(wanted)}"


def a(name: str) -> str:
    return ARTICLES.get(name, f"a {'date' if name == 'dateTime' else name}")


def shown(value: Any) -> str:
    """The value as an error message shows it: quoted, and cut when long."""
    if isinstance(value, list | dict):
        return "This value"
    text = "null" if value is None else to_text(value)
    return f"'{text[:77]}...'" if len(text) > 80 else f"'{text}'"


def to_numeric(value: Any) -> float:
    number = to_number(value)
    if is_nan(number):
        raise Unfit(f"{shown(value)} is not a number")
    return number


def to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    number = to_number(value)
    if number in (0, 1) and not (isinstance(value, str) and not value.strip()):
        return number == 1
    raise Unfit(f"{shown(value)} is neither true nor false")


def to_moment(value: Any, zone: tzinfo = UTC) -> datetime:
    moment = parse_date(value, zone)
    if moment is None:
        raise Unfit(f"{shown(value)} is not a date. Use ISO 8601, such as 2026-03-01T09:30:00Z")
    return moment


def to_time(value: Any) -> str:
    text = to_text(value)
    if not TIME.fullmatch(text):
        raise Unfit(f"{shown(value)} is not a time. Use hh:mm or hh:mm:ss")
    return text


def to_object(value: Any) -> dict[str, Any]:
    parsed = parsed_text(value, "an object")
    if not isinstance(parsed, dict):
        raise Unfit(wrong_type(value, "object"))
    return parsed


def to_array(value: Any) -> list[Any]:
    parsed = parsed_text(value, "an array")
    if not isinstance(parsed, list):
        raise Unfit(wrong_type(value, "array"))
    return parsed


def parsed_text(value: Any, what: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except NotJson as error:
        raise Unfit(f"{shown(value)} is not {what}: {error}") from None


def to_word(value: Any) -> str:
    text = to_text(value)
    if not WORD.fullmatch(text):
        raise Unfit(f"{shown(value)} may hold only letters, digits and _, and must not begin with a digit")
    return text


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "number": to_numeric,
    "boolean": to_boolean,
    "time": to_time,
    "object": to_object,
    "array": to_array,
    "string-alphanumeric": to_word,
}
