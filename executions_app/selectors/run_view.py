"""A run as pages show it: facts, the drawn graph, nodes in the order they ran, log, timeline, one opened node."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.selectors.node_panel import Opened
from executions_app.selectors.one_moment import one_moment
from executions_app.selectors.run_words import MODE_LABELS, LogLine, duration_text, log_lines, milliseconds_text
from executions_app.selectors.timeline import Bar, timeline
from executions_app.selectors.turns import marks_of, node_turns, under_way, waiting_marks
from pumpflix.lib.drawing import DrawnNode, graph
from pumpflix.lib.drawing.graph import Layout
from workflows_app.selectors.scenes import scene_of

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
class RunView:
    """Everything a page says about one execution. `is_late`: queued for so long that no worker may be up."""

    id: str
    status: str
    mode: str
    mode_label: str
    version: int
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
    traced: Collection[str] = (),
) -> RunView:
    """`address` is the page's own address, to which `?node=` is added; `sprite` the address of the icon file. With
    `heights` (items by node name) the graph is drawn as that horizon and does not move while the run goes on.
    `traced` are nodes that stand out."""
    with one_moment():
        turns, begun = node_turns(execution), under_way(execution)
        lines, newest = log_lines(execution), last_seq(execution)
    marks = marks_of(turns)
    still = waiting_marks(execution)
    marks = replace(marks, statuses={**marks.statuses, **dict.fromkeys(begun, "started"), **still})
    scene = scene_of(execution.version.graph, marks)
    layout: Layout = "placed"
    if heights is not None:
        layout = "horizon"
        scene = replace(scene, nodes=tuple(replace(node, count=heights.get(node.label, 0)) for node in scene.nodes))
    if traced:
        looks = (replace(node, verdict="traced" if node.label in traced else "") for node in scene.nodes)
        scene = replace(scene, nodes=tuple(looks))
    base = dict.fromkeys(["run"], str(execution.pk)) if "/executions/" not in address else {}
    base |= {"trace": opened.trace} if traced else {}

    def href(name: str) -> str:
        return f"{address}?{urlencode({**base, 'node': name, 'view': opened.view})}"

    svg = graph(scene, title="Graph of this run", layout=layout, sprite=sprite, href=lambda node: href(node.label))
    return RunView(
        id=str(execution.pk),
        status=execution.status,
        mode=execution.mode,
        mode_label=MODE_LABELS.get(execution.mode, execution.mode),
        version=execution.version.number,
        created_at=execution.created_at,
        finished_at=execution.finished_at,
        duration=duration_text(execution.started_at, execution.finished_at),
        worker=worker_text(execution),
        error_text=execution.error_text,
        error_node=execution.last_node if execution.error_text else "",
        last_seq=newest,
        svg=mark_safe(svg),  # noqa: S308 - the drawing escapes every value
        nodes=node_rows(turns, {node.label: node for node in scene.nodes}, href, still),
        lines=lines,
        bars=timeline(execution, turns, href, still),
        is_finished=execution.is_finished,
        is_late=execution.status == "queued" and timezone.now() - execution.created_at > LATE_AFTER,
    )


def worker_text(execution: Execution) -> str:
    """Who runs it, or ran it last; a run that waits is nobody's."""
    if not execution.worker_pid or execution.status == "waiting":
        return ""
    machine = execution.owner.split("#")[0].split(":")[0]
    return f"{machine} pid {execution.worker_pid}"


def node_rows(
    turns: list[NodeRun],
    drawn: Mapping[str, DrawnNode],
    href: Callable[[str], str],
    still: Mapping[str, str],
) -> list[NodeRow]:
    """`still` are statuses of nodes that stand still instead of running."""
    marks = marks_of(turns)
    spent: dict[str, float] = {}
    for turn in turns:
        spent[turn.node] = spent.get(turn.node, 0.0) + (turn.duration_ms or 0.0)
    return [
        NodeRow(
            id=drawn[name].id if name in drawn else name,
            name=name,
            icon=drawn[name].icon if name in drawn else "n-unknown",
            status=still.get(name, marks.statuses[name]),
            items=marks.total(name),
            duration=milliseconds_text(spent[name]) if marks.statuses[name] != "started" else "",
            href=href(name),
        )
        for name in spent
    ]


def last_seq(execution: Execution) -> int:
    newest = ExecutionEvent.objects.filter(execution=execution).order_by("-seq").values_list("seq", flat=True).first()
    return newest or 0
