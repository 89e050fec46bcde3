"""The brand on every page: its name, and a style sheet with its accents."""

from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.models import Branding

KEY = "branding"
LIFETIME_S = 300
PICTURE_AGE_S = 24 * 3600


def current() -> dict[str, Any]:
    """`name`, `tagline`, `has_logo`, `accent_light`, `accent_dark` and `stamp`, which changes with every change."""
    found = cache.get(KEY)
    if not isinstance(found, dict):
        found = read()
        cache.set(KEY, found, LIFETIME_S)
    return found


def read() -> dict[str, Any]:
    row = Branding.objects.first() or Branding()
    return {
        "name": row.name or "PumpFlix",
        "tagline": row.tagline,
        "has_logo": bool(row.logo),
        "accent_light": row.accent_light,
        "accent_dark": row.accent_dark,
        "stamp": f"{row.updated_at:%y%m%d%H%M%S}" if row.pk else "",
    }


def forget() -> None:
    cache.delete(KEY)


def brand(_request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"brand": current()}


@require_safe
def style(_request: HttpRequest) -> HttpResponse:
    """The accents as custom properties, above those of the tokens; nothing where the product's own are used."""
    found = current()
    light, dark = found["accent_light"] or "#8a4b00", found["accent_dark"] or "#ffb454"
    own = found["accent_light"] or found["accent_dark"]
    text = f":root {{ --accent: light-dark({light}, {dark}); --lit: {dark}; }}\n" if own else ""
    response = HttpResponse(text, content_type="text/css; charset=utf-8")
    patch_cache_control(response, max_age=PICTURE_AGE_S, public=True)
    return response


@require_safe
def logo(_request: HttpRequest) -> HttpResponse:
    row = Branding.objects.exclude(logo=b"").first()
    if row is None:
        raise Http404
    response = HttpResponse(bytes(row.logo), content_type=row.logo_type)
    patch_cache_control(response, max_age=PICTURE_AGE_S, public=True)
    return response
