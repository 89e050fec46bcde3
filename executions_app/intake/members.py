"""Who is signed in, for handlers in front of Django: by the session's cookie, as Django itself would judge it."""

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest

from accounts.models import Membership

MAY_RUN = ("owner", "editor", "operator")


def is_member(cookies: str) -> UUID | None:
    """The id of whoever the cookie belongs to."""
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if found is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(found.value)
    try:
        user = get_user(request)
        return user.pk if user.is_authenticated and user.is_active else None
    finally:
        connection.close()


def may_run(user_id: UUID, team_id: UUID) -> bool:
    try:
        return Membership.objects.filter(user_id=user_id, team_id=team_id, role__in=MAY_RUN).exists()
    finally:
        connection.close()
