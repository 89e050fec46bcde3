"""Filter, version 2: typed conditions."""

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.condition_fields import ConditionParams, passes


class FilterParams(ConditionParams):
    """The conditions that decide."""


@register
class Filter(NodeType[FilterParams]):
    """Keep the items for which the conditions hold, drop the rest."""

    name = "n8n-nodes-base.filter"
    label = "Filter"
    group = "flow"
    icon = "n-filter"
    silhouette = "choice"
    versions = (2, 2.1, 2.2, 2.3)
    Params = FilterParams

    def describe(self, node: Node) -> str:
        return describe.keep_where(node)

    def execute(self, run: NodeRun[FilterParams]) -> Outputs:
        return [[item for index, item in enumerate(run.items) if passes(run, index)]]
