"""Methods and functions the fast path knows: `$json.name.trim()`, `Math.max(a, b)`, `Object.keys($json)`.

Each takes its arguments (of a method, the receiver first) and gives what V8 gives, or raises `Defer`. None of them may
cost more than its data is long: no regular expressions, no repetition.
"""

import json
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from workflows_app.engine.expression import moments
from workflows_app.engine.expression.javascript import (
    MAX_TEXT,
    Defer,
    Number,
    as_string,
    concatenated,
    is_missing,
    is_scalar,
    nonzero,
    number,
    number_text,
    same,
    text,
    whole,
)
from workflows_app.engine.expression.paths import CHILD, UNDEFINED, as_javascript

Function = Callable[..., Any]

BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)
"""What `trim()` takes off."""
MOST_DECIMALS = 15
MOST_PADDING = 1_000


# Texts ------------------------------------------------------------------------------------------------------------
def ascii_only(value: Any) -> str:
    if type(value) is not str or not value.isascii():
        raise Defer
    return str(value)


def place(value: Any, length: int) -> int:
    """An argument of `slice`, counted from the front."""
    found = whole(value)
    return max(0, length + found) if found < 0 else min(found, length)


def sliced(value: Any, start: Any = 0, end: Any = UNDEFINED) -> Any:
    sequence: Any = value if type(value) is list else text(value)
    length = len(sequence)
    last = length if end is UNDEFINED else place(end, length)
    return sequence[place(start, length) : last]


def substring(value: Any, start: Any, end: Any = UNDEFINED) -> str:
    characters = text(value)
    length = len(characters)
    one = min(max(whole(start), 0), length)
    other = length if end is UNDEFINED else min(max(whole(end), 0), length)
    return characters[min(one, other) : max(one, other)]


def split(value: Any, separator: Any) -> list[str]:
    characters, between = text(value), text(separator)
    return characters.split(between) if between else list(characters)


def replace(value: Any, old: Any, new: Any) -> str:
    return replaced(text(value), text(old), text(new), 1)


def replace_all(value: Any, old: Any, new: Any) -> str:
    return replaced(text(value), text(old), text(new), -1)


def replaced(characters: str, old: str, new: str, count: int) -> str:
    """A dollar in the new text may mean the match, so it is JavaScript's; so is an empty text to look for."""
    if "$" in new or not old or len(characters) * (len(new) + 1) > MAX_TEXT:
        raise Defer
    return characters.replace(old, new, count)


def index_of(value: Any, part: Any) -> int:
    if type(value) is list:
        return next((number for number, one in enumerate(value) if is_scalar(one) and same(one, part)), -1)
    return text(value).find(text(part))


def includes(value: Any, part: Any) -> bool:
    return index_of(value, part) >= 0


def char_at(value: Any, where: Any) -> str:
    characters, index = text(value), whole(where)
    return characters[index] if 0 <= index < len(characters) else ""


def padding(value: Any, length: Any, filler: Any) -> str:
    missing = whole(length) - len(text(value))
    pattern = text(filler)
    if missing > MOST_PADDING or not pattern:
        raise Defer
    return (pattern * (missing // len(pattern) + 1))[:missing] if missing > 0 else ""


def pad_start(value: Any, length: Any, filler: Any = " ") -> str:
    return padding(value, length, filler) + text(value)


def pad_end(value: Any, length: Any, filler: Any = " ") -> str:
    return text(value) + padding(value, length, filler)


def join(value: Any, separator: Any = ",") -> str:
    if type(value) is not list:
        raise Defer
    between = text(separator)
    parts = ["" if is_missing(one) else as_string(one) for one in value]
    return concatenated(between.join(parts))


def to_string(value: Any) -> str:
    if is_missing(value):
        raise Defer
    return as_string(value)


# Numbers ----------------------------------------------------------------------------------------------------------
def to_fixed(value: Any, digits: Any = 0) -> str:
    decimals = whole(digits)
    exact = Decimal(number(value))
    if not 0 <= decimals <= MOST_DECIMALS or abs(exact) >= 10**15:
        raise Defer
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if not rounded and exact < 0:
        raise Defer
    return f"{rounded:f}"


def absolute(value: Any) -> Number:
    return abs(number(value))


def rounded_by(function: Callable[[Number], int]) -> Function:
    def work(value: Any) -> Number:
        found = number(value)
        return nonzero(function(found), is_zero_fine=found >= 0)

    return work


def half_up(value: Number) -> int:
    below = math.floor(value)
    return below + 1 if value - below >= 0.5 else below


def largest(*values: Any) -> Number:
    return max(number(value) for value in values)


def smallest(*values: Any) -> Number:
    return min(number(value) for value in values)


def parse_int(value: Any, base: Any = 10) -> int:
    if base != 10 or type(base) is not int:
        raise Defer
    if type(value) is not str:
        return int(nonzero(int(float(number_text(number(value)))), is_zero_fine=number(value) >= 0))
    return decimal_digits(value)


def decimal_digits(value: str) -> int:
    """The number in a text that is nothing else."""
    digits = value[1:] if value[:1] == "-" else value
    if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_DECIMALS:
        raise Defer
    return int(nonzero(int(value), is_zero_fine=value[:1] != "-"))


def to_number(value: Any) -> Number:
    if type(value) is bool:
        return int(value)
    return decimal_digits(value) if type(value) is str else number(value)


# Objects ----------------------------------------------------------------------------------------------------------
def in_order(value: Any) -> dict[str, Any]:
    """An object whose members JavaScript holds in the same order: it puts those that are numbers first."""
    if type(value) is not dict or any(key[:1].isdigit() or key == "__proto__" for key in value):
        raise Defer
    return dict(value)


def keys(value: Any) -> list[str]:
    return list(in_order(value))


def values(value: Any) -> list[Any]:
    return list(in_order(value).values())


def is_list(value: Any) -> bool:
    return type(value) is list


def to_json(value: Any) -> str:
    check_json(value)
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return concatenated(made)


def check_json(value: Any) -> None:
    """Raise Defer unless both languages write this alike."""
    if as_javascript(value) is CHILD:
        raise Defer
    for part in parts_of(value):
        if type(part) is float and (part.is_integer() or not 1e-4 < abs(part) < 1e15):
            raise Defer


def parts_of(value: Any) -> list[Any]:
    """The value and all in it, at any depth. Raises Defer for members in another order."""
    found = []
    open_parts = [value]
    while open_parts:
        part = open_parts.pop()
        found.append(part)
        if type(part) is list:
            open_parts.extend(part)
        elif type(part) is dict:
            open_parts.extend(in_order(part).values())
    return found


METHODS: dict[str, tuple[Function, int, int]] = {
    "toUpperCase": (lambda value: ascii_only(value).upper(), 0, 0),
    "toLowerCase": (lambda value: ascii_only(value).lower(), 0, 0),
    "trim": (lambda value: text(value).strip(BLANKS), 0, 0),
    "trimStart": (lambda value: text(value).lstrip(BLANKS), 0, 0),
    "trimEnd": (lambda value: text(value).rstrip(BLANKS), 0, 0),
    "startsWith": (lambda value, part: text(value).startswith(text(part)), 1, 1),
    "endsWith": (lambda value, part: text(value).endswith(text(part)), 1, 1),
    "includes": (includes, 1, 1),
    "indexOf": (index_of, 1, 1),
    "charAt": (char_at, 1, 1),
    "slice": (sliced, 0, 2),
    "substring": (substring, 1, 2),
    "split": (split, 1, 1),
    "replace": (replace, 2, 2),
    "replaceAll": (replace_all, 2, 2),
    "padStart": (pad_start, 1, 2),
    "padEnd": (pad_end, 1, 2),
    "join": (join, 0, 1),
    "toString": (to_string, 0, 0),
    "toFixed": (to_fixed, 0, 1),
    "plus": (moments.plus, 1, 1),
    "minus": (moments.minus, 1, 1),
    "toISO": (moments.to_iso, 0, 0),
    "toISODate": (moments.to_iso_date, 0, 0),
    "toMillis": (moments.to_millis, 0, 0),
    "toFormat": (moments.to_format, 1, 1),
}
"""Method -> function, least and most arguments. Not among them: any name the extension functions of n8n share."""

FUNCTIONS: dict[str, tuple[Function, int, int]] = {
    "Math.max": (largest, 1, 8),
    "Math.min": (smallest, 1, 8),
    "Math.abs": (absolute, 1, 1),
    "Math.floor": (rounded_by(math.floor), 1, 1),
    "Math.ceil": (rounded_by(math.ceil), 1, 1),
    "Math.trunc": (rounded_by(math.trunc), 1, 1),
    "Math.round": (rounded_by(half_up), 1, 1),
    "Object.keys": (keys, 1, 1),
    "Object.values": (values, 1, 1),
    "Array.isArray": (is_list, 1, 1),
    "JSON.stringify": (to_json, 1, 1),
    "Number": (to_number, 1, 1),
    "String": (as_string, 1, 1),
    "parseInt": (parse_int, 1, 2),
}
