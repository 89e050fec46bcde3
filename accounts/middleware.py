"""What pages owe somebody who is, or was until a moment ago, signed in."""

from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[[HttpRequest], HttpResponse]


class OwnTimeZone:
    """Times in the zone of the account."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = _zone_of(request)
        with timezone.override(zone) if zone else nullcontext():
            return self.get_response(request)


def _zone_of(request: HttpRequest) -> ZoneInfo | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    name = getattr(request.user, "time_zone", "")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


class BackToThePage:
    """A button pressed after the session ended leads to sign-in, and from there back to the page the button was on:
    its own address cannot be opened."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect):
            return _led_back(request, response)
        return response


def _led_back(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    target = urlsplit(response.url)
    if target.path != resolve_url(settings.LOGIN_URL) or parse_qs(target.query).get("next") != [
        request.get_full_path()
    ]:
        return response
    page = _page_of(request)
    if not page:
        return response
    return HttpResponseRedirect(f"{target.path}?{urlencode({'next': page})}")


def _page_of(request: HttpRequest) -> str:
    """The page of ours that the request came from, as a path; empty where the browser does not say."""
    came_from = request.headers.get("Referer", "")
    parts = urlsplit(came_from)
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    if not (is_ours and parts.netloc):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
