"""Bodies of bulk actions, comparisons, lineage and retention."""

from typing import Any

from rest_framework import serializers

from executions_app.models.execution import STATUSES
from executions_app.services.bulk import ACTIONS, MOST
from pumpflix.lib.rest.serializers import ApiSerializer, QuerySerializer

VERDICTS = ("same", "changed", "only-here", "only-there")
KINDS = ("changed", "added", "removed")


class BulkSerializer(ApiSerializer):
    action = serializers.ChoiceField(choices=ACTIONS, help_text="`retryFailed` takes over what worked.")
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    draft = serializers.BooleanField(required=False, default=False, help_text="Retries run the workflow as it is now.")


class RefusedSerializer(ApiSerializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    message = serializers.CharField()


class BulkOutcomeSerializer(ApiSerializer):
    action = serializers.ChoiceField(choices=ACTIONS)
    done = serializers.ListField(child=serializers.UUIDField())
    started = serializers.ListField(child=serializers.UUIDField(), help_text="New executions.")
    refused = RefusedSerializer(many=True)
    undo = serializers.CharField(help_text="Empty where nothing takes it back.")
    undo_ids = serializers.ListField(child=serializers.UUIDField())


class CompareQuery(QuerySerializer):
    node = serializers.CharField(max_length=300, required=False)

    def get_fields(self) -> dict[str, Any]:
        """`with` is a word of Python."""
        other = serializers.UUIDField(required=False, source="other", help_text="The execution to compare with.")
        return {**super().get_fields(), "with": other}


class SideSerializer(ApiSerializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=STATUSES)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    duration_ms = serializers.FloatField(allow_null=True)


class ComparedNodeSerializer(ApiSerializer):
    """Pairs hold the value of the other execution, then that of this one; null where the node did not run."""

    node = serializers.CharField(source="name")
    verdict = serializers.ChoiceField(choices=VERDICTS)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Of `status turns items values`.")
    statuses = serializers.ListField(child=serializers.CharField(allow_blank=True))
    items = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    duration_ms = serializers.ListField(child=serializers.FloatField(allow_null=True), source="took_ms")
    is_redefined = serializers.BooleanField(help_text="Its definition differs.")


class PlaceSerializer(ApiSerializer):
    path = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    before = serializers.CharField()
    after = serializers.CharField()


class ItemDifferenceSerializer(ApiSerializer):
    number = serializers.IntegerField(help_text="Counted from 1.")
    kind = serializers.ChoiceField(choices=("changed", "only-here", "only-there"))
    places = PlaceSerializer(many=True, source="cells")


class ItemsDiffSerializer(ApiSerializer):
    turn = serializers.IntegerField()
    output = serializers.IntegerField()
    totals = serializers.ListField(child=serializers.IntegerField())
    same = serializers.IntegerField()
    different = serializers.IntegerField()
    items = ItemDifferenceSerializer(many=True, help_text="The first hundred that differ.")


class ComparisonSerializer(ApiSerializer):
    here = SideSerializer()
    there = SideSerializer()
    nodes = ComparedNodeSerializer(many=True)
    redefined = serializers.ListField(
        child=serializers.CharField(), help_text="Nodes that the two versions define otherwise."
    )
    node = serializers.CharField(help_text="The one `items` are of; empty where nothing ran.")
    items = ItemsDiffSerializer(source="opened", allow_null=True)


class LineageQuery(QuerySerializer):
    node = serializers.CharField(max_length=300)
    run_index = serializers.IntegerField(min_value=0, max_value=10**6, default=0)
    output = serializers.IntegerField(min_value=0, max_value=1_000, default=0)
    item = serializers.IntegerField(min_value=0, max_value=10**7, default=0, help_text="Counted from 0.")


class ReachedSerializer(ApiSerializer):
    node = serializers.CharField()
    run_index = serializers.IntegerField()
    output = serializers.IntegerField()
    items = serializers.ListField(child=serializers.IntegerField())


class LineageSerializer(ApiSerializer):
    items = ReachedSerializer(many=True, source="places", help_text="In the order the nodes ran, itself among them.")
    broken = serializers.ListField(child=serializers.CharField())
    is_cut = serializers.BooleanField(help_text="The execution is too large to follow every link.")


class RulesSerializer(ApiSerializer):
    days = serializers.IntegerField(help_text="After their end; 0: for ever.")
    runs = serializers.IntegerField(help_text="The newest of a team; 0: any number.")


class WorkflowSizeSerializer(ApiSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    runs = serializers.IntegerField()
    oldest = serializers.DateTimeField()
    size_bytes = serializers.IntegerField(help_text="An estimate.")


class RetentionSerializer(ApiSerializer):
    rules = RulesSerializer()
    next_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    workflows = WorkflowSizeSerializer(many=True)
