"""What to run: `compile_workflow` once per version (cacheable, shared by threads), then a `Plan` per execution."""

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.engine.expression.filled import Fill
from workflows_app.engine.expression.parameters import ParameterTemplate
from workflows_app.engine.graph import Graph
from workflows_app.engine.history import RunData
from workflows_app.engine.items import Item, Items, JsonObject, items_from_json
from workflows_app.engine.node_type import NodeType
from workflows_app.engine.params import Params
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Connection, Node, Workflow

STICKY_NOTE = "n8n-nodes-base.stickyNote"

CALLED_TRIGGERS = frozenset({
    "n8n-nodes-base.webhook", "n8n-nodes-base.formTrigger", "n8n-nodes-base.executeWorkflowTrigger",
    "n8n-nodes-base.errorTrigger", "n8n-nodes-base.evaluationTrigger", "@n8n/n8n-nodes-langchain.chatTrigger",
    "@n8n/n8n-nodes-langchain.mcpTrigger", "n8n-nodes-base.start",
})  # fmt: skip
"""Triggers that wait for a caller: chosen as the start only when no trigger starts by itself."""

FALLBACK_STARTS = (
    "n8n-nodes-base.manualTrigger",
    "n8n-nodes-base.executeWorkflowTrigger",
    "n8n-nodes-base.errorTrigger",
    "n8n-nodes-base.evaluationTrigger",
    "n8n-nodes-base.start",
)


@dataclass(frozen=True)
class CompiledNode:
    """A node with all that stays the same from run to run. `type` is None for a placeholder."""

    node: Node
    type: NodeType[Any] | None
    outgoing: tuple[Connection, ...]
    width: int
    """How many inputs are wired, counted up to the highest."""

    @cached_property
    def name(self) -> str:
        return self.node.name

    @cached_property
    def template(self) -> ParameterTemplate:
        """The parameters, split at the first use."""
        return ParameterTemplate.of(self.node, None if self.type is None else self.type.Params)

    @cached_property
    def fillings(self) -> "dict[builtins.type[Params], Fill | None]":
        """How validated parameters are made of values, by model; see `expression.filled`."""
        return {}

    @cached_property
    def own_settings(self) -> JsonObject:
        """Settings that n8n does not have, from the node's `pumpflix` object."""
        own = self.node.raw.get("pumpflix")
        return own if isinstance(own, dict) else {}

    @cached_property
    def output_count(self) -> int:
        """With the error output that `continueErrorOutput` adds."""
        own = len(self.type.output_names(self.node)) if self.type is not None else 1
        return own + (self.node.on_error == "continueErrorOutput")

    @cached_property
    def input_count(self) -> int:
        return len(self.type.input_names(self.node)) if self.type is not None else 1


@dataclass(frozen=True)
class Compiled:
    """A workflow ready to run. Immutable but for caches, so one per version serves every execution."""

    workflow: Workflow
    graph: Graph
    nodes: Mapping[str, CompiledNode]
    ancestors_cache: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    outputs_cache: dict[tuple[str, str], int | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def is_v1(self) -> bool:
        return self.workflow.order == "v1"

    def ancestors(self, name: str) -> tuple[str, ...]:
        found = self.ancestors_cache.get(name)
        if found is None:
            found = self.ancestors_cache[name] = tuple(self.graph.ancestors(name))
        return found

    @cached_property
    def called_waits(self) -> frozenset[str]:
        """Nodes that wait until somebody calls their address."""
        return frozenset(name for name, one in self.nodes.items() if waits_for_call(one.node))

    def next_called_wait(self, name: str) -> str | None:
        """The node itself if it waits for a call, else the nearest behind it that does."""
        seen, near = {name}, [name]
        while near and self.called_waits:
            found = next((one for one in near if one in self.called_waits), None)
            if found is not None:
                return found
            near = [wire.target for one in near for wire in self.nodes[one].outgoing if wire.target in self.nodes]
            near = [one for one in dict.fromkeys(near) if one not in seen]
            seen.update(near)
        return None

    def output_towards(self, source: str, target: str) -> int | None:
        key = (source, target)
        if key not in self.outputs_cache:
            self.outputs_cache[key] = self.graph.output_towards(source, target)
        return self.outputs_cache[key]


@dataclass(frozen=True)
class Plan:
    """One execution, as a value. `pinned` replaces the outputs of nodes; `destination` ends the run with that node, and
    nothing runs that does not lead there; `earlier` is what nodes put out before, for a start in the middle."""

    compiled: Compiled
    start: str
    items: Items
    mode: str = "manual"
    execution_id: str = ""
    pinned: Mapping[str, Items] = field(default_factory=dict)
    destination: str | None = None
    allowed: frozenset[str] | None = None
    """The only nodes that may take a turn; None for all."""
    edited: Mapping[tuple[str, int], Items] = field(default_factory=dict)
    """Items that take the place of what arrives on input 0 of one turn."""
    earlier: Mapping[str, RunData] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    is_environment_blocked: bool = False
    """Whether reading `$env` is an error instead of giving nothing."""
    custom_data: Mapping[str, Any] = field(default_factory=dict)
    resume_url: str = ""
    resume_link: Callable[[str, int], str] | None = None
    """The address that ends the wait of one turn of a node; without it `resume_url` stands for all of them."""
    timezone: str = "UTC"
    is_clock_frozen: bool = False
    """Whether expressions take the time from the clock port instead of the child's own."""
    max_turns: int = 100_000
    """Node runs after which a run is taken for endless."""
    timeout_s: float | None = None
    """For the whole run; the workflow's own `executionTimeout` counts if it is shorter."""

    @property
    def workflow(self) -> Workflow:
        return self.compiled.workflow

    @cached_property
    def zone(self) -> str:
        """The workflow's own time zone, else the given default."""
        chosen = self.workflow.settings.get("timezone")
        return str(chosen) if chosen and chosen != "DEFAULT" else self.timezone

    @cached_property
    def only(self) -> frozenset[str] | None:
        """The nodes a partial run may touch; None for all."""
        if self.destination is None:
            return self.allowed
        leading = frozenset({self.destination, *self.compiled.graph.ancestors(self.destination)})
        return leading if self.allowed is None else leading & self.allowed

    @property
    def time_limit_s(self) -> float | None:
        limits = [limit for limit in (self.timeout_s, own_time_limit(self.workflow)) if limit]
        return min(limits) if limits else None


def waits_for_call(node: Node) -> bool:
    if node.type == "n8n-nodes-base.wait":
        return node.parameters.get("resume") in ("webhook", "form")
    return node.parameters.get("operation") == "sendAndWait"


def own_time_limit(workflow: Workflow) -> float | None:
    """n8n's `executionTimeout` in seconds; -1 and nonsense mean none."""
    stored = workflow.settings.get("executionTimeout")
    return float(stored) if isinstance(stored, int | float) and not isinstance(stored, bool) and stored > 0 else None


def compile_workflow(workflow: Workflow, registry: Registry) -> Compiled:
    """Look up every node's type and wires. Unknown types are no error: only reaching one is."""
    graph = Graph.of(workflow)
    nodes = {
        node.name: CompiledNode(
            node=node,
            type=registry.find(node.type, node.type_version),
            outgoing=tuple(graph.outgoing[node.name]),
            width=len(graph.incoming[node.name]),
        )
        for node in workflow.nodes
    }
    return Compiled(workflow=workflow, graph=graph, nodes=nodes)


def start_node(compiled: Compiled, destination: str | None = None) -> str:
    """Where a run starts when nobody says so: a node that stands alone, else the first enabled trigger that starts by
    itself, else triggers that wait for a caller, in a fixed order, else any other. With a destination only nodes that
    lead there count, and its topmost ancestor serves where no trigger does. Raises UserError."""
    names = [name for name, one in compiled.nodes.items() if one.node.type != STICKY_NOTE]
    if destination is not None:
        leading = {destination, *compiled.graph.ancestors(destination)}
        names = [name for name in names if name in leading]
    enabled = [compiled.nodes[name] for name in names if not compiled.nodes[name].node.disabled]
    if len(names) == 1 and enabled:
        return names[0]
    triggers = [one for one in enabled if one.type is not None and one.type.trigger]
    by_itself = [one.name for one in triggers if one.node.type not in CALLED_TRIGGERS]
    called = [one.name for kind in FALLBACK_STARTS for one in enabled if one.node.type == kind]
    others = [one.name for one in triggers]
    roots = [name for name in reversed(names) if not compiled.graph.incoming[name]] if destination is not None else []
    for choice in (by_itself, called, others, roots):
        if choice:
            return choice[0]
    raise UserError(
        "This workflow has no enabled trigger to start from.",
        code="no_start_node",
        hint="Add a trigger, for example Manual Trigger or Webhook, and connect it.",
    )


def make_plan(
    compiled: Compiled,
    *,
    start: str | None = None,
    items: Items | None = None,
    destination: str | None = None,
    **given: Any,
) -> Plan:
    """A plan with the start chosen if none is given and one empty item if there are none. Raises UserError for names
    that are not in the workflow."""
    for name in (start, destination):
        if name is not None and name not in compiled.nodes:
            raise UserError(f"There is no node named '{name}' in this workflow.", code="no_such_node")
    chosen = start or start_node(compiled, destination)
    return Plan(
        compiled=compiled,
        start=chosen,
        items=[Item(json={})] if items is None else items,
        destination=destination,
        **given,
    )


def pinned_items(workflow: Workflow) -> dict[str, Items]:
    """The workflow's own pin data as items; plain objects without a `json` member are taken as the JSON itself."""
    return {
        name: items_from_json([entry if "json" in entry else {"json": entry} for entry in entries])
        for name, entries in workflow.pin_data.items()
        if isinstance(entries, list)
    }
