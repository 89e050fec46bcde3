"""Remove Duplicates: keep the first of items that are the same, in one run or over many."""

from collections.abc import Callable

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.remove_duplicates import earlier_runs
from workflows_app.nodes.transform.remove_duplicates.params import EARLIER, RemoveDuplicatesParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.joins import check_fields, exact_key


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
        """Compared with earlier runs there are two outputs: what is new, and what was seen before."""
        params = run.params
        if params.operation == EARLIER:
            return earlier_runs.kept_and_discarded(run)
        if params.operation == "clearDeduplicationHistory":
            earlier_runs.forget(run)
            return [run.items]
        return [unique(run.items, params)]

    def output_names(self, node: Node) -> tuple[str, ...]:
        return ("kept", "discarded") if node.parameters.get("operation") == EARLIER else self.outputs


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
