"""Stop an execution, or run it once more."""

from django.db import connection, transaction

from accounts.models import User
from executions_app import doorbell, frames
from executions_app.models import Execution, PayloadUse
from executions_app.stream import publisher
from executions_app.transitions import transition

COPIED = ("start_node", "destination_node", "trigger_items", "cassette_ref", "expires_at", "priority")


def cancel(execution: Execution, *, by: User) -> None:  # noqa: ARG001 - the audit log names who
    """A queued or waiting one ends at once; a running one is asked to stop, which takes about a second. One that is
    over stays as it is. One that another run calls ends with that run."""
    top = execution.root_id or execution.pk
    ended = []
    with transaction.atomic(), connection.cursor() as cursor:
        is_ended = transition(cursor, top, "canceled", sources=("queued", "waiting"))
        if not is_ended:
            Execution.objects.filter(pk=top, status="running").update(cancel_requested=True)
        # A row that was claimed or let go between the two statements is caught by one more try.
        is_ended = is_ended or transition(cursor, top, "canceled", sources=("queued", "waiting"))
        if is_ended:
            called = Execution.objects.filter(root_id=top).values_list("pk", flat=True)
            ended = [top, *(pk for pk in called if transition(cursor, pk, "canceled"))]
    for pk in ended:
        publisher().append({pk.hex.encode("ascii"): frames.end("canceled")})
    execution.refresh_from_db(fields=["status", "cancel_requested", "finished_at"])


def retry(execution: Execution, *, by: User) -> Execution:
    """A new execution of the same version with the same trigger items, from the start."""
    again = Execution(
        team_id=execution.team_id,
        workflow_id=execution.workflow_id,
        version_id=execution.version_id,
        mode="sample" if execution.mode == "sample" else "retry",
        retry_of=execution,
        started_by=by,
        **{name: getattr(execution, name) for name in COPIED},
    )
    with transaction.atomic():
        again.save(force_insert=True)
        uses = PayloadUse.objects.filter(execution=execution).values_list("payload_id", flat=True)
        PayloadUse.objects.bulk_create([PayloadUse(payload_id=payload, execution=again) for payload in uses])
        transaction.on_commit(doorbell.ring)
    return again
