"""One run of a real workflow in this process: sample input, no network, a time limit."""

from typing import Any

from executions_app.adapters.cassette import Cassette, CassetteHttp
from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.local import (
    GivenCredentials,
    KeptResponse,
    MemoryPayloads,
    MemoryState,
    SystemClock,
    memory_stores,
)
from executions_app.items_in import store_inline_files
from templates_app.rehearsal import code_pool
from workflows_app import nodes
from workflows_app.engine.errors import PumpFlixError, UnexpectedError
from workflows_app.engine.events import ExecutionFinished, ExecutionWaiting
from workflows_app.engine.items import items_from_json
from workflows_app.engine.plan import compile_workflow, make_plan, pinned_items, start_node
from workflows_app.engine.ports import Ports
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow

REQUEST = {
    "headers": {"content-type": "application/json", "host": "hooks.example"},
    "params": {},
    "query": {"id": "7", "q": "sample"},
    "body": {"id": 7, "name": "Ada Lovelace", "email": "ada@mail.example", "message": "Hello", "items": [{"n": 1}]},
    "webhookUrl": "https://hooks.example/webhook/sample",
    "executionMode": "test",
}
CHAT = {"chatInput": "Hello", "sessionId": "sample", "action": "sendMessage"}
FORM = {
    "Name": "Ada Lovelace",
    "Email": "ada@mail.example",
    "submittedAt": "2026-01-05T09:00:00.000Z",
    "formMode": "test",
}
SAMPLES: dict[str, dict[str, Any]] = {"webhook": REQUEST, "chatTrigger": CHAT, "formTrigger": FORM}


def outcome_of_run(graph: dict[str, Any], time_limit_s: float) -> tuple[str, str]:
    """`success`, `waiting`, `error` (told to the author) or `unhandled` (ours), with a detail."""
    payloads = MemoryPayloads()
    ports = Ports(
        clock=SystemClock(),
        code=CodeAdapter(code_pool(), "corpus"),
        payloads=payloads,
        http=CassetteHttp(Cassette.read({"version": 1, "trigger": {"node": "", "items": []}, "calls": []})),
        state=MemoryState(),
        credentials=GivenCredentials(),
        respond=KeptResponse(),
        **memory_stores(payloads),
    )
    try:
        return last_of(graph, ports, time_limit_s)
    except PumpFlixError as error:
        return ("unhandled" if isinstance(error, UnexpectedError) else "error"), error.message
    except Exception as error:  # noqa: BLE001 - this is what the campaign looks for
        return "unhandled", repr(error)


def last_of(graph: dict[str, Any], ports: Ports, time_limit_s: float) -> tuple[str, str]:
    workflow = Workflow.from_n8n(graph)
    compiled = compile_workflow(workflow, nodes.load())
    pinned = pinned_items_stored(workflow, ports)
    start = start_node(compiled)
    items = pinned.get(start) or items_from_json([{"json": sample_for(workflow.node(start).type)}])
    plan = make_plan(compiled, start=start, items=items, mode="manual", pinned=pinned, timeout_s=time_limit_s)
    for event in run(plan, ports):
        if isinstance(event, ExecutionFinished):
            error = event.error or {}
            status = "unhandled" if error.get("type") == "UnexpectedError" else event.status
            return status, f"{error.get('code', '')} {error.get('message', '')}"[:200]
        if isinstance(event, ExecutionWaiting):
            return "waiting", event.reason
    return "unhandled", "the run ended without saying so"


def pinned_items_stored(workflow: Workflow, ports: Ports) -> dict[str, Any]:
    stored = {
        name: store_inline_files([entry if "json" in entry else {"json": entry} for entry in entries], put(ports))
        for name, entries in workflow.pin_data.items()
        if isinstance(entries, list)
    }
    return pinned_items(workflow.with_raw(pinData=stored))


def put(ports: Ports) -> Any:
    return lambda data: ports.payloads.put(data, mime_type="application/octet-stream").ref


def sample_for(node_type: str) -> dict[str, Any]:
    return SAMPLES.get(node_type.rsplit(".", 1)[-1], {})
