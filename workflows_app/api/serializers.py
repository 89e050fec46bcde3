from typing import Any

from rest_framework import serializers

from pumpflix.lib.rest.operations import ErrorSerializer
from pumpflix.lib.rest.paging import PageQuery
from pumpflix.lib.rest.serializers import AnyField, ApiSerializer, LineField, ObjectField, WordsField
from workflows_app.models.workflow import VISIBILITIES
from workflows_app.selectors.lists import STATUSES, WorkflowFilter, status_of
from workflows_app.services.edits import MOST_TAGS, final_json

SHOWN_TO = [value for value, _ in VISIBILITIES]
GRAPH_HELP = "n8n JSON: `nodes`, `connections` by node name, `settings`, `pinData`, `meta`. Unknown keys are kept."


class StatusField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("source", "*")
        super().__init__(choices=STATUSES, read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return status_of(value)


class WorkflowSerializer(ApiSerializer):
    """A workflow without its graph."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    status = StatusField(help_text="`live`: triggers start it; `setup`: its wizard is not done; `draft`: neither.")
    tags = serializers.ListField(child=serializers.CharField())
    visibility = serializers.ChoiceField(choices=SHOWN_TO)
    team_id = serializers.UUIDField()
    team_name = serializers.CharField(source="team.name")
    node_types = serializers.ListField(child=serializers.CharField())
    lock_version = serializers.IntegerField(help_text="Grows with every write; name it when you write.")
    live_version = serializers.IntegerField(
        source="live_version.number", default=None, allow_null=True, help_text="The version that triggers run."
    )
    template_id = serializers.UUIDField(source="source_template", allow_null=True)
    template_version = serializers.IntegerField(source="source_template_version", allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class FinalJsonField(ObjectField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return final_json(value)


class WorkflowDetailSerializer(WorkflowSerializer):
    graph = ObjectField(help_text="The draft. " + GRAPH_HELP)
    final_json = FinalJsonField(help_text="The draft as another n8n takes it: present name, no ids of credentials.")


class WorkflowCreateSerializer(ApiSerializer):
    name = LineField(max_length=190, required=False, help_text="Without one, that of the graph.")
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    tags = serializers.ListField(child=LineField(max_length=40), max_length=MOST_TAGS, required=False)
    visibility = serializers.ChoiceField(choices=SHOWN_TO, required=False)
    graph = ObjectField(required=False, help_text="Empty without one. " + GRAPH_HELP)
    team_id = serializers.UUIDField(required=False, help_text="Your own team without it.")


class WorkflowReplaceSerializer(ApiSerializer):
    name = LineField(max_length=200)
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True, default="")
    tags = serializers.ListField(child=LineField(max_length=40), max_length=MOST_TAGS, required=False, default=list)
    visibility = serializers.ChoiceField(choices=SHOWN_TO, required=False, default="team")
    graph = ObjectField(help_text=GRAPH_HELP)
    lock_version = serializers.IntegerField(min_value=1, help_text="That of the workflow you changed.")
    create_version = serializers.BooleanField(required=False, default=False)


class WorkflowChangeSerializer(ApiSerializer):
    name = LineField(max_length=200, required=False)
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    tags = serializers.ListField(child=LineField(max_length=40), max_length=MOST_TAGS, required=False)
    visibility = serializers.ChoiceField(choices=SHOWN_TO, required=False)
    graph = ObjectField(required=False, help_text=GRAPH_HELP)
    lock_version = serializers.IntegerField(
        min_value=1, required=False, help_text="With it, the write is refused (409) if somebody else saved since."
    )
    create_version = serializers.BooleanField(
        required=False, default=False, help_text="Keep a version of it, also where the change is a small one."
    )


class WorkflowConflictSerializer(ErrorSerializer):
    yours = ObjectField(help_text="What you sent.")
    theirs = ObjectField(help_text="What is stored: the same fields, `lockVersion` and `updatedAt`.")


class DuplicateSerializer(ApiSerializer):
    name = LineField(max_length=190, required=False)
    team_id = serializers.UUIDField(required=False, help_text="The workflow's own team, or yours, without it.")


class WorkflowQuery(PageQuery):
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    tags = WordsField(required=False, help_text="Tags it must all have, separated by commas.")
    search = serializers.CharField(required=False, max_length=200, help_text="Words in its name or description.")
    node_type = serializers.CharField(required=False, max_length=120)
    visibility = serializers.ChoiceField(choices=SHOWN_TO, required=False)
    team_id = serializers.UUIDField(required=False)
    updated_since = serializers.DateTimeField(required=False)

    def filters(self) -> WorkflowFilter:
        given = self.validated_data
        return WorkflowFilter(
            status=given.get("status", ""),
            tags=given.get("tags", ()),
            text=given.get("search", ""),
            node_type=given.get("node_type", ""),
            team_id=given.get("team_id"),
            visibility=given.get("visibility", ""),
            changed_since=given.get("updated_since"),
        )


class VersionSerializer(ApiSerializer):
    """A snapshot without its graph."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=["run", "publish", "save", "restore", "template"])
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)


class VersionDetailSerializer(VersionSerializer):
    graph = ObjectField()


class WebhookSerializer(ApiSerializer):
    id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    workflow_name = serializers.CharField(source="workflow.name")
    node = serializers.CharField()
    url = serializers.CharField(help_text="Its address; the random part is a secret of its own.")
    methods = serializers.ListField(child=serializers.CharField())
    path = serializers.CharField(help_text="The path the author gave, below `/webhook/`.")
    is_live = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class WebhookQuery(PageQuery):
    workflow_id = serializers.UUIDField(required=False)


class TagSerializer(ApiSerializer):
    name = serializers.CharField()
    workflows = serializers.IntegerField(help_text="How many workflows have it.")


class TagListSerializer(ApiSerializer):
    items = TagSerializer(many=True)


class VariableSerializer(ApiSerializer):
    name = serializers.CharField()
    label = serializers.CharField()
    type = serializers.CharField()
    help = serializers.CharField(default="")
    required = serializers.BooleanField(default=False)
    value = AnyField(allow_null=True)


class VariablesSerializer(ApiSerializer):
    items = VariableSerializer(many=True)


class VariablesChangeSerializer(ApiSerializer):
    values = ObjectField(help_text="Value by name. Names the workflow does not have are refused.")


class NodeTypeSerializer(ApiSerializer):
    name = serializers.CharField()
    versions = serializers.ListField(child=serializers.FloatField())
    label = serializers.CharField()
    group = serializers.CharField()
    description = serializers.CharField()
    trigger = serializers.BooleanField()
    inputs = serializers.ListField(child=serializers.CharField())
    outputs = serializers.ListField(child=serializers.CharField())
    credentials = serializers.ListField(child=serializers.CharField())
    side_effects = serializers.ChoiceField(choices=["none", "read", "write"])


class NodeTypeListSerializer(ApiSerializer):
    items = NodeTypeSerializer(many=True)


class NodeTypeDetailSerializer(NodeTypeSerializer):
    parameters = ObjectField(
        help_text="JSON Schema of its parameters; the same are components of this document, such as `SetParams`."
    )


class ImportProblemSerializer(ApiSerializer):
    path = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()


class NodeVerdictSerializer(ApiSerializer):
    node = serializers.CharField()
    type = serializers.CharField()
    verdict = serializers.CharField(help_text="`native` runs here; the others say what happens instead.")


class ImportReportSerializer(ApiSerializer):
    """What an input is, before anything is stored."""

    file = serializers.CharField()
    name = serializers.CharField()
    importable = serializers.BooleanField()
    repairable = serializers.BooleanField(help_text="Whether `repair=true` could import it, by cutting loose wires.")
    summary = serializers.CharField()
    nodes = NodeVerdictSerializer(many=True)
    credentials = serializers.ListField(child=serializers.CharField())
    changes = serializers.ListField(child=serializers.CharField(), help_text="What is altered on the way in.")
    problems = ImportProblemSerializer(many=True)


class ImportReportsSerializer(ApiSerializer):
    items = ImportReportSerializer(many=True)


class ImportedSerializer(ApiSerializer):
    created = WorkflowSerializer(many=True)
    refused = ImportReportSerializer(many=True)


class ExportSerializer(ApiSerializer):
    workflow_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)
