"""Start executions: rows first, then a doorbell. Nothing runs in the web process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from executions_app import admission, doorbell, payload_codec
from executions_app.adapters.cassette import Cassette, CassetteInvalid
from executions_app.adapters.payloads import describe
from executions_app.items_in import refuse_unreadable, store_inline_files
from executions_app.models import Execution
from executions_app.payloads import StoredPayload, pack, store
from executions_app.storage_quota import quota
from workflows_app import nodes
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.plan import compile_workflow, start_node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow, WorkflowVersion
from workflows_app.services import versions

SAMPLE_KEPT = timedelta(hours=1)
SHORT_LIVED = ("sample", "dry", "test")
EMPTY_CASSETTE: JsonObject = {"version": 1, "trigger": {"node": "", "items": [{"json": {}}]}, "calls": []}

# File name, MIME type, bytes.
File = tuple[str, str, bytes]


@dataclass(slots=True)
class NewPayloads:
    """Payload rows that an execution needs, collected before it is stored."""

    team_id: Any
    rows: dict[str, StoredPayload] = field(default_factory=dict)

    def put(self, data: bytes) -> str:
        stored = pack(self.team_id, data)
        quota().admit([stored])
        self.rows[stored.ref] = stored
        return stored.ref

    def store(self, execution: Execution) -> None:
        """Write them in this transaction, in use by that execution."""
        with connection.cursor() as cursor:
            store(cursor, self.rows.values(), [(stored.id, execution.pk) for stored in self.rows.values()])

    def stored(self, items: list[JsonObject]) -> list[JsonObject]:
        """The same items with the files in them by reference. Raises UserError where a worker could not read them."""
        try:
            found = store_inline_files(items, self.put)
            payload_codec.encode([[found]])  # as deep as any row has them
            refuse_unreadable(found)
        except ValueError as error:
            raise UserError(str(error), code="items_invalid", hint="Check the items and the files in them.") from error
        return found


def start_manual_run(
    workflow: Workflow,
    *,
    by: User,
    items: list[JsonObject] | None = None,
    files: Mapping[str, File] | None = None,
    destination: str = "",
    mode: str = "manual",
) -> Execution:
    """Run the draft as it is now. `items` win over files, files over the start node's pinned data. Raises UserError
    when there is nothing to start from, WorkflowInvalid when the graph cannot be read."""
    version = versions.snapshot(workflow, reason="run", by=by)
    graph = Graph.from_n8n(version.graph)
    if destination and destination not in graph.by_name:
        raise UserError(f"There is no node named '{destination[:100]}'.", code="no_such_node")
    start = start_node(compile_workflow(graph, nodes.load()), destination or None)
    payloads = NewPayloads(workflow.team_id)
    if items is None and files:
        items = [file_item(files, payloads)]
    if items is None:
        items = pinned(graph, start)
    return store_run(
        Execution(
            team_id=workflow.team_id,
            workflow=workflow,
            version=version,
            mode=mode,
            start_node=start,
            destination_node=destination,
            started_by=by,
            expires_at=timezone.now() + SAMPLE_KEPT if mode in SHORT_LIVED else None,
        ),
        items,
        payloads,
    )


def start_sample_run(version: WorkflowVersion, *, cassette: bytes | JsonObject = b"") -> Execution:
    """Play a template's sample: its trigger items and recorded answers, no network, kept for an hour. Belongs to the
    team of the version's workflow, which for the gallery is the system team. Raises UserError for a broken cassette."""
    raw = EMPTY_CASSETTE if not cassette else orjson.loads(cassette) if isinstance(cassette, bytes) else cassette
    try:
        sample = Cassette.read(raw)
    except CassetteInvalid as error:
        raise UserError(str(error), code="cassette_invalid", hint="Record the sample again.") from error
    workflow = version.workflow
    payloads = NewPayloads(workflow.team_id)
    execution = Execution(
        team_id=workflow.team_id,
        workflow=workflow,
        version=version,
        mode="sample",
        start_node=sample.trigger_node or start_node(compile_workflow(Graph.from_n8n(version.graph), nodes.load())),
        cassette_ref=payloads.put(orjson.dumps(raw)),
        expires_at=timezone.now() + SAMPLE_KEPT,
    )
    return store_run(execution, sample.trigger_items, payloads)


def file_item(files: Mapping[str, File], payloads: NewPayloads) -> JsonObject:
    """One item that carries the files by name."""
    binary = {
        name: describe(payloads.put(data), data, mime_type=mime_type, file_name=file_name).to_json()
        for name, (file_name, mime_type, data) in files.items()
    }
    return {"json": {}, "binary": binary}


def pinned(graph: Graph, start: str) -> list[JsonObject] | None:
    entries = graph.pin_data.get(start)
    if not isinstance(entries, list) or not entries:
        return None
    return [entry if "json" in entry else {"json": entry} for entry in entries if isinstance(entry, dict)]


def store_run(
    execution: Execution, items: list[JsonObject] | None, payloads: NewPayloads, *, is_admitted: bool = False
) -> Execution:
    """Write the execution with its trigger items and payloads in one commit, then ring. Raises Busy where there is no
    room, but for one that `is_admitted` already: it follows from a run that was let in."""
    if not is_admitted:
        admission.refuse_when_full(execution.team_id)
    if items is not None:
        execution.trigger_items = encoded_items(items, payloads)
    with transaction.atomic():
        execution.save(force_insert=True)
        payloads.store(execution)
        transaction.on_commit(doorbell.ring)
    return execution


def encoded_items(items: list[JsonObject], payloads: NewPayloads) -> bytes:
    """Items for a row of an execution; files in them, and many items, become payloads. Raises UserError."""
    encoded = payload_codec.encode(payloads.stored(items))
    if len(encoded) <= payload_codec.INLINE_BYTES:
        return encoded
    return payload_codec.encode_reference(payloads.put(encoded))
