"""A run as pages show it: facts, the drawn graph, nodes in the order they ran, log, timeline, one opened node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django.utils.safestring import SafeString, mark_safe

from executions_app import payload_codec
from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.selectors.data_view import DataView, data_view
from executions_app.selectors.outputs import node_inputs, node_outputs
from pumpflix.lib.drawing import DrawnNode, graph, status_look
from pumpflix.lib.drawing.graph import Layout
from workflows_app.selectors.scenes import RunMarks, output_label_of, scene_of

MOST_LINES = 1_000
MOST_BARS = 300
LOG_LEVELS = ("debug", "info", "warn", "error")
MODE_LABELS = {
    "manual": "Run by hand",
    "webhook": "Called by webhook",
    "schedule": "On schedule",
    "form": "Form",
    "sample": "Sample run",
    "dry": "Dry run",
    "retry": "Retry",
    "sub": "Called by a workflow",
    "error": "After an error",
    "api": "Started by API",
    "test": "Self-test",
}


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
class LogLine:
    at: datetime
    level: str
    node: str
    text: str


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
class OutputTab:
    index: int
    label: str
    count: int
    is_open: bool


@dataclass(frozen=True)
class NodePanel:
    """One turn of one node with the data of the side that is open."""

    id: str
    name: str
    status: str
    side: str
    view: str
    data: DataView
    items_in: int
    items_out: int
    outputs: list[OutputTab]
    turn: int
    turns: int
    error_text: str
    error_hint: str

    @property
    def turn_number(self) -> int:
        return self.turn + 1

    @property
    def previous_turn(self) -> int:
        return self.turn - 1


@dataclass(frozen=True)
class RunView:
    """Everything a page says about one execution."""

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
    is_late: bool = False


@dataclass(frozen=True)
class Opened:
    """What the address asks to see: a node, a turn of it, input or output, table or JSON, a page."""

    node: str = ""
    turn: int = -1
    side: str = "output"
    output: int = -1
    view: str = "table"
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Opened":
        return cls(
            node=query.get("node", ""),
            turn=_number(query.get("turn"), -1),
            side="input" if query.get("side") == "input" else "output",
            output=_number(query.get("output"), -1),
            view="json" if query.get("view") == "json" else "table",
            page=_number(query.get("page"), 1),
        )


def run_view(
    execution: Execution, *, address: str, sprite: str, opened: Opened, layout: Layout = "placed", title: str = ""
) -> RunView:
    """`address` is the page's own address, to which `?node=` is added; `sprite` the address of the icon file."""
    turns = node_turns(execution)
    graph_json = execution.version.graph
    marks = marks_of(turns)
    scene = scene_of(graph_json, marks)
    base = dict.fromkeys(["run"], str(execution.pk)) if "/executions/" not in address else {}

    def href(name: str) -> str:
        return f"{address}?{urlencode({**base, 'node': name, 'view': opened.view})}"

    svg = graph(scene, title=title or "Graph of this run", layout=layout, sprite=sprite, href=lambda n: href(n.label))
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
        last_seq=last_seq(execution),
        svg=mark_safe(svg),  # noqa: S308 - the drawing escapes every value
        nodes=node_rows(turns, {node.label: node for node in scene.nodes}, href),
        lines=log_lines(execution),
        bars=bars_of(turns, href),
        is_finished=execution.is_finished,
    )


def node_turns(execution: Execution) -> list[NodeRun]:
    """Node runs in the order they ran, without their data."""
    return list(NodeRun.objects.filter(execution=execution).defer("output", "context").order_by("order"))


def marks_of(turns: list[NodeRun]) -> RunMarks:
    """The last status of each node and its items per output, summed over turns."""
    statuses: dict[str, str] = {}
    counts: dict[str, list[int]] = {}
    for turn in turns:
        statuses[turn.node] = turn.status
        if turn.status == "started":
            continue
        sums = counts.setdefault(turn.node, [])
        sums.extend([0] * (len(turn.items_out) - len(sums)))
        for output, count in enumerate(turn.items_out):
            sums[output] += count
    return RunMarks(statuses, counts)


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


def opened_node(execution: Execution, opened: Opened, *, fallback: str = "") -> NodePanel | None:
    """The node the address names, else `fallback`, else the failed or the last one; None while nothing has run."""
    turns = node_turns(execution)
    names = {turn.node for turn in turns}
    name = next((wanted for wanted in (opened.node, fallback) if wanted in names), "") or _worth_opening(turns)
    mine = [turn for turn in turns if turn.node == name]
    if not mine:
        return None
    place = opened.turn if 0 <= opened.turn < len(mine) else len(mine) - 1
    turn = NodeRun.objects.get(execution=execution, node=name, run_index=mine[place].run_index)
    outputs = node_outputs(execution, turn)
    chosen = opened.output if 0 <= opened.output < len(outputs) else _first_filled(outputs)
    items = node_inputs(execution, turn) if opened.side == "input" else (outputs[chosen] if outputs else [])
    error = decoded_error(turn)
    return NodePanel(
        id=name,
        name=name,
        status=turn.status,
        side=opened.side,
        view=opened.view,
        data=data_view(items, page=opened.page),
        items_in=sum(turn.items_in),
        items_out=sum(len(entry) for entry in outputs),
        outputs=[
            OutputTab(
                index=index,
                label=output_label_of(execution.version.graph, name, index) or f"Output {index + 1}",
                count=len(entry),
                is_open=index == chosen,
            )
            for index, entry in enumerate(outputs)
        ],
        turn=place,
        turns=len(mine),
        error_text=str(error.get("message") or ""),
        error_hint=str(error.get("hint") or error.get("description") or ""),
    )


def _worth_opening(turns: list[NodeRun]) -> str:
    failed = [turn for turn in turns if turn.status == "error"]
    done = [turn for turn in turns if sum(turn.items_out)]
    return (failed or done or turns)[-1].node if turns else ""


def _first_filled(outputs: list[list[Any]]) -> int:
    return next((index for index, items in enumerate(outputs) if items), 0)


def decoded_error(turn: NodeRun) -> dict[str, Any]:
    if not turn.error:
        return {}
    value = payload_codec.decode(bytes(turn.error))
    return value if isinstance(value, dict) else {"message": str(value)}


def last_seq(execution: Execution) -> int:
    newest = ExecutionEvent.objects.filter(execution=execution).order_by("-seq").values_list("seq", flat=True).first()
    return newest or 0


def log_lines(execution: Execution) -> list[LogLine]:
    """The newest lines, oldest first."""
    rows = ExecutionEvent.objects.filter(execution=execution).order_by("-seq")[:MOST_LINES]
    lines = (line_of(row) for row in reversed(rows))
    return [line for line in lines if line is not None]


def line_of(row: ExecutionEvent) -> LogLine | None:
    """An event in words; the same words as in `static/js/live-log.js`."""
    body: dict[str, Any] = orjson.loads(bytes(row.body))
    says: dict[str, tuple[str, str]] = {
        "execution_started": ("info", "Run started"),
        "node_run_started": ("debug", "Started"),
        "node_run_finished": ("info", f"Finished{counts_text(body.get('items'))}"),
        "node_run_failed": ("error", str(body.get("text") or body.get("message") or "Failed")),
        "node_run_retried": ("warn", str(body.get("text") or "Tried again")),
        "log_written": (str(body.get("level") or "info"), str(body.get("text") or "")),
        "execution_waiting": ("info", str(body.get("text") or "Waiting")),
        "execution_finished": (
            "info" if body.get("status") == "success" else "error",
            str(body.get("text") or f"Run ended: {body.get('status')}"),
        ),
    }
    said = says.get(row.type)
    return LogLine(row.at, said[0], row.node, said[1]) if said else None


def counts_text(items: Any) -> str:
    if not isinstance(items, list) or not items:
        return ""
    return f", {' + '.join(str(count) for count in items)} item{'' if items == [1] else 's'}"


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


def duration_text(start: datetime | None, end: datetime | None) -> str:
    return milliseconds_text((end - start).total_seconds() * 1000) if start and end else ""


def milliseconds_text(duration_ms: float) -> str:
    """Short: 0.4 ms, 12 ms, 3.4 s, 2 min 5 s."""
    if duration_ms < 10:
        return f"{duration_ms:.1f} ms"
    if duration_ms < 1_000:
        return f"{duration_ms:.0f} ms"
    if duration_ms < 60_000:
        return f"{duration_ms / 1_000:.1f} s"
    return f"{int(duration_ms // 60_000)} min {int(duration_ms % 60_000 // 1_000)} s"


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else default
