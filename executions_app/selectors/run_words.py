"""Words about runs: modes, durations, log lines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from executions_app.models import Execution, ExecutionEvent
from pumpflix.lib.drawing import status_look

MOST_LINES = 1_000
FINISHED = {
    "pinned": "Pinned output",
    "cache": "Output from the cache",
    "run": "Output of an earlier run",
    "stale": "Output of an earlier run, before the workflow changed",
    "edited": "Output written by hand",
}
LOG_LEVELS = ("debug", "info", "warn", "error")
# Events whose line is below a warning whatever is in them.
QUIET = ("execution_started", "node_run_started", "node_run_finished", "execution_waiting")
MODE_LABELS = {
    "manual": "Run by hand",
    "webhook": "Called by webhook",
    "schedule": "On schedule",
    "form": "Form",
    "trigger": "Something new",
    "chat": "Chat",
    "sample": "Sample run",
    "dry": "Dry run",
    "retry": "Retry",
    "sub": "Called by a workflow",
    "error": "After an error",
    "api": "Started by API",
    "test": "Self-test",
}


@dataclass(frozen=True)
class LogLine:
    at: datetime
    level: str
    node: str
    text: str


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
        "node_run_finished": (
            "info",
            f"{FINISHED.get(str(body.get('origin')), 'Finished')}{counts_text(body.get('items'))}",
        ),
        "node_run_failed": ("error", str(body.get("text") or body.get("message") or "Failed")),
        "node_run_retried": ("warn", str(body.get("text") or "Tried again")),
        "log_written": (str(body.get("level") or "info"), str(body.get("text") or "")),
        "execution_waiting": ("info", str(body.get("text") or "Waiting")),
        "execution_finished": (
            "info" if body.get("status") == "success" else "error",
            str(body.get("text") or f"Run ended: {status_look(str(body.get('status'))).label}"),
        ),
    }
    said = says.get(row.type)
    return LogLine(row.at, said[0], row.node, said[1]) if said else None


def counts_text(items: Any) -> str:
    if not isinstance(items, list) or not items:
        return ""
    return f", {' + '.join(str(count) for count in items)} item{'' if items == [1] else 's'}"


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


def delta_text(before_ms: float | None, after_ms: float | None) -> str:
    """How much longer it took: +1.2 s, −40 ms; with a factor where it is at least twice as long or short."""
    if before_ms is None or after_ms is None:
        return ""
    change = after_ms - before_ms
    if abs(change) < max(1.0, before_ms * 0.05):
        return "±0"
    text = f"{'+' if change > 0 else '−'}{milliseconds_text(abs(change))}"
    factor = after_ms / before_ms if before_ms > 0 else 0.0
    if abs(change) < 50 or 0.5 < factor < 2:
        return text
    return f"{text} (×{factor:.1f})" if 0.1 <= factor < 100 else text
