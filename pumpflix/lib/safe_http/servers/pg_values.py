"""PostgreSQL's text values as JSON, the way n8n shows them: dates in ISO 8601, `numeric` and 64-bit integers as text
unless numbers are asked for, JSON parsed, arrays as lists, bytes as a list of numbers."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Parser = Callable[[str], Any]

BOOL, BYTEA, INT8, INT2, INT4, OID, JSON, POINT, CIRCLE = 16, 17, 20, 21, 23, 26, 114, 600, 718
FLOAT4, FLOAT8, DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL, NUMERIC, JSONB = 700, 701, 1082, 1114, 1184, 1186, 1700, 3802

# Kinds of arrays that become lists, with the kind of what is in them. Others stay text, such as arrays of enums.
ARRAYS = {
    199: JSON, 3807: JSONB, 1000: BOOL, 1001: BYTEA, 1005: INT2, 1007: INT4, 1016: INT8, 1021: FLOAT4, 1022: FLOAT8,
    1028: OID, 1231: FLOAT8, 1115: TIMESTAMP, 1182: DATE, 1185: TIMESTAMPTZ, 1187: INTERVAL, 1017: POINT,
    1009: 25, 1014: 25, 1015: 25, 1008: 25, 1040: 25, 1041: 25, 651: 25, 1183: 25, 1270: 25, 2951: 25, 3907: 25,
}  # fmt: skip

_MOMENT = re.compile(
    r"(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?:([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?"
)
_CLOCK = re.compile(r"([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?")
_PARTS = {"year": "years", "years": "years", "mon": "months", "mons": "months", "day": "days", "days": "days"}
_MAX_EXACT = 2**53


def parser_for(oid: int, *, are_large_numbers: bool) -> Parser:
    """Takes the text of one value that is not null."""
    if oid in ARRAYS:
        inner = parser_for(ARRAYS[oid], are_large_numbers=are_large_numbers)
        return lambda text: parse_array(text, inner)
    if are_large_numbers and oid in (INT8, NUMERIC):
        return number
    return _PARSERS.get(oid, str)


def number(text: str) -> int | float | None:
    """As JavaScript has it: `NaN` and the infinities are nothing in JSON."""
    if text.lstrip("-").isdigit():
        whole = int(text)
        return whole if abs(whole) <= _MAX_EXACT else _as_double(float(whole))
    value = float(text)
    return _as_double(value) if math.isfinite(value) else None


def _as_double(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def moment(text: str) -> str | None:
    """ISO 8601 in UTC with milliseconds; a time without a zone is taken as UTC."""
    if text in ("infinity", "-infinity"):
        return None
    found = _MOMENT.fullmatch(text)
    if found is None or int(found[1]) > 9999:
        return text
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in range(1, 7))
    offset = sum(int(found[9 + part] or 0) * 60 ** (2 - part) for part in range(3)) * (-1 if found[8] == "-" else 1)
    milliseconds = int(((found[7] or "") + "000")[:3])
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp() - offset
        shown = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError):
        return text
    return f"{shown:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def interval(text: str) -> dict[str, Any] | str:
    """`1 year 2 mons -3 days 04:05:06.7` as its parts; parts that are nothing are left out."""
    out: dict[str, Any] = {}
    words = text.split()
    for index, word in enumerate(words):
        clock = _CLOCK.fullmatch(word)
        if clock is not None:
            sign = -1 if clock[1] == "-" else 1
            for name, part in (("hours", 2), ("minutes", 3), ("seconds", 4)):
                out[name] = sign * int(clock[part])
            out["milliseconds"] = sign * _as_double(float(Decimal(f"0.{clock[5] or 0}") * 1000))
        elif word in _PARTS and index:
            out[_PARTS[word]] = int(words[index - 1])
    return {name: value for name, value in out.items() if value}


def point(text: str) -> dict[str, Any] | str:
    parts = text.strip("()").split(",")
    return {"x": number(parts[0]), "y": number(parts[1])} if len(parts) == 2 else text


def circle(text: str) -> dict[str, Any] | str:
    parts = re.sub(r"[<>()]", "", text).split(",")
    if len(parts) != 3:
        return text
    return {"x": number(parts[0]), "y": number(parts[1]), "radius": number(parts[2])}


def some_bytes(text: str) -> dict[str, Any]:
    return {"type": "Buffer", "data": list(bytes.fromhex(text[2:]))}


def parse_array(text: str, inner: Parser) -> Any:
    """`{1,NULL,{"a b"}}` as lists; bounds before it (`[0:1]=`) are dropped."""
    start = text.find("{")
    return text if start < 0 else _Array(text, inner).read(start)[0]


class _Array:
    def __init__(self, text: str, inner: Parser) -> None:
        self._text = text
        self._inner = inner

    def read(self, at: int) -> tuple[list[Any], int]:
        """The list that opens there, and the place behind it."""
        out: list[Any] = []
        at += 1
        while at < len(self._text) and self._text[at] != "}":
            if self._text[at] == ",":
                at += 1
            elif self._text[at] == "{":
                value, at = self.read(at)
                out.append(value)
            else:
                value, at = self._entry(at)
                out.append(value)
        return out, at + 1

    def _entry(self, at: int) -> tuple[Any, int]:
        if self._text[at] == '"':
            return self._quoted(at + 1)
        end = at
        while end < len(self._text) and self._text[end] not in ",}":
            end += 1
        word = self._text[at:end]
        return (None if word == "NULL" else self._inner(word)), end

    def _quoted(self, at: int) -> tuple[Any, int]:
        out = []
        while self._text[at] != '"':
            at += self._text[at] == "\\"
            out.append(self._text[at])
            at += 1
        return self._inner("".join(out)), at + 1


_PARSERS: dict[int, Parser] = {
    BOOL: lambda text: text == "t",
    BYTEA: some_bytes,
    INT2: number,
    INT4: number,
    OID: number,
    FLOAT4: number,
    FLOAT8: number,
    JSON: json.loads,
    JSONB: json.loads,
    DATE: moment,
    TIMESTAMP: moment,
    TIMESTAMPTZ: moment,
    INTERVAL: interval,
    POINT: point,
    CIRCLE: circle,
}
