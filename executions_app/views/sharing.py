"""Who sees a workflow, and which team it belongs to."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import RoleTooLow
from accounts.http import MemberRequest
from accounts.selectors.roles import is_at_least, role_in, teams_to_edit
from executions_app.services import moving
from executions_app.views.workflows import address_of
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.services import edits

CHOICES = [
    ("private", gettext_lazy("Only you"), gettext_lazy("Nobody else in the team sees it or its runs.")),
    ("team", gettext_lazy("The team"), gettext_lazy("Everybody in the team, as far as their role goes.")),
    (
        "public",
        gettext_lazy("Everybody with an account here"),
        gettext_lazy("They see and copy the definition. Runs, data and credentials stay with the team."),
    ),
]


@login_required
@never_cache
@require_safe
def show(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """With `?to=` a team: what a move there would take along, and the button that does it."""
    workflow = get_object_or_404(Workflow.objects.visible_to(request.user).select_related("team"), pk=workflow_id)
    role = role_in(request.user, workflow.team_id)
    teams = teams_to_edit(request.user, but=workflow.team_id) if is_at_least(role, "editor") else []
    target = next((team for team in teams if str(team.pk) == request.GET.get("to")), None)
    context = {
        "section": "workflows",
        "workflow": workflow,
        "can_edit": is_at_least(role, "editor"),
        "choices": choices(request, workflow, role),
        "teams": teams,
        "target": target,
        "move": moving.looked_ahead(workflow, target, by=request.user) if target is not None else None,
    }
    return render(request, "workflows/sharing.html", context)


def choices(request: MemberRequest, workflow: Workflow, role: str) -> list[dict[str, object]]:
    """With the reason why one of them cannot be chosen."""
    why_not = {}
    if workflow.created_by_id != request.user.pk:
        why_not["private"] = _("Only its author can keep it private.")
    if role != "owner":
        why_not["public"] = _("Only owners of the team can make it public.")
    return [
        {"value": value, "word": word, "means": means, "why_not": why_not.get(value, "")}
        for value, word, means in CHOICES
    ]


@login_required
@require_POST
def choose(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    wanted = request.POST.get("visibility", "")
    if wanted not in {value for value, _word, _means in CHOICES}:
        messages.error(request, _("Choose one of the three."))
        return back(workflow)
    try:
        changes = edits.Changes(visibility=wanted)
        edits.update(workflow, changes, by=request.user, lock_version=workflow.lock_version)
        messages.success(request, _("Saved."))
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint}")
    except RoleTooLow:
        messages.error(request, _("Only owners of the team can make it public."))
    return back(workflow)


@login_required
@require_POST
def move(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    teams = teams_to_edit(request.user, but=workflow.team_id)
    team = next((team for team in teams if str(team.pk) == request.POST.get("team")), None)
    if team is None:
        raise Http404
    try:
        moving.move(workflow, team=team, by=request.user)
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint}")
        return HttpResponseRedirect(f"{reverse('executions_app:workflow-sharing', args=[workflow.pk])}?to={team.pk}")
    messages.success(request, _("It belongs to “%(team)s” now. It is switched off.") % {"team": team.name})
    return HttpResponseRedirect(address_of(workflow))


def editable(request: MemberRequest, workflow_id: UUID) -> Workflow:
    rows = Workflow.objects.editable_by(request.user).select_related("team")
    return get_object_or_404(rows, pk=workflow_id, deleted_at=None)


def back(workflow: Workflow) -> HttpResponse:
    return HttpResponseRedirect(reverse("executions_app:workflow-sharing", args=[workflow.pk]))
