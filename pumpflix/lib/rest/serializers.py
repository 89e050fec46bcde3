"""Serializers that speak camelCase. Fields are declared in snake_case, as the values they come from."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


def camel(name: str) -> str:
    """`created_at` -> `createdAt`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


# Reads attributes or keys. A name that the framework needs itself is declared with `_` behind it. A body with a field
# that is not declared is refused, so that nobody believes to have set what cannot be set. Without a docstring, for the
# OpenAPI document would give it to every serializer that has none.
class ApiSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, Any]:
        fields = {}
        for name, field in super().get_fields().items():
            outside = camel(name)
            inside = name.rstrip("_")
            if outside != inside and field.source is None:
                field.source = inside
            fields[outside] = field
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = {name: ["There is no such field."] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(dict(list(unknown.items())[:50]))
        return super().to_internal_value(data)


class QuerySerializer(ApiSerializer):
    """The parameters behind `?`. Unknown ones are refused: a filter that is misspelled must not show everything."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.dict() if hasattr(data, "dict") else data)


class WordsField(serializers.CharField):
    """`a,b` -> `["a", "b"]`. `longest` is the number of characters of the whole."""

    def __init__(self, *, longest: int = 900, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest
        self.error_messages["too_long"] = f"At most {longest} characters."

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if len(text) > self.longest:
            self.fail("too_long")
        return [word.strip() for word in text.split(",") if word.strip()]

    def to_representation(self, value: Any) -> Any:
        return ",".join(value)


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field):
    """A JSON object as it is; its keys are the user's own and keep their spelling."""

    default_error_messages = {"not_an_object": "This must be a JSON object."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.Field):
    """Any JSON value as it is."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class LineField(serializers.CharField):
    """One line of text: no control characters, and not only spaces."""

    default_error_messages = {"control": "Control characters are not allowed here."}

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            self.fail("control")
        return text
