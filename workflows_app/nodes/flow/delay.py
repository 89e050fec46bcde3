"""Delay: wait some seconds, for trying things out and for services that want a pause between calls."""

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Pause
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.clock import later, wait_until
from workflows_app.toolkit.fields import Number


class DelayParams(Params):
    seconds: Number = Field(
        1, ge=0, le=86_400, title="Seconds", description="How long to wait before the items go on; at most a day."
    )


@register
class Delay(NodeType[DelayParams]):
    """Wait some seconds, then pass the items on."""

    name = "pumpflix.delay"
    label = "Delay"
    group = "flow"
    icon = "n-wait"
    silhouette = "choice"
    Params = DelayParams

    def describe(self, node: Node) -> str:
        return describe_steps.delay(node)

    def execute(self, run: NodeRun[DelayParams]) -> Outputs | Pause:
        return wait_until(run, later(run, run.params.seconds)) or [run.items]
