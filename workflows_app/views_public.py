"""Workflows that teams show to everybody who is signed in: their definition, and a copy of it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from accounts.selectors.roles import teams_to_edit
from accounts.views.chosen import chosen_team
from pumpflix.lib.drawing import graph, node_order
from workflows_app.models import Workflow
from workflows_app.selectors import lists
from workflows_app.selectors.lists import WorkflowFilter, public_name
from workflows_app.selectors.scenes import scene_of
from workflows_app.services import edits

MOST = 100


@login_required
@require_safe
def show_all(request: MemberRequest) -> HttpResponse:
    """Last changed first."""
    query = request.GET.get("q", "").strip()[:100]
    rows = lists.public_workflows(WorkflowFilter(text=query)).order_by("-updated_at", "-pk")
    rows = rows.select_related(None).select_related("team", "created_by")[:MOST]
    shown = [{"workflow": row, "team": public_name(row)} for row in rows]
    return render(request, "workflows/public_list.html", {"section": "workflows", "rows": shown, "query": query})


@login_required
@require_safe
def show(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """What anybody may know of it: never its runs, data or secrets. Who is in the team is led to its own page."""
    if Workflow.objects.visible_to(request.user).filter(pk=workflow_id).exists():
        return HttpResponseRedirect(reverse("executions_app:workflow-show", args=[workflow_id]))
    workflow = public(workflow_id)
    scene = scene_of(edits.for_others(workflow))
    context = {
        "section": "workflows",
        "workflow": workflow,
        "team": public_name(workflow),
        "svg": mark_safe(graph(scene, title=workflow.name, sprite=static("img/icons.svg"))),  # noqa: S308 - escaped there
        "steps": node_order(scene),
        "teams": teams_to_edit(request.user),
    }
    return render(request, "workflows/public.html", context)


@login_required
@require_POST
def copy(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """Into one of one's teams, as a draft without credentials and data."""
    workflow = public(workflow_id)
    copied = edits.duplicate(workflow, by=request.user, team=chosen_team(request))
    messages.success(request, _("This is your copy. It is switched off; choose credentials in its nodes."))
    return HttpResponseRedirect(reverse("executions_app:workflow-show", args=[copied.pk]))


def public(workflow_id: UUID) -> Workflow:
    found = lists.public_workflow(workflow_id)
    if found is None:
        raise Http404
    return found
