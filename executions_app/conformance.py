"""n8n's behaviour as cases: answers one case after the other, each a JSON object, without a database.

The contract is that of the conformance scorer: kinds `workflow`, `code`, `expression` and `function` are answered,
the rest are `unsupported`. Files are inline base64 here and nowhere else."""

import base64
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from executions_app import conformance_functions
from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.commands import ShellCommands
from executions_app.adapters.local import (
    GivenCredentials,
    KeptResponse,
    MemoryFiles,
    MemoryOutbox,
    MemoryPayloads,
    MemoryState,
    RedirectedHttp,
    SteppedClock,
    SystemClock,
)  # fmt: skip
from executions_app.adapters.tables_in_memory import MemoryTables
from pumpflix.lib.sandbox import CodePool
from workflows_app.engine.errors import ExpressionError, PumpFlixError
from workflows_app.engine.events import (
    Event,
    ExecutionFinished,
    ExecutionWaiting,
    NodeRunFailed,
    NodeRunFinished,
    Source,
)  # fmt: skip
from workflows_app.engine.expression.batch import BatchResolver
from workflows_app.engine.expression.paths import UNDEFINED
from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.expression.template import is_expression
from workflows_app.engine.history import History, RunData
from workflows_app.engine.items import Binary, Item, Items, JsonObject, Outputs, read_pairs
from workflows_app.engine.node_type import NodeRun, NodeType
from workflows_app.engine.params import Params
from workflows_app.engine.plan import Plan, compile_workflow, make_plan, pinned_items
from workflows_app.engine.ports import Code, CodeCall, Ports
from workflows_app.engine.registry import Registry
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow
from workflows_app.toolkit.files import extension_for, kind_of, size_text

DEFAULT_ZONE = "America/New_York"
TEAM = "conformance"


class Answerer:
    """Answers cases with one pool of children and one registry."""

    def __init__(self, pool: CodePool, registry: Registry) -> None:
        self._pool = pool
        self._registry = registry

    def answer(self, case: JsonObject) -> JsonObject:
        kinds: dict[str, Callable[[JsonObject], JsonObject]] = {
            "workflow": self.workflow,
            "code": self.workflow,
            "expression": self.expression,
            "function": self.function,
        }
        answer = kinds.get(str(case.get("kind")))
        if answer is None:
            return {"id": case.get("id"), "unsupported": True}
        try:
            return {"id": case.get("id"), **answer(case)}
        except PumpFlixError as error:
            return {"id": case.get("id"), "status": "error", "error": error_json(error)}

    def function(self, case: JsonObject) -> JsonObject:
        return conformance_functions.answer(case, CodeAdapter(self._pool, TEAM))

    # workflows ----------------------------------------------------------------------------------------------------
    def workflow(self, case: JsonObject) -> JsonObject:
        ports = self.ports(case)
        workflow = Workflow.from_n8n(without_doubles(case["workflow"]))
        payloads = ports.payloads
        plan = make_plan(
            compile_workflow(workflow, self._registry),
            items=items_in(case.get("start_items") or [{"json": {}}], payloads),
            **plan_settings(case),
        )
        return Transcript(payloads).of(run(plan, ports))

    def ports(self, case: JsonObject) -> Ports:
        mock_base = case.get("mock_base")
        payloads = MemoryPayloads()
        return Ports(
            clock=clock_for(case),
            code=CaseCode(CodeAdapter(self._pool, TEAM), case),
            payloads=payloads,
            mail=MemoryOutbox(),
            tables=MemoryTables(),
            files=MemoryFiles(payloads, [Path(case[key]) for key in ("files_dir", "tmp_dir") if case.get(key)]),
            http=RedirectedHttp(mock_base) if mock_base else None,
            state=MemoryState(case.get("static_data") or {}),
            credentials=GivenCredentials(case.get("credentials")),
            respond=KeptResponse(),
            commands=ShellCommands(Path(case.get("tmp_dir") or tempfile.gettempdir())),
            # Whoever starts the command that answers cases is the administrator of this machine.
            permits=lambda node_type: node_type == "n8n-nodes-base.executeCommand",
        )

    # expressions --------------------------------------------------------------------------------------------------
    def expression(self, case: JsonObject) -> JsonObject:
        text, item = case["expression"], case.get("item_index", 0)
        resolver = BatchResolver(self.scope(case), self.ports(case))
        try:
            value = (
                resolver.evaluate(text, item, typed=True) if is_expression(text) else resolver.resolve_value(text, item)
            )
        except ExpressionError as error:
            return {"error": error_json(error)}
        return {"value": {"$type": "undefined"} if value is UNDEFINED else value}

    def scope(self, case: JsonObject) -> Scope:
        raw = case.get("workflow") or {"nodes": [{"name": case["node"], "type": "test.node", "parameters": {}}]}
        workflow = Workflow.from_n8n(known_wires(without_doubles(raw)))
        compiled = compile_workflow(workflow, self._registry)
        payloads = MemoryPayloads()
        plan = Plan(
            compiled=compiled,
            start=case["node"],
            items=[],
            pinned=pinned_items(workflow) if case.get("mode") == "manual" else {},
            **plan_settings(case),
        )
        history = recorded_history(run_data_of(case), payloads)
        sources = sources_of((case.get("execute_data") or {}).get("source")) or last_sources(history, case["node"])
        return Scope(
            plan=plan,
            node=compiled.nodes[case["node"]],
            history=history,
            items=items_in(case.get("items") or [], payloads),
            run_index=case.get("run_index") or 0,
            sources=sources,
            extra=extra_scope(case),
        )


class CaseCode:
    """The Code port with the modules that a case allows, and functions told apart from nothing."""

    def __init__(self, inner: Code, case: JsonObject) -> None:
        self._inner = inner
        self._header = code_header(case)

    def evaluate(self, call: CodeCall) -> JsonObject:
        return self._inner.evaluate(call)

    def run(self, call: CodeCall, on_call: Callable[[str, list[Any]], Any] | None = None) -> JsonObject:
        return self._inner.run(replace(call, header={**call.header, **self._header}), on_call)


def code_header(case: JsonObject) -> JsonObject:
    if case.get("kind") != "code":
        return {}
    runner = (case.get("run_context") or {}).get("runner") or {}
    allowed = [runner.get(key) for key in ("allowedBuiltInModules", "allowedExternalModules")]
    return {"modules": [name for names in allowed if names for name in names.split(",")], "typed": True}


def plan_settings(case: JsonObject) -> JsonObject:
    context = case.get("run_context") or {}
    process = context.get("env") or {}
    return {
        "mode": case.get("mode") or "manual",
        "execution_id": str(context.get("execution_id") or ""),
        "variables": context.get("variables") or {},
        "environment": case.get("env") or process.get("env") or {},
        "is_environment_blocked": bool(process.get("isEnvAccessBlocked")),
        "timezone": case.get("timezone") or DEFAULT_ZONE,
        "is_clock_frozen": bool(case.get("now")),
    }


def clock_for(case: JsonObject) -> SystemClock | SteppedClock:
    """Stopped at `now`, or real time; `fast_timers` makes every wait a step."""
    now = case.get("now")
    if now:
        return SteppedClock(datetime.fromisoformat(now.replace("Z", "+00:00")).astimezone(UTC))
    return SteppedClock(datetime.now(UTC), runs=True) if case.get("fast_timers") else SystemClock()


def without_doubles(raw: JsonObject) -> JsonObject:
    """Of nodes with one name the last counts, as n8n reads them."""
    nodes = {node["name"]: node for node in raw.get("nodes") or []}
    return {**raw, "nodes": list(nodes.values())}


def known_wires(raw: JsonObject) -> JsonObject:
    """Without wires from or to nodes that were left out of the case."""
    names = {node["name"] for node in raw["nodes"]}
    connections = {
        source: {
            kind: [[wire for wire in wires or [] if wire["node"] in names] for wires in outputs]
            for kind, outputs in by_type.items()
        }
        for source, by_type in (raw.get("connections") or {}).items()
        if source in names
    }
    return {**raw, "connections": connections}


# items ------------------------------------------------------------------------------------------------------------
def items_in(raw: Iterable[JsonObject], payloads: Any) -> Items:
    """Items with their inline files put away."""
    return [
        Item(
            json=plain(entry.get("json")) or {},
            binary={name: put_away(meta, payloads) for name, meta in (plain(entry.get("binary")) or {}).items()},
            paired=read_pairs(plain(entry.get("pairedItem"))),
        )
        for entry in raw
    ]


def plain(value: Any) -> Any:
    """None for a value that is marked as undefined."""
    return None if isinstance(value, Mapping) and value.get("$type") == "undefined" else value


def put_away(meta: JsonObject, payloads: Any) -> Any:
    data = base64.b64decode(str(meta.get("data") or ""))
    name = str(meta.get("fileName") or "")
    return payloads.put(data, mime_type=str(meta.get("mimeType") or ""), file_name=name)


def items_out(items: Items, payloads: Any) -> list[JsonObject]:
    return [item_out(item, payloads) for item in items]


def item_out(item: Item, payloads: Any) -> JsonObject:
    """An item as n8n lists it: a failed item says so in its JSON, where ours carries a mark beside it."""
    out = item.to_json()
    if "error" in item.json:
        out.pop("error", None)
    if item.binary:
        out["binary"] = {name: file_out(file, payloads) for name, file in item.binary.items()}
    return out


def file_out(file: Binary, payloads: Any) -> JsonObject:
    """A file as n8n shows it: inline, with its kind and a size for people."""
    facts = {
        "mimeType": file.mime_type,
        "fileType": kind_of(file.mime_type),
        "fileName": file.file_name,
        "fileExtension": file.file_extension or extension_for(file.mime_type),
        "fileSize": size_text(file.size_bytes),
    }
    data = base64.b64encode(payloads.get(file.ref)).decode("ascii")
    return {**{name: value for name, value in facts.items() if value}, "data": data}


class Transcript:
    """Gathers the events of a run into an answer."""

    def __init__(self, payloads: Any) -> None:
        self._payloads = payloads
        self._nodes: dict[str, list[Any]] = {}
        self._order: list[str] = []
        self._answer: JsonObject = {}

    def of(self, events: Iterable[Event]) -> JsonObject:
        for event in events:
            self.take(event)
        nodes = {name: [one for one in runs if one is not None] or runs[:1] for name, runs in self._nodes.items()}
        return {**self._answer, "nodes": nodes, "order": self._order}

    def take(self, event: Event) -> None:
        if isinstance(event, NodeRunFinished):
            self.finished(event)
        elif isinstance(event, NodeRunFailed):
            self._order.append(event.node)
            self._nodes.setdefault(event.node, []).append(None)
        elif isinstance(event, ExecutionWaiting):
            self._answer = {"status": "waiting"}
        elif isinstance(event, ExecutionFinished):
            self._answer = {"status": event.status}
            if event.error is not None:
                self._answer["error"] = failure_json(event.error)

    def finished(self, event: NodeRunFinished) -> None:
        outputs = event.outputs
        shown = None if outputs is None else [items_out(items, self._payloads) for items in outputs]
        self._nodes.setdefault(event.node, []).append(shown)
        if outputs is not None:
            self._order.append(event.node)


# what an expression case brings along ----------------------------------------------------------------------------
def run_data_of(case: JsonObject) -> JsonObject:
    """Run data by node; a dump of a reactive object is unwrapped."""
    found = ((unwrapped(case.get("run_data")) or {}).get("resultData") or {}).get("runData")
    data = unwrapped(found)
    return data if isinstance(data, dict) else {}


def unwrapped(value: Any) -> Any:
    while isinstance(value, dict) and set(value) == {"_custom"}:
        value = value["_custom"].get("value")
    return value


def recorded_history(run_data: JsonObject, payloads: Any) -> History:
    history = History()
    for name, runs in run_data.items():
        for entry in runs:
            one = unwrapped(entry)
            data = one.get("data") or {}
            main: list[Any] = data.get("main") or next(iter(data.values()), [])
            outputs: Outputs = [items_in(items or [], payloads) for items in main]
            history.add(name, RunData(sources_of({"main": one.get("source")}), outputs))
    return history


def sources_of(raw: JsonObject | None) -> tuple[Source | None, ...]:
    return tuple(
        Source(entry["previousNode"], entry.get("previousNodeOutput") or 0, entry.get("previousNodeRun") or 0)
        if entry
        else None
        for entry in (raw or {}).get("main") or []
    )


def last_sources(history: History, node: str) -> tuple[Source | None, ...]:
    last = history.last(node)
    return last.sources if last is not None else ()


def extra_scope(case: JsonObject) -> JsonObject:
    extra: JsonObject = {}
    if (case.get("options") or {}).get("throwOnMissingExecutionData") is False:
        extra["missing"] = "undefined"
    if case.get("additional_keys"):
        extra["additionalKeys"] = case["additional_keys"]
    if case.get("sibling_parameters"):
        extra["siblingParameters"] = case["sibling_parameters"]
    tool_input = ai_input(case)
    if tool_input is not None:
        extra["aiInput"] = tool_input
    return extra


def ai_input(case: JsonObject) -> Any:
    """What the agent handed to this tool in this run."""
    runs = run_data_of(case).get(case["node"]) or []
    index = case.get("run_index") or 0
    given = (unwrapped(runs[index]).get("inputOverride") or {}).get("ai_tool") if index < len(runs) else None
    return given[0][0].get("json") if given and given[0] else None


def failure_json(error: JsonObject) -> JsonObject:
    """Of an event; the class that the child gave the error counts more than ours."""
    kind = (error.get("context") or {}).get("type") if error.get("code") == "code_failed" else None
    return {"message": error.get("message"), "type": kind or error.get("type")}


def error_json(error: PumpFlixError) -> JsonObject:
    return {"message": error.message, "type": error.data.get("class") or type(error).__name__}


class VersionTestParams(Params):
    version_test: int | None = None


class VersionTest(NodeType[VersionTestParams]):
    """Puts out the version of the node and what its parameter says: a type that only the cases use."""

    name = "n8n-nodes-base.versionTest"
    label = "Version test"
    group = "flow"
    icon = "version"
    versions = (1, 2)
    Params = VersionTestParams

    def execute(self, run: NodeRun[VersionTestParams]) -> Outputs:
        version = int(run.node.type_version)
        chosen = run.params.version_test if run.params.version_test is not None else version
        return [[Item(json={"versionFromParameter": chosen, "versionFromNode": version}) for _ in run.items]]


def case_registry(product: Registry) -> Registry:
    """The product's node types and those that only the cases know."""
    registry = Registry()
    for node_type in (*product.all(), VersionTest):
        registry.add(node_type)
    return registry
