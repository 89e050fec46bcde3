"""Start: where workflows from before Manual Trigger began."""

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register


class StartParams(Params):
    pass


@register
class Start(NodeType[StartParams]):
    """The beginning of older workflows. Puts out what it was started with, or one empty item."""

    name = "n8n-nodes-base.start"
    label = "Start"
    group = "trigger"
    icon = "n-manual"
    silhouette = "trigger"
    inputs = ()
    trigger = True
    Params = StartParams

    def execute(self, run: NodeRun[StartParams]) -> Outputs:
        return [run.items or [Item(json={})]]
