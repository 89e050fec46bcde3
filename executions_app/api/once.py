"""`Idempotency-Key` for the views that take one; settings name this function."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import orjson
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.teams import own_team
from executions_app.services import once
from pumpflix.lib.rest.json_text import dumps

MOST_CHARACTERS = 200


def answered_once(request: Request, key: str, answer: Callable[[], Response]) -> Response:
    """The answer, or the one the first call with this key got."""
    if len(key) > MOST_CHARACTERS or not key.isascii() or not key.isprintable():
        raise exceptions.ValidationError({"Idempotency-Key": ["At most 200 printable characters."]})
    who = once.Caller(own_team(request.user).pk, digest(str(request.user.pk), key))
    fingerprint = digest(request.method or "", request.get_full_path(), text_of(request.data))
    given = once.answered(who, fingerprint=fingerprint, answer=answer, keep=kept_of)
    if isinstance(given, once.Kept):
        return Response(orjson.loads(given.body), status=given.status, headers={"Idempotent-Replayed": "true"})
    return given


def text_of(data: Any) -> str:
    """Of a body that was read; whatever JSON allows has one, also integers beyond 64 bits and lone surrogates."""
    try:
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS, default=str).decode("utf-8", "replace")
    except TypeError:
        return json.dumps(data, sort_keys=True, default=str)


def kept_of(response: Response) -> once.Kept:
    return once.Kept(response.status_code, dumps(response.data))


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
