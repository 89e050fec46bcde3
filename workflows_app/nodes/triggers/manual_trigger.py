"""Manual Trigger: start by hand."""

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe


class ManualTriggerParams(Params):
    pass


@register
class ManualTrigger(NodeType[ManualTriggerParams]):
    """Start the workflow when someone presses Run. Puts out what it was started with, or one empty item."""

    name = "n8n-nodes-base.manualTrigger"
    label = "Manual start"
    group = "trigger"
    icon = "n-manual"
    silhouette = "trigger"
    inputs = ()
    trigger = True
    Params = ManualTriggerParams

    def describe(self, node: Node) -> str:
        return describe.manual(node)

    def execute(self, run: NodeRun[ManualTriggerParams]) -> Outputs:
        return [run.items or [Item(json={})]]
