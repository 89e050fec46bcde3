"""Executions as the API lists and shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet

from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.selectors.node_panel import decoded_error
from executions_app.selectors.outputs import node_inputs, node_outputs
from executions_app.selectors.run_words import LOG_LEVELS, QUIET, line_of

HEAVY = ("trigger_items", "resume_items", "response", "error")
MOST_EVENTS = 1_000
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """`since` and `until` bound when it was started; `text` is looked for in error and name of the workflow."""

    statuses: Sequence[str] = ()
    mode: str = ""
    workflow_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def executions_for(user: Any, wanted: ExecutionFilter = ExecutionFilter()) -> QuerySet[Execution]:
    """The runs of the user's teams, without their data."""
    rows: QuerySet[Execution] = Execution.objects.visible_to(user).filter(workflow__deleted_at=None)
    if wanted.statuses:
        rows = rows.filter(status__in=wanted.statuses)
    if wanted.mode:
        rows = rows.filter(mode=wanted.mode)
    if wanted.workflow_id:
        rows = rows.filter(workflow_id=wanted.workflow_id)
    if wanted.since:
        rows = rows.filter(created_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(created_at__lt=wanted.until)
    if wanted.text:
        rows = rows.filter(Q(error_text__icontains=wanted.text) | Q(workflow__name__icontains=wanted.text))
    return with_names(rows)


def with_names(rows: QuerySet[Execution]) -> QuerySet[Execution]:
    light = ("workflow__id", "workflow__name", "version__id", "version__number", "version__workflow_id")
    columns = [field.attname for field in Execution._meta.concrete_fields if field.name not in HEAVY]
    return rows.select_related("workflow", "version").only(*columns, *light)


def execution_for(user: Any, execution_id: UUID) -> Execution | None:
    """None for a stranger. Runs of a deleted workflow can still be looked at."""
    return with_names(Execution.objects.visible_to(user)).filter(pk=execution_id).first()


@dataclass(frozen=True, slots=True)
class DetailedExecution:
    """An execution with its node runs, in the order they ran and without their data."""

    row: Execution
    node_run_rows: list[NodeRun]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


def with_node_runs(execution: Execution) -> DetailedExecution:
    rows = NodeRun.objects.filter(execution=execution).defer("output", "context").order_by("order")
    return DetailedExecution(execution, list(rows))


@dataclass(frozen=True, slots=True)
class NodeData:
    """Items of one turn of one node: what it put out on `output`, or took in."""

    node: str
    run_index: int
    status: str
    side: str
    output: int
    outputs: list[int]
    items: list[dict[str, Any]]
    total: int
    error: dict[str, Any]


def node_data(  # noqa: PLR0913 - each narrows what is read
    execution: Execution, *, node: str, run_index: int | None, side: str, output: int | None, skip: int, limit: int
) -> NodeData | None:
    """The last turn unless one is named, the last node that ran unless one is; None where nothing ran."""
    turns = NodeRun.objects.filter(execution=execution)
    if node:
        turns = turns.filter(node=node)
    if run_index is not None:
        turns = turns.filter(run_index=run_index)
    turn = turns.order_by("-order").first()
    if turn is None:
        return None
    outputs = node_outputs(execution, turn)
    filled = next((place for place, items in enumerate(outputs) if items), 0)
    chosen = filled if output is None else output
    items = node_inputs(execution, turn) if side == "input" else outputs[chosen] if chosen < len(outputs) else []
    return NodeData(
        node=turn.node,
        run_index=turn.run_index,
        status=turn.status,
        side=side,
        output=chosen,
        outputs=[len(entry) for entry in outputs],
        items=items[skip : skip + limit],
        total=len(items),
        error=decoded_error(turn),
    )


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    event: dict[str, Any]


def events_of(execution: Execution, *, after: int, limit: int = MOST_EVENTS) -> list[Event]:
    """Stored events after that number, in order."""
    rows = ExecutionEvent.objects.filter(execution=execution, seq__gt=after).order_by("seq")[:limit]
    return [Event(row.seq, orjson.loads(bytes(row.body))) for row in rows]


@dataclass(frozen=True, slots=True)
class Log:
    """`lines` are `{seq, at, level, node, text}`. `last` is the number of the last event that was looked at, shown or
    not."""

    lines: list[dict[str, Any]]
    last: int


def log_of(execution: Execution, *, after: int, level: str, node: str, limit: int) -> Log:
    """Events in words, up to `limit` of those that are shown; `level` is the least that is."""
    rows = ExecutionEvent.objects.filter(execution=execution).order_by("seq")
    if node:
        rows = rows.filter(node=node)
    if level in ("warn", "error"):
        rows = rows.exclude(type__in=QUIET)
    lines: list[dict[str, Any]] = []
    last, is_over = after, False
    while not is_over:
        page = list(rows.filter(seq__gt=last)[:READ_AT_ONCE])
        is_over = len(page) < READ_AT_ONCE
        for row in page:
            last = row.seq
            line = line_of(row)
            if line is None or rank(line.level) < rank(level):
                continue
            lines.append({"seq": row.seq, "at": line.at, "level": line.level, "node": line.node, "text": line.text})
            if len(lines) == limit:
                return Log(lines, last)
    return Log(lines, last)


def rank(level: str) -> int:
    """No level is below all of them; one that is not known counts as `info`."""
    return LOG_LEVELS.index(level if level in LOG_LEVELS else "info") if level else -1
