"""Node runs of an execution, and what they add up to."""

from executions_app.models import Execution, NodeRun
from workflows_app.selectors.scenes import RunMarks


def node_turns(execution: Execution) -> list[NodeRun]:
    """Node runs in the order they ran, without their data."""
    return list(NodeRun.objects.filter(execution=execution).defer("output", "context").order_by("order"))


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
