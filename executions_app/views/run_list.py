"""The list of runs: narrowed by its address, with saved views, and news told instead of pushed in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from executions_app.models import SavedView
from executions_app.models.execution import STATUSES
from executions_app.selectors.lists import COUNTED, count_of, newer_count, run_page
from executions_app.selectors.run_filter import RunFilter
from executions_app.selectors.run_words import MODE_LABELS
from executions_app.selectors.waits import undecided
from executions_app.services import saved_views
from executions_app.views.bulk import shown_once
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow

SHOWN_WORKFLOWS = 200
PERIOD_LABELS = (
    ("1h", gettext_lazy("the last hour")),
    ("24h", gettext_lazy("the last 24 hours")),
    ("7d", gettext_lazy("the last 7 days")),
    ("30d", gettext_lazy("the last 30 days")),
)


@login_required
@require_safe
def execution_list(request: MemberRequest) -> HttpResponse:
    wanted = RunFilter.from_query(request.GET)
    page = run_page(request.user, wanted, before=request.GET.get("before", ""))
    mine = Workflow.objects.visible_to(request.user)
    count = count_of(request.user, wanted)
    context = {
        "section": "runs",
        "rows": page.rows,
        "older": page.older,
        "newest": page.newest if not request.GET.get("before") else "",
        "count": min(count, COUNTED),
        "is_more": count > COUNTED,
        "wanted": wanted,
        "statuses": STATUSES,
        "modes": MODE_LABELS.items(),
        "periods": PERIOD_LABELS,
        "workflow": mine.filter(pk=wanted.workflow).only("name").first() if wanted.workflow else None,
        "workflows": mine.order_by("name").values("pk", "name")[:SHOWN_WORKFLOWS],
        "views": saved_views.views_of(request.user),
        "is_filtered": bool(wanted.query),
        "bulk": shown_once(request),
        "undecided": undecided(request.user),
    }
    return render(request, "runs/list.html", context)


@login_required
@require_safe
def execution_news(request: MemberRequest) -> HttpResponse:
    """`{"count": n}`: runs that came since the newest one on the page."""
    wanted = RunFilter.from_query(request.GET)
    count = newer_count(request.user, wanted, after=request.GET.get("after", ""))
    return JsonResponse({"count": count}, headers={"Cache-Control": "no-store"})


@login_required
@require_POST
def view_save(request: MemberRequest) -> HttpResponse:
    wanted = RunFilter.from_query(request.POST)
    try:
        saved_views.save(request.user, name=request.POST.get("name", ""), query=wanted.address)
        messages.success(request, _("The view is saved."))
    except UserError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(f"{reverse('executions_app:execution-list')}?{wanted.address}")


@login_required
@require_POST
def view_delete(request: MemberRequest, view_id: UUID) -> HttpResponse:
    get_object_or_404(SavedView, pk=view_id, user=request.user).delete()
    messages.info(request, _("The view is gone; the runs are not."))
    return HttpResponseRedirect(reverse("executions_app:execution-list"))
