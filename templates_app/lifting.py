"""Literals of a workflow that its users will want to change: what they are, and the graph with some of them lifted into
the node `Variables`."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from workflows_app.engine.workflow import Workflow as Graph

VARIABLES = "Variables"
SET_TYPE = "n8n-nodes-base.set"
KINDS = (
    ("email", re.compile(r"[^@\s{}=]+@[^@\s{}]+\.[^@\s{}]+")),
    ("url", re.compile(r"https?://[^\s{}]+")),
)
MOST = 12
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Literal:
    """`key` says where it stands: node and path below its parameters. `name` is what its variable would be called."""

    key: str
    node: str
    path: tuple[str, ...]
    name: str
    kind: str
    value: str

    @property
    def shown(self) -> str:
        return self.value if len(self.value) <= SHOWN_CHARACTERS else f"{self.value[:SHOWN_CHARACTERS]}…"


def literals(graph: dict[str, Any]) -> list[Literal]:
    """Addresses and links that stand in the settings of nodes as they are, at most a dozen."""
    found: list[Literal] = []
    for node in Graph.from_n8n(graph).nodes:
        if node.name == VARIABLES or node.type.endswith("stickyNote"):
            continue
        for path, value in texts(node.parameters, ()):
            kind = next((kind for kind, shape in KINDS if shape.fullmatch(value.strip())), "")
            if kind:
                name = free_name(path[-1], {one.name for one in found})
                found.append(Literal(f"{node.name}|{'.'.join(path)}", node.name, path, name, kind, value))
    return found[:MOST]


def texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text below `value` that is no expression, with the keys that lead to it; lists are left alone."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*path, str(key)))
    elif isinstance(value, str) and path and not value.startswith("="):
        yield path, value


def free_name(wanted: str, taken: set[str]) -> str:
    name, number = re.sub(r"\W", "", wanted) or "value", 1
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name}{number}"
    return candidate


def lifted(graph: dict[str, Any], chosen: list[Literal]) -> dict[str, Any]:
    """A copy in which these literals are variables: assigned in `Variables` (made behind the triggers where there is
    none) and read from there."""
    if not chosen:
        return graph
    made = deepcopy(graph)
    variables = next((node for node in made["nodes"] if node["name"] == VARIABLES), None) or add_variables(made)
    outer = variables.setdefault("parameters", {}).setdefault("assignments", {})
    assigned = outer.setdefault("assignments", [])
    taken = {entry.get("name") for entry in assigned}
    by_name = {node["name"]: node for node in made["nodes"]}
    for literal in chosen:
        name = free_name(literal.name, taken)
        taken.add(name)
        assigned.append({"id": str(uuid4()), "name": name, "type": "string", "value": literal.value})
        put(by_name[literal.node]["parameters"], literal.path, f"={{{{ $('{VARIABLES}').first().json.{name} }}}}")
        about = made.setdefault("meta", {}).setdefault("pumpflix", {}).setdefault("variables", [])
        about.append({"name": name, "label": f"{literal.node}: {name}", "type": literal.kind, "default": literal.value})
    return made


def put(parameters: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for key in path[:-1]:
        parameters = parameters[key]
    parameters[path[-1]] = value


def add_variables(graph: dict[str, Any]) -> dict[str, Any]:
    """The node, between every trigger and what follows it; what the trigger gave passes through."""
    parsed = Graph.from_n8n(graph)
    targets = {wire["node"] for wires in wires_of(graph) for wire in wires}
    starts = [node for node in parsed.nodes if node.name not in targets and not node.type.endswith("stickyNote")]
    x, y = starts[0].position if starts else (0, 0)
    made = {
        "id": str(uuid4()),
        "name": VARIABLES,
        "type": SET_TYPE,
        "typeVersion": 3.4,
        "position": [x + 120, y + 120],
        "parameters": {"assignments": {"assignments": []}, "includeOtherFields": True, "options": {}},
    }
    graph["nodes"].append(made)
    connections = graph.setdefault("connections", {})
    after: list[dict[str, Any]] = []
    for start in starts:
        outputs = connections.get(start.name, {}).get("main") or [[]]
        after += [wire for wire in outputs[0] or [] if wire not in after]
        outputs[0] = [{"node": VARIABLES, "type": "main", "index": 0}]
        connections.setdefault(start.name, {})["main"] = outputs
    connections[VARIABLES] = {"main": [after]}
    return made


def wires_of(graph: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    for by_type in (graph.get("connections") or {}).values():
        for outputs in by_type.values():
            yield from (wires for wires in outputs if wires)
