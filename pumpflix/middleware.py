"""Gives every request an id: into its log lines, its error bodies and the `X-Request-Id` of its answer; and tells the
audit trail where it comes from."""

import re
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest, HttpResponse

from accounts.origin import Origin, within
from pumpflix import pages
from pumpflix.lib.rest.addresses import address_of
from pumpflix.whole_bodies import TOO_LARGE

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,128}")


class RequestId:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _from_caller(request.headers.get("X-Request-Id", "")) or uuid4().hex
        request.id = request_id  # type: ignore[attr-defined]
        origin = Origin(_ip_of(request), request.headers.get("User-Agent", "")[:300], request_id[:64])
        with structlog.contextvars.bound_contextvars(request_id=request_id), within(origin):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class BodyLimit:
    """Answers for a page that was sent more than it takes; nothing of it was parsed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most_bytes = request.META.get("asgi.scope", {}).get(TOO_LARGE)
        return self.get_response(request) if most_bytes is None else pages.too_large(request, most_bytes)


def _from_caller(value: str) -> str:
    """A caller's id is kept so that its logs and ours meet; anything odd is dropped, for it goes into logs."""
    return value if ACCEPTED.fullmatch(value) else ""


def _ip_of(request: HttpRequest) -> str | None:
    """The caller's address, where it is one: the audit trail stores nothing else."""
    found = address_of(request)
    try:
        validate_ipv46_address(found)
    except ValidationError:
        return None
    return found
