"""Pages that belong to no app: the theme cookie, and requests that could not be read. The other error pages are plain
files that Django finds by name."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("dark", "light", "system")
YEAR_S = 365 * 24 * 3600


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie that the server reads, so that no page flashes in the other one."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    response = HttpResponseRedirect(target if is_ours else "/")
    theme = request.POST.get("theme")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django refused to read: says what was wrong with it and that nothing was stored."""
    heading, text, status = "This request could not be read", "Something in it is not as it should be.", 400
    if isinstance(exception, RequestDataTooBig):
        limit_mb = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1_048_576
        heading, text, status = "That is too large", f"A form may carry {limit_mb} MB of text. Use a smaller one.", 413
    elif isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        text = "It has more fields or files than any form here asks for."
    return render(request, "400.html", {"heading": heading, "text": f"{text} Nothing was stored."}, status=status)
