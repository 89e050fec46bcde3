"""What is on record about an execution that ran before: the RunState its engine starts from."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from executions_app import payload_codec, payloads
from executions_app.database import pool
from executions_app.runner.claim import Claim
from executions_app.runner.session import NOTHING, OnRecord
from workflows_app.engine.events import Source
from workflows_app.engine.items import Outputs, items_from_json, outputs_from_json
from workflows_app.engine.ports import CallSite
from workflows_app.engine.state import RecordedRun, Resume, RunState

SELECT = """
SELECT node, run_index, "order", status, sources, items_out, output, output_ref, error, context, epoch
  FROM executions_app_noderun WHERE execution_id = %s
"""


SELECT_CALLS = """
SELECT node, run_index, item, call, result FROM executions_app_nodeeffect
 WHERE execution_id = %s AND node = ANY(%s)
"""


def load_state(claim: Claim) -> tuple[RunState, OnRecord]:
    """The state for the engine, and what the session must know besides."""
    if not claim.has_record:
        return RunState(), NOTHING
    with pool().connection() as connection:
        rows = connection.execute(SELECT, (claim.id,)).fetchall()
        open_nodes = sorted({row[0] for row in rows if row[3] == "started"})
        calls = connection.execute(SELECT_CALLS, (claim.id, open_nodes)).fetchall() if open_nodes else []
    recorded = {(row[0], row[1]): _recorded(claim, row) for row in rows if row[3] in ("success", "error", "skipped")}
    begun = {(row[0], row[1]): row[-1] for row in rows if row[3] == "started"}
    resume = _resume(claim, begun)
    unknown = frozenset(begun if resume is None else begun.keys() - {(resume.node, resume.run_index)})
    answers = {CallSite(*call[:4]): call[4] for call in calls if (call[0], call[1]) not in recorded}
    on_record = OnRecord(frozenset((row[0], row[1]) for row in rows), answers)
    return RunState(recorded, unknown, resume, begins=claim.is_first), on_record


def _recorded(claim: Claim, row: tuple[Any, ...]) -> RecordedRun:
    node, run_index, order, status, sources, items_out, output, output_ref, error, context, _ = row
    return RecordedRun(
        node=node,
        run_index=run_index,
        order=order,
        load=loader(claim, output, output_ref),
        sources=tuple(None if s is None else Source(s["node"], s["output"], s["runIndex"]) for s in sources),
        error=None if error is None else payload_codec.decode(error),
        context=None if context is None else payload_codec.decode(context),
        failed=status == "error" and output is None and not output_ref,
        counts=tuple(items_out) or None,
    )


def loader(claim: Claim, output: bytes | None, output_ref: str) -> Callable[[], Outputs | None]:
    """Fetch and decode the stored outputs of one turn."""

    def load() -> Outputs | None:
        encoded = payloads.load(claim.team_id, output_ref) if output_ref else output
        return None if encoded is None else outputs_from_json(payload_codec.decode(encoded))

    return load


def _resume(claim: Claim, begun: Mapping[tuple[str, int], int]) -> Resume | None:
    """`resume_items` holds `{items, decision}` where a call or a person ended the wait; nothing where time did. A
    decision also has the `epoch` at which the run asked: it is used up once a later claim `begun` that turn, whose call
    may have left, so that the run asks again."""
    if claim.resume_run is None:
        return None
    answer = {} if claim.resume_items is None else payload_codec.decode(claim.resume_items)
    if begun.get((claim.resume_node, claim.resume_run), 0) > answer.get("epoch", math.inf):
        return None
    items = None if answer.get("items") is None else items_from_json(answer["items"])
    return Resume(claim.resume_node, claim.resume_run, datetime.now(UTC), items, answer.get("decision", "continue"))
