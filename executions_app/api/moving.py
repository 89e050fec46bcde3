"""Moving a workflow, with its runs, to another team."""

from dataclasses import asdict
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import roles
from accounts.services.teams import team_for
from executions_app.services import moving
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import TEAM, WORKFLOW
from pumpflix.lib.rest.serializers import ApiSerializer
from pumpflix.lib.rest.views import ApiView
from workflows_app.selectors.lists import workflow_for

HERE = {"workflow_id": WORKFLOW}


class MoveSerializer(ApiSerializer):
    team_id = serializers.UUIDField(help_text="One of your teams, in which you may edit.")
    is_trial = serializers.BooleanField(
        required=False, default=False, help_text="Only say what would go along and what would stay."
    )


class MovedSerializer(ApiSerializer):
    is_moved = serializers.BooleanField()
    team_id = serializers.UUIDField(help_text="Where the workflow is now.")
    runs = serializers.IntegerField(help_text="That go along.")
    versions = serializers.IntegerField(help_text="That go along.")
    alerts = serializers.IntegerField(help_text="That go along, and tell the same places.")
    unfinished = serializers.IntegerField(help_text="Runs that have to end before it can be moved.")
    is_live = serializers.BooleanField(help_text="It was switched on, and is switched off by the move.")
    credentials = serializers.ListField(
        child=serializers.CharField(), help_text="That stay with the team it leaves: choose others in its nodes."
    )
    callers = serializers.ListField(
        child=serializers.CharField(), help_text="Workflows of that team that name it, and do not find it any more."
    )


class MoveView(ApiView):
    scopes = {"POST": None}

    @operation(
        "workflowsMove",
        "Move a workflow to another team",
        tag="Workflows",
        body=MoveSerializer,
        answers={200: MovedSerializer},
        errors=[403, 404, 422],
        description="With its versions, runs, variables, pinned data and alerts. Credentials, data tables, stored "
        "files and other workflows that it names stay where they are. It is switched off, and the whole team sees it.",
        samples=[
            Sample("What would go along", {"teamId": TEAM, "isTrial": True}, path=HERE),
            Sample("While a run of it is waiting", {"teamId": TEAM}, path=HERE, status=422),
        ],
    )
    def post(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        given = self.body(MoveSerializer)
        roles.require(request.user, workflow.team_id, "editor")
        team = team_for(request.user, given["team_id"])
        seen = moving.looked_ahead(workflow, team, by=request.user)
        if not given["is_trial"]:
            workflow = moving.move(workflow, team=team, by=request.user)
        answer = {"is_moved": not given["is_trial"], "team_id": workflow.team_id, **asdict(seen)}
        return self.answer(MovedSerializer, answer)
