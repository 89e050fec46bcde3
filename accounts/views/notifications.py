"""What somebody should know, behind the bell."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from accounts.selectors.notifications import notifications_for
from accounts.services import notifications

A_PAGE = 50


@login_required
@never_cache
@require_safe
def show(request: MemberRequest) -> HttpResponse:
    """Newest first; `?before=` is the last one of the page before."""
    rows = notifications_for(request.user)
    try:
        before = UUID(request.GET.get("before", ""))
    except ValueError:
        pass
    else:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: A_PAGE + 1])
    context = {"section": "notifications", "rows": found[:A_PAGE], "has_older": len(found) > A_PAGE}
    return render(request, "profile/notifications.html", context)


@login_required
@require_POST
def read(request: MemberRequest, notification_id: UUID) -> HttpResponse:
    """Mark one as read; with `open` go where it leads."""
    row = notifications_for(request.user).filter(pk=notification_id).first()
    if row is None:
        raise Http404
    notifications.mark_read(row)
    is_ours = url_has_allowed_host_and_scheme(row.url, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(
        row.url if "open" in request.POST and is_ours else reverse("accounts:notification-list")
    )


@login_required
@require_POST
def read_all(request: MemberRequest) -> HttpResponse:
    notifications.mark_all_read(request.user)
    return HttpResponseRedirect(reverse("accounts:notification-list"))
