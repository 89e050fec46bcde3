"""A finished run for the pages' tests, written as rows: no worker is needed to look at one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from executions_app import payload_codec
from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.tests.factories import execution_of

BEGUN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def items(*values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"json": value} for value in values]


def ended(status: str = "success", **fields: Any) -> Execution:
    times = {"started_at": BEGUN, "finished_at": BEGUN + timedelta(milliseconds=250)}
    return execution_of(status=status, **{**times, **fields})


def turn(execution: Execution, node: str, order: int, *outputs: list[dict[str, Any]], **fields: Any) -> NodeRun:
    """A node run that put out those items per output, 10 ms after the one before."""
    values = {
        "run_index": 0,
        "epoch": 1,
        "status": "success",
        "started_at": BEGUN + timedelta(milliseconds=10 * order),
        "finished_at": BEGUN + timedelta(milliseconds=10 * order + 8),
        "duration_ms": 8.0,
        "items_out": [len(output) for output in outputs],
        "output": payload_codec.encode(list(outputs)) if outputs else None,
    }
    return NodeRun.objects.create(execution=execution, node=node, order=order, **{**values, **fields})


def event(execution: Execution, seq: int, kind: str, node: str = "", **body: Any) -> ExecutionEvent:
    at = BEGUN + timedelta(milliseconds=seq)
    data = orjson.dumps({"type": kind, "node": node, "at": at, **body})
    return ExecutionEvent.objects.create(execution=execution, seq=seq, at=at, type=kind, node=node, body=data)


def two_node_run(**fields: Any) -> Execution:
    """Start put out one item, Variables two."""
    execution = ended(**fields)
    turn(execution, "Start", 0, items({}))
    source = {"node": "Start", "output": 0, "runIndex": 0}
    turn(execution, "Variables", 1, items({"n": 1}, {"n": 2}), items_in=[1], sources=[source])
    event(execution, 1, "execution_started")
    event(execution, 2, "node_run_finished", "Start", items=[1])
    event(execution, 3, "node_run_finished", "Variables", items=[2])
    event(execution, 4, "execution_finished", status="success")
    return execution
