"""The wizard of a workflow: variables, connections, when it starts, try it. One page, one form."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from executions_app.selectors.hooks import hook_views
from executions_app.selectors.summary import summary
from executions_app.views.workflows import MAX_FILE_BYTES, address_of, how_it_starts, start, switch
from pumpflix.lib.body_limits import takes
from workflows_app.engine.errors import UserError
from workflows_app.forms import SetupForm
from workflows_app.models import Workflow
from workflows_app.selectors.connections import connections
from workflows_app.selectors.credentials import CredentialView
from workflows_app.selectors.graph import variables
from workflows_app.selectors.steps import steps_of
from workflows_app.services import workflows
from workflows_app.services.connections import connected


@takes(MAX_FILE_BYTES + 1024 * 1024)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def workflow_setup(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """With the header `X-Part: summary` a post stores nothing: it answers what the values would make it do."""
    workflow = get_object_or_404(Workflow.objects.editable_by(request.user), pk=workflow_id, deleted_at=None)
    is_sent = request.method == "POST"
    form = SetupForm(variables(workflow.graph), request.POST if is_sent else None, request.FILES if is_sent else None)
    is_part = request.headers.get("X-Part") == "summary"
    if is_sent and form.is_valid() and not is_part:
        return finish(request, workflow, form)
    if is_sent:
        form.is_valid()
        workflow.graph = workflows.with_variables(workflow.graph, form.values())
    if is_part:
        return render(request, "components/summary.html", {"summary": summary(workflow)})
    form.focus_first_error()
    status = 422 if is_sent else 200
    return render(request, "workflows/setup.html", context(request, workflow, form), status=status)


def context(request: MemberRequest, workflow: Workflow, form: SetupForm) -> dict[str, Any]:
    asked = connections(workflow, request.user)
    return {
        "section": "workflows",
        "workflow": workflow,
        "form": form,
        "has_variables": any(name != "file" for name in form.fields),
        "connections": asked,
        "is_connected": all(one.chosen for one in asked),
        "steps": steps_of(workflow.graph),
        "hooks": hook_views(workflow, absolute=request.build_absolute_uri),
        "summary": summary(workflow),
        **how_it_starts(workflow),
    }


def finish(request: MemberRequest, workflow: Workflow, form: SetupForm) -> HttpResponse:
    """Store everything in one save, switch on or off, and go on to where the pressed button leads."""
    graph = workflows.with_variables(workflow.graph, form.values())
    try:
        graph = connected(graph, chosen_credentials(request, workflow))
        workflow = workflows.save_draft(workflow, graph=graph, by=request.user, lock_version=workflow.lock_version)
        Workflow.objects.filter(pk=workflow.pk).update(setup_done=True)
    except UserError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(reverse("executions_app:workflow-setup", args=[workflow.pk]))
    wants_live = request.POST.get("live") == "on"
    if wants_live or workflow.is_live:
        switch(request, workflow, is_on=wants_live)
    if request.POST.get("then") == "run":
        return start(request, workflow, form.cleaned_data.get("file"))
    return HttpResponseRedirect(address_of(workflow))


def chosen_credentials(request: MemberRequest, workflow: Workflow) -> dict[str, CredentialView | None]:
    """What was picked by type; somebody else's id picks nothing."""
    wanted = {one.type: one for one in connections(workflow, request.user) if one.field in request.POST}
    return {
        kind: next((choice for choice in one.choices if str(choice.id) == request.POST[one.field]), None)
        for kind, one in wanted.items()
    }
