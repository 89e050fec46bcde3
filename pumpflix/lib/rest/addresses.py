"""Where a call comes from."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from pumpflix.lib.addresses import nearest_untrusted


def address_of(request: Request | HttpRequest) -> str:
    """The caller's address as the trusted proxies tell it."""
    direct, forwarded = str(request.META.get("REMOTE_ADDR", "")), request.headers.get("X-Forwarded-For", "")
    return nearest_untrusted(direct, forwarded, settings.PUMPFLIX.trusted_proxies)[:64]
