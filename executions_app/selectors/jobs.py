"""What pages and clients may see of side jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from executions_app.models import Job
from workflows_app.engine.items import JsonObject

MOST = 100


@dataclass(frozen=True, slots=True)
class JobView:
    """`progress` runs from 0 to 1; `result` is what there is so far until the job is over."""

    id: UUID
    kind: str
    status: str
    progress: float
    result: JsonObject | None
    error_text: str
    attempts: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.status not in ("queued", "running")


def visible_jobs(user: Any) -> QuerySet[Job]:
    """Those of the person's teams, and their own; nothing for a visitor who is not signed in."""
    if not getattr(user, "is_authenticated", False):
        return Job.objects.none()
    of_teams = Job.objects.visible_to(user).values("pk")
    return Job.objects.filter(Q(pk__in=of_teams) | Q(team=None, started_by_id=user.pk)).defer("arguments")


def job_for(user: Any, job_id: UUID | str) -> JobView | None:
    row = visible_jobs(user).filter(pk=job_id).first()
    return None if row is None else view(row)


def jobs_for(user: Any, *, kind: str = "") -> list[JobView]:
    """The newest hundred, newest first."""
    rows = visible_jobs(user).order_by("-created_at", "-id")
    return [view(row) for row in (rows.filter(kind=kind) if kind else rows)[:MOST]]


def job_figures() -> dict[tuple[str, str], int]:
    """How many there are by queue and status; for administrators and metrics."""
    rows = Job.objects.values_list("queue", "status").annotate(Count("id")).order_by()
    return {(queue, status): count for queue, status, count in rows}


def view(row: Job) -> JobView:
    return JobView(
        id=row.pk,
        kind=row.kind,
        status=row.status,
        progress=row.progress,
        result=row.result,
        error_text=row.error_text,
        attempts=row.attempts,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
