"""What a run says about itself. Live page, history, cassette recorder and run diff all read this one stream.
Times are aware UTC; durations are milliseconds of wall time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workflows_app.engine.items import JsonObject, Outputs
from workflows_app.engine.ports import LogLevel

Origin = Literal["", "pinned", "cache", "run", "stale", "edited"]
"""Where an output came from: the node just made it (empty), it is pinned, it was kept from a turn with the same input
(`cache`), taken over from another run (`run`), the same though the graph has changed since (`stale`), or written by a
person (`edited`)."""
FinalStatus = Literal["success", "error", "canceled"]


@dataclass(frozen=True, slots=True)
class Source:
    """Which output of which run of which node fed one input."""

    node: str
    output: int = 0
    run_index: int = 0


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    at: datetime
    start_node: str


@dataclass(frozen=True, slots=True)
class NodeRunStarted:
    """`order` counts node runs of the execution from 0; `items_in` has one number per input."""

    node: str
    run_index: int
    order: int
    at: datetime
    items_in: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NodeRunRetried:
    node: str
    run_index: int
    attempt: int
    at: datetime
    error: JsonObject
    delay_s: float


@dataclass(frozen=True, slots=True)
class NodeRunFinished:
    """`outputs` is None where the node returned nothing: such a turn leaves no run data. `error` is set when the node
    failed but its error policy let the run go on. `context` is the node's loop state after this turn.
    `sources` has one entry per input, None for an input that received nothing. `labels` are those set by this turn."""

    node: str
    run_index: int
    order: int
    at: datetime
    duration_ms: float
    outputs: Outputs | None
    sources: tuple[Source | None, ...]
    error: JsonObject | None = None
    context: JsonObject | None = None
    hints: tuple[str, ...] = ()
    skipped: bool = False
    labels: Mapping[str, str] | None = None
    origin: Origin = ""


@dataclass(frozen=True, slots=True)
class NodeRunFailed:
    node: str
    run_index: int
    order: int
    at: datetime
    duration_ms: float
    sources: tuple[Source | None, ...]
    error: JsonObject


@dataclass(frozen=True, slots=True)
class LogWritten:
    node: str
    run_index: int
    at: datetime
    level: LogLevel
    text: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class ExecutionWaiting:
    """`resume_at` is None when only a call of the resume link ends the wait; `page` is shown to whoever calls it."""

    node: str
    run_index: int
    order: int
    at: datetime
    reason: Literal["time", "webhook", "form", "approval", "outcome_unknown", "workflow"]
    resume_at: datetime | None
    page: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class ExecutionFinished:
    """`outputs` are those of the last node that ran; they answer a webhook in mode *last node*."""

    status: FinalStatus
    at: datetime
    last_node: str
    error: JsonObject | None = None
    outputs: Outputs | None = field(default=None)


Event = (
    ExecutionStarted
    | NodeRunStarted
    | NodeRunRetried
    | NodeRunFinished
    | NodeRunFailed
    | LogWritten
    | ExecutionWaiting
    | ExecutionFinished
)
