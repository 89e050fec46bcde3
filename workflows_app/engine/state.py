"""RunState: what a run already knows when it starts. Empty for a new run; after a crash it holds the recorded node
runs, which are replayed instead of executed. A recorded output is loaded only when something reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from workflows_app.engine.events import Source
from workflows_app.engine.items import Items, JsonObject, Outputs


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One finished turn of one node, as stored. `load` fetches its outputs (None: the turn left no data).
    A turn that failed and ended the run carries `error` and `failed`."""

    node: str
    run_index: int
    order: int
    load: Callable[[], Outputs | None]
    sources: tuple[Source | None, ...] = ()
    error: JsonObject | None = None
    context: JsonObject | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """What ended a wait: the time came, or a request with these items did."""

    node: str
    run_index: int
    at: datetime
    items: Items | None = None


@dataclass(slots=True)
class RunState:
    """`recorded` by (node, run_index); `unknown` names the turns that had begun an outside call when the worker died."""

    recorded: dict[tuple[str, int], RecordedRun] = field(default_factory=dict)
    unknown: frozenset[tuple[str, int]] = frozenset()
    resume: Resume | None = None

    @property
    def is_new(self) -> bool:
        return not self.recorded and self.resume is None
