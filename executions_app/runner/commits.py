"""What a session hands to the writer: the rows of one commit of one execution."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from executions_app.payloads import StoredPayload
from workflows_app.engine.ports import CallSite


@dataclass(slots=True)
class NodeRunRow:
    """`is_update` where the row exists already: its intent was committed before."""

    node: str
    run_index: int
    order: int
    status: str
    started_at: datetime
    attempt: int = 1
    finished_at: datetime | None = None
    duration_ms: float | None = None
    items_in: list[int] = field(default_factory=list)
    items_out: list[int] = field(default_factory=list)
    sources: bytes = b"[]"
    output: bytes | None = None
    output_ref: str = ""
    output_bytes: int = 0
    error: bytes | None = None
    context: bytes | None = None
    origin: str = ""
    is_update: bool = False


class EventRow(NamedTuple):
    seq: int
    at: datetime
    type: str
    node: str
    level: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What the commit writes into the execution's row besides its numbers. `error` is payload bytes."""

    status: str = "running"
    reason: str = ""
    last_node: str = ""
    resume_at: datetime | None = None
    resume_node: str = ""
    resume_run: int | None = None
    response: bytes | None = None
    error: bytes | None = None
    error_code: str = ""
    error_text: str = ""

    @property
    def is_given_up(self) -> bool:
        """Whether the run ends without being run again."""
        return self.status in ("crashed", "error") and bool(self.reason)


@dataclass(slots=True)
class Commit:
    """`number` counts the commits of the execution; `next_seq` is that of the row afterwards. `calls` are answers of
    the outside, by call site."""

    execution_id: UUID
    team_id: UUID
    epoch: int
    number: int
    next_seq: int
    head: Head
    node_runs: list[NodeRunRow]
    events: list[EventRow]
    payloads: list[StoredPayload]
    calls: list[tuple[CallSite, bytes]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    is_progress: bool = False

    @property
    def has_ended_turns(self) -> bool:
        return any(row.status != "started" for row in self.node_runs)

    @property
    def is_last(self) -> bool:
        return self.head.status != "running"
