"""JSON values as Python code sees them (``item.json.name``), and what it returns as JSON again."""

import dataclasses
import datetime
import decimal
import enum
import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence, Set, ValuesView
from typing import Any

MOST_DEPTH = 200
_BYTES = (bytes, bytearray, memoryview)


class Record(dict[str, Any]):
    """An object of JSON: a dict whose fields are attributes too. A field named like a method of dict (``items``,
    ``keys``) is reached in brackets only."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no field '{name}'; there are: {', '.join(self) or 'none'}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"there is no field '{name}'") from None

    def to_py(self) -> dict[str, Any]:
        """A plain copy, as code written for Pyodide asks for it."""
        return plain(self)  # type: ignore[no-any-return]


class Array(list[Any]):
    """An array of JSON."""

    __slots__ = ()

    @property
    def length(self) -> int:
        return len(self)

    def to_py(self) -> list[Any]:
        """A plain copy."""
        return plain(self)  # type: ignore[no-any-return]


def wrapped(value: Any) -> Any:
    """The same value with its objects as ``Record`` and its arrays as ``Array``, all the way down."""
    if type(value) is dict:
        return Record({key: wrapped(part) if type(part) in (dict, list) else part for key, part in value.items()})
    if type(value) is list:
        return Array(wrapped(part) if type(part) in (dict, list) else part for part in value)
    return value


def plain(value: Any) -> Any:
    """A deep copy in dicts and lists."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


class NotJson(Exception):
    """A value that JSON has no form for. ``place`` says where it stands, ``advice`` what to return instead."""

    def __init__(self, place: str, what: str, advice: str) -> None:
        super().__init__(f"{place} is {what}, which JSON cannot hold" if place else f"{what} cannot be held by JSON")
        self.advice = advice


def to_json(value: Any, place: str = "", depth: int = 0) -> Any:
    """What ``json`` writes for a returned value: dates as ISO text, NaN as null, tuples and sets as arrays.

    Raises ``NotJson`` with the place of the first value that has no form in JSON.
    """
    if value is None or value is True or value is False:
        return value
    if depth > MOST_DEPTH:
        raise NotJson(place[:60], "nested more than 200 levels deep", "Return data that does not contain itself.")
    if isinstance(value, enum.Enum):
        return to_json(value.value, place, depth + 1)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return _integer(value, place)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_key(key, place): to_json(part, f"{place}.{key}", depth + 1) for key, part in value.items()}
    if isinstance(value, Sequence | Set | ValuesView) and not isinstance(value, _BYTES):
        return _array(value, place, depth)
    return _special(value, place, depth)


def _integer(value: int, place: str) -> int | float:
    if value.bit_length() < 64:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        raise NotJson(place, "a number of more than 308 digits", "Return it as text.") from None


def _array(value: Iterable[Any], place: str, depth: int) -> list[Any]:
    return [to_json(part, f"{place}[{index}]", depth + 1) for index, part in enumerate(value)]


def _key(key: Any, place: str) -> str:
    if isinstance(key, str):
        return str(key)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int | float | datetime.date | uuid.UUID | enum.Enum):
        return str(key.value if isinstance(key, enum.Enum) else key)
    raise NotJson(place, f"a dict with a {type(key).__name__} as a key", "Use text as keys.")


_FORMS: dict[type, Callable[[Any], Any]] = {
    datetime.date: lambda value: value.isoformat(),
    datetime.time: lambda value: value.isoformat(),
    datetime.timedelta: lambda value: value.total_seconds(),
    decimal.Decimal: lambda value: int(value) if value == value.to_integral_value() else float(value),
    uuid.UUID: str,
}


def _special(value: Any, place: str, depth: int) -> Any:
    for kind, form in _FORMS.items():
        if isinstance(value, kind):
            return to_json(_formed(form, value), place, depth + 1)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return to_json(fields, place, depth + 1)
    if isinstance(value, type):
        raise NotJson(place, f"the class {value.__name__}", "Return an instance's data, or drop the field.")
    advice = "Return text, numbers, true, false, None, lists or dicts."
    if isinstance(value, _BYTES):
        advice = "Turn bytes into text first: value.decode(), or base64.b64encode(value).decode()."
    raise NotJson(place, f"a value of type {type(value).__name__}", advice)


def _formed(form: Callable[[Any], Any], value: Any) -> Any:
    try:
        return form(value)
    except (ArithmeticError, ValueError):
        # Decimal('sNaN') has no float.
        return None
