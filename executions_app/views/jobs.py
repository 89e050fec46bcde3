"""Exports and reports: what is being made, what can be fetched, and what failed."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.selectors.roles import role_in
from accounts.services.teams import own_team
from accounts.views.chosen import chosen_team
from executions_app.api.jobs import download
from executions_app.forms import ExportForm, ReportForm
from executions_app.models import Job, Report
from executions_app.selectors import jobs as read
from executions_app.selectors.reports import reports_for, visible_reports
from executions_app.services import exports, jobs, reports
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.toolkit.occurrences import zones


@login_required
@never_cache
@require_safe
def show(request: MemberRequest) -> HttpResponse:
    return page(request)


@login_required
@require_safe
def one(request: MemberRequest, job_id: UUID) -> HttpResponse:
    """Where notifications lead: to its place in the list."""
    if read.job_for(request.user, job_id) is None:
        raise Http404
    return HttpResponseRedirect(f"{reverse('executions_app:job-list')}#job-{job_id}")


@login_required
@require_safe
def file(request: MemberRequest, job_id: UUID) -> HttpResponseBase:
    found = read.file_for(request.user, job_id)
    if found is None:
        raise Http404
    return download(found)


@login_required
@require_POST
def export(request: MemberRequest) -> HttpResponse:
    team = chosen_team(request, role="viewer")
    form = ExportForm(request.POST, workflows=workflows_of(request, team), may_audit=is_owner(request, team))
    if not form.is_valid():
        return page(request, export_form=form, status=422)
    try:
        exports.ask(form.wanted(), team=team, by=request.user)
    except UserError as error:
        form.add_error(None, f"{error.message} {error.hint}".strip())
        return page(request, export_form=form, status=429 if isinstance(error, exports.TooMany) else 422)
    messages.success(request, _("It is being made. You are told when it is done, and can leave this page."))
    return back()


@login_required
@require_POST
def add_report(request: MemberRequest) -> HttpResponse:
    team = own_team(request.user)
    form = ReportForm(request.POST, workflows=workflows_of(request, team))
    if not form.is_valid():
        return page(request, report_form=form, status=422)
    try:
        reports.create(team, form.wanted(), by=request.user)
    except UserError as error:
        form.add_error(None, f"{error.message} {error.hint}".strip())
        return page(request, report_form=form, status=422)
    messages.success(request, _("The report comes by itself from now on."))
    return back()


@login_required
@require_POST
def make_report(request: MemberRequest, report_id: UUID) -> HttpResponse:
    runnable = Report.objects.runnable_by(request.user).values("pk")
    report = get_object_or_404(visible_reports(request.user).filter(pk__in=runnable), pk=report_id)
    reports.start(report, by=request.user)
    messages.success(request, _("The report is being made."))
    return back()


@login_required
@require_POST
def delete_report(request: MemberRequest, report_id: UUID) -> HttpResponse:
    editable = Report.objects.editable_by(request.user).values("pk")
    report = get_object_or_404(visible_reports(request.user).filter(pk__in=editable), pk=report_id)
    reports.delete(report, by=request.user)
    messages.info(request, _("The report comes no more."))
    return back()


@login_required
@require_POST
def again(request: MemberRequest, job_id: UUID) -> HttpResponse:
    jobs.again(own(request, job_id))
    return back()


@login_required
@require_POST
def cancel(request: MemberRequest, job_id: UUID) -> HttpResponse:
    jobs.cancel(Job.objects.filter(pk=own(request, job_id).pk))
    return back()


def page(
    request: MemberRequest,
    *,
    export_form: ExportForm | None = None,
    report_form: ReportForm | None = None,
    status: int = 200,
) -> HttpResponse:
    team = own_team(request.user)
    shown, known = read.shown_jobs(request.user), workflows_of(request, team)
    context: dict[str, Any] = {
        "section": "jobs",
        "jobs": shown,
        "is_busy": any(not job.is_over for job in shown),
        "reports": reports_for(request.user),
        "export_form": export_form or ExportForm(workflows=known, may_audit=is_owner(request, team)),
        "report_form": report_form or ReportForm(workflows=known, initial={"time_zone": settings.TIME_ZONE}),
        "zones": sorted(zones()),
    }
    return render(request, "jobs/list.html", context, status=status)


def workflows_of(request: MemberRequest, team: Team) -> list[Workflow]:
    return list(Workflow.objects.visible_to(request.user).filter(team=team).for_lists().order_by("name"))


def is_owner(request: MemberRequest, team: Team) -> bool:
    return role_in(request.user, team.pk) == "owner"


def own(request: MemberRequest, job_id: UUID) -> Job:
    """One's own, or a team's for those who may run things; none of a team that one has left."""
    runnable = Job.objects.runnable_by(request.user).values("pk")
    mine = read.visible_jobs(request.user).filter(Q(started_by=request.user) | Q(pk__in=runnable))
    return get_object_or_404(mine, pk=job_id)


def back() -> HttpResponse:
    return HttpResponseRedirect(reverse("executions_app:job-list"))
