"""What pages and clients may see of side jobs."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from executions_app.models import Job, JobFile
from workflows_app.engine.items import JsonObject
from workflows_app.models import Workflow
from workflows_app.models.workflow import private_to_others

MOST = 100
LABELS = {
    "exports.executions": "Export of runs",
    "exports.workflows": "Export of workflows",
    "audits.export": "Export of the audit trail",
    "exports.report": "Report",
    "notifications.alert": "Alert",
    "notifications.send": "Notification",
}
REPORT = "exports.report"
FOR_ALL = (REPORT,)
"""Kinds whose file is for the whole team; others are for who asked, and hold what that person may see."""


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
    queue: str = ""
    is_own: bool = False
    file: JobFile | None = None

    @property
    def is_over(self) -> bool:
        return self.status not in ("queued", "running")

    @property
    def is_bad(self) -> bool:
        return self.status == "error"

    @property
    def label(self) -> str:
        return LABELS.get(self.kind, self.kind)

    @property
    def percent(self) -> int:
        return round(self.progress * 100)


def visible_jobs(user: Any) -> QuerySet[Job]:
    """Those of the person's teams, and their own; nothing for a visitor who is not signed in. Without reports of
    workflows that a colleague keeps private by now, whoever asked for them and whenever they were made."""
    if not getattr(user, "is_authenticated", False):
        return Job.objects.none()
    of_teams = Job.objects.visible_to(user).values("pk")
    rows = Job.objects.filter(Q(pk__in=of_teams) | Q(team=None, started_by_id=user.pk))
    return without_private_reports(rows, user).defer("arguments")


def without_private_reports(rows: QuerySet[Job], user: Any) -> QuerySet[Job]:
    """The arguments of a report name its workflow, or none where it is of all the team; once it is made they are gone,
    and the result does. One that was made before results did is for who asked for it."""
    named = Coalesce(KeyTextTransform("workflow", "result"), KeyTextTransform("workflow", "arguments"))
    shown = Workflow.objects.exclude(private_to_others(user)).filter(pk=OuterRef("named"))
    of_all = Q(result__workflow=None) | Q(arguments__workflow=None)
    mine = Q(named=None, started_by_id=user.pk)
    told: Any = rows.alias(named=Cast(named, UUIDField()))
    kept: QuerySet[Job] = told.filter(~Q(kind=REPORT) | of_all | mine | Exists(shown))
    return kept


def job_for(user: Any, job_id: UUID | str) -> JobView | None:
    row = visible_jobs(user).filter(pk=job_id).first()
    if row is None:
        return None
    found = view(row, user)
    return replace(found, file=whole_files().filter(job_id=row.pk).first() if is_for(found) else None)


def jobs_for(user: Any, *, kind: str = "") -> list[JobView]:
    """The newest hundred, newest first, with the files that the person may fetch."""
    rows = visible_jobs(user).order_by("-created_at", "-id")
    found = [view(row, user) for row in (rows.filter(kind=kind) if kind else rows)[:MOST]]
    files = {file.job_id: file for file in whole_files().filter(job_id__in=[one.id for one in found])}
    return [replace(one, file=files.get(one.id) if is_for(one) else None) for one in found]


def shown_jobs(user: Any) -> list[JobView]:
    """For the page: what people asked for, and what else failed."""
    return [one for one in jobs_for(user) if one.kind in LABELS and (one.queue != "notifications" or one.is_bad)]


def whole_files() -> QuerySet[JobFile]:
    return JobFile.objects.filter(is_whole=True, expires_at__gt=timezone.now())


def is_for(job: JobView) -> bool:
    return job.is_own or job.kind in FOR_ALL


def file_for(user: Any, job_id: UUID | str) -> JobFile | None:
    """The file of a job, if it is there and for that person."""
    job = job_for(user, job_id)
    return None if job is None else job.file


def job_figures() -> dict[tuple[str, str], int]:
    """How many there are by queue and status; for administrators and metrics."""
    rows = Job.objects.values_list("queue", "status").annotate(Count("id")).order_by()
    return {(queue, status): count for queue, status, count in rows}


def view(row: Job, user: Any = None) -> JobView:
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
        queue=row.queue,
        is_own=user is not None and row.started_by_id == user.pk,
    )
