"""Pages of one's workflows. They stand here and not in `workflows_app` because they show and start runs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from accounts.selectors.roles import is_at_least, role_in, teams_of
from executions_app.models import Execution
from executions_app.selectors.hooks import hook_views
from executions_app.selectors.lists import recent_runs
from executions_app.selectors.my_workflows import workflow_rows
from executions_app.selectors.node_panel import Opened, opened_node
from executions_app.selectors.run_view import run_view
from executions_app.selectors.run_words import LOG_LEVELS
from executions_app.selectors.schedules import schedule_views
from executions_app.selectors.waits import waiting_of
from executions_app.services import start_manual_run
from executions_app.views.offers import may_run, offers, traced
from pumpflix.lib.body_limits import takes
from pumpflix.lib.drawing import graph, node_order
from workflows_app.engine.errors import UserError
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow
from workflows_app.selectors.graph import file_input, triggers, variables
from workflows_app.selectors.lists import STATUSES, WorkflowFilter, tags_for
from workflows_app.selectors.scenes import scene_of
from workflows_app.services import listening, workflows
from workflows_app.services.starts import starts_by_itself

MAX_FILE_BYTES = 16 * 1024 * 1024
SHOWN_VERSIONS = 10


@login_required
@require_safe
def workflow_list(request: MemberRequest) -> HttpResponse:
    """With `?deleted=` the one that was just deleted can be brought back from there."""
    query, status, tag = (request.GET.get(name, "").strip()[:100] for name in ("q", "status", "tag"))
    status = status if status in STATUSES else ""
    teams = teams_of(request.user)
    team = next((row.team for row in teams if str(row.team_id) == request.GET.get("team")), None)
    wanted = WorkflowFilter(
        status=status, tags=[tag] if tag else (), text=query, team_id=team.pk if team is not None else None
    )
    context = {
        "section": "workflows",
        "rows": workflow_rows(request.user, wanted),
        "tags": tags_for(request.user),
        "query": query,
        "status": status,
        "tag": tag,
        "teams": teams,
        "team": team,
        "is_filtered": bool(query or status or tag or team),
        "deleted": deleted_workflow(request),
    }
    return render(request, "workflows/list.html", context)


def deleted_workflow(request: MemberRequest) -> Workflow | None:
    try:
        wanted = UUID(request.GET.get("deleted", ""))
    except ValueError:
        return None
    return Workflow.objects.editable_by(request.user).filter(pk=wanted, deleted_at__isnull=False).first()


@login_required
@require_safe
def workflow_show(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """The workflow; with `?run=` that run live in place, with `?node=` one node of it opened."""
    workflow = get_object_or_404(
        Workflow.objects.visible_to(request.user).select_related("live_version"), pk=workflow_id
    )
    context = workflow_context(request, workflow) | run_context(request, workflow)
    return render(request, "workflows/show.html", context)


@takes(MAX_FILE_BYTES + 1024 * 1024)
@login_required
@require_POST
def workflow_run(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = get_object_or_404(Workflow.objects.runnable_by(request.user), pk=workflow_id, deleted_at=None)
    return start(request, workflow, request.FILES.get("file"))


@login_required
@require_POST
def workflow_publish(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = get_object_or_404(Workflow.objects.editable_by(request.user), pk=workflow_id, deleted_at=None)
    switch(request, workflow, is_on=request.POST.get("live") == "on")
    return HttpResponseRedirect(address_of(workflow))


@login_required
@require_POST
def workflow_listen(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """The next calls of its webhooks are shown; while it is off they run the draft."""
    workflow = get_object_or_404(Workflow.objects.editable_by(request.user), pk=workflow_id, deleted_at=None)
    try:
        listening.listen(workflow, by=request.user)
    except UserError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(f"{address_of(workflow)}?listen=on#webhooks")


@login_required
@require_safe
def workflow_calls(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """The last calls of its webhooks, newest first: what the page asks for while it listens."""
    workflow = get_object_or_404(Workflow.objects.visible_to(request.user), pk=workflow_id)
    calls = [{"id": str(row.id), "status": row.status} for row in recent_runs(workflow, mode="webhook")]
    return JsonResponse({"calls": calls}, headers={"Cache-Control": "no-store"})


def start(request: MemberRequest, workflow: Workflow, given: UploadedFile | None) -> HttpResponse:
    """Start a run by hand and show it in place on the workflow's page."""
    files = {}
    if given is not None:
        if (given.size or 0) > MAX_FILE_BYTES:
            messages.error(request, _("The file is larger than 16 MB. Nothing ran."))
            return HttpResponseRedirect(address_of(workflow))
        name = file_input(workflow.graph) or "data"
        files[name] = (given.name or name, given.content_type or "application/octet-stream", given.read())
    try:
        execution = start_manual_run(workflow, by=request.user, files=files or None)
    except UserError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(address_of(workflow))
    return HttpResponseRedirect(f"{address_of(workflow)}?run={execution.pk}")


def switch(request: MemberRequest, workflow: Workflow, *, is_on: bool) -> None:
    try:
        if is_on:
            workflows.publish(workflow, by=request.user)
            messages.success(request, _("It is on: its triggers start runs now."))
        else:
            workflows.unpublish(workflow, by=request.user)
            messages.info(request, _("It is off: nothing starts it but Run."))
    except UserError as error:
        messages.error(request, error.message)


def workflow_context(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    """Everything about the workflow that does not depend on a run."""
    scene = scene_of(workflow.graph)
    placeholders = [node.label for node in scene.nodes if node.is_placeholder]
    role = role_in(request.user, workflow.team_id)
    return {
        "section": "workflows",
        "workflow": workflow,
        "svg": mark_safe(graph(scene, title=workflow.name, sprite=static("img/icons.svg"))),  # noqa: S308 - escaped there
        "steps": node_order(scene),
        "hooks": hook_views(workflow, absolute=request.build_absolute_uri),
        "recent": recent_runs(workflow),
        "versions": list(workflow.versions.defer("graph")[:SHOWN_VERSIONS]),
        "variables": variables(workflow.graph),
        "can_edit": is_at_least(role, "editor"),
        "may_start": is_at_least(role, "operator"),
        "problems": placeholder_problem(placeholders),
        **how_it_starts(workflow),
    }


def run_context(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    """The run that `?run=` names, as a RunView with its opened node; nothing without one."""
    wanted = request.GET.get("run")
    if not wanted:
        return {}
    try:
        execution = Execution.objects.kept().select_related("version").get(pk=UUID(wanted), workflow=workflow)
    except (ValueError, Execution.DoesNotExist) as error:
        raise Http404 from error
    opened = Opened.from_query(request.GET)
    selected = opened_node(execution, opened)
    lit = traced(execution, opened, selected, keep={"run": str(execution.pk)})
    sprite = static("img/icons.svg")
    address = address_of(workflow)
    view = run_view(execution, address=address, sprite=sprite, opened=opened, traced=lit["traced_nodes"])
    return {
        **lit,
        "waiting": waiting_of(execution),
        "run": view,
        "selected": selected,
        "log_levels": LOG_LEVELS,
        **may_run(request, execution),
        **offers(request, execution, selected),
    }


def how_it_starts(workflow: Workflow) -> dict[str, Any]:
    kinds = triggers(workflow.graph)
    return {
        "is_manual": not kinds or any(kind not in ("webhook", "formTrigger") for kind in kinds),
        "has_live_trigger": any(starts_by_itself(node) for node in Graph.from_n8n(workflow.graph).nodes),
        "file_input": file_input(workflow.graph),
        "schedules": schedule_views(workflow),
    }


def placeholder_problem(names: list[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
    text = ngettext(
        "%(count)d node is kept but does not run here: %(names)s.",
        "%(count)d nodes are kept but do not run here: %(names)s.",
        len(names),
    )
    return [text % {"count": len(names), "names": shown}]


def address_of(workflow: Workflow) -> str:
    return reverse("executions_app:workflow-show", args=[workflow.pk])
