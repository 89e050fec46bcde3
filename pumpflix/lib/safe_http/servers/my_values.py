"""MySQL's text values as JSON, the way n8n shows them: dates as the server writes them (or in ISO 8601), decimals as
text unless numbers are asked for, JSON parsed, bytes as a list of numbers."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pymysql.constants import FIELD_TYPE

from pumpflix.lib.safe_http.servers.pg_values import moment, number

Parser = Callable[[Any], Any]

BINARY = 63
_WHOLE = frozenset({FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.LONG, FIELD_TYPE.INT24, FIELD_TYPE.YEAR})
_REAL = frozenset({FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE})
_DECIMAL = frozenset({FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL})
_MOMENTS = frozenset({FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP})
_TEXTS = frozenset(
    {
        FIELD_TYPE.VARCHAR, FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, FIELD_TYPE.BLOB, FIELD_TYPE.TINY_BLOB,
        FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB, FIELD_TYPE.BIT, FIELD_TYPE.GEOMETRY,
    }
)  # fmt: skip


def parser_for(kind: int, *, is_binary: bool, wishes: Mapping[str, Any]) -> Parser:
    """Takes one value that is not null, as text or bytes. Wishes: `decimals` as numbers, `largeNumbers` `lossy`
    instead of as text where a number cannot be exact, `dates` in ISO 8601."""
    if kind == FIELD_TYPE.JSON:
        return lambda value: json.loads(text(value))
    if kind in _WHOLE | _REAL or (kind in _DECIMAL and wishes.get("decimals")):
        return lambda value: number(text(value))
    if kind == FIELD_TYPE.LONGLONG:
        return large if wishes.get("largeNumbers") != "lossy" else lambda value: number(text(value))
    if kind in _MOMENTS and wishes.get("dates"):
        return lambda value: moment(text(value))
    if kind == FIELD_TYPE.BIT or (kind in _TEXTS and is_binary):
        return some_bytes
    return text


def text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def large(value: Any) -> Any:
    """A number as long as JavaScript holds it exactly; else its digits."""
    shown = text(value)
    return int(shown) if abs(int(shown)) < 2**53 else shown


def some_bytes(value: Any) -> dict[str, Any]:
    data = value if isinstance(value, bytes) else str(value).encode("utf-8")
    return {"type": "Buffer", "data": list(data)}
