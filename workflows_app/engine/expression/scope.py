"""What the expressions of one node run can see: quick look-ups for the fast path, and the scope JSON for the child."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows_app.engine.errors import ExpressionError
from workflows_app.engine.events import Source
from workflows_app.engine.expression.agents import AGENT, agent_info
from workflows_app.engine.expression.javascript import Defer
from workflows_app.engine.expression.moments import Moment, moment
from workflows_app.engine.expression.references import EVERYTHING, References, Use
from workflows_app.engine.history import History, RunData
from workflows_app.engine.items import Item, Items, JsonObject, items_to_json, outputs_to_json
from workflows_app.engine.pairing import Walk
from workflows_app.engine.plan import CompiledNode, Plan
from workflows_app.engine.ports import Clock

BY_HAND = ("manual", "sample")


@dataclass(slots=True)
class Scope:
    """One node run. `items` is input 0. Satisfies `paths.Frame`."""

    plan: Plan
    node: CompiledNode
    history: History
    items: Items
    run_index: int
    sources: Sequence[Source | None]
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the scope JSON: globals of one call (`additionalKeys`), what a missing item is (`missing`)."""

    clock: Clock | None = None
    """Without one the child tells the time."""

    def now(self) -> Moment:
        """The current moment in the workflow's time zone. Raises Defer where only the child knows."""
        if self.clock is None:
            raise Defer
        return moment(self.clock.now(), self.plan.zone)

    # look-ups of the fast path: None where the child must say what is wrong ---------------------------------------
    def paired_item(self, node: str, item: int) -> Item | None:
        if node not in self.history:
            return None
        try:
            return self.walk().item(node, item)
        except ExpressionError:
            return None

    def first_item(self, node: str) -> Item | None:
        items = self.latest(node)
        return items[0] if items else None

    def last_item(self, node: str) -> Item | None:
        items = self.latest(node)
        return items[-1] if items else None

    def same_index_item(self, node: str, item: int) -> Item | None:
        if self.output_towards(node) is None:
            return None
        items = self.latest(node)
        return items[item] if items and item < len(items) else None

    def latest(self, node: str) -> Items | None:
        """The newest items of that node on the output that leads here."""
        run = self.history.last(node)
        return run.output(self.output_towards(node) or 0) if run is not None else None

    def output_towards(self, node: str) -> int | None:
        return self.plan.compiled.output_towards(node, self.node.name)

    def walk(self) -> Walk:
        return Walk(self.history, self.node.name, self.items, self.sources)

    def resume_url(self) -> str:
        """The address that ends the next wait from here; empty where nothing waits for a call."""
        link = self.plan.resume_link
        if link is None:
            return self.plan.resume_url
        name = self.plan.compiled.next_called_wait(self.node.name)
        if name is None:
            return ""
        return link(name, self.run_index if name == self.node.name else len(self.history.runs(name)))

    # the scope JSON ------------------------------------------------------------------------------------------------
    def to_json(self, references: References) -> JsonObject:
        plan, workflow, source = self.plan, self.plan.workflow, next(iter(self.sources), None)
        resume_url = self.resume_url()
        out: JsonObject = {
            "node": {
                "name": self.node.name,
                "id": self.node.node.id,
                "type": self.node.node.type,
                "typeVersion": self.node.node.raw.get("typeVersion") or 1,
                "webhookId": self.node.node.webhook_id or None,
                "parameters": self.node.node.parameters,
            },
            "runIndex": self.run_index,
            "mode": plan.mode,
            "items": items_to_json(self.items),
            "nodes": self.nodes_json(references),
            "knownNodes": list(plan.compiled.nodes),
            "prevNode": source_json(source),
            "workflow": {"id": workflow.id, "name": workflow.name, "active": workflow.active},
            "execution": {
                "id": plan.execution_id,
                "mode": "test" if plan.mode in BY_HAND else "production",
                "resumeUrl": resume_url,
                "resumeFormUrl": resume_url,
                "customData": {**plan.custom_data, **self.history.labels},
            },
            "vars": dict(plan.variables),
            "env": dict(plan.environment),
            "staticData": {"global": {}, "node": {}},
            "context": self.history.contexts.get(self.node.name, {}),
        }
        if references.every:
            out["allNodes"] = True
        if self.node.node.type == AGENT:
            out["agentInfo"] = agent_info(workflow, self.node.node)
        if plan.is_environment_blocked:
            out["envBlocked"] = True
        return {**out, **self.extra}

    def nodes_json(self, references: References) -> JsonObject:
        uses: Mapping[str, Use] = references.nodes
        if references.every:
            uses = dict.fromkeys(self.plan.compiled.nodes, EVERYTHING)
        previous = next(iter(self.sources), None) if references.previous else None
        if previous is not None and previous.node not in uses:
            uses = {**uses, previous.node: Use(items=False)}
        return {name: self.node_json(name, use) for name, use in uses.items() if name in self.plan.compiled.nodes}

    def node_json(self, name: str, use: Use) -> JsonObject:
        other = self.plan.compiled.nodes[name]
        runs = self.runs_of(name)
        pairs = self.pairs_json(name) if use.pairs else []
        wanted = {pair["run"] for pair in pairs if "run" in pair} | {len(runs) - 1}
        out: JsonObject = {
            "runs": [
                outputs_to_json(run.outputs) if use.items and (use.all_runs or index in wanted) else None
                for index, run in enumerate(runs)
            ],
            "parameters": other.node.parameters,
            "executed": bool(runs),
            "context": self.history.contexts.get(name, {}),
            "type": other.node.type,
            "defaultOutput": self.output_towards(name) or 0,
        }
        if use.pairs:
            out["pairs"] = pairs
        if other.node.execute_once:
            out["executeOnce"] = True
        return out

    def runs_of(self, name: str) -> list[RunData]:
        """The runs of a node; pinned data stands in for a node that has not run."""
        runs = self.history.runs(name)
        if not runs and name in self.plan.pinned:
            return [RunData((), [self.plan.pinned[name]])]
        return runs

    def pairs_json(self, name: str) -> list[JsonObject]:
        """Per current item its paired item in that node; pinned data that never ran is paired by place."""
        if name not in self.history and name in self.plan.pinned:
            return [{"run": 0, "output": 0, "item": index} for index in range(len(self.plan.pinned[name]))]
        walk = self.walk()
        return [pair_json(walk, name, index) for index in range(max(len(self.items), 1))]


def pair_json(walk: Walk, name: str, item: int) -> JsonObject:
    try:
        source, index = walk.find(name, item)
    except ExpressionError as error:
        return {"error": error_json(error)}
    return {"run": source.run_index, "output": source.output, "item": index}


def error_json(error: ExpressionError) -> JsonObject:
    """The error as the child throws it when the pair is read."""
    return {
        "type": "ExpressionError",
        "message": error.message,
        "description": error.hint,
        "nodeCause": error.data.get("nodeCause"),
        "context": {"type": error.data.get("type")},
    }


def source_json(source: Source | None) -> JsonObject | None:
    if source is None:
        return None
    return {"name": source.node, "outputIndex": source.output, "runIndex": source.run_index}
