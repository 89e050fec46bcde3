"""JavaScript's ideas of type, truth, text, number, equality and order, for values that came out of JSON. n8n workflows
rely on them: `"10" < 9` is a number comparison, `[]` is true, `1.0` is written `1`."""

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

NAN = math.nan


def type_of(value: Any) -> str:
    """The everyday type name: string, number, boolean, array, object, null or date."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list | tuple):
        return "array"
    return "date" if isinstance(value, datetime) else "object"


def is_true(value: Any) -> bool:
    """Truth as `if (value)` has it: empty lists and objects are true, NaN is not."""
    if isinstance(value, float) and math.isnan(value):
        return False
    if isinstance(value, str | int | float) or value is None:
        return bool(value)
    return True


def number_text(value: float) -> str:
    """A number as JavaScript writes it: no `.0`, exponents without padding."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e21:
        return str(int(Decimal(repr(value))))
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = int(exponent)
    if -7 < power < 0:
        return f"{value:.{len(mantissa.replace('.', '').lstrip('-')) - 1 - power}f}"
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def json_text(value: Any) -> str:
    """Compact JSON as `JSON.stringify` writes it; NaN and infinities become null."""
    return orjson.dumps(plain(value), option=orjson.OPT_PASSTHROUGH_DATETIME, default=json_default).decode()


def json_default(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso_text(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def iso_text(value: datetime) -> str:
    """Milliseconds always, `Z` for UTC: the form JavaScript and luxon write."""
    text = value.isoformat(timespec="milliseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def plain(value: Any) -> Any:
    """The same value with whole floats as ints, so that `1.0` is written `1`; numbers beyond 64 bits become floats."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def to_text(value: Any) -> str:
    """`String(value)`, except that objects become JSON (nobody wants `[object Object]`) and null becomes ''."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return iso_text(value) if isinstance(value, datetime) else json_text(value)


def to_number(value: Any) -> float:
    """`Number(value)`; NaN where that is not a number. Whole numbers come back as int."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if value is None:
        return 0
    if isinstance(value, str):
        return text_to_number(value)
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, list):
        return to_number("" if not value else to_text(value[0]) if len(value) == 1 else "x")
    return NAN


def text_to_number(text: str) -> float:
    text = text.strip()
    if not text:
        return 0
    if text in ("Infinity", "+Infinity"):
        return math.inf
    if text == "-Infinity":
        return -math.inf
    if "_" in text or not text.isascii() or len(text) > 400:
        return NAN
    try:
        if text[:2].lower() in ("0x", "0b", "0o"):
            return int(text, 0)
        if text.lstrip("+-").isdigit():
            return whole(int(text))
        return float(text) if text[-1].isdigit() or text[-1] == "." else NAN
    except (ValueError, OverflowError):
        return NAN


def whole(value: int) -> float:
    """An int as JavaScript could hold it: above 2^53 it loses digits like a double."""
    return value if abs(value) <= 2**53 else float(value)


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def strictly_equal(left: Any, right: Any) -> bool:
    """`===` for primitives; lists and objects are equal by content here, since JSON values have no identity."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if type_of(left) != type_of(right):
        return False
    return same(left, right) if isinstance(left, list | dict) else bool(left == right)


def same(left: Any, right: Any) -> bool:
    """Deep equality, types included: `1` is `1.0` but neither `True` nor `"1"`; NaN equals NaN."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if type_of(left) != type_of(right):
        return False
    return bool(left == right) or (is_nan(left) and is_nan(right))


def loosely_equal(left: Any, right: Any) -> bool:
    """Equality for people: `1` and `"1"`, `true` and `"True"` and 1, an absent value, an empty text and an empty list
    are the same."""
    if is_void(left) and is_void(right):
        return True
    if type_of(left) == type_of(right):
        return same(left, right)
    if isinstance(left, list | dict) and isinstance(right, list | dict):
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return as_switch(left) is not None and as_switch(left) is as_switch(right)
    return to_text(left) == to_text(right)


def is_void(value: Any) -> bool:
    return is_blank(value) and value != {}


SWITCHES = {"true": True, "1": True, "false": False, "0": False}


def as_switch(value: Any) -> bool | None:
    """What a value says as a boolean, if it says so: `true`, `"True"`, 1, `"1"` and their opposites."""
    return None if isinstance(value, list | dict) else SWITCHES.get(to_text(value).lower())


def to_flag(value: Any) -> bool:
    """Truth where the text `false` and the text `0` count as false."""
    if isinstance(value, str) and value.strip().lower() in ("false", "0", ""):
        return False
    return is_true(value)


def is_blank(value: Any) -> bool:
    """Nothing in it: null, empty text, NaN, `[]`, `{}`. Zero and false are something."""
    return value is None or is_nan(value) or (isinstance(value, str | list | dict) and len(value) == 0)


def less_than(left: Any, right: Any) -> bool:
    """`left < right`: two texts by code unit, anything else by number; a comparison with NaN is false. Lists and
    objects count as their text."""
    left, right = primitive(left), primitive(right)
    if isinstance(left, str) and isinstance(right, str):
        return left.encode("utf-16-be", "surrogatepass") < right.encode("utf-16-be", "surrogatepass")
    first, second = to_number(left), to_number(right)
    return not (is_nan(first) or is_nan(second)) and first < second


def primitive(value: Any) -> Any:
    """What JavaScript makes of a list or an object before it compares it."""
    if isinstance(value, list):
        return ",".join("" if entry is None else to_text(primitive(entry)) for entry in value)
    return "[object Object]" if isinstance(value, dict) else value
