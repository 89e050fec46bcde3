"""Pages that need nothing but workflows: a new one, download, signing in with a service."""

from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from accounts.views.chosen import chosen_team
from workflows_app.engine.errors import PumpFlixError, UserError
from workflows_app.models import Credential, Workflow
from workflows_app.services import edits, oauth2, workflows
from workflows_app.services.node_texts import written


@login_required
@require_POST
def new(request: MemberRequest) -> HttpResponse:
    """A workflow with nothing but a trigger to press, in the team that was chosen or one's own."""
    team = chosen_team(request)
    trigger = {
        "id": str(uuid4()),
        "name": "Start",
        "type": "n8n-nodes-base.manualTrigger",
        "typeVersion": 1,
        "position": [0, 0],
        "parameters": {},
    }
    blank = {"nodes": [trigger], "connections": {}, "settings": {"executionOrder": "v1"}}
    workflow = workflows.create(blank, team=team, by=request.user, name=_("New workflow"))
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
    context = {"section": "credentials", "credential": credential, "error": error}
    return render(request, "credentials/connected.html", context, status=422 if error else 200)


@require_safe
def download(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """The workflow as n8n JSON, without the ids of credentials; nodes not known here as they came."""
    workflow = get_object_or_404(Workflow.objects.visible_to(request.user), pk=workflow_id)
    text = written(edits.final_json(workflow), workflow.kept_texts, workflow.graph)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{slugify(workflow.name) or "workflow"}.json"'
    return response
