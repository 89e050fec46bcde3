"""Playing a template's cassette in this process: no database, no network, nothing kept. What comes out feeds the title
page, the poster's counts and the self-test."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings

from executions_app.adapters.cassette import Cassette, CassetteHttp
from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.local import KeptResponse, MemoryPayloads, MemoryState, SystemClock, memory_stores
from executions_app.items_in import store_inline_files
from pumpflix.lib.sandbox import CodePool
from workflows_app import nodes
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.events import ExecutionFinished, NodeRunFinished
from workflows_app.engine.items import Items, items_from_json
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.ports import Ports, WebhookResponse
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow as Graph

TEAM = "rehearsal"
TIME_LIMIT_S = 30.0


@dataclass(slots=True)
class Rehearsal:
    """`counts` are the items each node put out, over all outputs and turns; `last_items` those of the last node.
    `read_file` gives the bytes of a file among them."""

    status: str = "error"
    error: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    last_items: Items = field(default_factory=list)
    response: WebhookResponse | None = None
    duration_ms: float = 0.0
    read_file: Callable[[str], bytes] = field(default=lambda _ref: b"", repr=False)


@cache
def code_pool() -> CodePool:
    """One pool for all rehearsals of this process; its children end with it."""
    return CodePool(accept_reduced=settings.PUMPFLIX.sandbox_accept_reduced)


def rehearse(graph: dict[str, Any], cassette: dict[str, Any]) -> Rehearsal:
    """Run the graph from the trigger items with the recorded answers. Errors are in the result, not raised."""
    began = time.perf_counter()
    payloads, respond = MemoryPayloads(), KeptResponse()
    result = Rehearsal(read_file=payloads.get)
    ports = Ports(
        clock=SystemClock(),
        code=CodeAdapter(code_pool(), TEAM),
        payloads=payloads,
        http=CassetteHttp(Cassette.read(cassette)),
        state=MemoryState(),
        respond=respond,
        **memory_stores(payloads, cassette.get("tables")),
    )
    try:
        play(graph, cassette, ports, result)
    except PumpFlixError as error:
        result.error = error.message
    result.response = respond.given
    result.duration_ms = (time.perf_counter() - began) * 1000
    return result


def play(graph: dict[str, Any], cassette: dict[str, Any], ports: Ports, result: Rehearsal) -> None:
    """Fill `result` from the events of one run. Raises PumpFlixError when the run cannot even begin."""
    trigger = cassette.get("trigger") or {}
    stored = store_inline_files(trigger.get("items") or [{"json": {}}], lambda data: put(ports, data))
    plan = make_plan(
        compile_workflow(Graph.from_n8n(graph), nodes.load()),
        start=trigger.get("node") or None,
        items=items_from_json(stored),
        mode="sample",
        timeout_s=TIME_LIMIT_S,
    )
    for event in run(plan, ports):
        if isinstance(event, NodeRunFinished):
            put_out = sum(len(items) for items in event.outputs or [])
            result.counts[event.node] = result.counts.get(event.node, 0) + put_out
        elif isinstance(event, ExecutionFinished):
            result.status = event.status
            result.error = str((event.error or {}).get("message") or "")
            result.last_items = next((items for items in event.outputs or [] if items), [])


def put(ports: Ports, data: bytes) -> str:
    return ports.payloads.put(data, mime_type="application/octet-stream").ref
