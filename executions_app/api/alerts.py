"""`/api/workflows/{id}/alerts` and `/api/alerts`: whom a workflow tells when it fails, is stuck, or works again."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from executions_app.models import Alert
from executions_app.models.alert import CHANNELS, EVENTS, SENT_STATUSES
from executions_app.selectors.alerts import alert_for, alerts_for, tellings_of
from executions_app.services import alerts
from executions_app.services.alerts import LONGEST_MIN, MOST_FAILURES, Rules
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import ALERT, WORKFLOW
from pumpflix.lib.rest.serializers import ApiSerializer
from pumpflix.lib.rest.views import ApiView, repeatable
from workflows_app.selectors.lists import workflow_for

TAG = "Alerts"
HERE = {"alert_id": ALERT}
NEEDS = {"POST": "write", "PATCH": "write", "DELETE": "write"}


class RulesSerializer(ApiSerializer):
    after_failures = serializers.IntegerField(
        min_value=1, max_value=MOST_FAILURES, required=False, default=1, help_text="Tell of so many failures in a row."
    )
    on_recovery = serializers.BooleanField(required=False, default=False, help_text="Tell also when it works again.")
    stuck_after_min = serializers.IntegerField(
        min_value=1, max_value=LONGEST_MIN, required=False, allow_null=True, default=None,
        help_text="Tell of runs that take longer, and of schedules that are later, than so many minutes.",
    )  # fmt: skip
    enabled = serializers.BooleanField(required=False, default=True)


class AlertSerializer(RulesSerializer):
    id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=CHANNELS)
    target_hint = serializers.CharField(source="hint", help_text="Where it goes, as far as that is no secret.")
    created_at = serializers.DateTimeField()


class AlertCreateSerializer(RulesSerializer):
    channel = serializers.ChoiceField(choices=CHANNELS)
    target = serializers.CharField(
        max_length=4_000, help_text="Addresses separated by commas, or the URL of the webhook."
    )
    secret = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True,
        help_text="Of a webhook: signs each body, in the header `X-PumpFlix-Signature`.",
    )  # fmt: skip


class AlertChangeSerializer(ApiSerializer):
    after_failures = serializers.IntegerField(min_value=1, max_value=MOST_FAILURES, required=False)
    on_recovery = serializers.BooleanField(required=False)
    stuck_after_min = serializers.IntegerField(min_value=1, max_value=LONGEST_MIN, required=False, allow_null=True)
    enabled = serializers.BooleanField(required=False)


class AlertListSerializer(ApiSerializer):
    items = AlertSerializer(many=True)


class TellingSerializer(ApiSerializer):
    """One alert that was sent, or is about to be."""

    id = serializers.UUIDField()
    event = serializers.ChoiceField(choices=EVENTS)
    status = serializers.ChoiceField(choices=SENT_STATUSES)
    answer = serializers.CharField(help_text="What the service said.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class TellingListSerializer(ApiSerializer):
    items = TellingSerializer(many=True)


def one_of(request: Request, alert_id: UUID) -> Alert:
    return found(alert_for(request.user, alert_id))


def rules_of(alert: Alert) -> dict[str, object]:
    return {name: getattr(alert, name) for name in Rules.__dataclass_fields__}


class WorkflowAlertsView(ApiView):
    scopes = NEEDS

    @operation(
        "workflowsAlerts",
        "List the alerts of a workflow",
        tag=TAG,
        answers={200: AlertListSerializer},
        errors=[403, 404],
        samples=[Sample("All", path={"workflow_id": WORKFLOW})],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        return self.answer(AlertListSerializer, {"items": alerts_for(request.user, workflow)})

    @operation(
        "workflowsAlertsCreate",
        "Add an alert to a workflow",
        tag=TAG,
        body=AlertCreateSerializer,
        answers={201: AlertSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        description="Where it goes is stored encrypted and never answered again.",
        samples=[
            Sample(
                "By mail, the third time in a row",
                {"channel": "email", "target": "ops@example.org", "afterFailures": 3, "onRecovery": True},
                path={"workflow_id": WORKFLOW},
                status=201,
            )
        ],
    )
    @repeatable
    def post(self, request: Request, workflow_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, workflow_id))
        given = self.body(AlertCreateSerializer)
        channel, target, secret = given.pop("channel"), given.pop("target"), given.pop("secret")
        made = alerts.create(
            workflow, channel=channel, target=target, secret=secret, rules=Rules(**given), by=request.user
        )
        return self.answer(AlertSerializer, made, status=201)


class AlertView(ApiView):
    scopes = NEEDS

    @operation(
        "alertsGet",
        "Get an alert",
        tag=TAG,
        answers={200: AlertSerializer},
        errors=[403, 404],
        samples=[Sample("One", path=HERE)],
    )
    def get(self, request: Request, alert_id: UUID) -> Response:
        return self.answer(AlertSerializer, one_of(request, alert_id))

    @operation(
        "alertsUpdate",
        "Change when an alert tells",
        tag=TAG,
        body=AlertChangeSerializer,
        answers={200: AlertSerializer},
        errors=[403, 404, 413, 415, 422],
        description="Where it goes cannot be changed: remove it, and add another.",
        samples=[Sample("Off for now", {"enabled": False}, path=HERE)],
    )
    def patch(self, request: Request, alert_id: UUID) -> Response:
        row = one_of(request, alert_id)
        rules = Rules(**{**rules_of(row), **self.body(AlertChangeSerializer)})
        return self.answer(AlertSerializer, alerts.change(row, rules=rules, by=request.user))

    @operation(
        "alertsDelete",
        "Remove an alert",
        tag=TAG,
        answers={204: None},
        errors=[403, 404],
        samples=[Sample("Remove", path=HERE, status=204)],
    )
    def delete(self, request: Request, alert_id: UUID) -> Response:
        alerts.delete(one_of(request, alert_id), by=request.user)
        return Response(status=204)


class AlertTestView(ApiView):
    scopes = NEEDS

    @operation(
        "alertsTest",
        "Send a test alert",
        tag=TAG,
        answers={200: TellingSerializer},
        errors=[403, 404],
        description="Sends it now and answers with what the service said.",
        samples=[Sample("By mail", path=HERE)],
    )
    def post(self, request: Request, alert_id: UUID) -> Response:
        return self.answer(TellingSerializer, alerts.send_test(one_of(request, alert_id), by=request.user))


class AlertSentView(ApiView):
    @operation(
        "alertsSent",
        "List what an alert told",
        tag=TAG,
        answers={200: TellingListSerializer},
        errors=[403, 404],
        description="The newest fifty, newest first.",
        samples=[Sample("All", path=HERE)],
    )
    def get(self, request: Request, alert_id: UUID) -> Response:
        return self.answer(TellingListSerializer, {"items": tellings_of(one_of(request, alert_id))})
