"""Keeping one's workflows: tags, copies, deleting with a way back, and older versions."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from executions_app.views.workflows import address_of
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.services import edits, workflows


def editable(request: MemberRequest, workflow_id: UUID) -> Workflow:
    """Deleted ones too: what is to be brought back is one of them."""
    return get_object_or_404(Workflow.objects.editable_by(request.user), pk=workflow_id)


@login_required
@require_POST
def workflow_duplicate(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    copied = edits.duplicate(workflow, by=request.user, team=workflow.team)
    messages.success(request, _("This is the copy. It is switched off."))
    return HttpResponseRedirect(address_of(copied))


@login_required
@require_POST
def workflow_delete(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """Gone from every list at once, and switched off; the list offers to bring it back."""
    workflow = editable(request, workflow_id)
    workflows.delete(workflow, by=request.user)
    return HttpResponseRedirect(f"{reverse('executions_app:workflow-list')}?deleted={workflow.pk}")


@login_required
@require_POST
def workflow_undelete(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    workflows.restore(workflow, by=request.user)
    messages.success(request, _("It is back, switched off."))
    return HttpResponseRedirect(address_of(workflow))


@login_required
@require_POST
def workflow_tags(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    tags = [tag.strip() for tag in request.POST.get("tags", "").split(",") if tag.strip()]
    try:
        edits.update(workflow, edits.Changes(tags=tags), by=request.user, lock_version=workflow.lock_version)
    except UserError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(address_of(workflow))


@login_required
@require_POST
def version_restore(request: MemberRequest, workflow_id: UUID, number: int) -> HttpResponse:
    """The draft is kept as a version of its own before an older one takes its place."""
    workflow = editable(request, workflow_id)
    version = get_object_or_404(workflow.versions, number=number)
    try:
        edits.restore(workflow, version, by=request.user)
    except UserError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The draft is version %(number)d again.") % {"number": number})
    return HttpResponseRedirect(address_of(workflow))


@login_required
@require_POST
def workflow_reschedule(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """Another time for one rule of a schedule, as a cron expression or in words."""
    workflow = editable(request, workflow_id)
    number = request.POST.get("rule", "0")
    rule = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    node, text = request.POST.get("node", ""), request.POST.get("text", "")
    try:
        edits.reschedule(workflow, node=node, rule=rule, text=text, by=request.user)
        if workflow.is_live:
            messages.info(request, _("Saved in the draft. Publish it to go by the new time."))
        else:
            messages.success(request, _("The schedule is changed."))
    except UserError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(address_of(workflow))
