"""JSON text for the child, and copies of JSON values. Fast where possible; texts with lone surrogates and numbers
beyond 64 bits still pass."""

import json
from typing import Any

import orjson

CHANGEABLE = (dict, list)


def dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str).encode("ascii")


def loads(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def copied(value: Any) -> Any:
    """A copy of a JSON value. Parts that cannot change are shared: several times faster than `deepcopy`."""
    kind = type(value)
    if kind is dict:
        return {key: copied(part) if type(part) in CHANGEABLE else part for key, part in value.items()}
    return [copied(part) for part in value] if kind is list else value
