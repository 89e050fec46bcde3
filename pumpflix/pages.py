"""Pages that belong to no app: the theme cookie, what browsers need to work offline, and the pages of faults, which ask
neither database nor session."""

import sys

import structlog
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from psycopg_pool import PoolTimeout

from accounts.services.profile import change_profile
from pumpflix.lib.rate_limits import limits_at

log = structlog.get_logger(__name__)

ERRORS_TAKEN = "30/1 minute"
MOST_REPORTED = 4_000
THEMES = ("dark", "light", "system")
YEAR_S = 365 * 24 * 3600
AWAY = (OperationalError, InterfaceError, PoolTimeout)


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie that the server reads, so that no page flashes in the other one, and with the
    account of who is signed in."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    response = HttpResponseRedirect(target if is_ours else "/")
    theme = request.POST.get("theme")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
        if request.user.is_authenticated:
            change_profile(request.user, theme=theme)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django refused to read: says what was wrong with it and that nothing was stored."""
    heading, text = "This request could not be read", "Something in it is not as it should be."
    if isinstance(exception, RequestDataTooBig):
        return too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "of text ")
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        text = "It has more fields or files than any form here asks for."
    return fault(request, 400, heading=heading, text=f"{text} Nothing was stored.")


def too_large(request: HttpRequest, most_bytes: int, of_what: str = "") -> HttpResponse:
    text = f"A form may carry {most_bytes // 1_048_576} MB {of_what}here. Use a smaller one. Nothing was stored."
    return fault(request, 400, status=413, heading="That is too large", text=text)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return fault(request, 403)


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form without the token of this session: sent from elsewhere, or from a page that is too old."""
    heading = "This form could not be checked"
    text = (
        "It was opened too long ago, or by somebody else. Nothing was stored. Go back, load the page again and send it."
    )
    return fault(request, 400, status=403, heading=heading, text=text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return fault(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Called while the exception is handled: a database that is away is not a fault of ours but a pause."""
    return fault(request, 503 if isinstance(sys.exc_info()[1], AWAY) else 500)


def fault(request: HttpRequest, page: int, *, status: int = 0, **words: str) -> HttpResponse:
    """The page of that number, with the id under which the log has the request. Without context processors: they would
    ask for the session."""
    context = {**words, "request_id": getattr(request, "id", "")}
    response = HttpResponse(render_to_string(f"{page}.html", context), status=status or page)
    if page == 503:
        response["Retry-After"] = "10"
    return response


@csrf_exempt
@require_POST
def client_error(request: HttpRequest) -> HttpResponse:
    """A script of a page failed: note it under the id of this request, which the page shows. Changes nothing, so it
    needs no token; who reports too often is not heard."""
    verdict = limits_at(settings.REDIS_URL).take(ERRORS_TAKEN, "client-error", request.META.get("REMOTE_ADDR", ""))
    if verdict.allowed:
        said = request.body[:MOST_REPORTED].decode("utf-8", "replace")
        log.warning("client_error", report=said, page=request.headers.get("Referer", "")[:300])
    return JsonResponse({"requestId": getattr(request, "id", "")}, status=202)


@require_safe
@cache_control(max_age=3600)
def offline(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """What the service worker shows for a page it has not kept."""
    return HttpResponse(render_to_string("offline.html"))


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - a view's signature
    """At the root, because a worker may only serve what lies below its own address."""
    path = str(finders.find("js/service-worker.js"))
    return FileResponse(open(path, "rb"), content_type="text/javascript")
