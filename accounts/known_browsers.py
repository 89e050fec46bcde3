"""Which accounts a browser signed in to before: a signed cookie of its own. It opens nothing; guesses of strangers at
those accounts just do not lock this browser out."""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.http import YEAR_S
from accounts.models import User
from accounts.services.lockout import Attempt
from pumpflix.lib.addresses import line_of
from pumpflix.lib.rest.addresses import address_of

COOKIE = "pf_known"
SALT = "pumpflix.known-browsers"
KEPT = 5


def attempt_of(request: HttpRequest, email: str, *, account: str = "") -> Attempt:
    """A try at the account with that address; `account` is what it counts under, where that is another word."""
    name = str(_read(request).get(_mark(email), ""))
    return Attempt(account=account or email.lower(), place=name or line_of(address_of(request)), is_known=bool(name))


def code_attempt(request: HttpRequest, user: User) -> Attempt:
    """A try at the code of somebody's second factor."""
    return attempt_of(request, user.email, account=f"code:{user.pk}")


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """This browser signed in to that account. The last few are kept."""
    known = _read(request)
    mark = _mark(email)
    name = known.pop(mark, "") or secrets.token_urlsafe(16)
    kept = dict([*known.items(), (mark, name)][-KEPT:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    """Nothing for a missing, forged or old one."""
    try:
        value = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR_S)
    except signing.BadSignature:
        return {}
    return value if isinstance(value, dict) else {}


def _mark(email: str) -> str:
    """Tells accounts apart without telling an address."""
    return salted_hmac(SALT, email.lower(), algorithm="sha256").hexdigest()[:20]
