"""Daily figures per workflow. They are derived from the executions and written by upsert, so nothing is lost with a
worker, and running it twice changes nothing. A day never shrinks when its executions are pruned: what goes while its
day is still being counted is noted, and counted from there."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

DAYS_LOOKED_BACK = 2
REFRESHED_EVERY_S = 60
# A run may wait for 30 days; what began before that has ended. Of one workflow the index is by beginning.
LONGEST_RUN = timedelta(days=40)

# Durations go into buckets by powers of two of a millisecond: enough for percentiles within a factor of two.
BOUNDS = [2.0**power for power in range(1, 42)]
TALLY = """
SELECT workflow_id, (finished_at AT TIME ZONE 'UTC')::date AS day, status,
       width_bucket(took.ms, %(bounds)s::float8[])::text AS bucket, count(*) AS n, sum(took.ms) AS spent
  FROM executions_app_execution,
       LATERAL (SELECT extract(epoch FROM finished_at - coalesce(started_at, finished_at))::float8 * 1000 AS ms) AS took
 WHERE finished_at >= %(since)s AND mode NOT IN ('sample', 'dry', 'test')
"""
ROLL_UP = f"""
INSERT INTO executions_app_dailyanalytics AS kept
       (workflow_id, day, executions, success, error, canceled, duration_ms, buckets)
SELECT workflow_id, day, sum(n), coalesce(sum(n) FILTER (WHERE status = 'success'), 0),
       coalesce(sum(n) FILTER (WHERE status IN ('error', 'crashed')), 0),
       coalesce(sum(n) FILTER (WHERE status = 'canceled'), 0),
       sum(spent), jsonb_object_agg(bucket, in_bucket)
  FROM (
    SELECT workflow_id, day, status, bucket, n, spent,
           sum(n) OVER (PARTITION BY workflow_id, day, bucket) AS in_bucket
      FROM (
        {TALLY} AND created_at >= %(begun)s
           AND (%(workflow)s::uuid IS NULL OR workflow_id = %(workflow)s::uuid)
         GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT workflow_id, day, status, bucket, executions, duration_ms FROM executions_app_removedruns
         WHERE day >= %(first)s AND (%(workflow)s::uuid IS NULL OR workflow_id = %(workflow)s::uuid)
      ) counted
  ) placed
 GROUP BY workflow_id, day
ON CONFLICT (workflow_id, day) DO UPDATE
   SET executions = excluded.executions, success = excluded.success, error = excluded.error,
       canceled = excluded.canceled, duration_ms = excluded.duration_ms, buckets = excluded.buckets
 WHERE excluded.executions >= kept.executions
"""  # noqa: S608 - constants of this module
REMOVED = f"""
INSERT INTO executions_app_removedruns (workflow_id, day, status, bucket, executions, duration_ms)
{TALLY} AND id = ANY(%(gone)s) GROUP BY 1, 2, 3, 4
"""


def roll_up(*, since: date | None = None, workflow_id: UUID | None = None) -> int:
    """Write the days from `since` on (by default yesterday and today), of one workflow or of all. How many rows."""
    first = since or (timezone.now().date() - timedelta(days=DAYS_LOOKED_BACK - 1))
    values: dict[str, Any] = {"first": first, "since": midnight(first), "begun": midnight(first - LONGEST_RUN)}
    values |= {"workflow": workflow_id, "bounds": BOUNDS}
    with connection.cursor() as cursor:
        cursor.execute(ROLL_UP, values)
        return int(cursor.rowcount)


def note_removed(cursor: Any, gone: list[UUID], since: datetime) -> None:
    """These runs go with the caller's commit. Those that ended since then stay in the figures of their day."""
    cursor.execute(REMOVED, {"gone": gone, "since": since, "bounds": BOUNDS})


def refresh(workflow_id: UUID) -> None:
    """Roll one workflow up for whoever looks at its figures, once a minute however many look."""
    if cache.add(f"analytics:{workflow_id}", 1, REFRESHED_EVERY_S):
        roll_up(workflow_id=workflow_id)


def midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
