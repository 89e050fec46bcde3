"""Limit: pass on the first or the last few items, drop the rest."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import Whole


class LimitParams(Params):
    max_items: Whole = Field(1, ge=0, title="Max items", description="Items beyond it are dropped.")
    keep: Literal["firstItems", "lastItems"] = Field(
        "firstItems",
        title="Keep",
        description="Which end of the list to keep.",
        json_schema_extra=ui(labels=["First items", "Last items"]),
    )


@register
class Limit(NodeType[LimitParams]):
    """Pass on the first or the last few items, drop the rest."""

    name = "n8n-nodes-base.limit"
    label = "Limit"
    group = "transform"
    icon = "n-limit"
    Params = LimitParams

    def describe(self, node: Node) -> str:
        return describe.limit(node)

    def execute(self, run: NodeRun[LimitParams]) -> Outputs:
        count = run.params.max_items
        if count >= len(run.items):
            return [run.items]
        return [run.items[:count] if run.params.keep == "firstItems" else run.items[len(run.items) - count :]]
