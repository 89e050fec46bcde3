"""The graph as a value. n8n JSON in, the same JSON out: each part keeps the object it was read from, so keys this
engine does not know survive. Format: n8n's workflow export (nodes, connections by node name, settings, pinData)."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workflows_app.engine.errors import Problem, WorkflowInvalid
from workflows_app.engine.items import JsonObject

MAX_NODES = 2_000
ON_ERROR = ("stopWorkflow", "continueRegularOutput", "continueErrorOutput")


@dataclass(frozen=True)
class Node:
    """A box. `raw` is the object it was read from; the properties read it with n8n's defaults."""

    raw: JsonObject = field(repr=False)

    @cached_property
    def name(self) -> str:
        return str(self.raw["name"])

    @property
    def id(self) -> str:
        return str(self.raw.get("id") or self.raw["name"])

    @cached_property
    def type(self) -> str:
        return str(self.raw["type"])

    @cached_property
    def type_version(self) -> float:
        return float(self.raw.get("typeVersion") or 1)

    @cached_property
    def position(self) -> tuple[float, float]:
        x, y = self.raw.get("position") or (0, 0)
        return float(x), float(y)

    @cached_property
    def parameters(self) -> JsonObject:
        return self.raw.get("parameters") or {}

    @property
    def credentials(self) -> JsonObject:
        return self.raw.get("credentials") or {}

    @cached_property
    def disabled(self) -> bool:
        return bool(self.raw.get("disabled"))

    @property
    def notes(self) -> str:
        return str(self.raw.get("notes") or "")

    @cached_property
    def on_error(self) -> str:
        """`stopWorkflow`, `continueRegularOutput` or `continueErrorOutput`; the older `continueOnFail` counts."""
        chosen = self.raw.get("onError")
        if chosen in ON_ERROR:
            return str(chosen)
        return "continueRegularOutput" if self.raw.get("continueOnFail") else "stopWorkflow"

    @cached_property
    def retry_on_fail(self) -> bool:
        return bool(self.raw.get("retryOnFail"))

    @property
    def max_tries(self) -> int:
        return int(self.raw.get("maxTries") or 3)

    @property
    def wait_between_tries_s(self) -> float:
        return float(self.raw.get("waitBetweenTries") or 1000) / 1000

    @cached_property
    def always_output_data(self) -> bool:
        return bool(self.raw.get("alwaysOutputData"))

    @cached_property
    def execute_once(self) -> bool:
        return bool(self.raw.get("executeOnce"))

    @property
    def webhook_id(self) -> str:
        return str(self.raw.get("webhookId") or "")

    def replace(self, **changes: Any) -> "Node":
        """A copy with those raw keys changed."""
        return Node({**self.raw, **changes})


@dataclass(frozen=True, slots=True)
class Connection:
    """A wire from an output to an input; `type` is `main` for items, an `ai_*` word for attachments."""

    source: str
    source_index: int
    target: str
    target_index: int
    type: str = "main"
    target_type: str = "main"


@dataclass(frozen=True)
class Workflow:
    """Immutable. `raw` holds every other top-level key (name, settings, pinData, meta, ...)."""

    nodes: tuple[Node, ...]
    connections: tuple[Connection, ...]
    raw: JsonObject = field(repr=False)

    @cached_property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    def node(self, name: str) -> Node:
        return self.by_name[name]

    @property
    def id(self) -> str:
        return str(self.raw.get("id") or "")

    @property
    def name(self) -> str:
        return str(self.raw.get("name") or "")

    @property
    def active(self) -> bool:
        return bool(self.raw.get("active"))

    @property
    def settings(self) -> JsonObject:
        return self.raw.get("settings") or {}

    @property
    def order(self) -> str:
        """`v1`, or `v0` for anything else."""
        return "v1" if self.settings.get("executionOrder") == "v1" else "v0"

    @property
    def pin_data(self) -> JsonObject:
        return self.raw.get("pinData") or {}

    @property
    def meta(self) -> JsonObject:
        return self.raw.get("meta") or {}

    @classmethod
    def from_n8n(cls, raw: Any) -> "Workflow":
        """Read an export. Raises WorkflowInvalid with every structural problem: wrong shapes, duplicate names, wires to
        nowhere, too many nodes. Unknown node types are not a problem here."""
        problems = shape_problems(raw)
        if problems:
            raise WorkflowInvalid(problems)
        nodes = tuple(Node(node) for node in raw["nodes"])
        connections, problems = read_connections(raw.get("connections") or {}, {node.name for node in nodes})
        if problems:
            raise WorkflowInvalid(problems)
        rest = {key: value for key, value in raw.items() if key != "nodes"}
        return cls(nodes=nodes, connections=tuple(connections), raw=rest)

    def to_n8n(self) -> JsonObject:
        """A deep copy in n8n's shape; what was read comes out again."""
        out: JsonObject = {}
        for key, value in self.raw.items():
            if key == "connections":
                out["nodes"] = [copy.deepcopy(node.raw) for node in self.nodes]
            out[key] = copy.deepcopy(value)
        out.setdefault("nodes", [copy.deepcopy(node.raw) for node in self.nodes])
        return out

    def with_nodes(self, nodes: tuple[Node, ...]) -> "Workflow":
        """The same wires with other node contents; names must not change."""
        return Workflow(nodes=nodes, connections=self.connections, raw=self.raw)

    def with_raw(self, **changes: Any) -> "Workflow":
        return Workflow(nodes=self.nodes, connections=self.connections, raw={**self.raw, **changes})


def shape_problems(raw: Any) -> list[Problem]:
    """Everything wrong with the outer shape and the nodes, in reading order."""
    if not isinstance(raw, Mapping):
        return [Problem("$", "A workflow is a JSON object with 'nodes' and 'connections'.", "not_an_object")]
    nodes = raw.get("nodes")
    if not isinstance(nodes, list):
        return [Problem("nodes", "'nodes' must be a list of nodes; this JSON has none.", "nodes_missing")]
    if len(nodes) > MAX_NODES:
        text = f"{len(nodes)} nodes; at most {MAX_NODES} are allowed. Split the workflow into sub-workflows."
        return [Problem("nodes", text, "too_many_nodes")]
    problems = [found for index, node in enumerate(nodes) for found in node_problems(node, f"nodes[{index}]")]
    problems += duplicate_problems(nodes)
    for key in ("connections", "settings", "pinData", "meta"):
        if (
            raw.get(key) is not None
            and not isinstance(raw[key], Mapping)
            and not (key == "connections" and raw[key] == [])
        ):
            problems.append(Problem(key, f"'{key}' must be an object.", "wrong_shape"))
    return problems


def node_problems(node: Any, path: str) -> list[Problem]:
    if not isinstance(node, Mapping):
        return [Problem(path, "A node is an object with 'name', 'type' and 'parameters'.", "wrong_shape")]
    problems = []
    for key in ("name", "type"):
        value = node.get(key)
        if not isinstance(value, str) or not value.strip():
            problems.append(Problem(f"{path}.{key}", f"'{key}' must be a non-empty text.", "wrong_shape"))
        elif len(value) > 300:
            problems.append(Problem(f"{path}.{key}", f"'{key}' is longer than 300 characters.", "too_long"))
    problems += [
        Problem(f"{path}.{key}", f"'{key}' must be an object.", "wrong_shape")
        for key in ("parameters", "credentials")
        if node.get(key) and not isinstance(node[key], Mapping)
    ]
    if not is_version(node.get("typeVersion")):
        problems.append(Problem(f"{path}.typeVersion", "'typeVersion' must be a number from 0 to 100.", "wrong_shape"))
    if not is_position(node.get("position")):
        problems.append(Problem(f"{path}.position", "'position' must be two numbers, x and y.", "wrong_shape"))
    return problems


def is_version(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100)


def is_position(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and len(value) == 2 and all(
        isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < 1e9 for part in value
    )  # fmt: skip


def duplicate_problems(nodes: list[Any]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for index, node in enumerate(nodes):
        name = node.get("name") if isinstance(node, Mapping) else None
        if not isinstance(name, str):
            continue
        if name in first:
            text = f"The name '{name}' is taken by nodes[{first[name]}]. Node names must be unique: wires use them."
            problems.append(Problem(f"nodes[{index}].name", text, "duplicate_name"))
        first.setdefault(name, index)
    return problems


def read_connections(raw: Mapping[str, Any], names: set[str]) -> tuple[list[Connection], list[Problem]]:
    """All wires in stored order, with a problem for each that leads nowhere or has a wrong shape."""
    found: list[Connection] = []
    problems: list[Problem] = []
    for source, by_type in raw.items() if isinstance(raw, Mapping) else ():
        path = f"connections.{source}"
        if source not in names:
            problems.append(Problem(path, f"There is no node named '{source}'.", "unknown_source"))
            continue
        if not isinstance(by_type, Mapping):
            problems.append(Problem(path, "Must be an object of connection types.", "wrong_shape"))
            continue
        for kind, outputs in by_type.items():
            read_outputs(source, str(kind), outputs, names, f"{path}.{kind}", found, problems)
    return found, problems


def read_outputs(  # noqa: PLR0913, PLR0917  a walk with two collectors
    source: str, kind: str, outputs: Any, names: set[str], path: str, found: list[Connection], problems: list[Problem]
) -> None:
    if not isinstance(outputs, list):
        problems.append(Problem(path, "Must be a list with one list of wires per output.", "wrong_shape"))
        return
    for index, wires in enumerate(outputs):
        if wires is None:
            continue
        if not isinstance(wires, list):
            problems.append(Problem(f"{path}[{index}]", "Must be a list of wires.", "wrong_shape"))
            continue
        for number, wire in enumerate(wires):
            place = f"{path}[{index}][{number}]"
            problem = wire_problem(wire, names, place)
            if problem:
                problems.append(problem)
            else:
                target_type = str(wire.get("type") or "main")
                found.append(Connection(source, index, wire["node"], int(wire.get("index") or 0), kind, target_type))


def wire_problem(wire: Any, names: set[str], path: str) -> Problem | None:
    if not isinstance(wire, Mapping) or not isinstance(wire.get("node"), str):
        return Problem(path, "A wire is an object with 'node', 'type' and 'index'.", "wrong_shape")
    if wire["node"] not in names:
        return Problem(f"{path}.node", f"There is no node named '{wire['node']}'.", "unknown_target")
    index = wire.get("index") or 0
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < 1_000:
        return Problem(f"{path}.index", "'index' must be a whole number from 0 to 999.", "wrong_shape")
    return None
