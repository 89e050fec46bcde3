"""The rate limits of the API: by user, key or address, with the numbers in every answer."""

from typing import Any

from django.conf import settings
from rest_framework import throttling
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.services.tokens import Access
from pumpflix.lib.addresses import line_of
from pumpflix.lib.rate_limits import Verdict, limits_at
from pumpflix.lib.rest.addresses import address_of


class Limit(throttling.BaseThrottle):
    """Every call counts against the caller's own limit, that of an API key against its team's too, and each against
    the view's besides. The answer tells of the one that is nearest to its end."""

    verdict: Verdict | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        name, identity = caller(request)
        counted = [(name, identity)]
        if isinstance(request.auth, ApiKey):
            counted.append(("team", f"team:{request.auth.team_id}"))
        if view.limit not in ("api", name):
            counted.append((view.limit, identity))
        limits, nearest = limits_at(settings.REDIS_URL), None
        for rule_name, counter in counted:
            verdict = limits.take(settings.PUMPFLIX_LIMITS[rule_name], rule_name, counter)
            if nearest is None or verdict.remaining <= nearest.remaining:
                nearest = request._request.rate_limit = verdict
            if not verdict.allowed:
                self.verdict = verdict
                return False
        return True

    def wait(self) -> float | None:
        return self.verdict.retry_after_s if self.verdict else None


def caller(request: Request) -> tuple[str, str]:
    """Which limit counts, and for whom."""
    user = request.user
    if isinstance(request.auth, ApiKey):
        return api_of(user), f"key:{request.auth.pk}"
    if isinstance(request.auth, Access):
        return api_of(user), f"user:{user.pk}"
    if user.is_authenticated:
        return "browser", f"user:{user.pk}"
    return "api", f"ip:{line_of(address_of(request))}"


def api_of(user: Any) -> str:
    """Settings may give administrators and curators another number."""
    return "api_admin" if user.is_staff else "api_curator" if user.is_curator else "api"


class LimitHeaders:
    """Middleware: `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) where a limit was asked."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        response = self.get_response(request)
        verdict: Verdict | None = getattr(request, "rate_limit", None)
        if verdict is not None:
            response["RateLimit-Limit"] = str(verdict.limit)
            response["RateLimit-Remaining"] = str(verdict.remaining)
            response["RateLimit-Reset"] = str(verdict.reset_s)
        return response
