"""What a workflow does, node by node, in words."""

from dataclasses import dataclass

from workflows_app import nodes
from workflows_app.engine.graph import Graph as Wires
from workflows_app.engine.items import JsonObject
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph

NOTE_TYPE = "n8n-nodes-base.stickyNote"


@dataclass(frozen=True, slots=True)
class Step:
    """What one node does."""

    node: str
    text: str


def steps_of(graph: JsonObject, order: list[str] | None = None) -> list[Step]:
    """Every node but notes, in the order given, else as a run would reach them."""
    registry, parsed = nodes.load(), Graph.from_n8n(graph)
    known = [name for name in order or [] if name in parsed.by_name] or list(Wires.of(parsed).display_order())
    told = [parsed.node(name) for name in known]
    return [Step(node.name, sentence(node, registry)) for node in told if node.type != NOTE_TYPE]


def sentence(node: Node, registry: Registry) -> str:
    """What a node does; a type this instance does not know is named."""
    node_type = registry.find(node.type, node.type_version)
    return node_type.describe(node) if node_type else f"{node.type}, which this instance does not know."
