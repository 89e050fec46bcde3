"""Item Lists: the one node that held all list operations before each became a node type of its own."""

from typing import Annotated, Any

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Pause
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit import paths
from workflows_app.toolkit.delegate import run_as
from workflows_app.toolkit.fields import AsGroup, Text
from workflows_app.toolkit.joins import check_fields

SUCCESSORS = {
    "splitOutItems": "n8n-nodes-base.splitOut",
    "aggregateItems": "n8n-nodes-base.aggregate",
    "concatenateItems": "n8n-nodes-base.aggregate",
    "removeDuplicates": "n8n-nodes-base.removeDuplicates",
    "sort": "n8n-nodes-base.sort",
    "limit": "n8n-nodes-base.limit",
    "summarize": "n8n-nodes-base.summarize",
}
NAME_LISTS = ("fieldsToInclude", "fieldsToExclude", "fieldsToCompare")


class ItemListsParams(Params):
    operation: Text = Field(
        "splitOutItems",
        title="Action",
        description="splitOutItems, aggregateItems or concatenateItems, removeDuplicates, sort, limit, summarize.",
        json_schema_extra=ui(widget="choice"),
    )
    field_to_split_out: Any = Field("", title="List to split", description="Field that holds the list.")
    include: Text = Field("", title="Other fields", description="Which other fields are kept.")
    fields_to_include: Any = Field("", title="Fields to keep", description="Names, separated by commas.")
    fields_to_exclude: Any = Field("", title="Fields to drop", description="Names, separated by commas.")
    aggregate: Text = Field("", title="Collect", description="Lists of single fields, or one list of whole items.")
    fields_to_aggregate: Any = Field(None, title="Fields to collect", description="One field per row.")
    destination_field_name: Text = Field("", title="Write to", description="Field that gets the list of items.")
    compare: Text = Field("", title="Compare", description="Which fields must be the same.")
    fields_to_compare: Any = Field("", title="Fields to compare", description="Names, separated by commas.")
    type: Text = Field("", title="Sort", description="By fields, at random, or by code.")
    sort_fields_ui: Any = Field(None, title="Sort by", description="One field per row.")
    code: Text = Field(
        "",
        title="Code",
        description="JavaScript that compares items a and b.",
        json_schema_extra=ui(widget="code", language="javascript", no_expression=True),
    )
    max_items: Any = Field(None, title="Max items", description="Items beyond it are dropped.")
    keep: Text = Field("", title="Keep", description="Which end of the list to keep.")
    fields_to_summarize: Any = Field(None, title="Fields to summarize", description="One result per row.")
    fields_to_split_by: Any = Field("", title="Groups", description="Fields whose values make the groups.")
    options: Annotated[dict[str, Any], AsGroup] = Field(
        default_factory=dict, title="Options", description="Finer points."
    )


@register
class ItemLists(NodeType[ItemListsParams]):
    """Split, collect, sort, limit or summarize items (older workflows)."""

    name = "n8n-nodes-base.itemLists"
    label = "Item lists"
    group = "transform"
    icon = "n-split"
    versions = (1, 2, 2.1, 2.2, 3, 3.1)
    Params = ItemListsParams

    def execute(self, run: NodeRun[ItemListsParams]) -> Outputs | Pause | None:
        operation = run.params.operation
        if operation not in SUCCESSORS:
            raise ParameterError(f"There is no action '{operation}'.", hint="Choose the action again.")
        if run.node.type_version < 2.1:
            check_old(run)
        return run_as(run, SUCCESSORS[operation], 1, translated)


def check_old(run: NodeRun[ItemListsParams]) -> None:
    """Versions 1 and 2.0 split and collect only what is there. Raises ParameterError."""
    params = run.params
    dotted = not params.options.get("disableDotNotation")
    if params.operation == "splitOutItems":
        name = str(params.field_to_split_out)
        values = [paths.read(item.json, name, dotted=dotted) for item in run.items]
        if any(value is paths.MISSING for value in values):
            raise ParameterError(
                f"Couldn't find the field '{name}' in the input data", hint="Check its spelling, or filter such items."
            )
        if run.node.type_version < 2 and not all(isinstance(value, list) for value in values):
            raise ParameterError(f"The provided field '{name}' is not an array", hint="Name a field that holds a list.")
    elif params.operation == "aggregateItems" and params.aggregate != "aggregateAllItemData":
        rows = (params.fields_to_aggregate or {}).get("fieldToAggregate") or []
        names = [str(row.get("fieldToAggregate") or "") for row in rows]
        if params.options.get("keepMissing"):
            names = [] if dotted else [name for name in names if "." in name]
        check_fields(run.items, names, "the input", dotted=dotted)


def translated(parameters: JsonObject) -> JsonObject:
    """The same parameters as the node type of that operation has them; empty ones are its defaults."""
    out = {key: value for key, value in parameters.items() if key != "operation"}
    if parameters.get("operation") == "summarize":
        out["options"] = {**(out.get("options") or {}), "continueIfFieldNotFound": True}
    for key in NAME_LISTS:
        if isinstance(out.get(key), dict):
            out[key] = [row.get("fieldName") for row in out[key].get("fields") or [] if row.get("fieldName")]
    return out
