"""Remove Duplicates: of items that say the same, keep the first."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import paths
from workflows_app.toolkit.compare import json_text
from workflows_app.toolkit.fields import AsGroup, Flag

WITHIN_INPUT = "removeDuplicateInputItems"
ONLY_FROM_2 = {"operation": [WITHIN_INPUT]}


class RemoveDuplicatesOptions(Params):
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    remove_other_fields: Flag = Field(
        False, title="Remove other fields", description="Keep only the fields that were compared."
    )


class RemoveDuplicatesParams(Params):
    operation: Literal[
        "removeDuplicateInputItems", "removeItemsSeenInPreviousExecutions", "clearDeduplicationHistory"
    ] = Field(
        "removeDuplicateInputItems",
        title="Compare with",
        description="The other items of this input, or what earlier executions have seen.",
        json_schema_extra=ui(labels=["Items of this input", "Earlier executions", "Forget earlier executions"]),
    )
    compare: Literal["allFields", "allFieldsExcept", "selectedFields"] = Field(
        "allFields",
        title="Fields to compare",
        description="Two items are the same when all of these are.",
        json_schema_extra=ui(labels=["All", "All but some", "Only some"], visible_when=ONLY_FROM_2),
    )
    fields_to_exclude: Any = Field(
        "",
        title="Fields to leave out",
        description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"compare": ["allFieldsExcept"]}),
    )
    fields_to_compare: Any = Field(
        "",
        title="Fields",
        description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"compare": ["selectedFields"]}),
    )
    options: Annotated[RemoveDuplicatesOptions, AsGroup] = Field(
        default_factory=lambda: RemoveDuplicatesOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class RemoveDuplicates(NodeType[RemoveDuplicatesParams]):
    """Of items that say the same, keep the first."""

    name = "n8n-nodes-base.removeDuplicates"
    label = "Remove duplicates"
    group = "transform"
    icon = "n-dedupe"
    versions = (1, 1.1, 2)
    Params = RemoveDuplicatesParams

    def describe(self, node: Node) -> str:
        fields = paths.names(node.parameters.get("fieldsToCompare") or "")
        named = node.parameters.get("compare") == "selectedFields" and fields
        return f"Keep one item per {' and '.join(fields)}." if named else "Of items that say the same, keep the first."

    def execute(self, run: NodeRun[RemoveDuplicatesParams]) -> Outputs:
        params = run.params
        if params.operation != WITHIN_INPUT:
            raise UserError(
                "Remove Duplicates cannot look at earlier executions yet.",
                code="operation_not_supported",
                hint="Compare the items of this input, or keep a list of your own.",
            )
        compared = compared_fields(params, run.items)
        dotted = not params.options.disable_dot_notation
        seen: set[str] = set()
        kept: Items = []
        for item in run.items:
            key = json_text([paths.read(item.json, name, None, dotted=dotted) for name in compared])
            if key not in seen:
                seen.add(key)
                kept.append(trimmed(item, compared, params, dotted=dotted))
        return [kept]


def compared_fields(params: RemoveDuplicatesParams, items: Items) -> list[str]:
    """The names that count. Raises ParameterError when none is left, or one is in no item at all."""
    if params.compare == "selectedFields":
        return selected(params, items)
    left_out = set(paths.names(params.fields_to_exclude)) if params.compare == "allFieldsExcept" else set()
    if params.compare == "allFieldsExcept" and not left_out:
        raise ParameterError("No fields to leave out are named.", hint="Name them, or compare all fields.")
    return [name for name in dict.fromkeys(name for item in items for name in item.json) if name not in left_out]


def selected(params: RemoveDuplicatesParams, items: Items) -> list[str]:
    names = paths.names(params.fields_to_compare)
    if not names:
        raise ParameterError("No fields to compare are named.", hint="Name them, or compare all fields.")
    dotted = not params.options.disable_dot_notation
    for name in names:
        if items and all(paths.read(item.json, name, dotted=dotted) is paths.MISSING for item in items):
            raise ParameterError(f"No item has a field '{name}'.", hint="Check its spelling, capitals included.")
    return names


def trimmed(item: Item, compared: list[str], params: RemoveDuplicatesParams, *, dotted: bool) -> Item:
    """The item, or one with only the compared fields where the options say so."""
    if not params.options.remove_other_fields:
        return item
    kept: JsonObject = {}
    for name in compared:
        value = paths.read(item.json, name, dotted=dotted)
        if value is not paths.MISSING:
            paths.write(kept, name, value, dotted=dotted)
    return Item(json=kept, binary=item.binary, paired=item.paired)
