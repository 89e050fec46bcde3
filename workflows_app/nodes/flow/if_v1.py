"""IF, version 1: conditions grouped by type."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.condition_fields import OldConditionSet
from workflows_app.toolkit.fields import AsGroup


class IfOneParams(Params):
    conditions: Annotated[OldConditionSet, AsGroup] = Field(
        default_factory=lambda: OldConditionSet.model_validate({}),
        title="Conditions",
        description="Comparisons, grouped by the type of their values.",
    )
    combine_operation: Literal["all", "any"] = Field(
        "all",
        title="Combine",
        description="Whether all comparisons must hold, or any one of them.",
        json_schema_extra=ui(labels=["All hold", "Any holds"]),
    )


@register
class IfOne(NodeType[IfOneParams]):
    """Send each item to true or to false (version 1)."""

    name = "n8n-nodes-base.if"
    label = "If"
    group = "flow"
    icon = "n-if"
    silhouette = "choice"
    versions = (1,)
    outputs = ("true", "false")
    Params = IfOneParams

    def describe(self, node: Node) -> str:
        return describe.branch(node)

    def execute(self, run: NodeRun[IfOneParams]) -> Outputs:
        kept: Items = []
        others: Items = []
        for item, params in run.each():
            passes = params.conditions.holds(run, any_of=params.combine_operation == "any")
            (kept if passes else others).append(item)
        return [kept, others]
