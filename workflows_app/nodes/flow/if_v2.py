"""IF, version 2: typed conditions."""

from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.condition_fields import ConditionParams, passes


class IfParams(ConditionParams):
    """The conditions that decide."""


@register
class If(NodeType[IfParams]):
    """Send each item to true or to false."""

    name = "n8n-nodes-base.if"
    label = "If"
    group = "flow"
    icon = "n-if"
    silhouette = "choice"
    versions = (2, 2.1, 2.2, 2.3)
    outputs = ("true", "false")
    Params = IfParams

    def describe(self, node: Node) -> str:
        return describe.branch(node)

    def execute(self, run: NodeRun[IfParams]) -> Outputs:
        kept: Items = []
        others: Items = []
        for index, item in enumerate(run.items):
            (kept if passes(run, index) else others).append(item)
        return [kept, others]
