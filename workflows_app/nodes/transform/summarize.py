"""Summarize: totals, counts and lists over many items, one result per group."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps, paths
from workflows_app.toolkit.aggregations import AGGREGATIONS, Kind, clean_name, is_nothing
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text


class SummarizeField(Params):
    aggregation: Kind = Field(
        "count",
        title="Do",
        description="What is made of the values of the field.",
        json_schema_extra=ui(labels=["List", "Average", "Text", "Count", "Different", "Largest", "Smallest", "Sum"]),
    )
    field: Text = Field("", title="Field", description="Field whose values are used.")
    include_empty: Flag = Field(False, title="Empty values too", description="Use empty values too.")
    separate_by: Text = Field(",", title="Separator", description="Text between joined values; other: see below.")
    custom_separator: Text = Field("", title="Other separator", description="Used where the separator is other.")


class SummarizeFields(Params):
    values: Annotated[list[SummarizeField], AsList] = Field(
        default_factory=list, title="Fields", description="One result per row."
    )


class SummarizeOptions(Params):
    continue_if_field_not_found: Flag = Field(
        False, title="Field may be missing", description="Go on if no item has the field (version 1)."
    )
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    output_format: Literal["separateItems", "singleItem"] = Field(
        "separateItems",
        title="Result",
        description="One item per group, or one item with everything in it.",
        json_schema_extra=ui(labels=["One item per group", "One item"]),
    )
    skip_empty_split_fields: Flag = Field(
        False, title="Skip items without a group", description="Leave out items whose group field is empty."
    )


class SummarizeParams(Params):
    fields_to_summarize: Annotated[SummarizeFields, AsGroup] = Field(
        default_factory=lambda: SummarizeFields.model_validate({}),
        title="Fields",
        description="What is computed.",
    )
    fields_to_split_by: Any = Field(
        "", title="Groups", description="Fields whose values make the groups, separated by commas."
    )
    options: Annotated[SummarizeOptions, AsGroup] = Field(
        default_factory=lambda: SummarizeOptions.model_validate({}), title="Options", description="Finer points."
    )


@dataclass(slots=True)
class Branch:
    """A group: its own value, the items in it, and the groups inside it by the text of their value."""

    value: Any = None
    indexes: list[int] = field(default_factory=list)
    inside: dict[str, "Branch"] = field(default_factory=dict)


@register
class Summarize(NodeType[SummarizeParams]):
    """Compute totals, counts or lists, over all items or per group."""

    name = "n8n-nodes-base.summarize"
    label = "Summarize"
    group = "transform"
    icon = "n-sum"
    versions = (1, 1.1)
    Params = SummarizeParams

    def describe(self, node: Node) -> str:
        return describe_steps.summarize(node)

    def execute(self, run: NodeRun[SummarizeParams]) -> Outputs:
        params, version = run.params, run.node.type_version
        rows = params.fields_to_summarize.values
        if not rows:
            raise ParameterError("There is nothing to compute.", hint="Add a field.")
        groups = paths.names(params.fields_to_split_by)
        for missing in absent(run.items, [row.field for row in rows], params):
            if version < 1.1 and not params.options.continue_if_field_not_found:
                raise ParameterError(
                    f"No item has a field '{missing}'.", hint="Check the spelling, upper and lower case included."
                )
            run.hints.append(f"No item has a field '{missing}'.")
        tree = grouped(run.items, groups, params, version)
        if params.options.output_format == "singleItem":
            pairs = tuple(PairedItem(index) for index in range(len(run.items)))
            return [[Item(nested(tree, len(groups), run.items, params), paired=pairs)]]
        return [list(flat(tree, groups, run.items, params, {}, version))]


def absent(items: Items, names: list[str], params: SummarizeParams) -> list[str]:
    dotted = not params.options.disable_dot_notation
    return [
        name
        for name in dict.fromkeys(names)
        if items and all(paths.read(item.json, name, dotted=dotted) is paths.MISSING for item in items)
    ]


def grouped(items: Items, groups: list[str], params: SummarizeParams, version: float) -> Branch:
    root = Branch(indexes=list(range(len(items))))
    dotted = not params.options.disable_dot_notation
    for index, item in enumerate(items):
        values = [paths.read(item.json, name, dotted=dotted) for name in groups]
        if params.options.skip_empty_split_fields and any(is_skipped(value, version) for value in values):
            continue
        branch = root
        for value in values:
            branch = branch.inside.setdefault(key_of(value), Branch(value))
            branch.indexes.append(index)
    return root


def is_skipped(value: Any, version: float) -> bool:
    """Version 1 looks at the text of the value: that of null is `null`."""
    return value == "" if version < 1.1 else is_nothing(value)


def key_of(value: Any) -> str:
    if value is paths.MISSING:
        return "undefined"
    return value if isinstance(value, str) else json_text(value)


def flat(
    branch: Branch, groups: list[str], items: Items, params: SummarizeParams, above: JsonObject, version: float
) -> Items:
    """One item per innermost group, in the order the groups were first seen."""
    if not groups:
        pairs = tuple(PairedItem(index) for index in branch.indexes)
        return [Item({**computed(branch, items, params), **above}, paired=pairs)]
    out: Items = []
    for inner in branch.inside.values():
        value = key_of(inner.value) if version < 1.1 or isinstance(inner.value, dict | list) else inner.value
        own = {} if value is paths.MISSING else {clean_name(groups[0]): value}
        out += flat(inner, groups[1:], items, params, {**above, **own}, version)
    return out


def nested(branch: Branch, depth: int, items: Items, params: SummarizeParams) -> JsonObject:
    """Objects within objects, keyed by the values of the groups."""
    if depth == 0:
        return computed(branch, items, params)
    return {to_text(key): nested(inner, depth - 1, items, params) for key, inner in branch.inside.items()}


def computed(branch: Branch, items: Items, params: SummarizeParams) -> JsonObject:
    dotted = not params.options.disable_dot_notation
    out: JsonObject = {}
    for row in params.fields_to_summarize.values:
        values = [paths.read(items[index].json, row.field, dotted=dotted) for index in branch.indexes]
        aggregation = AGGREGATIONS[row.aggregation]
        kept = values if row.include_empty else [value for value in values if not is_nothing(value)]
        work: Callable[[list[Any], str], Any] = aggregation.work
        separator = row.custom_separator if row.separate_by == "other" else row.separate_by
        out[f"{aggregation.prefix}_{clean_name(row.field)}"] = work(kept, separator)
    return out
