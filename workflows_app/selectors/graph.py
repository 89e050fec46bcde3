"""Questions about a stored graph that pages ask."""

from typing import Any

from workflows_app import nodes
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph

MANUAL = "n8n-nodes-base.manualTrigger"
READS_FILE = "n8n-nodes-base.extractFromFile"
VARIABLES_NODE = "Variables"


def file_input(graph: dict[str, Any]) -> str | None:
    """The name of the file a manual run wants: that of the first file-reading node behind a manual trigger."""
    parsed = Graph.from_n8n(graph)
    if not any(node.type == MANUAL and not node.disabled for node in parsed.nodes):
        return None
    reader = next((node for node in parsed.nodes if node.type == READS_FILE and not node.disabled), None)
    return None if reader is None else str(reader.parameters.get("binaryPropertyName") or "data")


def variables(graph: dict[str, Any]) -> list[dict[str, Any]]:
    """The template's variables as the wizard shows them: the schema of `meta.pumpflix.variables`, completed by the
    assignments of the node `Variables`, each with its current `value`."""
    parsed = Graph.from_n8n(graph)
    node = parsed.by_name.get(VARIABLES_NODE)
    if node is None:
        return []
    schema = {entry.get("name"): entry for entry in (parsed.meta.get("pumpflix") or {}).get("variables") or []}
    assigned = (node.parameters.get("assignments") or {}).get("assignments") or []
    return [{**described(entry, schema.get(entry.get("name"))), "value": entry.get("value")} for entry in assigned]


def described(entry: dict[str, Any], known: dict[str, Any] | None) -> dict[str, Any]:
    if known:
        return known
    kinds = {"number": "number", "boolean": "boolean", "object": "json", "array": "json"}
    name = str(entry.get("name") or "")
    return {
        "name": name,
        "label": name,
        "type": kinds.get(str(entry.get("type")), "text"),
        "help": "",
        "required": False,
    }


def triggers(graph: dict[str, Any]) -> list[str]:
    """Types of the enabled trigger nodes, known here or not, short (`manualTrigger`, `webhook`), in node order."""
    parsed = Graph.from_n8n(graph)
    return [node.type.rsplit(".", 1)[-1] for node in parsed.nodes if not node.disabled and is_trigger(node)]


def is_trigger(node: Node) -> bool:
    known = nodes.load().find(node.type, node.type_version)
    return known.trigger if known is not None else node.type.endswith("Trigger")
