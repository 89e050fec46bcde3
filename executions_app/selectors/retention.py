"""How much room runs take, by workflow, and when some of it is given back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from accounts.selectors.roles import team_ids_of
from executions_app.models import Job
from executions_app.selectors.jobs import JobView, view
from executions_app.selectors.sizes import Size, sizes
from executions_app.services.pruning import Retention, retention

KEPT_S = 60
MOST_ROWS = 200
EVENT_BYTES = 260
"""What a row of the log takes with its index, about."""
ROW_BYTES = 900
"""What a run takes beside its data, about."""

BY_WORKFLOW = """
SELECT w.id, w.name, r.runs, r.kept_from, r.bytes + coalesce(p.bytes, 0) AS bytes
  FROM (SELECT e.workflow_id, count(*) AS runs, min(e.created_at) AS kept_from,
               sum(%(row)s + (e.next_seq - 1) * %(event)s + coalesce(n.bytes, 0))::bigint AS bytes
          FROM executions_app_execution e
          LEFT JOIN LATERAL (SELECT sum(300 + coalesce(pg_column_size(t.output), 0)) AS bytes
                               FROM executions_app_noderun t WHERE t.execution_id = e.id) n ON true
         WHERE e.team_id = ANY(%(teams)s) GROUP BY 1) r
  JOIN workflows_app_workflow w ON w.id = r.workflow_id AND (w.visibility <> 'private' OR w.created_by_id = %(user)s)
  LEFT JOIN (SELECT held.workflow_id, sum(length(p.data))::bigint AS bytes
               FROM (SELECT DISTINCT e.workflow_id, u.payload_id
                       FROM executions_app_payloaduse u JOIN executions_app_execution e ON e.id = u.execution_id
                      WHERE e.team_id = ANY(%(teams)s)) held
               JOIN executions_app_payload p ON p.id = held.payload_id GROUP BY 1) p ON p.workflow_id = r.workflow_id
 ORDER BY 5 DESC, 2 LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class WorkflowSize:
    """`size_bytes` is an estimate; `share` of the largest, from 0 to 100."""

    id: UUID
    name: str
    runs: int
    oldest: datetime
    size_bytes: int
    share: float


@dataclass(frozen=True, slots=True)
class Pruning:
    """`next_at`: when a worker looks the next time; None where none has been up yet. `last` tells what went then."""

    rules: Retention
    next_at: datetime | None
    last_at: datetime | None
    removed: int
    reclaim: JobView | None


def workflow_sizes(user: Any) -> list[WorkflowSize]:
    """The largest first; as of the last minute."""
    teams = team_ids_of(user)
    key = f"retention:{user.pk.hex}:{':'.join(team.hex for team in teams)}"
    rows: list[list[Any]] | None = cache.get(key)
    if rows is None:
        rows = measured(teams, user.pk)
        cache.set(key, rows, KEPT_S)
    largest = max((row[4] for row in rows), default=0) or 1
    return [
        WorkflowSize(UUID(row[0]), row[1], row[2], datetime.fromisoformat(row[3]), row[4], 100 * row[4] / largest)
        for row in rows
    ]


def measured(teams: list[UUID], user_id: UUID) -> list[list[Any]]:
    """Without what others keep private in those teams."""
    values: dict[str, Any] = {
        "teams": teams,
        "event": EVENT_BYTES,
        "row": ROW_BYTES,
        "most": MOST_ROWS,
        "user": user_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_WORKFLOW, values)
        return [[str(row[0]), row[1], row[2], row[3].isoformat(), int(row[4])] for row in cursor.fetchall()]


def pruning_state() -> Pruning:
    row = Job.objects.filter(kind="maintenance.prune", key="recurring").order_by("-created_at").first()
    asked = Job.objects.filter(kind="maintenance.reclaim").order_by("-created_at").first()
    result = (row.result or {}) if row else {}
    return Pruning(
        rules=retention(),
        next_at=row.run_at if row else None,
        last_at=row.finished_at if row else None,
        removed=sum((result.get("executions") or {}).values()),
        reclaim=view(asked) if asked else None,
    )


def table_sizes() -> list[Size]:
    """For administrators: of the whole instance, without empty tables."""
    return [size for size in sizes() if size.size_bytes > 65_536]


class Kept:
    """Both as one thing to tell."""

    def __init__(self, pruning: Pruning, workflows: list[WorkflowSize]) -> None:
        self.rules = pruning.rules
        self.next_at = pruning.next_at
        self.last_at = pruning.last_at
        self.workflows = workflows
