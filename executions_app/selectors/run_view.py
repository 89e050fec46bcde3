"""A run as pages show it: facts, the drawn graph, nodes in the order they ran, log, timeline, one opened node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.selectors.node_panel import Opened
from executions_app.selectors.one_moment import one_moment
from executions_app.selectors.run_words import MODE_LABELS, LogLine, duration_text, log_lines, milliseconds_text
from executions_app.selectors.turns import marks_of, node_turns, under_way
from pumpflix.lib.drawing import DrawnNode, graph, status_look
from pumpflix.lib.drawing.graph import Layout
from workflows_app.selectors.scenes import scene_of

MOST_BARS = 300
LATE_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class NodeRow:
    """One node of a run. `items` is the sum over outputs and turns, None before it put out anything."""

    id: str
    name: str
    icon: str
    status: str
    items: int | None
    duration: str
    href: str


@dataclass(frozen=True)
class Bar:
    """`start` and `width` are percent of the run."""

    label: str
    href: str
    status: str
    status_label: str
    start: float
    width: float
    text: str


@dataclass(frozen=True)
class RunView:
    """Everything a page says about one execution. `is_late`: queued for so long that no worker may be up."""

    id: str
    status: str
    mode_label: str
    created_at: datetime
    finished_at: datetime | None
    duration: str
    worker: str
    error_text: str
    error_node: str
    last_seq: int
    svg: SafeString
    nodes: list[NodeRow]
    lines: list[LogLine]
    bars: list[Bar]
    is_finished: bool
    is_late: bool


def run_view(
    execution: Execution,
    *,
    address: str,
    sprite: str,
    opened: Opened,
    heights: Mapping[str, int] | None = None,
) -> RunView:
    """`address` is the page's own address, to which `?node=` is added; `sprite` the address of the icon file. With
    `heights` (items by node name) the graph is drawn as that horizon and does not move while the run goes on."""
    with one_moment():
        turns, begun = node_turns(execution), under_way(execution)
        lines, newest = log_lines(execution), last_seq(execution)
    marks = marks_of(turns)
    marks = replace(marks, statuses={**marks.statuses, **dict.fromkeys(begun, "started")})
    scene = scene_of(execution.version.graph, marks)
    layout: Layout = "placed"
    if heights is not None:
        layout = "horizon"
        scene = replace(scene, nodes=tuple(replace(node, count=heights.get(node.label, 0)) for node in scene.nodes))
    base = dict.fromkeys(["run"], str(execution.pk)) if "/executions/" not in address else {}

    def href(name: str) -> str:
        return f"{address}?{urlencode({**base, 'node': name, 'view': opened.view})}"

    svg = graph(scene, title="Graph of this run", layout=layout, sprite=sprite, href=lambda node: href(node.label))
    return RunView(
        id=str(execution.pk),
        status=execution.status,
        mode_label=MODE_LABELS.get(execution.mode, execution.mode),
        created_at=execution.created_at,
        finished_at=execution.finished_at,
        duration=duration_text(execution.started_at, execution.finished_at),
        worker=f"{execution.owner.split('#')[0]} pid {execution.worker_pid}" if execution.worker_pid else "",
        error_text=execution.error_text,
        error_node=execution.last_node if execution.error_text else "",
        last_seq=newest,
        svg=mark_safe(svg),  # noqa: S308 - the drawing escapes every value
        nodes=node_rows(turns, {node.label: node for node in scene.nodes}, href),
        lines=lines,
        bars=bars_of(turns, href),
        is_finished=execution.is_finished,
        is_late=execution.status == "queued" and timezone.now() - execution.created_at > LATE_AFTER,
    )


def node_rows(turns: list[NodeRun], drawn: Mapping[str, DrawnNode], href: Callable[[str], str]) -> list[NodeRow]:
    marks = marks_of(turns)
    spent: dict[str, float] = {}
    for turn in turns:
        spent[turn.node] = spent.get(turn.node, 0.0) + (turn.duration_ms or 0.0)
    return [
        NodeRow(
            id=drawn[name].id if name in drawn else name,
            name=name,
            icon=drawn[name].icon if name in drawn else "n-unknown",
            status=marks.statuses[name],
            items=marks.total(name),
            duration=milliseconds_text(spent[name]),
            href=href(name),
        )
        for name in spent
    ]


def last_seq(execution: Execution) -> int:
    newest = ExecutionEvent.objects.filter(execution=execution).order_by("-seq").values_list("seq", flat=True).first()
    return newest or 0


def bars_of(turns: list[NodeRun], href: Callable[[str], str]) -> list[Bar]:
    """One bar per turn, placed between the first start and the last end."""
    if not turns:
        return []
    first = min(turn.started_at for turn in turns)
    last = max(turn.finished_at or turn.started_at for turn in turns)
    whole = max((last - first).total_seconds(), 0.001)
    return [
        Bar(
            label=turn.node if turn.run_index == 0 else f"{turn.node} ({turn.run_index + 1})",
            href=f"{href(turn.node)}&turn={turn.run_index}#node-data",
            status=turn.status,
            status_label=status_look(turn.status).label,
            start=round(min((turn.started_at - first).total_seconds() / whole * 100, 98.5), 2),
            width=round(max((turn.duration_ms or 0.0) / 10 / whole, 1.5), 2),
            text=milliseconds_text(turn.duration_ms or 0.0),
        )
        for turn in turns[:MOST_BARS]
    ]
