"""What can start a workflow here, or end a wait of one: a published workflow must not wait for what never comes."""

from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Node, Workflow
from workflows_app.errors import Unsuitable
from workflows_app.services.webhooks import WEBHOOK_TYPES
from workflows_app.toolkit.schedule_rules import SCHEDULE_TYPES, is_polled

BY_HAND = ("n8n-nodes-base.manualTrigger", "n8n-nodes-base.start")
BY_WORKFLOWS = ("n8n-nodes-base.executeWorkflowTrigger", "n8n-nodes-base.errorTrigger")
SERVED = frozenset((*WEBHOOK_TYPES, *SCHEDULE_TYPES, *BY_HAND, *BY_WORKFLOWS))
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
    if node.type in SERVED or is_polled(node):
        return False
    known = registry.find(node.type, node.type_version)
    return known.trigger if known is not None else node.type.endswith("Trigger")
