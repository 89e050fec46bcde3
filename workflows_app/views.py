"""Pages that need nothing but workflows: import, download, signing in with a service."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest
from accounts.services.teams import personal_team
from pumpflix.lib.drawing import graph
from workflows_app.engine.errors import PumpFlixError, UserError
from workflows_app.forms import ImportForm
from workflows_app.models import Credential, Workflow
from workflows_app.selectors.scenes import scene_of
from workflows_app.services import imports, oauth2, workflows

SHOWN_PROBLEMS = 50
DRAWN_NODES = 400
KEPT_CHARACTERS = 200_000


@require_http_methods(["GET", "HEAD", "POST"])
def import_workflow(request: HttpRequest) -> HttpResponse:
    """Read first: a report. Create second: the same text again, by someone who is signed in."""
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    if not is_sent or not form.is_valid():
        context = {"section": "import", "form": form}
        return render(request, "workflows/import.html", context, status=422 if is_sent else 200)
    source = form.source()
    is_repaired = request.POST.get("repair") == "on"
    report = imports.read(source, repair=is_repaired)
    if request.POST.get("step") == "create" and report.is_importable and request.user.is_authenticated:
        workflow = imports.create(report, team=personal_team(request.user), by=request.user)
        return HttpResponseRedirect(reverse("executions_app:workflow-show", args=[workflow.pk]))
    status = 200 if report.is_importable else 422
    return render(
        request, "workflows/import.html", report_context(report, source) | {"is_repaired": is_repaired}, status=status
    )


def kept_text(report: imports.ImportReport, source: str | bytes) -> str:
    """A paste that was refused stays in its field, so that it can be mended there."""
    return source if isinstance(source, str) and not report.is_importable and len(source) <= KEPT_CHARACTERS else ""


def report_context(report: imports.ImportReport, source: str | bytes) -> dict[str, Any]:
    """What the report's partial shows; the source goes along only when it can be imported."""
    context: dict[str, Any] = {
        "section": "import",
        "form": ImportForm(initial={"text": kept_text(report, source)}),
        "report": report,
        "native_count": len(report.verdicts) - len(report.placeholders),
        "shown_problems": report.problems[:SHOWN_PROBLEMS],
        "hidden_problems": max(len(report.problems) - SHOWN_PROBLEMS, 0),
    }
    if report.graph is not None or report.is_repairable:
        context["source_text"] = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        if report.graph is not None and len(report.verdicts) <= DRAWN_NODES:
            svg = graph(scene_of(report.graph), title=report.name, sprite=static("img/icons.svg"))
            context["svg"] = mark_safe(svg)  # noqa: S308 - the drawing escapes every value
    return context


@login_required
@require_POST
def new(request: MemberRequest) -> HttpResponse:
    """A workflow with nothing but a trigger to press."""
    trigger = {
        "id": str(uuid4()),
        "name": "Start",
        "type": "n8n-nodes-base.manualTrigger",
        "typeVersion": 1,
        "position": [0, 0],
        "parameters": {},
    }
    blank = {"nodes": [trigger], "connections": {}, "settings": {"executionOrder": "v1"}}
    workflow = workflows.create(blank, team=personal_team(request.user), by=request.user, name=_("New workflow"))
    return HttpResponseRedirect(reverse("executions_app:workflow-show", args=[workflow.pk]))


@login_required
@require_safe
def connect_credential(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    """To the service, where the person agrees; it sends them back to `finish_connecting`."""
    credential = get_object_or_404(Credential.objects.editable_by(request.user), pk=credential_id)
    try:
        return HttpResponseRedirect(oauth2.begin(credential, by=request.user))
    except UserError as error:
        return connected(request, error=error)


@login_required
@require_safe
def finish_connecting(request: MemberRequest) -> HttpResponse:
    """Where a service sends people back to, with a code or with what they were told there."""
    refused = request.GET.get("error_description") or request.GET.get("error")
    if refused or "code" not in request.GET:
        text = _("The service said: %(said)s") % {"said": refused[:300]} if refused else _("The service sent no code.")
        return connected(request, error=UserError(text))
    try:
        state, code = request.GET.get("state", ""), request.GET["code"]
        return connected(request, credential=oauth2.finish(state, code, by=request.user))
    except PumpFlixError as error:
        return connected(request, error=error)


def connected(
    request: HttpRequest, *, credential: Credential | None = None, error: PumpFlixError | None = None
) -> HttpResponse:  # fmt: skip
    context = {"section": "workflows", "credential": credential, "error": error}
    return render(request, "credentials/connected.html", context, status=422 if error else 200)


@require_safe
def download(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """The workflow as n8n JSON."""
    workflow = get_object_or_404(Workflow.objects.visible_to(request.user), pk=workflow_id)
    response = JsonResponse(
        {**workflow.graph, "name": workflow.name}, json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = f'attachment; filename="{slugify(workflow.name) or "workflow"}.json"'
    return response
