"""Filter, version 1: conditions grouped by type."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.condition_fields import OldConditionSet
from workflows_app.toolkit.fields import AsGroup


class FilterOneParams(Params):
    conditions: Annotated[OldConditionSet, AsGroup] = Field(
        default_factory=lambda: OldConditionSet.model_validate({}),
        title="Conditions",
        description="Comparisons, grouped by the type of their values.",
    )
    combine_conditions: Literal["AND", "OR"] = Field(
        "AND",
        title="Combine",
        description="Whether all comparisons must hold, or any one of them.",
        json_schema_extra=ui(labels=["All hold", "Any holds"]),
    )


@register
class FilterOne(NodeType[FilterOneParams]):
    """Keep the items for which the conditions hold, drop the rest (version 1)."""

    name = "n8n-nodes-base.filter"
    label = "Filter"
    group = "flow"
    icon = "n-filter"
    silhouette = "choice"
    versions = (1,)
    Params = FilterOneParams

    def describe(self, node: Node) -> str:
        return describe.keep_where(node)

    def execute(self, run: NodeRun[FilterOneParams]) -> Outputs:
        kept = [
            item
            for item, params in run.each()
            if params.conditions.holds(run, any_of=params.combine_conditions == "OR")
        ]  # fmt: skip
        return [kept]
