"""Stop an execution, or run it once more."""

from functools import partial
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from accounts.services import audit
from executions_app import admission, doorbell, frames, payload_codec
from executions_app.items_in import checked
from executions_app.models import Execution, PayloadUse
from executions_app.services.start import NewPayloads
from executions_app.stream import publisher
from executions_app.transitions import RESUME, RESUME_CALLERS, transition
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.models import WorkflowVersion
from workflows_app.services import versions

COPIED = ("start_node", "destination_node", "trigger_items", "cassette_ref", "expires_at", "priority")


def cancel(execution: Execution, *, by: User) -> None:
    """A queued or waiting one ends at once; a running one is asked to stop, which takes about a second. One that is
    over stays as it is. One that another run calls ends with that run."""
    top = execution.root_id or execution.pk
    with transaction.atomic(), connection.cursor() as cursor:
        is_ended = transition(cursor, top, "canceled", sources=("queued", "waiting"))
        if not is_ended:
            Execution.objects.filter(pk=top, status="running").update(cancel_requested=True)
        # A row that was claimed or let go between the two statements is caught by one more try.
        is_ended = is_ended or transition(cursor, top, "canceled", sources=("queued", "waiting"))
        if is_ended:
            called = Execution.objects.filter(root_id=top).values_list("pk", flat=True)
            ended = [top, *(pk for pk in called if transition(cursor, pk, "canceled"))]
            transaction.on_commit(partial(tell_the_end, ended))
        audit.record("execution.cancel", actor=by, team=execution.team, target=execution, status=execution.status)
    execution.refresh_from_db(fields=["status", "cancel_requested", "finished_at"])


def tell_the_end(canceled: list[UUID]) -> None:
    """To the pages that follow them."""
    for pk in canceled:
        publisher().append({pk.hex.encode("ascii"): frames.end("canceled")})


def decide(
    execution: Execution,
    *,
    by: User,
    decision: Literal["happened", "run", "skip"],
    items: list[JsonObject] | None = None,
) -> None:
    """End a wait for `outcome_unknown`: the call happened (with `items`, or its input, as its output), is made again,
    or is left out. Raises UserError where the run does not wait for that, any more or at all, or the items are none."""
    files = NewPayloads(execution.team_id)
    given = None if items is None else files.stored(checked(items))
    answer = payload_codec.encode({"items": given, "decision": decision, "epoch": execution.epoch})
    turn = {"node": execution.resume_node, "run": execution.resume_run or 0}
    values: dict[str, Any] = {"id": execution.pk, "answer": answer, "reasons": ["outcome_unknown"], **turn}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RESUME, values)
        if not cursor.fetchall():
            raise UserError(
                "This run does not wait for a decision.", code="nothing_to_decide", hint="Look at the run once more."
            )
        cursor.execute(RESUME_CALLERS, values)
        files.store(execution)
        audit.record("execution.decide", actor=by, team=execution.team, target=execution, decision=decision, **turn)
        transaction.on_commit(doorbell.ring)
    execution.refresh_from_db(fields=["status", "reason"])


def retry(execution: Execution, *, by: User, draft: bool = False) -> Execution:
    """A new execution of the same version, or of the draft as it is now, with the same trigger items, from the start.
    Raises UserError where the draft has lost the node it started at."""
    version = version_for(execution, by, draft=draft)
    if draft:
        check_start(execution, version)
    again = Execution(
        team_id=execution.team_id,
        workflow_id=execution.workflow_id,
        version_id=version.pk,
        mode=mode_of(execution),
        retry_of=execution,
        started_by=by,
        **{name: getattr(execution, name) for name in COPIED},
    )
    with transaction.atomic():
        take_from(execution, again)
        audit.record("execution.retry", actor=by, team=execution.team, target=execution, started=str(again.pk))
        transaction.on_commit(doorbell.ring)
    return again


def take_from(base: Execution, again: Execution) -> None:
    """Store a run made of another one, in use of the same payloads. The base is held, so that pruning leaves it alone
    until this transaction is over. Raises UserError where it is gone already."""
    admission.refuse_when_full(again.team_id)
    if not Execution.objects.select_for_update(no_key=True).filter(pk=base.pk).values_list("pk").first():
        raise UserError(
            "This run has been removed meanwhile.", code="run_gone", hint="Start the workflow from its trigger."
        )
    again.save(force_insert=True)
    uses = PayloadUse.objects.filter(execution=base).values_list("payload_id", flat=True)
    PayloadUse.objects.bulk_create([PayloadUse(payload_id=payload, execution=again) for payload in uses])


def mode_of(execution: Execution) -> str:
    """The mode of a run made of that one: pinned data go on to count in one that was started by hand."""
    return execution.mode if execution.mode in ("sample", "manual") else "retry"


def version_for(execution: Execution, by: User, *, draft: bool) -> WorkflowVersion:
    return versions.snapshot(execution.workflow, reason="run", by=by) if draft else execution.version


def check_start(execution: Execution, version: WorkflowVersion) -> None:
    names = {node.get("name") for node in version.graph.get("nodes", [])}
    if execution.start_node and execution.start_node not in names:
        raise UserError(
            f"The workflow no longer has the node '{execution.start_node}' that this run started at.",
            code="no_such_node",
            hint="Run the original version again, or start the workflow anew.",
        )
