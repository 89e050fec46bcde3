"""The admin: for administrators (`is_staff`) everything, for curators (`is_curator`) the gallery. Others get 403."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import PermissionDenied
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from pumpflix import admin_pages

OWN_APPS = frozenset({"accounts", "workflows_app", "executions_app", "templates_app"})
View = Callable[..., HttpResponse]
ADMIN_POLICY = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
"""The theme evaluates expressions in attributes and sets styles. Inline scripts stay forbidden, here as everywhere."""


class PumpFlixAdminSite(UnfoldAdminSite):
    site_title = _("PumpFlix administration")
    site_header = "PumpFlix"
    index_title = _("Administration")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Our own models alone: what libraries register for themselves has no place and no audit here."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        own = [model for model in models if model._meta.app_label in OWN_APPS]
        super().register(own, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and (getattr(user, "is_staff", False) or getattr(user, "is_curator", False))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A visitor signs in, a stranger is told no, a curator sees the gallery."""
        inner = super().admin_view(csp_update(ADMIN_POLICY)(view), cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """There is one way to sign in, with one lockout."""
        wanted = request.GET.get("next") or reverse("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("health/", self.admin_view(self.health), name="health"),
            path("cache/", self.admin_view(self.cache), name="cache"),
        ]
        return own + super().get_urls()

    def health(self, request: HttpRequest) -> HttpResponse:
        """Database, Redis, workers, queues, disk: for administrators."""
        require_administrator(request)
        context = {**self.each_context(request), "title": _("Health"), "parts": admin_pages.health_parts()}
        return render(request, "admin/health.html", context)

    def cache(self, request: HttpRequest) -> HttpResponse:
        """Hits, misses and sizes of the gallery's cache."""
        context = {**self.each_context(request), "title": _("Gallery cache"), "figures": admin_pages.cache_figures()}
        return render(request, "admin/cache.html", context)


def require_administrator(request: HttpRequest) -> None:
    if not getattr(request.user, "is_staff", False):
        raise PermissionDenied
