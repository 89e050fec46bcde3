"""Running again, and on: retries, forks, runs up to a node, and what became of an interrupted call."""

from uuid import UUID

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import roles
from executions_app.api.executions import HERE, TAG, execution_of
from executions_app.api.serializers import (
    ApproveSerializer,
    DecideSerializer,
    ExecutionSerializer,
    ForkSerializer,
    PreviewSerializer,
    RetrySerializer,
    RunToQuery,
    RunToSerializer,
    StartedSerializer,
)
from executions_app.models import Execution
from executions_app.services import answer_approval, decide, fork, preview, retry, retry_from_failed, run_to
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import FAILED_EXECUTION, WORKFLOW
from pumpflix.lib.rest.views import ApiView, repeatable
from workflows_app.selectors.lists import workflow_for


class NotOver(exceptions.APIException):
    status_code = 409
    default_code = "not_over"
    default_detail = "It is not over yet. Cancel it first, or wait."


def finished(request: Request, execution_id: UUID) -> Execution:
    """One that the caller may run again. Raises NotOver, RoleTooLow."""
    execution = execution_of(request, execution_id)
    roles.require(request.user, execution.team_id, "operator")
    if not execution.is_finished:
        raise NotOver
    return execution


class RetryView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "executionsRetry",
        "Run an execution again",
        tag=TAG,
        body=RetrySerializer,
        answers={202: StartedSerializer},
        errors=[403, 404, 409, 422],
        is_repeatable=True,
        description="A new execution with what started the first one, which has to be over: of the same version, from "
        "the start. With `fromFailed` it takes over what worked; with `draft` it runs the workflow as it is now.",
        samples=[Sample("From the start", {}, path={"execution_id": FAILED_EXECUTION}, status=202)],
    )
    @repeatable
    def post(self, request: Request, execution_id: UUID) -> Response:
        execution = finished(request, execution_id)
        given = self.body(RetrySerializer)
        again = retry_from_failed if given["from_failed"] else retry
        return self.answer(StartedSerializer, again(execution, by=request.user, draft=given["draft"]), status=202)


class ForkView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "executionsFork",
        "Run on from a node with other items",
        tag=TAG,
        body=ForkSerializer,
        answers={202: StartedSerializer},
        errors=[403, 404, 409, 413, 415, 422],
        is_repeatable=True,
        description="A new execution that takes over what came before that turn, and goes on with your items.",
        samples=[
            Sample("Another input", {"node": "Variables", "items": [{"json": {"name": "Ada"}}]}, path=HERE, status=202)
        ],
    )
    @repeatable
    def post(self, request: Request, execution_id: UUID) -> Response:
        execution = finished(request, execution_id)
        return self.answer(StartedSerializer, fork(execution, by=request.user, **self.body(ForkSerializer)), status=202)


class RunToView(ApiView):
    scopes = {"GET": "read", "POST": "run"}

    @operation(
        "workflowsPreviewRunTo",
        "What a run up to a node would do",
        tag="Workflows",
        query=RunToQuery,
        answers={200: PreviewSerializer},
        errors=[403, 404, 422],
        samples=[Sample("Preview", path={"workflow_id": WORKFLOW}, query={"node": "Variables"})],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        asked = self.query(RunToQuery).validated_data
        return self.answer(PreviewSerializer, preview(workflow, node=asked["node"], only=asked["only"]))

    @operation(
        "workflowsRunTo",
        "Run a workflow up to a node",
        tag="Workflows",
        body=RunToSerializer,
        answers={202: StartedSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        description="Runs the draft up to a node, or that node alone, on data of an earlier run where there is some.",
        samples=[Sample("Up to a node", {"node": "Variables"}, path={"workflow_id": WORKFLOW}, status=202)],
    )
    @repeatable
    def post(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        roles.require(request.user, workflow.team_id, "operator")
        given = self.body(RunToSerializer)
        base_id = given.pop("base_execution_id")
        base = execution_of(request, base_id) if base_id else None
        return self.answer(StartedSerializer, run_to(workflow, by=request.user, base=base, **given), status=202)


class DecideView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "executionsDecide",
        "Say what became of an interrupted call",
        tag=TAG,
        body=DecideSerializer,
        answers={200: ExecutionSerializer},
        errors=[403, 404, 422],
        description="For a run that waits with the reason `outcome_unknown`: a worker died between call and record.",
        samples=[Sample("One that does not wait", {"decision": "happened"}, path=HERE, status=422)],
    )
    def post(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        roles.require(request.user, execution.team_id, "operator")
        decide(execution, by=request.user, **self.body(DecideSerializer))
        return self.answer(ExecutionSerializer, execution_of(request, execution_id))


class ApproveView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "executionsApprove",
        "Approve or decline",
        tag=TAG,
        body=ApproveSerializer,
        answers={200: ExecutionSerializer},
        errors=[403, 404, 422],
        description="For a run that waits with the reason `approval`. The first answer counts.",
        samples=[Sample("One that does not wait", {"approved": True}, path=HERE, status=422)],
    )
    def post(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        roles.require(request.user, execution.team_id, "operator")
        answer_approval(execution, by=request.user, **self.body(ApproveSerializer))
        return self.answer(ExecutionSerializer, execution_of(request, execution_id))
