import ipaddress
from typing import Any
from urllib.parse import urlsplit

from rest_framework import serializers

from pumpflix.lib.rest.paging import PageQuery
from pumpflix.lib.rest.serializers import ApiSerializer, LineField, ObjectField, WordsField
from templates_app.catalogue import TemplateFilter
from templates_app.models.template import RUN_CLASSES, STATUSES
from workflows_app.selectors.graph import triggers

CLASSES = [value for value, _ in RUN_CLASSES]
STATES = [value for value, _ in STATUSES]
SOURCES = ["prebuilt", "user"]


class CategorySerializer(ApiSerializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    tagline = serializers.CharField()
    templates = serializers.IntegerField(source="template_count", help_text="Published titles in it.")


class CategoryListSerializer(ApiSerializer):
    items = CategorySerializer(many=True)


class ThumbnailField(serializers.CharField):
    """The picture that was given, else the drawn poster."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return value.thumbnail or f"/templates/{value.slug}/poster.svg"


class TemplateSerializer(ApiSerializer):
    """A title without its graph."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    pitch = serializers.CharField()
    when = serializers.CharField()
    source_type = serializers.ChoiceField(choices=SOURCES)
    category = serializers.CharField(source="category.slug")
    status = serializers.ChoiceField(choices=STATES)
    run_class = serializers.ChoiceField(choices=CLASSES, help_text="Whether it needs a key or the network.")
    tags = serializers.ListField(child=serializers.CharField())
    thumbnail = ThumbnailField()
    minutes_to_set_up = serializers.IntegerField()
    use_count = serializers.IntegerField()
    is_featured = serializers.BooleanField()
    version = serializers.IntegerField(source="current_version.number")
    required_credentials = serializers.ListField(
        child=serializers.CharField(), source="current_version.required_credentials"
    )
    input_variables = serializers.ListField(
        child=ObjectField(), source="current_version.variables", help_text="`{name, label, type, …}` each."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TemplateDetailSerializer(TemplateSerializer):
    description = serializers.CharField()
    n8n_json = ObjectField(source="current_version.workflow_version.graph", help_text="Runs unchanged in n8n.")
    triggers = serializers.SerializerMethodField(method_name="_triggers")
    touches = ObjectField(source="current_version.facts.touches", default=dict, help_text="What a run touches.")

    def _triggers(self, template: Any) -> list[str]:
        return triggers(template.current_version.workflow_version.graph)


class TemplateQuery(PageQuery):
    source_type = serializers.ChoiceField(choices=SOURCES, required=False)
    category = serializers.CharField(max_length=40, required=False)
    run_class = serializers.ChoiceField(choices=CLASSES, required=False)
    tags = WordsField(required=False)
    search = serializers.CharField(max_length=200, required=False)
    featured = serializers.BooleanField(required=False, allow_null=True, default=None)

    def filters(self) -> TemplateFilter:
        given = self.validated_data
        return TemplateFilter(
            source_type=given.get("source_type", ""),
            category=given.get("category", ""),
            run_class=given.get("run_class", ""),
            tags=given.get("tags", ()),
            text=given.get("search", ""),
            is_featured=given["featured"],
        )


class TemplateVersionSerializer(ApiSerializer):
    number = serializers.IntegerField()
    changes = serializers.CharField()
    required_credentials = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()


class PublicUrlField(serializers.URLField):
    """https or http, to a name: no script, no address of a machine."""

    default_error_messages = {"not_public": "Give the public address of a picture, with https:// and a host name."}

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        parts = urlsplit(text)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or "." not in host or parts.username or _is_address(host):
            self.fail("not_public")
        return text


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.rsplit(".", 1)[-1].isdigit() or host.endswith((".localhost", ".internal", ".local"))
    return True


class PromoteSerializer(ApiSerializer):
    name = LineField(max_length=120)
    description = serializers.CharField(max_length=5_000, help_text="The first line is the pitch on the card.")
    thumbnail = PublicUrlField(max_length=500, required=False, default="", allow_blank=True)
    category = serializers.SlugField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="That of the title it came from without it.",
    )
    sample_execution_id = serializers.UUIDField(
        required=False, allow_null=True, default=None,
        help_text="The run whose data becomes the sample everybody sees; the last that worked without it.",
    )  # fmt: skip


class UseSerializer(ApiSerializer):
    name = LineField(max_length=190, required=False, default="", allow_blank=True)
