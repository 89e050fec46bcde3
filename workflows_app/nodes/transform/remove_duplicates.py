"""Remove Duplicates: keep the first of items that are the same."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.joins import check_fields, exact_key

Compare = Literal["allFields", "allFieldsExcept", "selectedFields"]


class RemoveDuplicatesOptions(Params):
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    remove_other_fields: Flag = Field(False, title="Drop other fields", description="Keep only the compared fields.")


class RemoveDuplicatesParams(Params):
    operation: Literal[
        "removeDuplicateInputItems", "removeItemsSeenInPreviousExecutions", "clearDeduplicationHistory"
    ] = Field(
        "removeDuplicateInputItems",
        title="Compare with",
        description="The other items of this run, or the items of earlier runs.",
        json_schema_extra=ui(labels=["Items of this run", "Items of earlier runs", "Forget earlier runs"]),
    )  # fmt: skip
    compare: Compare = Field(
        "allFields",
        title="Compare",
        description="Which fields must be the same.",
        json_schema_extra=ui(labels=["All fields", "All but some", "Only some"]),
    )
    fields_to_exclude: Any = Field(
        "", title="Fields to leave out", description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"compare": ["allFieldsExcept"]}),
    )  # fmt: skip
    fields_to_compare: Any = Field(
        "", title="Fields to compare", description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"compare": ["selectedFields"]}),
    )  # fmt: skip
    dedupe_value: Text = Field("", title="Value to remember", description="What tells items of earlier runs apart.")
    options: Annotated[RemoveDuplicatesOptions, AsGroup] = Field(
        default_factory=lambda: RemoveDuplicatesOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class RemoveDuplicates(NodeType[RemoveDuplicatesParams]):
    """Keep the first of items that are the same, drop the others."""

    name = "n8n-nodes-base.removeDuplicates"
    label = "Remove duplicates"
    group = "transform"
    icon = "n-dedupe"
    versions = (1, 1.1, 2)
    Params = RemoveDuplicatesParams

    def describe(self, node: Node) -> str:
        return describe.remove_duplicates(node)

    def execute(self, run: NodeRun[RemoveDuplicatesParams]) -> Outputs:
        params = run.params
        if params.operation != "removeDuplicateInputItems":
            raise UserError(
                "Comparing with earlier runs is not available yet.",
                code="operation_not_supported",
                hint="Keep what was seen in a data table, and filter with it.",
            )
        return [unique(run.items, params)]


def unique(items: Items, params: RemoveDuplicatesParams) -> Items:
    """In the order of the input."""
    compared = picker(params, items)
    seen: set[str] = set()
    kept = []
    for item in items:
        fields = compared(item.json)
        key = exact_key(fields)
        if key not in seen:
            seen.add(key)
            drops = params.options.remove_other_fields and params.compare != "allFields"
            kept.append(Item(json=fields, binary=item.binary, paired=item.paired) if drops else item)
    return kept


def picker(params: RemoveDuplicatesParams, items: Items) -> Callable[[JsonObject], JsonObject]:
    """What of an item is compared. Raises ParameterError where no field is named, or one that no item has."""
    dotted = not params.options.disable_dot_notation
    if params.compare == "allFields":
        return lambda json: json
    chosen = paths.names(params.fields_to_compare if params.compare == "selectedFields" else params.fields_to_exclude)
    if not chosen:
        raise ParameterError("No field is named.", hint="Enter the names of fields, separated by commas.")
    if params.compare == "selectedFields":
        check_fields(items, chosen, "the input", dotted=dotted)
        return lambda json: selected(json, chosen, dotted=dotted)
    return lambda json: excepted(json, chosen, dotted=dotted)


def selected(json: JsonObject, names: list[str], *, dotted: bool) -> JsonObject:
    out: JsonObject = {}
    for name in names:
        value = paths.read(json, name, dotted=dotted)
        if value is not paths.MISSING:
            paths.write(out, name, value, dotted=dotted)
    return out


def excepted(json: JsonObject, names: list[str], *, dotted: bool) -> JsonObject:
    out = dict(json)
    for name in names:
        paths.remove(out, name, dotted=dotted)
    return out
