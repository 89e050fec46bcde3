"""The alerts of a workflow: whom it tells of what, and which workflow runs when it fails."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from executions_app.forms import AlertForm
from executions_app.models import Alert
from executions_app.selectors import alerts as read
from executions_app.services import alerts, error_workflows
from executions_app.services.alerts import Rules
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.services import error_settings


@login_required
@never_cache
@require_safe
def show(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = get_object_or_404(Workflow.objects.visible_to(request.user), pk=workflow_id)
    return page(request, workflow, AlertForm())


@login_required
@require_POST
def create(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    form = AlertForm(request.POST)
    if not form.is_valid():
        return page(request, workflow, form, status=422)
    given = form.cleaned_data
    try:
        alerts.create(
            workflow,
            channel=given["channel"],
            target=given["target"],
            secret=given["secret"],
            rules=form.rules(),
            by=request.user,
        )
    except UserError as error:
        form.add_error("target", f"{error.message} {error.hint}".strip())
        return page(request, workflow, form, status=422)
    messages.success(request, _("It tells from now on. Send a test alert to see that it arrives."))
    return back(workflow)


@login_required
@require_POST
def test(request: MemberRequest, alert_id: UUID) -> HttpResponse:
    alert = own(request, alert_id)
    sent = alerts.send_test(alert, by=request.user)
    said = {"where": alert.hint, "answer": sent.answer}
    if sent.status == "sent":
        messages.success(request, _("The test alert to %(where)s was sent. The answer: %(answer)s") % said)
    else:
        messages.error(request, _("The test alert to %(where)s was not taken. %(answer)s") % said)
    return back(alert.workflow)


@login_required
@require_POST
def switch(request: MemberRequest, alert_id: UUID) -> HttpResponse:
    alert = own(request, alert_id)
    rules = Rules(
        after_failures=alert.after_failures,
        on_recovery=alert.on_recovery,
        stuck_after_min=alert.stuck_after_min,
        enabled=request.POST.get("enabled") == "on",
    )
    alerts.change(alert, rules=rules, by=request.user)
    return back(alert.workflow)


@login_required
@require_POST
def delete(request: MemberRequest, alert_id: UUID) -> HttpResponse:
    alert = own(request, alert_id)
    alerts.delete(alert, by=request.user)
    messages.info(request, _("The alert to %(where)s is removed.") % {"where": alert.hint})
    return back(alert.workflow)


@login_required
@require_POST
def choose_error_workflow(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    workflow = editable(request, workflow_id)
    known = {str(one.pk) for one in error_workflows.candidates(workflow, by=request.user)}
    wanted = request.POST.get("error_workflow", "")
    if wanted and wanted not in known:
        raise Http404
    on_manual = request.POST.get("on_manual") == "on"
    try:
        error_settings.choose(workflow, error_workflow=wanted, on_manual=on_manual, by=request.user)
        messages.success(request, _("Saved. It counts from the next failure on."))
    except UserError as error:
        messages.error(request, error.message)
    return back(workflow)


def page(request: MemberRequest, workflow: Workflow, form: AlertForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "workflows",
        "workflow": workflow,
        "form": form,
        "alerts": read.alerts_for(request.user, workflow),
        "incidents": read.incidents_of(workflow),
        "can_edit": Workflow.objects.editable_by(request.user).filter(pk=workflow.pk).exists(),
        "error_workflows": error_workflows.candidates(workflow, by=request.user),
        "error_workflow": error_workflows.target_of(workflow),
        "is_own_catcher": error_workflows.trigger_of(workflow.graph) is not None,
        "chosen": error_settings.chosen(workflow),
    }
    return render(request, "workflows/alerts.html", context, status=status)


def editable(request: MemberRequest, workflow_id: UUID) -> Workflow:
    return get_object_or_404(Workflow.objects.editable_by(request.user), pk=workflow_id, deleted_at=None)


def own(request: MemberRequest, alert_id: UUID) -> Alert:
    alert = read.alert_for(request.user, alert_id)
    if alert is None or not Alert.objects.editable_by(request.user).filter(pk=alert.pk).exists():
        raise Http404
    return alert


def back(workflow: Workflow) -> HttpResponse:
    return HttpResponseRedirect(reverse("executions_app:workflow-alerts", args=[workflow.pk]))
