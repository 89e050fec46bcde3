"""From a graph and what a run said about its nodes to a scene that `pumpflix.lib.drawing` can draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pumpflix.lib.drawing import DrawnNode, Scene, Wire, looks_of
from workflows_app import nodes
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph

NOTE_TYPE = "n8n-nodes-base.stickyNote"


@dataclass(frozen=True)
class RunMarks:
    """What a run did, by node name: its last status, and items per output summed over its turns."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    items_out: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def count(self, name: str, output: int) -> int | None:
        """Items on one output; None if the node has not put out anything yet."""
        counts = self.items_out.get(name)
        if counts is None:
            return None
        return counts[output] if output < len(counts) else 0

    def total(self, name: str) -> int | None:
        counts = self.items_out.get(name)
        return None if counts is None else sum(counts)


NO_RUN = RunMarks()


def scene_of(graph: Mapping[str, Any], marks: RunMarks = NO_RUN) -> Scene:
    """Every node but the notes, and all connections. Ids name the nodes where they are unique, else names do."""
    nodes.load()
    parsed = Graph.from_n8n(dict(graph))
    shown = [node for node in parsed.nodes if node.type != NOTE_TYPE]
    ids = {node.id for node in parsed.nodes}
    key = {node.name: node.id if len(ids) == len(parsed.nodes) else node.name for node in shown}
    wires = tuple(
        Wire(
            source=key[wire.source],
            target=key[wire.target],
            output=wire.source_index,
            label=output_label(parsed.by_name[wire.source], wire.source_index),
            count=marks.count(wire.source, wire.source_index) if wire.type == "main" else None,
        )
        for wire in parsed.connections
        if wire.source in key and wire.target in key
    )
    return Scene(tuple(drawn(node, key[node.name], marks) for node in shown), wires)


def drawn(node: Node, key: str, marks: RunMarks) -> DrawnNode:
    known = registry.newest(node.type)
    icon, role = (known.icon, known.silhouette) if known else looks_of(node.type)
    x, y = node.position
    return DrawnNode(
        id=key,
        label=node.name,
        role=role,
        icon=icon,
        count=marks.total(node.name),
        status=marks.statuses.get(node.name, ""),
        x=x,
        y=y,
        is_disabled=node.disabled,
        is_placeholder=known is None,
    )


def output_label(node: Node, output: int) -> str:
    """The name of an output where a node type has several; empty for a plain one."""
    node_type = registry.find(node.type, node.type_version)
    if node_type is None:
        return ""
    names = node_type.output_names(node)
    if output < len(names):
        return names[output] if len(names) > 1 else ""
    return "error" if node.on_error == "continueErrorOutput" else ""


def output_label_of(graph: Mapping[str, Any], name: str, output: int) -> str:
    """As `output_label`, for a node named in stored JSON."""
    nodes.load()
    node = Graph.from_n8n(dict(graph)).by_name.get(name)
    return output_label(node, output) if node else ""
