"""Merge, version 1."""

from typing import Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, refuse_too_many_items
from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.joins import KeyPair, MatchRules, MeltRules, all_pairs, match_items, melt

Mode = Literal[
    "append", "keepKeyMatches", "mergeByIndex", "mergeByKey", "multiplex", "passThrough", "removeKeyMatches", "wait"
]  # fmt: skip


class MergeOneParams(Params):
    mode: Mode = Field(
        "append",
        title="Mode",
        description="How the two inputs become one list.",
        json_schema_extra=ui(
            labels=[
                "Append", "Keep key matches", "Merge by position", "Merge by key", "Every pair", "Pass through",
                "Remove key matches", "Wait",
            ]
        ),
    )  # fmt: skip
    join: Literal["inner", "left", "outer"] = Field(
        "left",
        title="Length",
        description="As many items as the shorter input, the first input, or the longer one.",
        json_schema_extra=ui(labels=["Shorter", "First", "Longer"], visible_when={"mode": ["mergeByIndex"]}),
    )
    property_name1: Text = Field("", title="Field of input 1", description="Key field of the first input.")
    property_name2: Text = Field("", title="Field of input 2", description="Key field of the second input.")
    overwrite: Literal["always", "blank", "undefined"] = Field(
        "always",
        title="Overwrite",
        description="When a field of input 2 replaces one of input 1.",
        json_schema_extra=ui(labels=["Always", "Where empty", "Where absent"], visible_when={"mode": ["mergeByKey"]}),
    )
    output: Literal["input1", "input2"] = Field(
        "input1",
        title="Pass on",
        description="Which input is passed through.",
        json_schema_extra=ui(labels=["Input 1", "Input 2"], visible_when={"mode": ["passThrough"]}),
    )


@register
class MergeOne(NodeType[MergeOneParams]):
    """Bring two inputs together (version 1)."""

    name = "n8n-nodes-base.merge"
    label = "Merge"
    group = "flow"
    icon = "n-merge"
    versions = (1,)
    inputs = ("input1", "input2")
    Params = MergeOneParams

    def describe(self, node: Node) -> str:
        return describe.merge(node)

    def execute(self, run: NodeRun[MergeOneParams]) -> Outputs:
        left, right = [*run.inputs, [], []][:2]
        params = run.params
        if params.mode == "append":
            return [[*left, *right]]
        if params.mode == "passThrough":
            return [left if params.output == "input1" else right]
        if params.mode == "wait":
            return [[Item(json={}, paired=all_pairs(left))]]
        if params.mode == "multiplex":
            return [multiplexed(left, right)]
        if params.mode == "mergeByIndex":
            return [by_index(left, right, params.join)]
        return [by_key(left, right, params)]

    def required_inputs(self, node: Node) -> int | tuple[int, ...]:
        return (0, 1) if node.parameters.get("mode") in ("wait", "passThrough") else 1


def multiplexed(left: Items, right: Items) -> Items:
    refuse_too_many_items(len(left) * len(right))
    return [melt([first, second], MeltRules(deep=False)) for first in left for second in right]


def by_index(left: Items, right: Items, join: str) -> Items:
    count = {"inner": min(len(left), len(right)), "left": len(left), "outer": max(len(left), len(right))}[join]
    out = []
    for place in range(count):
        present = [items[place] for items in (left, right) if place < len(items)]
        out.append(melt(present, MeltRules(deep=False)))
    return out


def by_key(left: Items, right: Items, params: MergeOneParams) -> Items:
    """The first input, kept, removed or filled in by the items of the second that have the same key. Items without
    the key are not filled in but dropped."""
    if not params.property_name1 or not params.property_name2:
        raise ParameterError("There is no field to match.", hint="Enter the key field of both inputs.")
    if not left:
        return []
    keys = [KeyPair(params.property_name1, params.property_name2)]
    if params.mode == "mergeByKey":
        left = [item for item in left if is_key(item.json.get(params.property_name1, paths.MISSING))]
    # What is empty is a key, but matches nothing.
    right = [
        item for item in right if item.json.get(params.property_name2) and is_key(item.json[params.property_name2])
    ]
    if not right:
        return [] if params.mode == "keepKeyMatches" else left
    found = match_items(left, right, keys, MatchRules(dotted=False))
    partners = {id(item): matches for item, matches in found.matched}
    if params.mode == "keepKeyMatches":
        return [item for item in left if id(item) in partners]
    if params.mode == "removeKeyMatches":
        return found.left_only
    return [filled(item, partners.get(id(item), []), params.overwrite) for item in left]


def is_key(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def filled(item: Item, matches: Items, overwrite: str) -> Item:
    """The last item of the second input with that key counts."""
    if not matches:
        return item
    match = matches[-1]
    json = dict(item.json)
    for name, value in match.json.items():
        old = paths.read(json, name, dotted=False)
        is_free = old is paths.MISSING or (overwrite == "blank" and old in (None, ""))
        if overwrite == "always" or is_free:
            json[name] = value
    return Item(json=json, binary={**match.binary, **item.binary}, paired=(*(item.paired or ()), *(match.paired or ())))
