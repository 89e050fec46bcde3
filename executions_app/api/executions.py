"""`/api/executions`, and what starts and counts them below `/api/workflows`."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import roles
from executions_app.api.serializers import (
    DataQuery,
    DataSerializer,
    EventsQuery,
    EventsSerializer,
    ExecuteSerializer,
    ExecutionDetailSerializer,
    ExecutionQuery,
    ExecutionSerializer,
    LogQuery,
    LogSerializer,
    OutboxMessageSerializer,
    StartedSerializer,
    StatsQuery,
    StatsSerializer,
)
from executions_app.models import Execution
from executions_app.selectors import executions as read
from executions_app.selectors.outbox import messages_for
from executions_app.selectors.outputs import file_of
from executions_app.selectors.statistics import statistics_of
from executions_app.services import analytics, cancel, start_manual_run
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import PageQuery, page_of
from pumpflix.lib.rest.samples import EXECUTION, QUEUED_EXECUTION, WORKFLOW
from pumpflix.lib.rest.serializers import QuerySerializer
from pumpflix.lib.rest.views import ApiView, repeatable
from workflows_app.selectors.lists import workflow_for

TAG = "Executions"
HERE = {"execution_id": EXECUTION}
ExecutionPage = page_serializer("ExecutionPage", ExecutionSerializer)
OutboxPage = page_serializer("OutboxPage", OutboxMessageSerializer)


def execution_of(request: Request, execution_id: UUID) -> Execution:
    """One of the caller's teams; else 404."""
    return found(read.execution_for(request.user, execution_id))


class ExecuteView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "workflowsExecute",
        "Execute a workflow",
        tag="Workflows",
        body=ExecuteSerializer,
        answers={202: StartedSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        description="Runs the draft as it is now. The answer comes at once; follow it with `executionsGet`, "
        "`executionsEvents` or the socket.",
        samples=[
            Sample("With input", {"input": {"name": "Ada"}}, path={"workflow_id": WORKFLOW}, status=202),
            Sample("As it is", {}, path={"workflow_id": WORKFLOW}, status=202),
        ],
    )
    @repeatable
    def post(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        roles.require(request.user, workflow.team_id, "operator")
        given = self.body(ExecuteSerializer)
        items = [{"json": given["input"]}] if "input" in given else given.get("items")
        execution = start_manual_run(
            workflow, by=request.user, items=items, destination=given.get("destination_node", ""), mode="api"
        )
        return self.answer(StartedSerializer, execution, status=202)


class StatsView(ApiView):
    @operation(
        "workflowsStats",
        "Statistics of a workflow",
        tag="Workflows",
        query=StatsQuery,
        answers={200: StatsSerializer},
        errors=[403, 404],
        description="Sums over the last days, and one row per day (UTC) on which something ended.",
        samples=[Sample("A week", path={"workflow_id": WORKFLOW}, query={"days": 7})],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        days = self.query(StatsQuery).validated_data["days"]
        analytics.refresh(workflow.pk)
        found_figures = statistics_of(workflow, days=days)
        return self.answer(StatsSerializer, Figures(workflow.pk, found_figures))


class Figures:
    """The statistics with the id they belong to."""

    def __init__(self, workflow_id: UUID, statistics: Any) -> None:
        self.workflow_id = workflow_id
        self._statistics = statistics

    def __getattr__(self, name: str) -> Any:
        return getattr(self._statistics, name)


class ExecutionsView(ApiView):
    @operation(
        "executionsList",
        "List executions",
        tag=TAG,
        query=ExecutionQuery,
        answers={200: ExecutionPage},
        errors=[403],
        description="Your teams' runs without their data, newest first.",
        samples=[
            Sample("Failed ones", query={"status": "error,crashed"}),
            Sample("Of one workflow", query={"workflowId": WORKFLOW, "limit": 10}),
        ],
    )
    def get(self, request: Request) -> Response:
        query = self.query(ExecutionQuery)
        rows = read.executions_for(request.user, query.filters())
        return self.answer(ExecutionPage, page_of(rows, query.wanted(), by="created_at"))


class ExecutionView(ApiView):
    @operation(
        "executionsGet",
        "Get an execution and its node runs",
        tag=TAG,
        answers={200: ExecutionDetailSerializer},
        errors=[403, 404],
        samples=[Sample("One that worked", path=HERE)],
    )
    def get(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        return self.answer(ExecutionDetailSerializer, read.with_node_runs(execution))


class LogsView(ApiView):
    @operation(
        "executionsLogs",
        "Get the log of an execution",
        tag=TAG,
        query=LogQuery,
        answers={200: LogSerializer},
        errors=[403, 404],
        description="What happened, in words, oldest first. Ask again with `after` for what came since.",
        samples=[Sample("From the start", path=HERE), Sample("Errors only", path=HERE, query={"level": "error"})],
    )
    def get(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        asked = self.query(LogQuery).validated_data
        log = read.log_of(
            execution,
            after=asked["after"],
            level=asked.get("level", ""),
            node=asked.get("node", ""),
            limit=asked["limit"],
        )
        answer = {"execution_id": execution.pk, "status": execution.status, "items": log.lines, "last": log.last}
        return self.answer(LogSerializer, answer)


class EventsView(ApiView):
    @operation(
        "executionsEvents",
        "Follow an execution without a socket",
        tag=TAG,
        query=EventsQuery,
        answers={200: EventsSerializer},
        errors=[403, 404],
        description="The events the socket sends, after the number you have. Poll it where no socket can be kept.",
        samples=[Sample("From the start", path=HERE)],
    )
    def get(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        asked = self.query(EventsQuery).validated_data
        events = read.events_of(execution, after=asked["after"], limit=asked["limit"])
        last = events[-1].seq if events else asked["after"]
        return self.answer(EventsSerializer, {"status": execution.status, "events": events, "last": last})


class DataView(ApiView):
    @operation(
        "executionsData",
        "Read what a node put out",
        tag=TAG,
        query=DataQuery,
        answers={200: DataSerializer},
        errors=[403, 404],
        description="Items of one turn of one node. Without `node`: the result, which is the output of the last one.",
        samples=[Sample("The result", path=HERE), Sample("Of a node", path=HERE, query={"node": "Start", "limit": 10})],
    )
    def get(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        return self.answer(DataSerializer, found(read.node_data(execution, **self.query(DataQuery).validated_data)))


class FileQuery(QuerySerializer):
    node = serializers.CharField(max_length=300)
    ref = serializers.CharField(max_length=100, help_text="`id` of the file in the item's `binary`.")


class FileView(ApiView):
    @operation(
        "executionsFile",
        "Download a file of an execution",
        tag=TAG,
        query=FileQuery,
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        errors=[403, 404],
        samples=[
            Sample("A file that is not there", path=HERE, query={"node": "Start", "ref": "sha256:none"}, status=404)
        ],
    )
    def get(self, request: Request, execution_id: UUID) -> HttpResponse:
        execution = execution_of(request, execution_id)
        asked = self.query(FileQuery).validated_data
        held = file_of(execution, node=asked["node"], ref=asked["ref"])
        data, name, _mime = found(held)
        said = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(data, content_type="application/octet-stream", headers={"Content-Disposition": said})


class CancelView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "executionsCancel",
        "Cancel an execution",
        tag=TAG,
        answers={200: ExecutionSerializer},
        errors=[403, 404],
        description="One that is queued or waits ends at once, a running one within about a second. One that is over "
        "stays as it is.",
        samples=[Sample("One that is queued", path={"execution_id": QUEUED_EXECUTION})],
    )
    def post(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        roles.require(request.user, execution.team_id, "operator")
        cancel(execution, by=request.user)
        return self.answer(ExecutionSerializer, execution)


class OutboxView(ApiView):
    @operation(
        "outboxList",
        "List mails of the built-in outbox",
        tag="Built-in services",
        query=PageQuery,
        answers={200: OutboxPage},
        errors=[403],
        description="What workflows mailed that have no mail server yet, newest first. They were sent to nobody.",
    )
    def get(self, request: Request) -> Response:
        rows = messages_for(request.user)
        return self.answer(OutboxPage, page_of(rows, self.query(PageQuery).wanted(), by="created_at"))
