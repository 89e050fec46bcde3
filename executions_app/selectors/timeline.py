"""A run over time: one row per turn of a node, with what its time went by: waiting for a worker, tries that failed,
waits. Each kind has a pattern and a word of its own, so that none is told by its colour alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.selectors.run_words import milliseconds_text
from pumpflix.lib.drawing import status_look

MOST_BARS = 300
MOST_EVENTS = 2_000
LEAST_WIDTH = 1.5
LEAST_QUEUE_MS = 1.0
CUTS = ("node_run_retried", "execution_waiting", "execution_resumed", "node_run_started")


@dataclass(frozen=True)
class Segment:
    """`kind` is `queued`, `failed-try`, `waiting` or the status of the turn; `start` and `width` are percent."""

    kind: str
    start: float
    width: float


@dataclass(frozen=True)
class Bar:
    """`notes` are words of what its segments show, such as *3 tries*."""

    label: str
    href: str
    status: str
    status_label: str
    segments: list[Segment]
    text: str
    notes: str


@dataclass(frozen=True)
class Cut:
    """A moment within a turn; `delay` is how long the next try is put off."""

    what: str
    at: datetime
    delay: timedelta


@dataclass(frozen=True)
class Span:
    kind: str
    begin: datetime
    end: datetime


def timeline(
    execution: Execution, turns: list[NodeRun], href: Callable[[str], str], still: dict[str, str] | None = None
) -> list[Bar]:
    """The time before a worker took the run, then its turns in the order they ran. `still` as in `waiting_marks`."""
    shown = turns[:MOST_BARS]
    now = timezone.now()
    cuts = cuts_of(execution) if shown else {}
    rows = [(turn, spans_of(turn, cuts.get((turn.node, turn.run_index), []), now, still or {})) for turn in shown]
    queue = queued(execution, now)
    every = [span for _turn, spans in rows for span in spans] + ([queue] if queue else [])
    if not every:
        return []
    first = min(span.begin for span in every)
    whole = max((max(span.end for span in every) - first).total_seconds(), 0.001)

    def segment(span: Span) -> Segment:
        start = min((span.begin - first).total_seconds() / whole * 100, 100 - LEAST_WIDTH)
        width = max((span.end - span.begin).total_seconds() / whole * 100, LEAST_WIDTH)
        return Segment(span.kind, round(start, 2), round(min(width, 100 - start), 2))

    bars = [bar_of(turn, spans, [segment(span) for span in spans], href) for turn, spans in rows]
    if queue is None:
        return bars
    text = milliseconds_text((queue.end - queue.begin).total_seconds() * 1000)
    return [Bar(_("In the queue"), "", "queued", status_look("queued").label, [segment(queue)], text, ""), *bars]


def queued(execution: Execution, now: datetime) -> Span | None:
    """From its creation until a worker took it; nothing for a called run, which its caller takes along."""
    end = execution.started_at or (now if execution.status == "queued" else None)
    if end is None or execution.parent_id or (end - execution.created_at).total_seconds() * 1000 < LEAST_QUEUE_MS:
        return None
    return Span("queued", execution.created_at, end)


def cuts_of(execution: Execution) -> dict[tuple[str, int], list[Cut]]:
    """Moments within turns at which a try failed, a wait began or a node went on."""
    rows = ExecutionEvent.objects.filter(execution=execution, type__in=CUTS).order_by("seq")
    found: dict[tuple[str, int], list[Cut]] = {}
    for row in rows[:MOST_EVENTS]:
        body: dict[str, Any] = orjson.loads(bytes(row.body))
        found.setdefault((row.node, int(body.get("runIndex") or 0)), []).append(
            Cut(row.type, row.at, timedelta(seconds=float(body.get("delayS") or 0)))
        )
    return found


def spans_of(turn: NodeRun, cuts: list[Cut], now: datetime, still: dict[str, str]) -> list[Span]:
    """What the time from its start to its end went by. A turn that is not over lasts until now."""
    end = turn.finished_at or now
    last = still.get(turn.node, turn.status) if turn.finished_at is None else turn.status
    begin, kind = turn.started_at, last
    found: list[Span] = []
    for cut in cuts:
        at = min(max(cut.at, begin), end)
        if cut.what == "node_run_retried":
            again = min(at + cut.delay, end)
            found += [Span("failed-try", begin, at), Span("waiting", at, again)]
            begin, kind = again, last
        elif cut.what == "execution_waiting":
            found.append(Span(last if turn.finished_at else "success", begin, at))
            begin, kind = at, "waiting" if last == "success" else last
        elif kind == "waiting":
            found.append(Span("waiting", begin, at))
            begin, kind = at, last
    found.append(Span(kind, begin, end))
    longest = [span for span in found if span.end > span.begin]
    return longest or found[-1:]


def bar_of(turn: NodeRun, spans: list[Span], segments: list[Segment], href: Callable[[str], str]) -> Bar:
    waited = sum((span.end - span.begin).total_seconds() for span in spans if span.kind in ("waiting", "unknown"))
    notes = []
    if turn.attempt > 1:
        notes.append(ngettext("%(count)d try", "%(count)d tries", turn.attempt) % {"count": turn.attempt})
    if waited:
        notes.append(_("waited %(time)s") % {"time": milliseconds_text(waited * 1000)})
    took = (spans[-1].end - spans[0].begin).total_seconds() * 1000
    is_plain = turn.attempt == 1 and not waited and turn.finished_at is not None
    shown = status_look(turn.status if turn.finished_at else spans[-1].kind)
    return Bar(
        label=turn.node if turn.run_index == 0 else f"{turn.node} ({turn.run_index + 1})",
        href=f"{href(turn.node)}&turn={turn.run_index}#node-data",
        status=turn.status,
        status_label=shown.label,
        segments=segments,
        text=milliseconds_text((turn.duration_ms or 0.0) if is_plain else took),
        notes=", ".join(notes),
    )
