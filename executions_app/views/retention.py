"""How much room runs take, when they go, and giving that room back now."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from executions_app.selectors.retention import pruning_state, table_sizes, workflow_sizes
from executions_app.services.reclaiming import reclaim


@login_required
@require_safe
def retention_show(request: MemberRequest) -> HttpResponse:
    rows = workflow_sizes(request.user)
    tables = table_sizes() if request.user.is_staff else []
    context = {
        "section": "runs",
        "rows": rows,
        "total_bytes": sum(row.size_bytes for row in rows),
        "total_runs": sum(row.runs for row in rows),
        "tables": tables,
        "tables_bytes": sum(size.size_bytes for size in tables),
        "pruning": pruning_state(),
        "can_reclaim": request.user.is_staff,
    }
    return render(request, "runs/retention.html", context)


@login_required
@require_POST
def retention_reclaim(request: MemberRequest) -> HttpResponse:
    """For administrators: it is done for the whole instance."""
    if not request.user.is_staff:
        raise PermissionDenied
    reclaim(by=request.user)
    messages.info(request, _("A worker is at it. This page shows how far it is."))
    return HttpResponseRedirect(reverse("executions_app:retention-show"))
