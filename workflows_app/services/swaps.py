"""Swapping nodes that are not here for types that can do their job: what can be carried over is, the rest is listed."""

from typing import Any

from workflows_app import nodes
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.toolkit.compat import BASE, SWAPS, verdicts

# Parameter of the new type -> names it has in the types that are swapped for it.
CARRIED: dict[str, dict[str, tuple[str, ...]]] = {
    "emailSend": {
        "toEmail": ("sendTo", "toEmail", "toRecipients", "to", "toAddresses"),
        "fromEmail": ("fromEmail", "from"),
        "subject": ("subject",),
        "text": ("message", "text", "content", "body", "bodyContent"),
    },
    "dataTable": {},
    "httpRequest": {"url": ("url",)},
}


def swapped(graph: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The graph with every node swapped that can be, and a line for each: what it became and what was carried over."""
    registry = nodes.load()
    parsed = Graph.from_n8n(graph)
    wanted = {one.name for one in verdicts(parsed, registry) if one.verdict == "swap"}
    changes: list[str] = []
    kept = tuple(swap(node, registry, changes) if node.name in wanted else node for node in parsed.nodes)
    return parsed.with_nodes(kept).to_n8n(), changes


def swap(node: Node, registry: Registry, changes: list[str]) -> Node:
    old = node.type.removeprefix(BASE)
    new = SWAPS[old]
    carried = carry(node.parameters, CARRIED.get(new, {}))
    said = f"carried over: {', '.join(sorted(carried))}" if carried else "its settings have to be filled in"
    newest = registry.newest(BASE + new)
    label = newest.label if newest else new
    changes.append(f"{node.name}: {old} became {label}; {said}")
    return node.replace(
        type=BASE + new, type_version=max(registry.versions(BASE + new)), parameters=carried, credentials={}
    )


def carry(old: dict[str, Any], names: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    found = {new: next((old[name] for name in olds if old.get(name)), None) for new, olds in names.items()}
    return {name: value for name, value in found.items() if value is not None}
