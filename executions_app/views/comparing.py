"""Two runs side by side. The address names both, so that it can be sent to somebody."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from executions_app.models import Execution
from executions_app.selectors.comparison import choices, comparable, compare, last_success
from executions_app.selectors.run_filter import uuid_in
from executions_app.views.runs import visible_execution


@login_required
@require_safe
def execution_compare(request: MemberRequest, execution_id: UUID) -> HttpResponse:
    """With the run that `with` names; without it, on to the last success before."""
    execution = visible_execution(request, execution_id)
    wanted = request.GET.get("with", "")
    if not wanted and (base := last_success(execution)):
        return HttpResponseRedirect(address_of(execution, base))
    context = {"section": "runs", "execution": execution, "workflow": execution.workflow}
    if wanted:
        other = other_run(execution, wanted)
        context["comparison"] = compare(
            execution,
            other,
            address=address_of(execution, other),
            sprite=static("img/icons.svg"),
            node=request.GET.get("node", ""),
        )
    return render(request, "runs/compare.html", {**context, "choices": choices(execution)})


def other_run(execution: Execution, wanted: str) -> Execution:
    other_id = uuid_in(wanted)
    if other_id is None:
        raise Http404
    return get_object_or_404(comparable(execution), pk=other_id)


def address_of(execution: Execution, other: Execution) -> str:
    address = reverse("executions_app:execution-compare", args=[execution.pk])
    return f"{address}?{urlencode({'with': str(other.pk)})}"
