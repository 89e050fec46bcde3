"""What pages owe somebody who is, or was until a moment ago, signed in."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import second_factor

ABSENCE_S = 15 * 60
NOTED_EVERY_S = 60
SEEN_KEY = "administration_seen_at"

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


class AdministratorsProve:
    """Administrators come into the administration with a second factor set up, and show again who they are when they
    have not been there for a quarter of an hour. What they sent meanwhile is kept."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_administration = request.path.startswith(reverse("admin:index"))
        if not is_administration or not (isinstance(request.user, User) and request.user.is_staff):
            return self.get_response(request)
        if not second_factor.is_set_up(request.user):
            messages.warning(request, _("Set up a second factor first: administrators need one."))
            return HttpResponseRedirect(reverse("mfa_index"))
        if not _was_here_lately(request):
            return suspend_request(request, reverse("account_reauthenticate"))
        return self.get_response(request)


def _was_here_lately(request: HttpRequest) -> bool:
    """Whether they signed in, proved who they are or used the administration within the time."""
    now = time.time()
    proofs = [record["at"] for record in get_authentication_records(request, request.user)]
    last = max([*proofs, request.session.get(SEEN_KEY, 0)], default=0)
    if now - last > ABSENCE_S:
        return False
    if now - request.session.get(SEEN_KEY, 0) > NOTED_EVERY_S:
        request.session[SEEN_KEY] = int(now)
    return True
