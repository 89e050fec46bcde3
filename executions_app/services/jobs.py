"""Side jobs: a row first, then a doorbell, as with executions."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from executions_app import doorbell, job_kinds
from executions_app.models import Job
from workflows_app.engine.items import JsonObject

OPEN = ("queued", "running")

INSERT = """
INSERT INTO executions_app_job
       (id, team_id, started_by_id, queue, kind, key, arguments, status, attempts, max_attempts, epoch, owner,
        run_at, progress, error_text)
VALUES (%(id)s, %(team)s, %(by)s, %(queue)s, %(kind)s, %(key)s, %(arguments)s::jsonb, 'queued', 0, 3, 0, '',
        coalesce(%(run_at)s, clock_timestamp()), 0, '')
ON CONFLICT (kind, key) WHERE key <> '' AND status IN ('queued', 'running') DO NOTHING
"""


def enqueue(
    kind: str,
    arguments: JsonObject,
    *,
    team_id: UUID | None = None,
    by: User | None = None,
    key: str = "",
    run_at: datetime | None = None,
) -> Job:
    """Store a job of that kind and ring once it is committed. While one of the kind with the same `key` is not over,
    that one is given back instead. Raises LookupError for an unknown kind."""
    known = job_kinds.find(kind)
    job = Job(team_id=team_id, started_by=by, queue=known.queue, kind=kind, key=key, arguments=arguments)
    while True:
        with transaction.atomic():
            if is_new := _insert(job, run_at):
                transaction.on_commit(partial(doorbell.ring_jobs, job.queue))
        found = Job.objects.filter(pk=job.pk) if is_new else Job.objects.filter(kind=kind, key=key, status__in=OPEN)
        if row := found.first():
            return row


def _insert(job: Job, run_at: datetime | None) -> bool:
    field = Job._meta.get_field("arguments")
    values = {
        "id": job.pk,
        "team": job.team_id,
        "by": job.started_by_id,
        "queue": job.queue,
        "kind": job.kind,
        "key": job.key,
        "arguments": field.get_db_prep_save(job.arguments, connection),
        "run_at": run_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return bool(cursor.rowcount)


def ensure_recurring() -> int:
    """One row for every kind that comes again by itself; how many were missing."""
    kinds = [kind for kind in job_kinds.all_kinds().values() if kind.every_s]
    rows = [Job(queue=kind.queue, kind=kind.name, key=job_kinds.RECURRING) for kind in kinds]
    return sum(_insert(row, None) for row in rows)


def cancel(jobs: QuerySet[Job]) -> int:
    """Those of them that are not over end now; a worker that runs one finds out within seconds. Those that come again
    by themselves do not end. How many."""
    rows = jobs.filter(status__in=OPEN).exclude(key=job_kinds.RECURRING)
    return rows.update(status="canceled", epoch=F("epoch") + 1, lease_until=None, finished_at=timezone.now())


def again(job: Job) -> Job:
    """Try a job that failed or was canceled once more, from what it had so far. Any other stays as it is, and so does
    one beside which another of its kind and key is not over: that one does it."""
    rows = Job.objects.filter(pk=job.pk, status__in=("error", "canceled"))
    with suppress(IntegrityError), transaction.atomic():
        if rows.update(status="queued", attempts=0, run_at=timezone.now(), finished_at=None, error_text=""):
            transaction.on_commit(partial(doorbell.ring_jobs, job.queue))
    job.refresh_from_db()
    return job
