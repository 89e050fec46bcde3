"""Store a run that takes over turns of another: the row, the turns by reference, and the events that tell of them."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from accounts.services import audit
from executions_app import doorbell, event_bodies, payload_codec
from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.services.control import take_from
from executions_app.services.start import NewPayloads
from workflows_app.engine.items import JsonObject
from workflows_app.engine.partial import Takeover

COPY_TURNS = """
INSERT INTO executions_app_noderun (
    execution_id, node, run_index, "order", epoch, attempt, status, started_at, finished_at, duration_ms, items_in,
    items_out, sources, output, output_ref, output_bytes, error, context, origin)
SELECT %s, n.node, n.run_index, n."order", 0, n.attempt, n.status, clock_timestamp(), clock_timestamp(), 0, n.items_in,
       n.items_out, n.sources, n.output, n.output_ref, n.output_bytes, n.error, n.context,
       CASE WHEN n.origin = 'pinned' THEN n.origin WHEN n.node = ANY(%s) THEN 'stale' ELSE 'run' END
  FROM executions_app_noderun n
  JOIN unnest(%s::text[], %s::int[]) AS t(node, run_index) ON t.node = n.node AND t.run_index = n.run_index
 WHERE n.execution_id = %s
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A turn that a person wrote instead of letting it be made: these items on the first output."""

    node: str
    run_index: int
    items: list[JsonObject]


def store(
    execution: Execution,
    takeover: Takeover,
    files: NewPayloads,
    *,
    kind: str,
    at: tuple[str, int],
    written: Written | None = None,
) -> Execution:
    """Write all of it in one commit, then ring. `at` is the turn the run is about; `retry_of` the run to take from."""
    base = execution.retry_of
    assert base is not None
    allowed = None if takeover.allowed is None else sorted(takeover.allowed)
    execution.fork = {"kind": kind, "node": at[0], "run": at[1], "base": str(base.pk), "allowed": allowed}
    own = None if written is None else turn_of(execution, base, written, files)
    execution.next_seq = 1 + len(takeover.taken) + (own is not None)
    with transaction.atomic():
        take_from(base, execution)
        files.store(execution)
        copy_turns(execution, base, takeover)
        if own is not None:
            own.save(force_insert=True)
        tell(execution)
        about = {"started": str(execution.pk), "kind": kind, "node": at[0], "run": at[1]}
        audit.record("execution.fork", actor=execution.started_by, team=base.team, target=base, **about)
        transaction.on_commit(doorbell.ring)
    return execution


def copy_turns(execution: Execution, base: Execution, takeover: Takeover) -> None:
    places = ([one.node for one in takeover.taken], [one.run_index for one in takeover.taken])
    with connection.cursor() as cursor:
        cursor.execute(COPY_TURNS, [execution.pk, list(takeover.stale), *places, base.pk])


def turn_of(execution: Execution, base: Execution, written: Written, files: NewPayloads) -> NodeRun:
    """The row of the written turn, where the base has that turn."""
    former = NodeRun.objects.filter(execution=base, node=written.node, run_index=written.run_index).values(
        "order", "items_in", "items_out", "sources"
    )[0]
    others = max(len(former["items_out"]) - 1, 0)
    encoded = payload_codec.encode([written.items, *([] for _ in range(others))])
    is_small = len(encoded) <= payload_codec.INLINE_BYTES
    now = timezone.now()
    return NodeRun(
        execution_id=execution.pk,
        node=written.node,
        run_index=written.run_index,
        order=former["order"],
        epoch=0,
        status="success",
        started_at=now,
        finished_at=now,
        duration_ms=0,
        items_in=former["items_in"],
        items_out=[len(written.items), *(0 for _ in range(others))],
        sources=former["sources"],
        output=encoded if is_small else None,
        output_ref="" if is_small else files.put(encoded),
        output_bytes=len(encoded),
        origin="edited",
    )


def tell(execution: Execution) -> None:
    """One event per turn, so that whoever follows the run sees where its outputs came from."""
    now = timezone.now()
    rows = NodeRun.objects.filter(execution=execution).defer("output", "context", "error").order_by("order", "node")
    ExecutionEvent.objects.bulk_create([
        ExecutionEvent(
            execution=execution,
            seq=seq,
            at=now,
            type="node_run_finished",
            node=row.node,
            body=event_bodies.to_bytes(taken_over(execution, row)),
        )
        for seq, row in enumerate(rows, start=1)
    ])  # fmt: skip


def taken_over(execution: Execution, row: NodeRun) -> event_bodies.Body:
    """The end of a turn as others have it, with `origin` and, where it was taken over, the run it is `from`."""
    body: event_bodies.Body = {"type": "node_run_finished", "at": row.started_at, "node": row.node}
    body |= {"runIndex": row.run_index, "order": row.order, "durationMs": 0, "items": row.items_out[:64]}
    body |= {"startedAt": row.started_at, "itemsIn": row.items_in, "origin": row.origin}
    if row.status != "success":
        body["status"] = row.status
    return body if row.origin == "edited" else {**body, "from": str(execution.retry_of_id)}
