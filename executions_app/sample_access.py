"""Who may watch a sample run: the browser that started it, by a signed cookie that names the last few of its runs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from executions_app.models import Execution

COOKIE = "pf_samples"
SALT = "pumpflix.samples"
KEPT = 20
LIFETIME_S = 3600


def read(cookies: Mapping[str, str]) -> list[str]:
    """The ids in the cookie, newest last; nothing for a missing, forged or old one."""
    try:
        value = signing.loads(cookies.get(COOKIE, ""), salt=SALT, max_age=LIFETIME_S)
    except signing.BadSignature:
        return []
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def remember(request: HttpRequest, response: HttpResponse, execution: Execution) -> None:
    """Let this browser see that run."""
    ids = [*read(request.COOKIES), str(execution.pk)][-KEPT:]
    response.set_cookie(
        COOKIE,
        signing.dumps(ids, salt=SALT),
        max_age=LIFETIME_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def may_see(user: Any, cookies: Mapping[str, str], execution_id: UUID | str) -> bool:
    """True for a member of the execution's team, or for the browser that started this sample run."""
    if Execution.objects.visible_to(user).filter(pk=execution_id).exists():
        return True
    return str(execution_id) in read(cookies) and Execution.objects.filter(pk=execution_id, mode="sample").exists()
