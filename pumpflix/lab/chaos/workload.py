"""Workflows of every shape, made from a seed, and the right end of each computed here, without the product.

A flow is a list of steps; each takes `{case, value}` and gives it on with another value. Nodes that do something post
`{case, value}` to the ledger, which answers with what it got, so the effect and the result are the same number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

PRIME = 1_000_003
WEBHOOK = "Webhook"
BEGIN = "Begin"
LAST = "Last"
SPREAD = """
const given = $input.first().json;
return [...Array(%d).keys()].map((turn) => ({ json: { case: given.case, value: given.value + turn } }));
"""
TOTAL = f"""
const all = $input.all().map((item) => item.json);
return [{{ json: {{ case: all[0].case, value: all.reduce((sum, one) => sum + one.value, 0) % {PRIME} }} }}];
"""

Graph = dict[str, Any]
Effect = tuple[str, int, int]  # node, run index, value


@dataclass(frozen=True)
class Call:
    """`value * times + plus`, told to the ledger."""

    name: str
    times: int
    plus: int

    def after(self, value: int) -> int:
        return (value * self.times + self.plus) % PRIME


@dataclass(frozen=True)
class Branch:
    """Even values take the first arm, odd ones the second."""

    name: str
    even: tuple[Call, ...]
    odd: tuple[Call, ...]


@dataclass(frozen=True)
class Loop:
    """Spreads the value over `rounds` items, one call for each, one after the other, and sums up."""

    name: str
    rounds: int
    body: Call


@dataclass(frozen=True)
class Wait:
    name: str
    seconds: int


@dataclass(frozen=True)
class Sub:
    """Calls another workflow, which calls the ledger."""

    name: str
    calls: tuple[Call, ...]


Step = Call | Branch | Loop | Wait | Sub


@dataclass(frozen=True)
class Flow:
    """`path` is that of its webhook."""

    path: str
    steps: tuple[Step, ...]

    @property
    def kinds(self) -> set[str]:
        return {type(step).__name__ for step in self.steps}

    @property
    def subs(self) -> list[Sub]:
        return [step for step in self.steps if isinstance(step, Sub)]

    def end(self, value: int) -> "End":
        """What has to come out, and every effect on the way."""
        end = End(value, [(BEGIN, 0, value)])
        for step in (*self.steps, Call(LAST, 1, 1)):
            _follow(step, end)
        return end


@dataclass
class End:
    value: int
    effects: list[Effect] = field(default_factory=list)

    def call(self, call: Call, run: int = 0) -> None:
        self.value = call.after(self.value)
        self.effects.append((call.name, run, self.value))


def _follow(step: Step, end: End) -> None:
    if isinstance(step, Call):
        end.call(step)
    elif isinstance(step, Branch):
        for call in step.odd if end.value % 2 else step.even:
            end.call(call)
    elif isinstance(step, Sub):
        for call in step.calls:
            end.call(call)
    elif isinstance(step, Loop):
        _follow_loop(step, end)


def _follow_loop(step: Loop, end: End) -> None:
    start, total = end.value, 0
    for turn in range(step.rounds):
        end.value = start + turn
        end.call(step.body, turn)
        total += end.value
    end.value = total % PRIME


# made from a seed --------------------------------------------------------------------------------------------------
def flows(rng: Random, count: int, *, prefix: str, longest_wait_s: int = 5) -> list[Flow]:
    """Of every hundred at least thirty branch, ten loop, ten wait and ten call another workflow; 5-20 nodes each."""
    chances = {"branch": 0.3, "loop": 0.1, "wait": 0.1, "sub": 0.1}
    wanted = {kind: max(1, round(count * share)) for kind, share in chances.items()}
    extras: list[set[str]] = [set() for _ in range(count)]
    for kind, number in wanted.items():
        for place in rng.sample(range(count), min(number, count)):
            extras[place].add(kind)
    return [_flow(rng, f"{prefix}-{place}", extra, longest_wait_s) for place, extra in enumerate(extras)]


def _flow(rng: Random, path: str, extras: set[str], longest_wait_s: int) -> Flow:
    names = (f"N{number}" for number in range(1, 100))
    steps: list[Step] = [_call(rng, names) for _ in range(rng.randint(3, 9))]
    for kind in sorted(extras):
        steps.insert(rng.randint(1, len(steps)), _special(rng, kind, names, longest_wait_s))
    return Flow(path, tuple(steps))


def _call(rng: Random, names: Iterator[str]) -> Call:
    return Call(next(names), rng.randint(2, 9), rng.randint(0, 99))


def _special(rng: Random, kind: str, names: Iterator[str], longest_wait_s: int) -> Step:
    name = f"{kind.title()} {next(names)}"
    if kind == "branch":
        arms = [tuple(_call(rng, names) for _ in range(rng.randint(1, 2))) for _ in range(2)]
        return Branch(name, arms[0], arms[1])
    if kind == "loop":
        return Loop(name, rng.randint(2, 4), _call(rng, names))
    if kind == "wait":
        return Wait(name, rng.randint(1, longest_wait_s))
    return Sub(name, tuple(_call(rng, names) for _ in range(rng.randint(1, 3))))


# as n8n JSON -------------------------------------------------------------------------------------------------------
class _Drawing:
    """Nodes and wires, laid out from left to right."""

    def __init__(self, ledger_url: str) -> None:
        self.ledger_url = ledger_url
        self.nodes: list[Graph] = []
        self.wires: dict[str, dict[str, list[list[Graph]]]] = {}

    def node(self, name: str, kind: str, version: float, parameters: Graph, **more: Any) -> str:
        place = [220 * len(self.nodes), 0]
        self.nodes.append(
            {
                "id": f"id-{name}",
                "name": name,
                "type": f"n8n-nodes-base.{kind}",
                "typeVersion": version,
                "position": place,
                "parameters": parameters,
                **more,
            }
        )
        return name

    def wire(self, one: str, other: str, output: int = 0) -> None:
        outputs = self.wires.setdefault(one, {"main": []})["main"]
        while len(outputs) <= output:
            outputs.append([])
        outputs[output].append({"node": other, "type": "main", "index": 0})

    def post(self, name: str, body: str, **more: Any) -> str:
        """A node that posts what the expression gives to the ledger, which gives it back."""
        parameters = {
            "method": "POST",
            "url": f"{self.ledger_url}/effect?echo=1",
            "sendBody": True,
            "specifyBody": "json",
            "jsonBody": f"={{{{ {body} }}}}",
            "options": {},
        }
        return self.node(name, "httpRequest", 4.2, parameters, **more)

    def call(self, call: Call, before: str) -> str:
        self.post(call.name, _body(call))
        self.wire(before, call.name)
        return call.name

    def graph(self, name: str) -> Graph:
        return {"name": name, "nodes": self.nodes, "connections": self.wires, "settings": {"executionOrder": "v1"}}


def graph_of(flow: Flow, ledger_url: str, sub_ids: dict[str, str]) -> Graph:
    """The workflow. `sub_ids` gives the id of the workflow each `Sub` calls, by its name."""
    drawing = _Drawing(ledger_url)
    hook = {"httpMethod": "POST", "path": flow.path, "responseMode": "onReceived", "options": {}}
    drawing.node(WEBHOOK, "webhook", 2, hook)
    drawing.post(BEGIN, "JSON.stringify({ case: $json.body.case, value: $json.body.value })")
    drawing.wire(WEBHOOK, BEGIN)
    ends = [BEGIN]
    for step in (*flow.steps, Call(LAST, 1, 1)):
        ends = _draw(drawing, step, ends, sub_ids)
    return drawing.graph(flow.path)


def sub_graph(flow: Flow, sub: Sub, ledger_url: str) -> Graph:
    """The workflow that one step calls."""
    drawing = _Drawing(ledger_url)
    end = drawing.node("Called", "executeWorkflowTrigger", 1.1, {"inputSource": "passthrough"})
    for call in sub.calls:
        end = drawing.call(call, end)
    return drawing.graph(f"{flow.path} {sub.name}")


def _draw(drawing: _Drawing, step: Step, ends: list[str], sub_ids: dict[str, str]) -> list[str]:
    """Adds one step behind `ends`; what the next one goes behind."""
    if isinstance(step, Branch):
        return _draw_branch(drawing, step, ends)
    if isinstance(step, Loop):
        return _draw_loop(drawing, step, ends)
    if isinstance(step, Call):
        first, *others = ends
        drawing.call(step, first)
        for other in others:
            drawing.wire(other, step.name)
        return [step.name]
    if isinstance(step, Wait):
        drawing.node(step.name, "wait", 1.1, {"amount": step.seconds, "unit": "seconds"}, webhookId=f"wait-{step.name}")
    else:
        chosen = {"__rl": True, "mode": "id", "value": sub_ids[step.name]}
        drawing.node(step.name, "executeWorkflow", 1.2, {"workflowId": chosen, "options": {}})
    for end in ends:
        drawing.wire(end, step.name)
    return [step.name]


def _draw_branch(drawing: _Drawing, step: Branch, ends: list[str]) -> list[str]:
    is_even = {
        "id": "1",
        "leftValue": "={{ $json.value % 2 }}",
        "rightValue": 0,
        "operator": {"type": "number", "operation": "equals"},
    }
    rules = {"options": {"version": 2}, "combinator": "and", "conditions": [is_even]}
    drawing.node(step.name, "if", 2.2, {"conditions": rules, "options": {}})
    for end in ends:
        drawing.wire(end, step.name)
    last = []
    for output, arm in enumerate((step.even, step.odd)):
        first, *others = arm
        drawing.post(first.name, _body(first))
        drawing.wire(step.name, first.name, output)
        end = first.name
        for call in others:
            end = drawing.call(call, end)
        last.append(end)
    return last


def _body(call: Call) -> str:
    value = f"($json.value * {call.times} + {call.plus}) % {PRIME}"
    return f"JSON.stringify({{ case: $json.case, value: {value} }})"


def _draw_loop(drawing: _Drawing, step: Loop, ends: list[str]) -> list[str]:
    spread, total = f"{step.name} spread", f"{step.name} sum"
    drawing.node(spread, "code", 2, {"jsCode": SPREAD % step.rounds})
    for end in ends:
        drawing.wire(end, spread)
    drawing.node(step.name, "splitInBatches", 3, {"batchSize": 1, "options": {}})
    drawing.wire(spread, step.name)
    drawing.post(step.body.name, _body(step.body))
    drawing.wire(step.name, step.body.name, 1)
    drawing.wire(step.body.name, step.name)
    drawing.node(total, "code", 2, {"jsCode": TOTAL})
    drawing.wire(step.name, total, 0)
    return [total]
