"""No Operation: pass items on unchanged."""

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register


class NoOperationParams(Params):
    pass


@register
class NoOperation(NodeType[NoOperationParams]):
    """Do nothing: a joint for wires and a place to look at items."""

    name = "n8n-nodes-base.noOp"
    label = "No operation"
    group = "flow"
    icon = "n-noop"
    Params = NoOperationParams

    def execute(self, run: NodeRun[NoOperationParams]) -> Outputs:
        return [run.items]
