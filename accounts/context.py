"""What every page may ask about people: asked only where a page shows it."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.selectors.notifications import unread_count
from accounts.services import first_admin


def people(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `unread_notifications` of who is signed in, `is_first_admin_awaited` for a visitor,
    `has_mail` where mail leaves the machine."""
    user = getattr(request, "user", None)
    is_member = bool(user and user.is_authenticated)
    return {
        "unread_notifications": cache(lambda: unread_count(user) if is_member else 0),
        "has_mail": bool(settings.PUMPFLIX.email_url),
        "is_first_admin_awaited": cache(lambda: not is_member and first_admin.is_awaited()),
    }
