"""Set, versions 1 and 2: values grouped by type."""

from typing import Annotated, Any

from pydantic import Field

from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import is_nan, is_true, to_number
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text


class SetOldEntry(Params):
    name: Text = Field("propertyName", title="Name", description="Field to write; dots make nested fields.")
    value: Any = Field(None, title="Value", description="What to write.")


class SetOldValues(Params):
    boolean: Annotated[list[SetOldEntry], AsList] = Field(
        default_factory=list, title="Boolean", description="Fields that become true or false."
    )
    number: Annotated[list[SetOldEntry], AsList] = Field(
        default_factory=list, title="Number", description="Fields that become numbers."
    )
    string: Annotated[list[SetOldEntry], AsList] = Field(
        default_factory=list, title="Text", description="Fields that become text."
    )


class SetOldOptions(Params):
    dot_notation: Flag = Field(True, title="Dot notation", description="Read a dot in a name as a nested field.")


class SetOldParams(Params):
    keep_only_set: Flag = Field(False, title="Keep only what is set", description="Drop every other field of the item.")
    values: Annotated[SetOldValues, AsGroup] = Field(
        default_factory=lambda: SetOldValues.model_validate({}),
        title="Values",
        description="The fields to write, by type.",
    )
    options: Annotated[SetOldOptions, AsGroup] = Field(
        default_factory=lambda: SetOldOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class SetOld(NodeType[SetOldParams]):
    """Write fields of each item (versions 1 and 2)."""

    name = "n8n-nodes-base.set"
    label = "Edit fields"
    group = "transform"
    icon = "n-set"
    versions = (1, 2)
    Params = SetOldParams

    def describe(self, node: Node) -> str:
        return describe.set_fields(node)

    def execute(self, run: NodeRun[SetOldParams]) -> Outputs:
        stored = run.node.parameters.get("values")
        rows = stored if isinstance(stored, dict) else {}
        return [run.map(lambda item, params, _: written(item, params, rows, run.node.type_version))]


def written(item: Item, params: SetOldParams, stored: JsonObject, version: float) -> Item:
    """The item with its fields written: booleans first, then numbers, then texts. A field whose expression yields
    nothing is not there afterwards."""
    json: JsonObject = {} if params.keep_only_set else dict(item.json)
    binary = {} if params.keep_only_set else dict(item.binary)
    values, dotted = params.values, params.options.dot_notation
    fields: list[tuple[str, Any]] = [(entry.name, is_true(entry.value)) for entry in values.boolean]
    for entry, row in zip(values.number, stored.get("number") or [], strict=False):
        fields.append((entry.name, as_number(value_of(entry, row, 0), version)))
    for entry, row in zip(values.string, stored.get("string") or [], strict=False):
        fields.append((entry.name, value_of(entry, row, "")))
    for name, value in fields:
        if value is paths.MISSING:
            paths.remove(json, name, dotted=dotted)
        else:
            paths.write(json, name, value, dotted=dotted)
    return Item(json=json, binary=binary)


def value_of(entry: SetOldEntry, stored: JsonObject, absent: Any) -> Any:
    if "value" in entry.model_fields_set:
        return entry.value
    return paths.MISSING if "value" in stored else absent


def as_number(value: Any, version: float) -> Any:
    """Version 2 turns texts into numbers where they are numbers; all else stays as it was given."""
    if version < 2 or not isinstance(value, str):
        return value
    number = to_number(value)
    return value if is_nan(number) else number
