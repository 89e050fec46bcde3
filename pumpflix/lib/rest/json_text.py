"""The JSON text of answers."""

from typing import Any
from uuid import UUID

import orjson
from django.utils.functional import Promise


def dumps(data: Any) -> bytes:
    """Of what serializers give: plain values, times, ids, lazy texts."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | UUID):
        return str(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple | set):
        return list(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")
