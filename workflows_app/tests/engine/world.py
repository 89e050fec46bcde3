"""A small world for engine tests: node types that do one thing, graphs written as text, ports that do nothing real.

    workflow("Trigger -> If; If.1 -> A -> Merge; If -> Merge.1")

A name's letters say its type (`If2` is an If). `.n` behind a name is an output before an arrow and an input after one.
Nodes are placed in the order they are first named, each row below the one before, unless `at` says otherwise."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from pydantic import Field

from workflows_app.engine.errors import NodeFailed, PumpFlixError
from workflows_app.engine.events import Event, ExecutionFinished, NodeRunFailed, NodeRunFinished
from workflows_app.engine.items import Binary, Item, Items, JsonObject, Outputs
from workflows_app.engine.node_type import NodeRun, NodeType, Pause
from workflows_app.engine.params import Params, ui
from workflows_app.engine.plan import Compiled, Plan, compile_workflow, make_plan
from workflows_app.engine.ports import CodeCall, Ports
from workflows_app.engine.registry import Registry
from workflows_app.engine.run import run
from workflows_app.engine.state import RunState
from workflows_app.engine.workflow import Node, Workflow

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONE = re.compile(r"^{{\s*(.*?)\s*}}$", re.DOTALL)
ARROW = re.compile(r"\s*->\s*")


class AnyParams(Params):
    value: Any = None
    code: str = Field("", json_schema_extra=ui(no_expression=True))
    fails: int = 0
    items: Any = None
    hidden: Any = Field(None, json_schema_extra=ui(visible_when={"fails": [2]}))


class Nested(Params):
    text: Any = None
    raw: str = Field("", json_schema_extra=ui(no_expression=True))


class NestedParams(Params):
    entries: list[Nested] = []
    one: Nested | None = None


class Trigger(NodeType[AnyParams]):
    """Puts out what it was started with, or `items`."""

    name, label, group, icon = "n8n-nodes-base.manualTrigger", "Trigger", "trigger", "t"
    inputs, trigger, Params = (), True, AnyParams

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        given = run.params.items
        return [run.items if given is None else [Item(json=one) for one in given]]


class Pass(NodeType[AnyParams]):
    """Passes its items on, with `value` added under the node's name if there is one."""

    name, label, group, icon, Params = "test.pass", "Pass", "flow", "p", AnyParams

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        if "value" not in run.node.parameters:
            return [run.items]
        return [run.map(lambda item, params, _: {**item.json, run.node.name: params.value})]


class If(NodeType[AnyParams]):
    """Items whose `go` is true, or missing, to output 0, the others to output 1."""

    name, label, group, icon, Params = "test.if", "If", "flow", "i", AnyParams
    outputs = ("true", "false")

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        goes = [item.json.get("go", True) for item in run.items]
        return [[i for i, go in zip(run.items, goes, strict=True) if go is wanted] for wanted in (True, False)]


class Merge(NodeType[AnyParams]):
    """All items of all inputs. `value` is how many inputs it needs, or a list of them."""

    name, label, group, icon, Params = "test.merge", "Merge", "flow", "m", AnyParams
    inputs = ("one", "two")

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        return [[item for items in run.inputs for item in items]]

    def required_inputs(self, node: Node) -> int | tuple[int, ...]:
        wanted = node.parameters.get("value", 1)
        return tuple(wanted) if isinstance(wanted, list) else wanted


class Loop(NodeType[AnyParams]):
    """One item at a time on output 1, then all that came back on output 0."""

    name, label, group, icon, Params = "test.loop", "Loop", "flow", "l", AnyParams
    outputs = ("done", "loop")

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        state = run.context
        if "items" not in state:
            state.update(items=[item.json for item in run.items], at=0, done=[])
        else:
            state["done"].extend(item.json for item in run.items)
        if state["at"] == len(state["items"]):
            return [[Item(json=one) for one in state["done"]], []]
        state["at"] += 1
        return [[], [Item(json=state["items"][state["at"] - 1])]]


class Fail(NodeType[AnyParams]):
    """Fails the first `fails` times it is called in one world, every time if that is -1."""

    name, label, group, icon, Params = "test.fail", "Fail", "flow", "f", AnyParams
    calls = 0

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        type(self).calls += 1
        run.context["tries"] = run.context.get("tries", 0) + 1
        if self.calls <= run.params.fails or run.params.fails == -1:
            raise error_of(run.params.value)
        return [run.items]


class Each(NodeType[AnyParams]):
    """Fails for every item whose `go` is false."""

    name, label, group, icon, Params = "test.each", "Each", "flow", "e", AnyParams

    def execute(self, run: NodeRun[AnyParams]) -> Outputs:
        def work(item: Item, _params: AnyParams, index: int) -> Item:
            if not item.json.get("go", True):
                raise NodeFailed(f"item {index} may not go")
            return item

        return [run.map(work)]


class Do(NodeType[AnyParams]):
    """Calls the function the test gave under this node's name."""

    name, label, group, icon, Params = "test.do", "Do", "flow", "d", AnyParams
    functions: Mapping[str, Callable[[NodeRun[AnyParams]], Outputs | Pause | None]] = {}

    def execute(self, run: NodeRun[AnyParams]) -> Outputs | Pause | None:
        return self.functions[run.node.name](run)


class NestedType(NodeType[NestedParams]):
    """Puts out its parameters."""

    name, label, group, icon, Params = "test.nested", "Nested", "flow", "n", NestedParams

    def execute(self, run: NodeRun[NestedParams]) -> Outputs:
        return [run.map(lambda _item, params, _index: params.model_dump())]


TYPES = (Trigger, Pass, If, Merge, Loop, Fail, Each, Do, NestedType)
BY_WORD = {"Trigger": Trigger, "If": If, "Merge": Merge, "Loop": Loop, "Fail": Fail, "Each": Each, "Do": Do}


def error_of(made: Any) -> PumpFlixError | Exception:
    return made() if callable(made) else NodeFailed(str(made or "it failed"))


# graphs -------------------------------------------------------------------------------------------------------------
def workflow(
    text: str, *, order: str = "v1", at: Mapping[str, tuple[int, int]] | None = None, **nodes: Any
) -> Workflow:
    """The graph of the text. `nodes` are further raw keys by node name, parameters under `parameters` or as given to
    `params`; `settings` and `pinData` go to the workflow."""
    wires, names = read_graph(text)
    top = {key: nodes.pop(key) for key in ("settings", "pinData", "id", "active") if key in nodes}
    raw_nodes = [raw_node(name, number, (at or {}).get(name), nodes.pop(name, {})) for number, name in enumerate(names)]
    assert not nodes, f"no such node: {nodes}"
    connections: JsonObject = {}
    for source, output, target, into in wires:
        outputs = connections.setdefault(source, {"main": []})["main"]
        outputs.extend([] for _ in range(output + 1 - len(outputs)))
        outputs[output].append({"node": target, "type": "main", "index": into})
    settings = {"executionOrder": order, **top.pop("settings", {})}
    return Workflow.from_n8n({"nodes": raw_nodes, "connections": connections, "settings": settings, **top})


def read_graph(text: str) -> tuple[list[tuple[str, int, str, int]], list[str]]:
    wires: list[tuple[str, int, str, int]] = []
    names: dict[str, None] = {}
    for chain in text.split(";"):
        stops = [stop.strip() for stop in ARROW.split(chain.strip())]
        parts = [(name, int(port or 0)) for name, _, port in (stop.partition(".") for stop in stops)]
        names.update(dict.fromkeys(name for name, _ in parts))
        for number, ((source, output), (target, into)) in enumerate(pairwise(parts)):
            is_first = number == 0
            is_last = number == len(parts) - 2
            wires.append((source, output if is_first else 0, target, into if is_last else 0))
    return wires, list(names)


def raw_node(name: str, number: int, place: tuple[int, int] | None, given: Any) -> JsonObject:
    word = re.match(r"[A-Za-z]+", name)
    node_type = BY_WORD.get(word[0] if word else "", Pass)
    own = dict(given)
    if "params" in own:
        own["parameters"] = own.pop("params")
    return {
        "name": name,
        "type": node_type.name,
        "typeVersion": 1,
        "position": list(place or (0, number * 100)),
        "parameters": {},
        **own,
    }


def registry() -> Registry:
    found = Registry()
    for node_type in TYPES:
        found.add(node_type)
    return found


# ports --------------------------------------------------------------------------------------------------------------
class FakeClock:
    """Stands still but for sleeps."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


class FakeCode:
    """Answers expressions from a table of code to value, error object or `f(call, item)`; keeps each call."""

    def __init__(self, table: Mapping[str, Any] | None = None) -> None:
        self.table = dict(table or {})
        self.calls: list[CodeCall] = []

    def evaluate(self, call: CodeCall) -> JsonObject:
        self.calls.append(call)
        return {"results": [self.result(call, number, item) for number, item in call.header["wanted"]]}

    def result(self, call: CodeCall, number: int, item: int) -> JsonObject:
        made = self.table[LONE.sub(r"\1", call.header["templates"][number])]
        value = made(call, item) if callable(made) else made
        return value if isinstance(value, dict) and set(value) <= {"u", "e"} and value else {"v": value}

    def run(self, call: CodeCall, on_call: Any = None) -> JsonObject:
        self.calls.append(call)
        return {"output": []}


class FakePayloads:
    def put(self, data: bytes, *, mime_type: str, file_name: str = "") -> Binary:
        return Binary("ref", mime_type, len(data), file_name=file_name)

    def get(self, ref: str) -> bytes:
        return b""


@dataclass
class World:
    """One workflow ready to run, with the ports it runs on."""

    compiled: Compiled
    clock: FakeClock = field(default_factory=FakeClock)
    code: FakeCode = field(default_factory=FakeCode)
    ports: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def plan(self, items: list[JsonObject] | None = None, **given: Any) -> Plan:
        started = None if items is None else [Item(json=one) for one in items]
        return make_plan(self.compiled, items=started, **{**self.settings, **given})

    def all_ports(self) -> Ports:
        return Ports(clock=self.clock, code=self.code, payloads=FakePayloads(), **self.ports)

    def run(
        self, items: list[JsonObject] | None = None, *, state: RunState | None = None, **given: Any
    ) -> "Transcript":
        return Transcript(list(run(self.plan(items, **given), self.all_ports(), state)))


def world(text: str, **given: Any) -> World:
    """`code`, `functions`, `ports` and `settings` make the world, all else the graph."""
    Fail.calls = 0
    Do.functions = given.pop("functions", {})
    code = FakeCode(given.pop("code", None))
    ports, plan_settings = given.pop("ports", {}), given.pop("plan", {})
    return World(compile_workflow(workflow(text, **given), registry()), code=code, ports=ports, settings=plan_settings)


@dataclass
class Transcript:
    """What a run said, asked in a few ways."""

    events: list[Event]

    @property
    def order(self) -> list[str]:
        return [event.node for event in self.events if isinstance(event, NodeRunFinished | NodeRunFailed)]

    @property
    def status(self) -> str:
        last = self.events[-1]
        return last.status if isinstance(last, ExecutionFinished) else "waiting"

    @property
    def error(self) -> JsonObject:
        last = self.events[-1]
        assert isinstance(last, ExecutionFinished)
        return last.error or {}

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def finished(self, node: str, run_index: int = 0) -> NodeRunFinished:
        return next(one for one in self.of(NodeRunFinished) if (one.node, one.run_index) == (node, run_index))

    def outputs(self, node: str, run_index: int = 0) -> list[list[JsonObject]] | None:
        """The JSON of each output."""
        outputs = self.finished(node, run_index).outputs
        return None if outputs is None else [[item.json for item in items] for items in outputs]

    def items(self, node: str, run_index: int = 0, output: int = 0) -> Items:
        return (self.finished(node, run_index).outputs or [])[output]

    def pairs(self, node: str, run_index: int = 0, output: int = 0) -> list[Any]:
        """Per item its links as (input, item); None where there is none."""
        return [
            None if item.paired is None else [(pair.input, pair.item) for pair in item.paired]
            for item in self.items(node, run_index, output)
        ]


def order_of(text: str, items: list[JsonObject] | None = None, **given: Any) -> list[str]:
    return world(text, **given).run(items).order
