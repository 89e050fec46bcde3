"""The Workflows port made real: another workflow runs inline, as an execution of its own under its caller's lease.

Its row is found by the place of the call, so a caller that goes on after a crash, a stop or a wait goes on with the run
it called before, and takes the result of one that is over from the record."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DataError
from django.db import connection as orm_connection

from executions_app import doorbell, payload_codec, payloads, transitions
from executions_app.adapters.effects import hold
from executions_app.database import pool
from executions_app.payloads import StoredPayload
from executions_app.runner.claim import Claim
from executions_app.runner.execute import MakePorts, execute, open_session
from executions_app.runner.session import Session
from executions_app.runner.versions import versions as compiled_versions
from pumpflix.lib.ids import uuid7
from workflows_app.engine.errors import Canceled, LeaseLost, OperationalError, Paused, UserError
from workflows_app.engine.items import Items, JsonObject, items_to_json, outputs_from_json
from workflows_app.engine.ports import CallSite
from workflows_app.models import Workflow
from workflows_app.services import versions

DEEPEST = 10
STARTS = (
    "n8n-nodes-base.executeWorkflowTrigger",
    "n8n-nodes-base.start",
    "n8n-nodes-base.manualTrigger",
)

FIND_WORKFLOW = """
SELECT w.id, w.live_version_id FROM workflows_app_workflow w JOIN workflows_app_workflow c ON c.id = %s
 WHERE w.id = %s AND w.team_id = %s AND w.deleted_at IS NULL
   AND (w.visibility <> 'private' OR w.created_by_id = c.created_by_id)
"""
FIND_CALLED = """
SELECT id, status, resume_at, last_node, error_text FROM executions_app_execution
 WHERE team_id = %s AND trigger_key = %s
"""
DEPTH = "SELECT depth FROM executions_app_execution WHERE id = %s"
# It may outlive its caller, and items carry files by reference.
SHARE_FILES = """
INSERT INTO executions_app_payloaduse (payload_id, execution_id)
SELECT payload_id, %s FROM executions_app_payloaduse WHERE execution_id = %s ON CONFLICT DO NOTHING
"""
LAST_OUTPUT = """
SELECT output, output_ref FROM executions_app_noderun
 WHERE execution_id = %s AND node = %s ORDER BY "order" DESC LIMIT 1
"""


class WorkflowsAdapter:
    """`make_ports` makes the world of the called runs; they may call others in turn."""

    def __init__(self, session: Session, make_ports: MakePorts, ring: Callable[[], object] = doorbell.ring) -> None:
        self._session = session
        self._ring = ring
        self._make_ports = make_ports
        self._tries: Counter[CallSite] = Counter()

    def call(self, site: CallSite, workflow: str | JsonObject, items: Items) -> Items:
        """A try after a failed one is a new run; a repeat after a crash counts its tries anew and finds each."""
        key = call_key(self._session.claim.id, site, self._tries[site])
        self._tries[site] += 1
        self._session.barrier(site)
        target = self._target(workflow)
        claim = self._open(target, key, items)
        if claim is not None:
            self._run(claim)
        return self._result(key)

    def start(self, site: CallSite, workflow: str | JsonObject, items: Items) -> str:
        key = call_key(self._session.claim.id, site, 0)
        self._session.barrier(site)
        target = self._target(workflow, is_inline=False)
        caller = self._session.claim
        files: list[StoredPayload] = []
        values = called_values(target, key, items, caller, files)
        with pool().connection() as connection, connection.transaction(), connection.cursor() as cursor:
            hold(connection, caller)
            depth = cursor.execute(DEPTH, (caller.id,)).fetchone()
            if depth is not None and depth[0] >= DEEPEST:
                raise too_deep()
            if cursor.execute(transitions.START_DETACHED, values).fetchone() is not None:
                cursor.execute(SHARE_FILES, (values["id"], caller.id))
                keep_files(cursor, files, values["id"])
            row = cursor.execute(FIND_CALLED, (caller.team_id, key)).fetchone()
        assert row is not None
        self._ring()
        return str(row[0])

    def _target(self, workflow: str | JsonObject, *, is_inline: bool = True) -> tuple[UUID, UUID]:
        """Workflow and version: the one that is switched on, else its draft as it is now. One of another team is as
        unknown as one that never was. A graph that is given becomes a version of the calling workflow."""
        claim = self._session.claim
        if not isinstance(workflow, str):
            self._refuse_deep()
            return claim.workflow_id, given_version(claim.workflow_id, workflow)
        with pool().connection() as connection:
            try:
                row = connection.execute(FIND_WORKFLOW, (claim.workflow_id, UUID(workflow), claim.team_id)).fetchone()
            except ValueError:
                row = None
        if row is None:
            raise UserError(
                f"There is no workflow '{workflow[:60]}' in this team.",
                code="workflow_not_found",
                hint="Choose the workflow to call once more.",
            )
        if is_inline:
            self._refuse_endless(row[0])
        return row[0], row[1] or draft_version(row[0])

    def _refuse_endless(self, workflow_id: UUID) -> None:
        if workflow_id in self._session.lineage:
            raise UserError(
                "This workflow is already running further up: it would call itself without end.",
                code="workflow_calls_itself",
                hint="Use a loop inside one workflow instead.",
            )
        self._refuse_deep()

    def _refuse_deep(self) -> None:
        if len(self._session.lineage) > DEEPEST:
            raise too_deep()

    def _open(self, target: tuple[UUID, UUID], key: str, items: Items) -> Claim | None:
        """The right to run it; None where it is over, or waits on."""
        caller = self._session.claim
        files: list[StoredPayload] = []
        values = called_values(target, key, items, caller, files)
        with pool().connection() as connection, connection.transaction(), connection.cursor() as cursor:
            hold(connection, caller)
            row = cursor.execute(transitions.OPEN_CHILD, values).fetchone()
            claim = None if row is None else Claim(*row)
            if claim is not None and claim.is_first:
                keep_files(cursor, files, claim.id)
        return claim

    def _run(self, claim: Claim) -> None:
        called, state = open_session(claim, self._session.writer)
        called.lineage = (*self._session.lineage, claim.workflow_id)
        self._session.begin_call(called)
        try:
            execute(called, state, self._make_ports)
            called.wait_over()
        finally:
            self._session.end_call()
        if self._session.is_lost or self._session.is_ending:
            raise LeaseLost

    def _result(self, key: str) -> Items:
        """What the record says. Raises Paused, Canceled, OperationalError."""
        with pool().connection() as connection:
            row = connection.execute(FIND_CALLED, (self._session.claim.team_id, key)).fetchone()
        if row is not None and row[1] == "success":
            return self._items(row[0], row[3])
        if self._session.is_canceled:
            raise Canceled
        if row is None or row[1] == "running":
            raise OperationalError("The called workflow was taken out of this run's hands.", code="sub_workflow_lost")
        execution_id, status, resume_at, _, text = row
        if status == "waiting":
            raise Paused(resume_at)
        raise OperationalError(
            text or f"The called workflow ended: {status}.",
            code="sub_workflow_failed",
            hint="Open the called run to see which node failed.",
            data={"executionId": str(execution_id), "status": status},
        )

    def _items(self, execution_id: UUID, last_node: str) -> Items:
        """What its last node put out first."""
        with pool().connection() as connection:
            row = connection.execute(LAST_OUTPUT, (execution_id, last_node)).fetchone()
        if row is None:
            return []
        encoded: Any = payloads.load(self._session.claim.team_id, row[1]) if row[1] else row[0]
        outputs = None if encoded is None else outputs_from_json(payload_codec.decode(encoded))
        return outputs[0] if outputs else []


def call_key(execution_id: UUID, site: CallSite, tries: int) -> str:
    """`sub:<caller>:<node>:<run>:<item>`, and what tells further calls and tries apart. Long names are hashed."""
    node = site.node
    if len(node) > 100:
        node = hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    further = f":{site.call}:{tries}" if site.call or tries else ""
    return f"sub:{execution_id.hex}:{node}:{site.run_index}:{site.item}{further}"


def called_values(
    target: tuple[UUID, UUID], key: str, items: Items, caller: Claim, files: list[StoredPayload]
) -> dict[str, Any]:
    """What the row of a called run is made of."""
    return {
        "id": uuid7(),
        "parent": caller.id,
        "workflow": target[0],
        "version": target[1],
        "start": start_of(target[1]),
        "items": encoded_items(items, caller.team_id, files),
        "key": key,
    }


def keep_files(cursor: Any, files: list[StoredPayload], execution_id: UUID) -> None:
    payloads.store(cursor, files, [(stored.id, execution_id) for stored in files])


def too_deep() -> UserError:
    return UserError(
        f"Workflows call each other more than {DEEPEST} levels deep.",
        code="workflows_too_deep",
        hint="Put some of them into one workflow.",
    )


def given_version(workflow_id: UUID, graph: JsonObject) -> UUID:
    """The graph as a version of the workflow. The thread keeps no connection of the ORM."""
    try:
        return versions.snapshot(Workflow(pk=workflow_id), reason="called", graph=graph).pk
    except DataError as error:
        raise UserError("The workflow holds text that cannot be stored.", code="workflow_invalid") from error
    finally:
        orm_connection.close()


def draft_version(workflow_id: UUID) -> UUID:
    """The draft as a version. The thread keeps no connection of the ORM."""
    try:
        workflow = Workflow.objects.get(pk=workflow_id)
        return versions.snapshot(workflow, reason="run").pk
    finally:
        orm_connection.close()


def start_of(version_id: UUID) -> str:
    """The node that a caller's items go into."""
    nodes = compiled_versions.get(version_id).nodes.values()
    for kind in STARTS:
        for one in nodes:
            if one.node.type == kind and not one.node.disabled:
                return one.name
    raise UserError(
        "The called workflow has no node that other workflows can start.",
        code="no_start_node",
        hint="Add the trigger 'Called by a workflow' to it.",
    )


def encoded_items(items: Items, team_id: UUID, files: list[StoredPayload]) -> bytes:
    """Items for the row; large ones go into a payload of their own, added to `files`."""
    encoded = payload_codec.encode(items_to_json(items))
    if len(encoded) <= payload_codec.INLINE_BYTES:
        return encoded
    stored = payloads.pack(team_id, encoded)
    files.append(stored)
    return payload_codec.encode_reference(stored.ref)
