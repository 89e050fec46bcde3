"""Aggregate: many items become one."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Binary, Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text


class AggregateField(Params):
    field_to_aggregate: Text = Field("", title="Field", description="Field whose values are collected.")
    rename_field: Flag = Field(False, title="Rename", description="Give the list another name.")
    output_field_name: Text = Field("", title="New name", description="Name of the list.")


class AggregateFields(Params):
    field_to_aggregate: Annotated[list[AggregateField], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row."
    )


class AggregateOptions(Params):
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    merge_lists: Flag = Field(
        False, title="Merge lists", description="Join lists into one list instead of a list of lists."
    )
    include_binaries: Flag = Field(False, title="Keep files", description="Put the files of all items on the new item.")
    keep_only_unique: Flag = Field(
        False, title="One of each file", description="Leave out files that are there already."
    )
    keep_missing: Flag = Field(False, title="Keep gaps", description="Put null where an item lacks the field.")


class AggregateParams(Params):
    aggregate: Literal["aggregateIndividualFields", "aggregateAllItemData"] = Field(
        "aggregateIndividualFields",
        title="Collect",
        description="Lists of single fields, or one list of whole items.",
        json_schema_extra=ui(labels=["Single fields", "Whole items"]),
    )
    fields_to_aggregate: Annotated[AggregateFields, AsGroup] = Field(
        default_factory=lambda: AggregateFields.model_validate({}),
        title="Fields",
        description="The fields to collect.",
        json_schema_extra=ui(visible_when={"aggregate": ["aggregateIndividualFields"]}),
    )
    destination_field_name: Text = Field(
        "data", title="Write to", description="Field that gets the list of items.",
        json_schema_extra=ui(visible_when={"aggregate": ["aggregateAllItemData"]}),
    )  # fmt: skip
    include: Literal["allFields", "specifiedFields", "allFieldsExcept"] = Field(
        "allFields",
        title="Fields of each item",
        description="What of each item is collected.",
        json_schema_extra=ui(
            labels=["All", "Only some", "All but some"], visible_when={"aggregate": ["aggregateAllItemData"]}
        ),
    )
    fields_to_include: Any = Field("", title="Fields to keep", description="Names, separated by commas.")
    fields_to_exclude: Any = Field("", title="Fields to drop", description="Names, separated by commas.")
    options: Annotated[AggregateOptions, AsGroup] = Field(
        default_factory=lambda: AggregateOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Aggregate(NodeType[AggregateParams]):
    """Collect values or whole items into one item."""

    name = "n8n-nodes-base.aggregate"
    label = "Aggregate"
    group = "transform"
    icon = "n-agg"
    Params = AggregateParams

    def describe(self, node: Node) -> str:
        return describe.aggregate(node)

    def execute(self, run: NodeRun[AggregateParams]) -> Outputs:
        params = run.params
        used: Iterable[int] = range(len(run.items))
        if params.aggregate == "aggregateAllItemData":
            entries = {index: chosen_fields(item.json, params) for index, item in enumerate(run.items)}
            entries = {index: entry for index, entry in entries.items() if entry or params.include == "allFields"}
            json: JsonObject = {params.destination_field_name or "data": list(entries.values())}
            used = entries.keys()
        else:
            json = single_fields(run.items, params)
        binary = (
            all_files(run.items, only_unique=params.options.keep_only_unique) if params.options.include_binaries else {}
        )
        pairs = tuple(PairedItem(index) for index in used)
        return [[Item(json=json, binary=binary, paired=pairs)]]


def single_fields(items: Items, params: AggregateParams) -> JsonObject:
    """One list per field. Without dot notation for the result: `a.b` is collected into `b`."""
    dotted = not params.options.disable_dot_notation
    out: JsonObject = {}
    if not params.fields_to_aggregate.field_to_aggregate:
        raise ParameterError("There is no field to collect.", hint="Add a field, or collect whole items.")
    for row in params.fields_to_aggregate.field_to_aggregate:
        name = row.output_field_name if row.rename_field and row.output_field_name else ""
        if not name:
            name = paths.last_step(row.field_to_aggregate) if dotted else row.field_to_aggregate
        if name in out:
            raise ParameterError(f"Two lists would be named '{name}'.", hint="Rename one of them.")
        values: list[Any] = []
        for item in items:
            collect(values, paths.read(item.json, row.field_to_aggregate, None, dotted=dotted), params.options)
        out[name] = values
    result: JsonObject = {}
    for name, values in out.items():
        paths.write(result, name, values, dotted=dotted)
    return result


def collect(values: list[Any], value: Any, options: AggregateOptions) -> None:
    if not options.keep_missing:
        if isinstance(value, list):
            value = [entry for entry in value if entry is not None]
        elif value is None:
            return
    if isinstance(value, list) and options.merge_lists:
        values.extend(value)
    else:
        values.append(value)


def chosen_fields(json: JsonObject, params: AggregateParams) -> JsonObject:
    if params.include == "specifiedFields":
        wanted = paths.names(params.fields_to_include)
        return {name: json[name] for name in wanted if name in json}
    if params.include == "allFieldsExcept":
        unwanted = set(paths.names(params.fields_to_exclude))
        return {name: value for name, value in json.items() if name not in unwanted}
    return json


def all_files(items: Items, *, only_unique: bool) -> dict[str, Binary]:
    """Every file under its own name; a taken name gets a number."""
    out: dict[str, Binary] = {}
    seen: set[tuple[str, str, int]] = set()
    for item in items:
        for name, binary in item.binary.items():
            mark = (binary.file_name, binary.mime_type, binary.size_bytes)
            if only_unique and mark in seen:
                continue
            seen.add(mark)
            out[free_name(name, out)] = binary
    return out


def free_name(name: str, taken: dict[str, Binary]) -> str:
    number = 1
    free = name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free
