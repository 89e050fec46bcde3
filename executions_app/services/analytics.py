"""Daily figures per workflow. They are derived from the executions and written by upsert, so nothing is lost with a
worker, and running it twice changes nothing. A day never shrinks when its executions are pruned."""

from datetime import date, timedelta
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
ROLL_UP = """
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
        SELECT workflow_id, (finished_at AT TIME ZONE 'UTC')::date AS day, status,
               width_bucket(took.ms, %(bounds)s::float8[])::text AS bucket, count(*) AS n, sum(took.ms) AS spent
          FROM executions_app_execution,
               LATERAL (SELECT extract(epoch FROM finished_at - coalesce(started_at, finished_at))::float8 * 1000 AS ms
                       ) AS took
         WHERE finished_at >= %(since)s AND created_at >= %(begun)s AND mode NOT IN ('sample', 'dry', 'test')
           AND (%(workflow)s::uuid IS NULL OR workflow_id = %(workflow)s::uuid)
         GROUP BY 1, 2, 3, 4
      ) counted
  ) placed
 GROUP BY workflow_id, day
ON CONFLICT (workflow_id, day) DO UPDATE
   SET executions = excluded.executions, success = excluded.success, error = excluded.error,
       canceled = excluded.canceled, duration_ms = excluded.duration_ms, buckets = excluded.buckets
 WHERE excluded.executions >= kept.executions
"""


def roll_up(*, since: date | None = None, workflow_id: UUID | None = None) -> int:
    """Write the days from `since` on (by default yesterday and today), of one workflow or of all. How many rows."""
    first = since or (timezone.now().date() - timedelta(days=DAYS_LOOKED_BACK - 1))
    values: dict[str, Any] = {"since": midnight(first), "begun": midnight(first - LONGEST_RUN), "workflow": workflow_id}
    values["bounds"] = BOUNDS
    with connection.cursor() as cursor:
        cursor.execute(ROLL_UP, values)
        return int(cursor.rowcount)


def refresh(workflow_id: UUID) -> None:
    """Roll one workflow up for whoever looks at its figures, once a minute however many look."""
    if cache.add(f"analytics:{workflow_id}", 1, REFRESHED_EVERY_S):
        roll_up(workflow_id=workflow_id)


def midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
