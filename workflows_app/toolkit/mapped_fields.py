"""Values filled in for the fields another workflow or service declares: required ones, and their types."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.convert import Unfit, convert


def checked_fields(values: JsonObject, schema: Sequence[Mapping[str, Any]], *, converts: bool) -> JsonObject:
    """The values as the types of their fields; with `converts` they are turned into them, else they must be of them,
    except that anything can be a text. Null is refused where a value is required. Raises ParameterError that names the
    field."""
    fields = {str(field.get("id")): field for field in schema if not field.get("removed")}
    return {name: checked(name, value, fields.get(name), converts=converts) for name, value in values.items()}


def checked(name: str, value: Any, field: Mapping[str, Any] | None, *, converts: bool) -> Any:
    if field is None:
        return value
    shown = str(field.get("displayName") or name)
    if value is None:
        if field.get("required"):
            raise ParameterError(f"The field '{shown}' is required but has no value.", hint="Fill it in.")
        return None
    kind = str(field.get("type") or "any")
    if kind == "string":
        return to_text(value)
    try:
        return convert(value, kind, strict=not converts)
    except Unfit as error:
        raise ParameterError(
            f"The field '{shown}' does not fit: {error}.", hint="Change the value or its type."
        ) from None
