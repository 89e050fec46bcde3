"""What views say about their requests, and the cookies that carry how somebody wants pages to look."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User

YEAR_S = 365 * 24 * 3600


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in: that of a view behind `login_required`."""

    user: User


def public(path: str) -> str:
    """A page of ours at the address of the settings: for letters and other services, whatever host a request names."""
    return f"{settings.PUMPFLIX_PUBLIC_URL}{path}"


def remember_looks(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    """Theme, previews and language of the account as cookies, so that the server draws the first page right."""
    looks = {
        "theme": user.theme,
        "previews": "" if user.previews_enabled else "off",
        settings.LANGUAGE_COOKIE_NAME: user.locale,
    }
    for name, value in looks.items():
        if value:
            response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
        else:
            response.delete_cookie(name, samesite="Lax")
    return response
