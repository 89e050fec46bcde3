"""RunState: what a run already knows when it starts. Empty for a new run; after a crash it holds the recorded node
runs, which are replayed instead of executed. A recorded output is loaded only when something reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

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
    counts: tuple[int, ...] | None = None
    """Items per output, where known: then nothing is loaded just to find the next node."""


Decision = Literal["continue", "run", "happened", "skip"]
"""After a wait for `outcome_unknown`: run the node (again), take it as done with `items` (or its input) as its output,
or pass its input through. `continue` is the end of any other wait."""


@dataclass(frozen=True, slots=True)
class Resume:
    """What ended a wait: the time came, or a request with these items did."""

    node: str
    run_index: int
    at: datetime
    items: Items | None = None
    decision: Decision = "continue"


@dataclass(slots=True)
class RunState:
    """`recorded` by (node, run_index); `unknown` names the turns that had begun an outside call when the worker died.
    Whoever records the run may put a loader into `offloaded` once an output is committed: the engine then lets go of
    the items and loads them again if something reads them."""

    recorded: dict[tuple[str, int], RecordedRun] = field(default_factory=dict)
    unknown: frozenset[tuple[str, int]] = frozenset()
    resume: Resume | None = None
    begins: bool = False
    """Whether this is the beginning of the run although turns are on record: it takes them over from another."""
    offloaded: dict[tuple[str, int], Callable[[], Outputs | None]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.begins or (not self.recorded and self.resume is None)
