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
    """Every call counts against `api` (a browser's against `browser`), and against the view's own limit besides."""

    verdict: Verdict | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        name, identity = caller(request)
        rules = {name: settings.PUMPFLIX_LIMITS[name]}
        if view.limit not in ("api", name):
            rules[view.limit] = settings.PUMPFLIX_LIMITS[view.limit]
        for rule_name, rule in rules.items():
            verdict = limits_at(settings.REDIS_URL).take(rule, rule_name, identity)
            request._request.rate_limit = verdict
            if not verdict.allowed:
                self.verdict = verdict
                return False
        return True

    def wait(self) -> float | None:
        return self.verdict.retry_after_s if self.verdict else None


def caller(request: Request) -> tuple[str, str]:
    """Which limit counts, and for whom."""
    if isinstance(request.auth, ApiKey):
        return "api", f"key:{request.auth.pk}"
    if isinstance(request.auth, Access):
        return "api", f"user:{request.user.pk}"
    if request.user.is_authenticated:
        return "browser", f"user:{request.user.pk}"
    return "api", f"ip:{line_of(address_of(request))}"


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
