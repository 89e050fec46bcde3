"""Kinds of side jobs: one function each, in the module `jobs` of an app, registered by name.

A job runs in a worker, perhaps more than once: after a crash it starts again, with `so_far` as it was last told. What
a function raises decides: a UserError ends the job at once, because no repeat mends it; anything else is tried again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from django.utils.module_loading import autodiscover_modules

from workflows_app.engine.items import JsonObject

Queue = Literal["notifications", "exports", "audits", "maintenance"]
RECURRING = "recurring"
"""The key of the one row of a kind that comes again by itself."""


class JobStopped(Exception):
    """The job was canceled, belongs to another worker by now, or this one stops. Let it through."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One try of one job. `so_far` is what an earlier try told last."""

    job_id: UUID
    kind: str
    team_id: UUID | None
    started_by_id: UUID | None
    arguments: JsonObject
    attempt: int
    so_far: JsonObject | None
    tell: Callable[[float, JsonObject | None], None] = field(repr=False)

    def progress(self, share: float, so_far: JsonObject | None = None) -> None:
        """Say how far it is, from 0 to 1, and what there is so far, which pages show and the next try would find.
        Raises JobStopped."""
        self.tell(min(max(share, 0.0), 1.0), so_far)


Work = Callable[[JobRun], JsonObject | None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """`every_s`: it comes again so long after it ended, without anybody starting it."""

    name: str
    queue: Queue
    work: Work
    every_s: float | None = None


_kinds: dict[str, JobKind] = {}


def job_kind(name: str, *, queue: Queue, every_s: float | None = None) -> Callable[[Work], Work]:
    """Register a function as the work of that kind; what it returns becomes the job's result. Raises ValueError for a
    name that is taken."""

    def register(work: Work) -> Work:
        if name in _kinds:
            raise ValueError(f"There are two kinds of jobs named '{name}'.")
        _kinds[name] = JobKind(name, queue, work, every_s)
        return work

    return register


def all_kinds() -> dict[str, JobKind]:
    """Every kind by name, those of all apps."""
    autodiscover_modules("jobs")
    return dict(_kinds)


def find(name: str) -> JobKind:
    """Raises LookupError."""
    kinds = all_kinds()
    if name not in kinds:
        raise LookupError(f"There is no kind of job named '{name}'.")
    return kinds[name]
