"""Split Out: one item per entry of a list."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, refuse_too_many_items
from workflows_app.engine.items import Binary, Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.fields import AsGroup, Flag, Text

FILES = "$binary"


class SplitOutOptions(Params):
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    destination_field_name: Text = Field("", title="Write to", description="Names of the fields that get the entries.")
    include_binary: Flag = Field(
        False, title="Keep files", description="Pass the files of the item on with each entry."
    )


class SplitOutParams(Params):
    field_to_split_out: Text = Field(
        "", title="List to split", description="Field that holds the list; several with commas."
    )
    include: Literal["noOtherFields", "allOtherFields", "selectedOtherFields"] = Field(
        "noOtherFields",
        title="Other fields",
        description="Which other fields each new item gets.",
        json_schema_extra=ui(labels=["None", "All", "Only some"]),
    )
    fields_to_include: Any = Field(
        "",
        title="Fields to keep",
        description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"include": ["selectedOtherFields"]}),
    )
    options: Annotated[SplitOutOptions, AsGroup] = Field(
        default_factory=lambda: SplitOutOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class SplitOut(NodeType[SplitOutParams]):
    """Turn a list inside an item into items of their own."""

    name = "n8n-nodes-base.splitOut"
    label = "Split out"
    group = "transform"
    icon = "n-split"
    Params = SplitOutParams

    def describe(self, node: Node) -> str:
        return describe.split_out(node)

    def execute(self, run: NodeRun[SplitOutParams]) -> Outputs:
        return [run.map(lambda item, params, _: split_item(item, params))]


def split_item(item: Item, params: SplitOutParams) -> Items:
    """One item per entry of the longest of the lists."""
    fields = paths.names(params.field_to_split_out)
    if not fields:
        raise ParameterError("There is no list to split.", hint="Enter the name of the field that holds the list.")
    targets = [part.strip() for part in params.options.destination_field_name.split(",")]
    if params.options.destination_field_name and len(targets) != len(fields):
        raise ParameterError(
            f"There are {len(fields)} lists to split, but {len(targets)} names for the results.",
            hint="Enter as many names as lists, in the same order.",
        )
    if is_plain(fields, params):
        # Millions of entries come this way.
        return [Item(json=alone(entry, fields[0], targets[0])) for entry in entries_of(item, fields[0], params)]
    made: Items = []
    for number, field in enumerate(fields):
        target = targets[number] if number < len(targets) else ""
        for position, entry in enumerate(entries_of(item, field, params)):
            if position == len(made):
                made.append(Item(json={}))
            add_entry(made[position], field, target, entry, is_merged=not target and len(fields) == 1, params=params)
    return [with_other_fields(new, item, fields, params) for new in made]


def is_plain(fields: list[str], params: SplitOutParams) -> bool:
    """Whether each entry of one list becomes an item with nothing else in it."""
    is_bare = params.include == "noOtherFields" and not params.options.include_binary
    return is_bare and len(fields) == 1 and fields[0] != FILES


def alone(entry: Any, field: str, target: str) -> JsonObject:
    """The entry as the whole of an item: an object or a list itself, unless a name is given for it."""
    if not target and isinstance(entry, dict):
        return dict(entry)
    if not target and isinstance(entry, list):
        return {str(place): part for place, part in enumerate(entry)}
    return {target or field: entry}


def entries_of(item: Item, field: str, params: SplitOutParams) -> list[Any]:
    if field == FILES:
        return list(item.binary.items())
    value = paths.read(item.json, field, [], dotted=not params.options.disable_dot_notation)
    if isinstance(value, dict | list):
        refuse_too_many_items(len(value))
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def add_entry(
    new: Item, field: str, target: str, entry: Any, *, is_merged: bool, params: SplitOutParams
) -> None:  # fmt: skip
    """Objects become the item itself where nothing else is in it; everything else goes into a field."""
    if field == FILES and isinstance(entry, tuple):
        name, binary = entry
        if isinstance(binary, Binary):
            new.binary[name] = binary
    elif is_merged and isinstance(entry, dict | list) and params.include == "noOtherFields":
        new.json.update(alone(entry, field, ""))
    else:
        new.json[target or field] = entry


def with_other_fields(new: Item, item: Item, fields: list[str], params: SplitOutParams) -> Item:
    dotted = not params.options.disable_dot_notation
    json: JsonObject = new.json
    if params.include == "allOtherFields":
        rest = dict(item.json)
        for field in fields:
            paths.remove(rest, field, dotted=dotted)
        json = rest | new.json
    elif params.include == "selectedOtherFields":
        for name in paths.names(params.fields_to_include):
            value = paths.read(item.json, name, dotted=dotted)
            if value is not paths.MISSING:
                json[name] = value
    binary = {**item.binary, **new.binary} if params.options.include_binary else new.binary
    return Item(json=json, binary=binary)
