"""Node runs of an execution, and what they add up to."""

import orjson

from executions_app.models import Execution, ExecutionEvent, NodeRun
from workflows_app.selectors.scenes import RunMarks

LATEST_EVENTS = 100
BEGUN = ("node_run_started", "node_run_retried")
ENDED = ("node_run_finished", "node_run_failed")


def node_turns(execution: Execution) -> list[NodeRun]:
    """Node runs in the order they ran, without their data."""
    return list(NodeRun.objects.filter(execution=execution).defer("output", "context").order_by("order"))


def has_failed(execution: Execution) -> bool:
    """Whether a turn of it is on record that put out nothing: a retry can go on from there."""
    return NodeRun.objects.filter(execution=execution, output=None, output_ref="").exclude(status="skipped").exists()


def under_way(execution: Execution) -> set[str]:
    """Nodes that have begun a turn and not ended it. A turn that touched nothing yet has an event and no row."""
    if execution.is_finished:
        return set()
    newest = ExecutionEvent.objects.filter(execution=execution).exclude(node="").order_by("-seq")[:LATEST_EVENTS]
    last: dict[str, str] = {}
    for event in newest:
        kind = str(orjson.loads(bytes(event.body)).get("type"))
        if kind in (*BEGUN, *ENDED):
            last.setdefault(event.node, kind)
    return {node for node, kind in last.items() if kind in BEGUN}


def waiting_marks(execution: Execution) -> dict[str, str]:
    """The node that a run stands still at is not running: it waits, or nobody knows what became of it."""
    if execution.status != "waiting" or not execution.resume_node:
        return {}
    return {execution.resume_node: "unknown" if execution.reason == "outcome_unknown" else "waiting"}


def marks_of(turns: list[NodeRun]) -> RunMarks:
    """The last status of each node and its items per output, summed over turns."""
    statuses: dict[str, str] = {}
    counts: dict[str, list[int]] = {}
    for turn in turns:
        statuses[turn.node] = turn.status
        if turn.status == "started" or not turn.items_out:
            continue
        sums = counts.setdefault(turn.node, [])
        sums.extend([0] * (len(turn.items_out) - len(sums)))
        for output, count in enumerate(turn.items_out):
            sums[output] += count
    return RunMarks(statuses, counts)
