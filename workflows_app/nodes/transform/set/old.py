"""Set, versions 1 and 2: values grouped by type."""

from typing import Annotated, Any

from pydantic import Field

from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import is_nan, to_number
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
        return [run.map(lambda item, params, _: written(item, params, run.node.type_version))]


def written(item: Item, params: SetOldParams, version: float) -> Item:
    """The item with its fields written: booleans first, then numbers, then texts."""
    json: JsonObject = {} if params.keep_only_set else dict(item.json)
    binary = {} if params.keep_only_set else dict(item.binary)
    values = params.values
    for entry in values.boolean:
        paths.write(json, entry.name, False if entry.value is None else entry.value, dotted=params.options.dot_notation)
    for entry in values.number:
        paths.write(json, entry.name, as_number(entry.value, version), dotted=params.options.dot_notation)
    for entry in values.string:
        text = as_text(entry.value)
        paths.write(json, entry.name, text, dotted=params.options.dot_notation)
    return Item(json=json, binary=binary)


def as_number(value: Any, version: float) -> Any:
    """Version 2 turns texts into numbers where they are numbers; version 1 keeps what it was given."""
    if value is None:
        return 0
    if version < 2:
        return value
    number = to_number(value)
    return value if is_nan(number) else number


def as_text(value: Any) -> Any:
    return "" if value is None else value
