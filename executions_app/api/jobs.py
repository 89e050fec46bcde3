"""`/api/jobs`: exports, reports and what else is done aside; how far they are, their files, and trying again."""

from typing import Any, cast
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import roles
from accounts.services.teams import team_for
from executions_app.api.serializers import StatusesField
from executions_app.models import Job
from executions_app.models.job import JOB_STATUSES
from executions_app.models.report import PERIODS
from executions_app.selectors import jobs as read
from executions_app.selectors.reports import report_for, reports_for
from executions_app.services import exports, jobs, reports
from executions_app.services.job_files import parts_of
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import FAILED_JOB, JOB, REPORT, WORKFLOW
from pumpflix.lib.rest.serializers import ApiSerializer, ObjectField, QuerySerializer
from pumpflix.lib.rest.views import ApiView, repeatable
from workflows_app.selectors.lists import workflow_for

TAG = "Jobs"
HERE = {"job_id": JOB}


class JobFileSerializer(ApiSerializer):
    name = serializers.CharField()
    mime_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class JobSerializer(ApiSerializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    status = serializers.ChoiceField(choices=JOB_STATUSES)
    progress = serializers.FloatField(help_text="From 0 to 1.")
    result = ObjectField(allow_null=True)
    error = serializers.CharField(source="error_text")
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    file = JobFileSerializer(allow_null=True, help_text="What there is to fetch, if it is for you.")


class JobListSerializer(ApiSerializer):
    items = JobSerializer(many=True)


class JobQuery(QuerySerializer):
    kind = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class JobExportSerializer(ApiSerializer):
    what = serializers.ChoiceField(choices=exports.WHATS)
    format = serializers.ChoiceField(choices=exports.FORMATS, required=False, default="csv")
    workflow_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    status = StatusesField(required=False, longest=100, help_text="Of runs: one or several, separated by commas.")
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    mail = serializers.BooleanField(required=False, default=False, help_text="Tell by mail when it is done.")
    team_id = serializers.UUIDField(required=False)


class ReportSerializer(ApiSerializer):
    id = serializers.UUIDField()
    team_id = serializers.UUIDField()
    workflow_id = serializers.UUIDField(allow_null=True, help_text="Null: all workflows of the team.")
    period = serializers.ChoiceField(choices=PERIODS)
    hour = serializers.IntegerField()
    time_zone = serializers.CharField()
    addresses = serializers.ListField(child=serializers.CharField())
    next_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField(allow_null=True)


class ReportListSerializer(ApiSerializer):
    items = ReportSerializer(many=True)


class ReportCreateSerializer(ApiSerializer):
    workflow_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    period = serializers.ChoiceField(choices=PERIODS, required=False, default="week")
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False, default=7)
    time_zone = serializers.CharField(max_length=64, required=False, default="UTC")
    addresses = serializers.CharField(
        max_length=4_000, required=False, default="", allow_blank=True, help_text="Separated by commas; none: no mail."
    )
    team_id = serializers.UUIDField(required=False)


def job_of(request: Request, job_id: UUID) -> Job:
    """One that the caller may steer: their own, or a team's for operators. Else 404 or 403."""
    job: Job = found(read.visible_jobs(request.user).filter(pk=job_id).first())
    if job.started_by_id != request.user.pk and job.team_id is not None:
        roles.require(request.user, job.team_id, "operator")
    return job


class JobsView(ApiView):
    @operation(
        "jobsList",
        "List jobs",
        tag=TAG,
        query=JobQuery,
        answers={200: JobListSerializer},
        errors=[403],
        description="The newest hundred of yours and your teams, newest first. Failed ones are kept for 180 days.",
        samples=[Sample("All"), Sample("Exports of runs", query={"kind": "exports.executions"})],
    )
    def get(self, request: Request) -> Response:
        kind = self.query(JobQuery).validated_data["kind"]
        return self.answer(JobListSerializer, {"items": read.jobs_for(request.user, kind=kind)})


class JobView(ApiView):
    @operation(
        "jobsGet",
        "Get a job",
        tag=TAG,
        answers={200: JobSerializer},
        errors=[403, 404],
        samples=[Sample("One that is queued", path=HERE)],
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        return self.answer(JobSerializer, found(read.job_for(request.user, job_id)))


class JobAgainView(ApiView):
    @operation(
        "jobsAgain",
        "Try a job again",
        tag=TAG,
        answers={200: JobSerializer},
        errors=[403, 404],
        description="One that failed or was canceled starts anew; any other stays as it is.",
        samples=[Sample("One that failed", path={"job_id": FAILED_JOB})],
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        jobs.again(job_of(request, job_id))
        return self.answer(JobSerializer, found(read.job_for(request.user, job_id)))


class JobCancelView(ApiView):
    @operation(
        "jobsCancel",
        "Cancel a job",
        tag=TAG,
        answers={200: JobSerializer},
        errors=[403, 404],
        samples=[Sample("One that is queued", path=HERE)],
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        jobs.cancel(Job.objects.filter(pk=job_of(request, job_id).pk))
        return self.answer(JobSerializer, found(read.job_for(request.user, job_id)))


class JobFileView(ApiView):
    @operation(
        "jobsFile",
        "Download the file of a job",
        tag=TAG,
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        errors=[403, 404],
        description="404 until it is done, and after `expiresAt`.",
        samples=[Sample("One that is not there yet", path=HERE, status=404)],
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        return cast(Response, download(found(read.file_for(request.user, job_id))))


def download(file: Any) -> StreamingHttpResponse:
    said = content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    headers = {
        "Content-Disposition": said,
        "Content-Length": str(file.size_bytes),
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(parts_of(file), content_type="application/octet-stream", headers=headers)


class JobExportsView(ApiView):
    limit = "export"
    scopes = {"POST": "read"}

    @operation(
        "jobsExport",
        "Export runs, workflows or the audit trail",
        tag=TAG,
        body=JobExportSerializer,
        answers={202: JobSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        description="A job makes the file; follow it with `jobsGet`, fetch it with `jobsFile` within a week. Runs come "
        "without their data, workflows without credentials and secrets. The audit trail is for owners of the team.",
        samples=[Sample("Failed runs", {"what": "executions", "format": "json", "status": "error"}, status=202)],
    )
    @repeatable
    def post(self, request: Request) -> Response:
        given = self.body(JobExportSerializer)
        team = team_for(request.user, given.pop("team_id", None), role="viewer")
        wanted = exports.Wanted(statuses=tuple(given.pop("status", ())), **given)
        if wanted.workflow_id:
            found(workflow_for(request.user, wanted.workflow_id))
        job = exports.ask(wanted, team=team, by=request.user, counts=False)
        return self.answer(JobSerializer, found(read.job_for(request.user, job.pk)), status=202)


class ReportsView(ApiView):
    @operation(
        "reportsList",
        "List reports",
        tag=TAG,
        answers={200: ReportListSerializer},
        errors=[403],
    )
    def get(self, request: Request) -> Response:
        return self.answer(ReportListSerializer, {"items": reports_for(request.user)})

    @operation(
        "reportsCreate",
        "Have a report made every day or week",
        tag=TAG,
        body=ReportCreateSerializer,
        answers={201: ReportSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        samples=[
            Sample(
                "Mondays at eight",
                {"workflowId": WORKFLOW, "hour": 8, "timeZone": "Europe/Berlin", "addresses": "ops@example.org"},
                status=201,
            )
        ],
    )
    @repeatable
    def post(self, request: Request) -> Response:
        given = self.body(ReportCreateSerializer)
        team_id, workflow_id = given.pop("team_id", None), given.pop("workflow_id")
        workflow = found(workflow_for(request.user, workflow_id)) if workflow_id else None
        team = team_for(request.user, workflow.team_id if workflow else team_id)
        made = reports.create(team, reports.Wanted(workflow=workflow, **given), by=request.user)
        return self.answer(ReportSerializer, made, status=201)


class ReportView(ApiView):
    @operation(
        "reportsDelete",
        "Remove a report",
        tag=TAG,
        answers={204: None},
        errors=[403, 404],
        samples=[Sample("Remove", path={"report_id": REPORT}, status=204)],
    )
    def delete(self, request: Request, report_id: UUID) -> Response:
        reports.delete(found(report_for(request.user, report_id)), by=request.user)
        return Response(status=204)


class ReportMakeView(ApiView):
    @operation(
        "reportsMake",
        "Make a report now",
        tag=TAG,
        answers={202: JobSerializer},
        errors=[403, 404],
        samples=[Sample("Now", path={"report_id": REPORT}, status=202)],
    )
    def post(self, request: Request, report_id: UUID) -> Response:
        report = found(report_for(request.user, report_id))
        roles.require(request.user, report.team_id, "operator")
        job = reports.start(report, by=request.user)
        return self.answer(JobSerializer, found(read.job_for(request.user, job.pk)), status=202)
