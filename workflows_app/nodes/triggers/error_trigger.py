"""Error Trigger: start when another workflow fails."""

from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register


class ErrorTriggerParams(Params):
    pass


@register
class ErrorTrigger(NodeType[ErrorTriggerParams]):
    """Start when a workflow that names this one as its error workflow fails."""

    name = "n8n-nodes-base.errorTrigger"
    label = "On error"
    group = "trigger"
    icon = "n-error"
    silhouette = "trigger"
    inputs = ()
    trigger = True
    Params = ErrorTriggerParams

    def execute(self, run: NodeRun[ErrorTriggerParams]) -> Outputs:
        """Run by hand it puts out an example, so that the rest can be built."""
        if run.mode == "manual" and is_empty(run.items):
            return [[Item(json=example(run))]]
        return [run.items]


def is_empty(items: Items) -> bool:
    return not items or (len(items) == 1 and not items[0].json and not items[0].binary)


def example(run: NodeRun[ErrorTriggerParams]) -> JsonObject:
    return {
        "execution": {
            "id": run.execution_id,
            "mode": "manual",
            "error": {"message": "This is an example of an error.", "stack": ""},
            "lastNodeExecuted": "Node that failed",
        },
        "workflow": {"id": run.workflow.id, "name": run.workflow.name},
    }
