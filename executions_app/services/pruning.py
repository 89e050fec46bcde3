"""Take away what is past its time: executions with all that belongs to them, then rows that outlived their use.

In small batches with pauses, each a transaction of its own that skips whatever anybody else holds. An execution goes
together with those it called, once all of them are over; never while a run that was made of it is not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from executions_app.models import DailyAnalytics, Execution
from executions_app.services import analytics
from executions_app.services.called_versions import prune_called_versions
from executions_app.services.start import SHORT_LIVED
from executions_app.transitions import TERMINAL, transition

BATCH = 200
MOST_EVENTS = 20_000
COUNTED_AFTER_DAYS = 2
"""Days whose figures are still being written; a run of them only goes by its age."""

Tell = Callable[[float], None]

PICK = """
SELECT e.id, e.finished_at, e.next_seq FROM executions_app_execution e
 WHERE e.parent_id IS NULL AND e.finished_at IS NOT NULL AND e.status = ANY(%(terminal)s)
   AND {condition} AND (e.finished_at, e.id) > (%(after)s, %(after_id)s)
 ORDER BY e.finished_at, e.id
"""
LOCK = " LIMIT %(batch)s FOR UPDATE SKIP LOCKED"

CONDITIONS = {
    "expired": "e.expires_at < %(now)s",
    "old": "e.finished_at < %(cutoff)s",
    "beyond": "e.team_id = %(team)s AND e.created_at < %(newest_kept)s AND e.finished_at < %(counted)s",
}

TREE = """
WITH RECURSIVE tree AS (
    SELECT e.id, e.id AS root, e.status FROM executions_app_execution e WHERE e.id = ANY(%(roots)s)
     UNION ALL
    SELECT c.id, t.root, c.status FROM executions_app_execution c JOIN tree t ON c.parent_id = t.id
)
SELECT t.root, t.id, t.status <> ALL(%(terminal)s) OR EXISTS (
           SELECT 1 FROM executions_app_execution r WHERE r.retry_of_id = t.id AND r.status <> ALL(%(terminal)s))
  FROM tree t
"""

# Who may not see the workflow does not see its mails either, also when their run is gone.
KEEP_MAILS = """
UPDATE executions_app_outboxmessage m SET execution_id = NULL, workflow_id = e.workflow_id
  FROM executions_app_execution e WHERE m.execution_id = e.id AND e.id = ANY(%s)
"""

# Of the execution's own tables only those that refer to it; a test compares this with the database's constraints.
BELONGING = (
    "DELETE FROM executions_app_executionevent WHERE execution_id = ANY(%s)",
    "DELETE FROM executions_app_noderun WHERE execution_id = ANY(%s)",
    "DELETE FROM executions_app_executionlabel WHERE execution_id = ANY(%s)",
    "DELETE FROM executions_app_nodeeffect WHERE execution_id = ANY(%s)",
    "DELETE FROM executions_app_payloaduse WHERE execution_id = ANY(%s)",
    KEEP_MAILS,
    "UPDATE executions_app_execution SET retry_of_id = NULL WHERE retry_of_id = ANY(%s)",
    "DELETE FROM executions_app_execution WHERE id = ANY(%s)",
)

TEAMS_BEYOND = """
SELECT t.id, (SELECT e.created_at FROM executions_app_execution e WHERE e.team_id = t.id
               ORDER BY e.created_at DESC, e.id DESC OFFSET %(last)s LIMIT 1) AS newest_kept
  FROM accounts_team t
"""

# Table -> what of it is past its time.
OUTLIVED = {
    "executions_app_idempotencyrecord": "expires_at < %(now)s",
    "executions_app_keptresult": "expires_at < %(now)s",
    "executions_app_inboundevent": "expires_at < %(now)s",
    "executions_app_outboxmessage": "created_at < %(cutoff)s",
    "executions_app_jobfilepart": "file_id IN (SELECT id FROM executions_app_jobfile WHERE expires_at < %(now)s)",
    "executions_app_jobfile": "expires_at < %(now)s"
    " AND NOT EXISTS (SELECT 1 FROM executions_app_jobfilepart p WHERE p.file_id = executions_app_jobfile.id)",
    "executions_app_alertsent": "created_at < %(now)s - interval '90 days'",
    "executions_app_incident": "closed_at < %(now)s - interval '90 days'"
    " AND NOT EXISTS (SELECT 1 FROM executions_app_alertsent s WHERE s.incident_id = executions_app_incident.id)",
    "executions_app_job": "NOT EXISTS (SELECT 1 FROM executions_app_jobfile f WHERE f.job_id = executions_app_job.id)"
    " AND key <> 'recurring' AND finished_at < %(now)s"
    " - CASE status WHEN 'error' THEN interval '180 days' ELSE interval '30 days' END",
    "executions_app_removedruns": "day < (%(now)s AT TIME ZONE 'UTC')::date - 30",
    "accounts_refreshtoken": "expires_at < %(now)s - interval '1 day'",
    "accounts_notification": "read_at < %(now)s - interval '90 days'",
    "django_session": "expire_date < %(now)s",
}


@dataclass(frozen=True, slots=True)
class Retention:
    """How long runs that are over are kept, and how many of them a team keeps. 0: any."""

    days: int
    runs: int


@dataclass(slots=True)
class Pruned:
    """`executions` by the reason they went for, `rows` by table."""

    executions: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"executions": self.executions, "rows": self.rows}


@dataclass(slots=True)
class Pruning:
    """One round. `is_dry` only counts. `tell` hears how far it is and may raise; what is done by then stays done."""

    retention: Retention
    now: datetime = field(default_factory=timezone.now)
    is_dry: bool = False
    tell: Tell = lambda _: None
    rest: Callable[[float], None] = lambda took_s: time.sleep(min(took_s, 1.0))
    pruned: Pruned = field(default_factory=Pruned)

    def run(self) -> Pruned:
        """Everything that is due. Figures of the days are written first, so that they outlive the runs."""
        if not self.is_dry:
            end_expired_samples(self.now)
            self._count_days()
        for reason, values in self._reasons():
            self._executions(reason, values)
        self.tell(0.8)
        for table, condition in OUTLIVED.items():
            if self.retention.days or "cutoff" not in condition:
                self.pruned.rows[table] = self._rows(table, condition)
        self.pruned.rows["workflows_app_workflowversion"] = prune_called_versions(is_dry=self.is_dry)
        self.tell(1.0)
        return self.pruned

    def _reasons(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "expired", {}
        if self.retention.days:
            yield "old", {}
        for team, newest_kept in self._teams_beyond():
            yield "beyond", {"team": team, "newest_kept": newest_kept}

    def _teams_beyond(self) -> list[tuple[UUID, datetime]]:
        if not self.retention.runs:
            return []
        with connection.cursor() as cursor:
            cursor.execute(TEAMS_BEYOND, {"last": self.retention.runs - 1})
            return [(team, newest_kept) for team, newest_kept in cursor.fetchall() if newest_kept is not None]

    def _values(self) -> dict[str, Any]:
        today = datetime.combine(self.now.astimezone(UTC).date(), clock_time(), UTC)
        return {
            "terminal": list(TERMINAL),
            "now": self.now,
            "cutoff": self.cutoff,
            "counted": today - timedelta(days=COUNTED_AFTER_DAYS - 1),
            "batch": BATCH,
            "after": datetime(1, 1, 2, tzinfo=UTC),
            "after_id": UUID(int=0),
        }

    @property
    def cutoff(self) -> datetime:
        return self.now - timedelta(days=self.retention.days)

    def _count_days(self) -> None:
        """Workers count each day while it goes on. Where the oldest runs were never counted, all days are."""
        analytics.roll_up()
        counted = Execution.objects.exclude(finished_at=None).exclude(mode__in=SHORT_LIVED)
        oldest = counted.order_by("finished_at").values_list("workflow_id", "finished_at").first()
        if oldest is not None and oldest[1] is not None:
            day = oldest[1].astimezone(UTC).date()
            if not DailyAnalytics.objects.filter(workflow_id=oldest[0], day=day).exists():
                analytics.roll_up(since=day)

    def _executions(self, reason: str, more: dict[str, Any]) -> None:
        values = {**self._values(), **more}
        pick = PICK.format(condition=CONDITIONS[reason])
        if self.is_dry:
            return self._count(reason, f"SELECT count(*) FROM ({pick}) due", values)  # noqa: S608 - ours
        while True:
            began = time.monotonic()
            gone, last = self._batch(pick + LOCK, values)
            self.pruned.executions[reason] = self.pruned.executions.get(reason, 0) + gone
            if last is None:
                return None
            values["after_id"], values["after"] = last
            self.tell(0.1)
            self.rest(time.monotonic() - began)

    def _count(self, reason: str, statement: str, values: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            self.pruned.executions[reason] = self.pruned.executions.get(reason, 0) + int(cursor.fetchone()[0])

    def _batch(self, pick: str, values: dict[str, Any]) -> tuple[int, tuple[UUID, datetime] | None]:
        """How many went, and where to go on, None at the end. Those of days that are still being counted are noted."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(pick, values)
            roots, last = first_of(cursor.fetchall())
            gone = removable(cursor, roots)
            if gone:
                analytics.note_removed(cursor, gone, values["counted"])
            for statement in BELONGING if gone else ():
                cursor.execute(statement, [gone])
        return len(gone), last

    def _rows(self, table: str, condition: str) -> int:
        values: dict[str, Any] = {"now": self.now, "cutoff": self.cutoff, "batch": BATCH * 5}
        if self.is_dry:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}", values)  # noqa: S608 - ours
                return int(cursor.fetchone()[0])
        statement = (
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - ours
            f"SELECT ctid FROM {table} WHERE {condition} LIMIT %(batch)s FOR UPDATE SKIP LOCKED))"
        )
        total = 0
        while True:
            began = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                total += int(cursor.rowcount)
                if cursor.rowcount < BATCH * 5:
                    return total
            self.rest(time.monotonic() - began)


def retention() -> Retention:
    return Retention(days=settings.PUMPFLIX.keep_runs_days, runs=settings.PUMPFLIX.keep_runs)


def first_of(rows: list[tuple[UUID, datetime, int]]) -> tuple[list[UUID], tuple[UUID, datetime] | None]:
    """As many of them as have few enough events for one transaction, at least one; and the last of those."""
    taken: list[tuple[UUID, datetime, int]] = []
    events = 0
    for row in rows:
        events += row[2]
        if taken and events > MOST_EVENTS:
            break
        taken.append(row)
    return [row[0] for row in taken], (taken[-1][0], taken[-1][1]) if taken else None


def removable(cursor: Any, roots: list[UUID]) -> list[UUID]:
    """Those and all that they called, but for trees in which something is not over or still needed."""
    if not roots:
        return []
    cursor.execute(TREE, {"roots": roots, "terminal": list(TERMINAL)})
    rows = cursor.fetchall()
    needed = {root for root, _, is_needed in rows if is_needed}
    return [pk for root, pk, _ in rows if root not in needed]


def end_expired_samples(now: datetime) -> int:
    """Sample runs that wait, or were never run, end with their hour: nobody can see them any more. How many."""
    due = Execution.objects.filter(expires_at__lt=now, status__in=("queued", "waiting"), mode__in=SHORT_LIVED)
    tops = list(due.filter(parent=None).values_list("pk", flat=True)[: BATCH * 5])
    ended = 0
    for top in tops:
        with transaction.atomic(), connection.cursor() as cursor:
            if transition(cursor, top, "canceled", sources=("queued", "waiting")):
                ended += 1
                called = Execution.objects.filter(root_id=top).values_list("pk", flat=True)
                for pk in called:
                    transition(cursor, pk, "canceled")
    return ended
