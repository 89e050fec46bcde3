"""Gives every request an id: into its log lines, its error bodies and the `X-Request-Id` of its answer; and tells the
audit trail where it comes from."""

import re
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest, HttpResponse

from accounts.origin import Origin, within

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,128}")


class RequestId:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _from_caller(request.headers.get("X-Request-Id", "")) or uuid4().hex
        request.id = request_id  # type: ignore[attr-defined]
        origin = Origin(address_of(request), request.headers.get("User-Agent", "")[:300], request_id[:64])
        with structlog.contextvars.bound_contextvars(request_id=request_id), within(origin):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


def _from_caller(value: str) -> str:
    """A caller's id is kept so that its logs and ours meet; anything odd is dropped, for it goes into logs."""
    return value if ACCEPTED.fullmatch(value) else ""


def address_of(request: HttpRequest) -> str | None:
    """The caller's address as the trusted proxies tell it: the one they added, never one the caller sent."""
    count = settings.PUMPFLIX.trusted_proxies
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    found = hops[-count] if count and len(hops) >= count else request.META.get("REMOTE_ADDR", "")
    try:
        validate_ipv46_address(found)
    except ValidationError:
        return None
    return str(found)
