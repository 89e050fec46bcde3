"""Many executions at once, two side by side, one item through all of its nodes."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from executions_app.api.executions import HERE, TAG, execution_of
from executions_app.api.run_serializers import (
    BulkOutcomeSerializer,
    BulkSerializer,
    CompareQuery,
    ComparisonSerializer,
    LineageQuery,
    LineageSerializer,
    RetentionSerializer,
)
from executions_app.selectors.comparison import comparable, compare, last_success
from executions_app.selectors.lineage import Slot, Spot, lineage
from executions_app.selectors.retention import Kept, pruning_state, workflow_sizes
from executions_app.services import act
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import EXECUTION, FAILED_EXECUTION
from pumpflix.lib.rest.views import ApiView, repeatable


class BulkView(ApiView):
    scopes = {"POST": "run"}

    @operation(
        "executionsBulk",
        "Do the same to many executions",
        tag=TAG,
        body=BulkSerializer,
        answers={200: BulkOutcomeSerializer},
        errors=[403, 422],
        is_repeatable=True,
        description="Each is judged by itself; those that stay as they are stand in `refused`. What is deleted is "
        "hidden at once and can be restored for an hour. `undo`, where there is one, is the action that takes it "
        "back, on `undoIds`.",
        samples=[
            Sample("From what failed", {"action": "retryFailed", "ids": [FAILED_EXECUTION]}),
            Sample("Cancel", {"action": "cancel", "ids": [EXECUTION]}),
        ],
    )
    @repeatable
    def post(self, request: Request) -> Response:
        given = self.body(BulkSerializer)
        return self.answer(
            BulkOutcomeSerializer, act(given["action"], given["ids"], by=request.user, draft=given["draft"])
        )


class CompareView(ApiView):
    @operation(
        "executionsCompare",
        "Compare two executions",
        tag=TAG,
        query=CompareQuery,
        answers={200: ComparisonSerializer},
        errors=[403, 404],
        description="Node by node, with the run that `with` names; without it, with the last one before that "
        "succeeded. `items` are those of one node: of `node`, else of the first that differs.",
        samples=[Sample("With a failed one", path=HERE, query={"with": FAILED_EXECUTION})],
    )
    def get(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        asked = self.query(CompareQuery).validated_data
        rows = comparable(execution)
        other = rows.filter(pk=asked["other"]).first() if "other" in asked else last_success(execution)
        return self.answer(ComparisonSerializer, compare(execution, found(other), node=asked.get("node", "")))


class LineageApiView(ApiView):
    @operation(
        "executionsLineage",
        "Follow an item through an execution",
        tag=TAG,
        query=LineageQuery,
        answers={200: LineageSerializer},
        errors=[403, 404],
        description="Every item it was made of and every item made of it. `broken` names nodes whose items do not say "
        "where they came from.",
        samples=[Sample("The first item of a node", path=HERE, query={"node": "Start"})],
    )
    def get(self, request: Request, execution_id: UUID) -> Response:
        execution = execution_of(request, execution_id)
        asked = self.query(LineageQuery).validated_data
        spot = Spot(Slot(asked["node"], asked["run_index"], asked["output"]), asked["item"])
        return self.answer(LineageSerializer, found(lineage(execution, spot)))


class RetentionView(ApiView):
    @operation(
        "executionsRetention",
        "How much room executions take",
        tag=TAG,
        answers={200: RetentionSerializer},
        errors=[403],
        description="By workflow, the largest first, with estimated sizes as of the last minute; how long executions "
        "are kept, and when a worker looks the next time for those that are past it.",
    )
    def get(self, request: Request) -> Response:
        return self.answer(RetentionSerializer, Kept(pruning_state(), workflow_sizes(request.user)))
