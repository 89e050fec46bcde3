"""Values as JavaScript sees them, for what the fast path computes itself.

Every function here gives what V8 gives, or raises `Defer`: not-a-number, infinities, minus zero, whole numbers from
2^53, coercion of texts and objects, characters that take two units of UTF-16 and long results are left to the child.
"""

import math
import re
from collections.abc import Callable
from typing import Any

from workflows_app.engine.expression.paths import SAFE_INTEGER, UNDEFINED

MAX_TEXT = 1_000_000
"""Characters of a text made here; longer ones are the child's work."""
_WIDE = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
_HALF = re.compile("[\ud800-\udfff]")

Number = int | float


class Defer(Exception):
    """Only JavaScript can tell."""


# Numbers ----------------------------------------------------------------------------------------------------------
def number(value: Any) -> Number:
    """A number both languages hold alike; no boolean, no minus zero."""
    kind = type(value)
    if kind is int and -SAFE_INTEGER < value < SAFE_INTEGER:
        return int(value)
    if kind is float and 1e-300 < abs(value) < SAFE_INTEGER:
        return float(value)
    raise Defer


def whole(value: Any) -> int:
    """A number without a fraction."""
    found = number(value)
    if type(found) is float and not found.is_integer():
        raise Defer
    return int(found)


def add(left: Any, right: Any) -> Any:
    if type(left) is str or type(right) is str:
        return concatenated(as_string(left), as_string(right))
    return nonzero(number(left) + number(right), is_zero_fine=True)


def subtract(left: Any, right: Any) -> Number:
    return nonzero(number(left) - number(right), is_zero_fine=True)


def multiply(left: Any, right: Any) -> Number:
    one, other = number(left), number(right)
    return nonzero(one * other, is_zero_fine=one >= 0 and other >= 0 and not (one and other))


def divide(left: Any, right: Any) -> Number:
    one, other = number(left), number(right)
    if not other:
        raise Defer
    return nonzero(one / other, is_zero_fine=not one and other > 0)


def remainder(left: Any, right: Any) -> Number:
    one, other = number(left), number(right)
    if one < 0 or other <= 0:
        raise Defer
    return one % other if type(one) is type(other) is int else nonzero(math.fmod(one, other), is_zero_fine=True)


def negate(value: Any) -> Number:
    return nonzero(-number(value))


def nonzero(value: Number, *, is_zero_fine: bool = False) -> Number:
    """The result of arithmetic. A zero that may be minus zero, or a product too small to tell, is deferred."""
    if value == 0:
        if is_zero_fine:
            return 0
        raise Defer
    return number(value)


# Text -------------------------------------------------------------------------------------------------------------
def as_string(value: Any) -> str:
    """`String(value)` of a scalar."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    return number_text(number(value))


def number_text(value: Number) -> str:
    if type(value) is float:
        if value.is_integer():
            return str(int(value))
        if abs(value) < 1e-4:
            raise Defer
    return str(value)


def concatenated(*parts: str) -> str:
    if sum(map(len, parts)) > MAX_TEXT:
        raise Defer
    out = "".join(parts)
    if not out.isascii() and _HALF.search(out):
        raise Defer
    return out


def text(value: Any) -> str:
    """A text whose places are the same in both languages."""
    if type(value) is not str:
        raise Defer
    if not value.isascii() and _WIDE.search(value):
        raise Defer
    return value


# Truth and order --------------------------------------------------------------------------------------------------
def is_true(value: Any) -> bool:
    return value is not UNDEFINED and (bool(value) or type(value) in (dict, list))


def is_missing(value: Any) -> bool:
    return value is None or value is UNDEFINED


def is_scalar(value: Any) -> bool:
    return type(value) in (str, bool) or is_missing(value) or number(value) is not None


def same(left: Any, right: Any) -> bool:
    """`===` between scalars."""
    if not (is_scalar(left) and is_scalar(right)):
        raise Defer
    return kind_of(left) == kind_of(right) and bool(left == right)


def alike(left: Any, right: Any) -> bool:
    """`==` where nothing is converted."""
    if is_missing(left) or is_missing(right):
        return is_missing(left) and is_missing(right)
    if not (is_scalar(left) and is_scalar(right)) or kind_of(left) != kind_of(right):
        raise Defer
    return bool(left == right)


def kind_of(value: Any) -> str:
    """`typeof`, with null apart from objects."""
    kind = type(value)
    if kind is bool or kind is str:
        return "boolean" if kind is bool else "string"
    if is_missing(value):
        return "null" if value is None else "undefined"
    return "object" if kind in (dict, list) else "number" if number(value) is not None else ""


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """`<` and its kin between two numbers or two texts."""

    def judge(left: Any, right: Any) -> bool:
        if type(left) is str and type(right) is str:
            return compare(text(left), text(right))
        return compare(number(left), number(right))

    return judge
