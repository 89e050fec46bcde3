"""What can start a workflow here, or end a wait of one: a published workflow must not wait for what never comes."""

from workflows_app.engine.workflow import Node, Workflow
from workflows_app.errors import Unsuitable
from workflows_app.selectors.graph import is_trigger
from workflows_app.services.webhooks import WEBHOOK_TYPES
from workflows_app.toolkit.schedule_rules import SCHEDULE_TYPES, is_polled

BY_HAND = ("n8n-nodes-base.manualTrigger", "n8n-nodes-base.start")
BY_CALL = "n8n-nodes-base.executeWorkflowTrigger"
BY_ITSELF = frozenset((*WEBHOOK_TYPES, *SCHEDULE_TYPES, "n8n-nodes-base.errorTrigger"))
WAIT = "n8n-nodes-base.wait"


def refuse_unserved(workflow: Workflow) -> None:
    """Raises Unsuitable, naming the nodes."""
    unserved = [node.name for node in workflow.nodes if not node.disabled and is_unserved(node)]
    if unserved:
        names = ", ".join(f"'{name}'" for name in unserved[:5])
        raise Unsuitable(
            f"Nothing calls {names} here, so the workflow cannot be switched on.",
            code="trigger_not_served",
            hint="Disable it, or start the workflow by a webhook, a schedule or by hand instead.",
        )


def is_unserved(node: Node) -> bool:
    """A trigger of a kind that is not listened to, known or not, or a wait that no call can end as it wants: with an
    answer made later."""
    if node.type == WAIT:
        resume, answer = node.parameters.get("resume"), node.parameters.get("responseMode")
        return resume == "webhook" and answer not in (None, "", "onReceived")
    return is_trigger(node) and not (starts_by_itself(node) or node.type in BY_HAND or node.type == BY_CALL)


def starts_by_itself(node: Node) -> bool:
    """Whether it starts runs of a live workflow without a person or a caller."""
    return not node.disabled and (node.type in BY_ITSELF or is_polled(node))
