from typing import Any

from rest_framework import serializers

from executions_app.items_in import is_item
from executions_app.models.execution import MODES, STATUSES
from executions_app.models.node_run import NODE_RUN_STATUSES
from executions_app.selectors.executions import MOST_EVENTS, ExecutionFilter
from pumpflix.lib.rest.paging import PageQuery
from pumpflix.lib.rest.serializers import ApiSerializer, ObjectField, QuerySerializer, WordsField
from workflows_app.toolkit.approvals import LONGEST_NOTE

LEVELS = ("debug", "info", "warn", "error")
MOST_ITEMS = 200


class StatusesField(WordsField):
    """`error,crashed`."""

    default_error_messages = {"unknown": "'{word}' is none of " + ", ".join(STATUSES) + "."}

    def to_internal_value(self, data: Any) -> Any:
        words = super().to_internal_value(data)
        for word in words:
            if word not in STATUSES:
                self.fail("unknown", word=word[:40])
        return words


class ExecutionErrorSerializer(ApiSerializer):
    code = serializers.CharField(source="error_code")
    message = serializers.CharField(source="error_text")
    node = serializers.CharField(source="last_node")


class FailureField(ExecutionErrorSerializer):
    """None unless it failed."""

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(instance) if instance.error_text or instance.error_code else None


class ExecutionSerializer(ApiSerializer):
    id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    workflow_name = serializers.CharField(source="workflow.name")
    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField(choices=STATUSES)
    reason = serializers.CharField(help_text="What it waits for, while it waits.")
    mode = serializers.ChoiceField(choices=MODES, help_text="How it was started.")
    retry_of = serializers.UUIDField(source="retry_of_id", allow_null=True)
    parent_id = serializers.UUIDField(allow_null=True)
    error = FailureField(source="*", allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    resume_at = serializers.DateTimeField(source="waits_until", allow_null=True)


class NodeRunSerializer(ApiSerializer):
    """One turn of one node, without its data."""

    node = serializers.CharField()
    run_index = serializers.IntegerField()
    order = serializers.IntegerField()
    status = serializers.ChoiceField(choices=NODE_RUN_STATUSES)
    attempt = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.FloatField(allow_null=True)
    items_in = serializers.ListField(child=serializers.IntegerField(), help_text="Items on each input.")
    items_out = serializers.ListField(child=serializers.IntegerField(), help_text="Items on each output.")


class ExecutionDetailSerializer(ExecutionSerializer):
    node_runs = NodeRunSerializer(source="node_run_rows", many=True)


class ExecutionQuery(PageQuery):
    status = StatusesField(required=False, longest=100, help_text="One or several, separated by commas.")
    mode = serializers.ChoiceField(choices=MODES, required=False)
    workflow_id = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False, help_text="Started at that time or later.")
    until = serializers.DateTimeField(required=False, help_text="Started before that time.")
    search = serializers.CharField(required=False, max_length=200, help_text="Text in its error or workflow's name.")

    def filters(self) -> ExecutionFilter:
        given = self.validated_data
        return ExecutionFilter(
            statuses=given.get("status", ()),
            mode=given.get("mode", ""),
            workflow_id=given.get("workflow_id"),
            since=given.get("since"),
            until=given.get("until"),
            text=given.get("search", ""),
        )


class ExecuteSerializer(ApiSerializer):
    input = ObjectField(required=False, help_text="One item for the node it starts at.")
    items = serializers.ListField(
        child=ObjectField(),
        max_length=10_000,
        required=False,
        help_text="Or several, each `{json, binary?}`. Files in `binary` carry their bytes as base64 in `data`.",
    )
    destination_node = serializers.CharField(max_length=300, required=False, help_text="Run up to this node only.")

    def validate(self, attrs: Any) -> Any:
        if "input" in attrs and "items" in attrs:
            raise serializers.ValidationError({"items": ["Give either input or items."]})
        refuse_bare_items(attrs.get("items", ()))
        return attrs


class StartedSerializer(ApiSerializer):
    execution_id = serializers.UUIDField(source="pk")
    status = serializers.ChoiceField(choices=STATUSES)


def refuse_bare_items(items: Any) -> None:
    """An item is an object with `json`, its files are objects by name. Raises ValidationError."""
    for place, item in enumerate(items):
        if not is_item(item):
            raise serializers.ValidationError({"items": {place: ["An item is {json: {…}, binary?: {…}}."]}})


class RetrySerializer(ApiSerializer):
    from_failed = serializers.BooleanField(required=False, default=False, help_text="Take over what worked.")
    draft = serializers.BooleanField(required=False, default=False, help_text="Run the workflow as it is now.")


class ForkSerializer(ApiSerializer):
    node = serializers.CharField(max_length=300)
    run_index = serializers.IntegerField(min_value=0, max_value=10**6, required=False, default=0)
    items = serializers.ListField(
        child=ObjectField(), max_length=10_000, required=False, help_text="Those of the turn as it was, without any."
    )
    edit = serializers.ChoiceField(
        choices=["input", "output"], required=False, default="input", help_text="What your items take the place of."
    )
    draft = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: Any) -> Any:
        refuse_bare_items(attrs.get("items", ()))
        return attrs


class DecideSerializer(ApiSerializer):
    decision = serializers.ChoiceField(
        choices=["happened", "run", "skip"], help_text="It had its effect; make the call again; leave it out."
    )
    items = serializers.ListField(
        child=ObjectField(), max_length=10_000, required=False, help_text="What it put out, where it happened."
    )

    def validate(self, attrs: Any) -> Any:
        refuse_bare_items(attrs.get("items", ()))
        return attrs


class ApproveSerializer(ApiSerializer):
    approved = serializers.BooleanField(help_text="Whether it may go on as asked.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class RunToQuery(QuerySerializer):
    node = serializers.CharField(max_length=300)
    only = serializers.BooleanField(required=False, default=False)


class RunToSerializer(ApiSerializer):
    node = serializers.CharField(max_length=300)
    only = serializers.BooleanField(required=False, default=False, help_text="That node alone, on data it got before.")
    base_execution_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Where data is taken from; the newest run without it."
    )
    dirty = serializers.ListField(
        child=serializers.CharField(max_length=300), max_length=2_000, required=False, default=list,
        help_text="Nodes to run anew whatever was recorded.",
    )  # fmt: skip


class PreviewSerializer(ApiSerializer):
    """Names of nodes: those that run, are pinned, or whose earlier output is taken, as it is or stale."""

    base = serializers.UUIDField(allow_null=True)
    live = serializers.ListField(child=serializers.CharField())
    pinned = serializers.ListField(child=serializers.CharField())
    taken = serializers.ListField(child=serializers.CharField())
    stale = serializers.ListField(child=serializers.CharField())


class LogQuery(QuerySerializer):
    after = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, default=0, help_text="The `seq` you have; what follows it is answered."
    )
    level = serializers.ChoiceField(choices=LEVELS, required=False, help_text="The least level that is shown.")
    node = serializers.CharField(max_length=300, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_EVENTS, default=MOST_EVENTS)


class LogLineSerializer(ApiSerializer):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    level = serializers.ChoiceField(choices=LEVELS)
    node = serializers.CharField()
    text = serializers.CharField()


class LogSerializer(ApiSerializer):
    execution_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=STATUSES)
    items = LogLineSerializer(many=True)
    last = serializers.IntegerField(help_text="Ask again with this as `after`.")


class EventsQuery(QuerySerializer):
    after = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_EVENTS, default=MOST_EVENTS)


class EventSerializer(ApiSerializer):
    seq = serializers.IntegerField()
    event = ObjectField(help_text="As the socket sends it; kinds and keys are in docs/reference/events.md.")


class EventsSerializer(ApiSerializer):
    status = serializers.ChoiceField(choices=STATUSES)
    events = EventSerializer(many=True)
    last = serializers.IntegerField()


class DataQuery(QuerySerializer):
    node = serializers.CharField(
        max_length=300, required=False, default="", allow_blank=True, help_text="The last that ran without it."
    )
    run_index = serializers.IntegerField(
        min_value=0,
        max_value=10**6,
        required=False,
        allow_null=True,
        default=None,
        help_text="Its last turn without it.",
    )
    side = serializers.ChoiceField(choices=["input", "output"], default="output")
    output = serializers.IntegerField(
        min_value=0, max_value=1_000, required=False, allow_null=True, default=None,
        help_text="The first that has items without it.",
    )  # fmt: skip
    skip = serializers.IntegerField(min_value=0, max_value=10**7, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_ITEMS, default=50)


class DataSerializer(ApiSerializer):
    """Items of one turn of one node."""

    node = serializers.CharField()
    run_index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=NODE_RUN_STATUSES)
    side = serializers.ChoiceField(choices=["input", "output"])
    output = serializers.IntegerField()
    outputs = serializers.ListField(child=serializers.IntegerField(), help_text="Items on each output.")
    items = serializers.ListField(child=ObjectField(), help_text="`{json, binary?, pairedItem?}` each.")
    total = serializers.IntegerField()
    error = ObjectField(help_text="Empty unless the node failed.")


class StatsQuery(QuerySerializer):
    days = serializers.IntegerField(min_value=1, max_value=365, default=30)


class DaySerializer(ApiSerializer):
    day = serializers.DateField()
    executions = serializers.IntegerField()
    success = serializers.IntegerField()
    error = serializers.IntegerField()
    canceled = serializers.IntegerField()
    average_duration_ms = serializers.FloatField(allow_null=True)
    p95_duration_ms = serializers.FloatField(allow_null=True, help_text="Upper bound, within a factor of two.")


class LastExecutionSerializer(ApiSerializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=STATUSES)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class StatsSerializer(ApiSerializer):
    workflow_id = serializers.UUIDField()
    executions = serializers.IntegerField(help_text="That ended in these days.")
    success = serializers.IntegerField()
    error = serializers.IntegerField()
    canceled = serializers.IntegerField()
    running = serializers.IntegerField(help_text="That are not over now.")
    success_rate = serializers.FloatField(allow_null=True, help_text="Of 1; null where nothing ended.")
    average_duration_ms = serializers.FloatField(allow_null=True)
    p95_duration_ms = serializers.FloatField(allow_null=True)
    last_execution = LastExecutionSerializer(allow_null=True)
    days = DaySerializer(many=True)


class OutboxMessageSerializer(ApiSerializer):
    id = serializers.UUIDField()
    execution_id = serializers.UUIDField(allow_null=True)
    node = serializers.CharField()
    sender = serializers.CharField()
    recipients = ObjectField(help_text="Lists `to`, `cc` and `bcc`.")
    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
    created_at = serializers.DateTimeField()
