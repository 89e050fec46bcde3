"""Playing a template's cassette in this process: no database, no network, nothing kept. What comes out feeds the title
page, the poster's counts and the self-test."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings

from executions_app.adapters.cassette import Cassette, CassetteHttp
from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.local import (
    KeptResponse,
    MemoryOutbox,
    MemoryPayloads,
    MemoryState,
    SystemClock,
    memory_stores,
)
from executions_app.items_in import store_inline_files
from pumpflix.lib.sandbox import CodePool
from workflows_app import nodes
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.events import Event, ExecutionFinished, NodeRunFinished
from workflows_app.engine.items import Item, Items, JsonObject, items_from_json
from workflows_app.engine.plan import Plan, compile_workflow, make_plan
from workflows_app.engine.ports import MailMessage, Ports, WebhookResponse
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
    mails: list[MailMessage] = field(default_factory=list)
    duration_ms: float = 0.0
    read_file: Callable[[str], bytes] = field(default=lambda _ref: b"", repr=False)


@cache
def code_pool() -> CodePool:
    """One pool for all rehearsals of this process; its children end with it."""
    return CodePool(accept_reduced=settings.PUMPFLIX.sandbox_accept_reduced)


def rehearse(graph: dict[str, Any], cassette: dict[str, Any]) -> Rehearsal:
    """Run the graph from the trigger items with the recorded answers. Errors are in the result, not raised; a cassette
    that says what is `expected` makes any other outcome an error."""
    began = time.perf_counter()
    stage = Stage.of(cassette)
    result = stage.result
    try:
        for event in run(stage.plan(graph), stage.ports):
            take(result, event)
    except PumpFlixError as error:
        result.error = error.message
    result.response = stage.respond.given
    result.duration_ms = (time.perf_counter() - began) * 1000
    if result.status == "success" and "expected" in cassette and outcome(result) != cassette["expected"]:
        result.status, result.error = "error", "The sample gives another result than the one that was recorded."
    return result


@dataclass(slots=True)
class Stage:
    """The world of one rehearsal: ports that keep what was sent, and the result it is told to."""

    cassette: dict[str, Any]
    ports: Ports
    respond: KeptResponse
    result: Rehearsal

    @classmethod
    def of(cls, cassette: dict[str, Any]) -> "Stage":
        payloads, respond, outbox = MemoryPayloads(), KeptResponse(), MemoryOutbox()
        ports = Ports(
            clock=SystemClock(),
            code=CodeAdapter(code_pool(), TEAM),
            payloads=payloads,
            http=CassetteHttp(Cassette.read(cassette)),
            state=MemoryState(),
            respond=respond,
            **memory_stores(payloads, cassette.get("tables")) | {"mail": outbox},
        )
        return cls(cassette, ports, respond, Rehearsal(read_file=payloads.get, mails=outbox.sent))

    def plan(self, graph: dict[str, Any]) -> Plan:
        """Raises PumpFlixError when the run cannot even begin."""
        trigger = self.cassette.get("trigger") or {}
        stored = store_inline_files(trigger.get("items") or [{"json": {}}], self.put)
        return make_plan(
            compile_workflow(Graph.from_n8n(graph), nodes.load()),
            start=trigger.get("node") or None,
            items=items_from_json(stored),
            mode="sample",
            timeout_s=TIME_LIMIT_S,
        )

    def put(self, data: bytes) -> str:
        return self.ports.payloads.put(data, mime_type="application/octet-stream").ref


def take(result: Rehearsal, event: Event) -> None:
    if isinstance(event, NodeRunFinished):
        put_out = sum(len(items) for items in event.outputs or [])
        result.counts[event.node] = result.counts.get(event.node, 0) + put_out
    elif isinstance(event, ExecutionFinished):
        result.status = event.status
        result.error = str((event.error or {}).get("message") or "")
        result.last_items = next((items for items in event.outputs or [] if items), [])


def outcome(result: Rehearsal) -> JsonObject:
    """What a person would compare: the last node's items with the digests of their files, the answer, the mails."""
    items = [{"json": item.json, "files": file_digests(item, result.read_file)} for item in result.last_items]
    mails = [{"to": list(mail.to), "subject": mail.subject, "text": mail.text or mail.html} for mail in result.mails]
    answer = result.response
    body = answer.body.decode("utf-8", "replace") if answer else ""
    return {"items": items, "mails": mails, "answer": {"status": answer.status, "body": body} if answer else None}


def file_digests(item: Item, read_file: Callable[[str], bytes]) -> JsonObject:
    return {
        name: {"name": file.file_name, "sha256": hashlib.sha256(read_file(file.ref)).hexdigest()}
        for name, file in item.binary.items()
    }
