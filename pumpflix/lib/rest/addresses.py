"""Where a call comes from."""

from django.conf import settings
from rest_framework.request import Request


def address_of(request: Request) -> str:
    """The caller's address as the trusted proxies tell it: the one they added, never one the caller sent."""
    count: int = settings.PUMPFLIX.trusted_proxies
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if count and len(hops) >= count:
        return str(hops[-count])[:64]
    return str(request.META.get("REMOTE_ADDR", ""))[:64]
