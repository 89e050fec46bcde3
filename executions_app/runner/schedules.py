"""Due schedules become executions. One transaction takes the rows that nobody else has, stores the runs and moves each
schedule on, so that two tickers cannot fire one moment twice, and no ticker at all only makes it late."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import structlog

from executions_app import payload_codec
from executions_app.database import pool
from executions_app.transitions import ENGINE_VERSION
from pumpflix.lib.ids import uuid7
from workflows_app.toolkit.occurrences import Rule, due_moments
from workflows_app.toolkit.schedule_rules import SCHEDULE_TYPES
from workflows_app.toolkit.schedules import tick_item

BATCH = 100
TICKS = "n8n-nodes-base.scheduleTrigger"
"""The one node type that puts the moment out; the older ones put out an empty item."""

log = structlog.get_logger(__name__)

# A team whose queue is full is left alone: its schedules are late, and catch up as their rows say.
DUE = """
SELECT s.id, s.node, s.node_type, s.cron, s.every_s, s.every, s.unit, s.time_zone, s.catch_up, s.next_fire_at,
       s.last_fire_at, clock_timestamp(), w.id, w.team_id, w.live_version_id
  FROM workflows_app_schedule s
  JOIN workflows_app_workflow w ON w.id = s.workflow_id
  JOIN accounts_team t ON t.id = w.team_id
 WHERE s.enabled AND s.next_fire_at <= clock_timestamp() AND w.live_version_id IS NOT NULL AND w.deleted_at IS NULL
   AND (SELECT count(*) FROM (SELECT 1 FROM executions_app_execution e
                               WHERE e.team_id = t.id AND e.status = 'queued' LIMIT t.max_queued) q) < t.max_queued
 ORDER BY s.next_fire_at
 LIMIT %s
   FOR UPDATE OF s SKIP LOCKED
"""

INSERT = """
INSERT INTO executions_app_execution (
    id, team_id, workflow_id, version_id, mode, status, reason, priority, epoch, owner, crash_count, crash_node,
    cancel_requested, resume_node, next_seq, commit_no, engine_version, start_node, destination_node, trigger_items,
    trigger_key, response_mode, cassette_ref, depth, error_code, error_text, last_node)
VALUES (%s, %s, %s, %s, 'schedule', 'queued', '', 0, 0, '', 0, '', false, '', 1, 0, %s, %s, '', %s, %s, '', '', 0, '',
        '', '')
ON CONFLICT (team_id, trigger_key) WHERE trigger_key <> '' DO NOTHING
"""

ADVANCE = """
UPDATE workflows_app_schedule SET next_fire_at = %s, last_fire_at = coalesce(%s, last_fire_at) WHERE id = %s
"""

# A trigger that looks is told to; one that was told already, or that failed and waits, keeps its time.
LOOK = """
UPDATE workflows_app_poll SET due_at = clock_timestamp()
 WHERE workflow_id = %s AND node = %s AND enabled AND due_at IS NULL
"""

SWITCH_OFF = "UPDATE workflows_app_schedule SET enabled = false WHERE id = %s"


def fire_due_schedules() -> int:
    """How many runs were stored."""
    with pool().connection() as connection, connection.transaction(), connection.cursor() as cursor:
        rows = cursor.execute(DUE, (BATCH,), prepare=True).fetchall()
        return sum(fire(cursor, row) for row in rows)


def fire(cursor: psycopg.Cursor[Any], row: tuple[Any, ...]) -> int:
    schedule_id, node, node_type, cron, every_s, every, unit, zone, catch_up, first, last, now, *_ = row
    try:
        rule = Rule(cron, every_s, every, unit, zone)
        moments, following = due_moments(rule, first, now, catch_up, last)
    except (ValueError, KeyError) as error:
        # Only a zone that left the time zone database, or a row written by hand: publishing checks every rule.
        log.error("schedule_broken", schedule=str(schedule_id), error=str(error))
        cursor.execute(SWITCH_OFF, (schedule_id,))
        return 0
    if node_type in SCHEDULE_TYPES:
        cursor.executemany(INSERT, list(executions(row, node, node_type == TICKS, moments)))
    else:
        cursor.execute(LOOK, (row[12], node))
    cursor.execute(ADVANCE, (following, moments[-1] if moments else None, schedule_id))
    return len(moments) if node_type in SCHEDULE_TYPES else 0


def executions(row: tuple[Any, ...], node: str, has_item: bool, moments: list[datetime]) -> Iterator[tuple[Any, ...]]:
    schedule_id, zone = row[0], row[7]
    workflow_id, team_id, version_id = row[12:15]
    for moment in moments:
        json = tick_item(moment.astimezone(ZoneInfo(zone)), zone) if has_item else {}
        items = payload_codec.encode([{"json": json}])
        key = trigger_key(schedule_id, moment)
        yield (uuid7(), team_id, workflow_id, version_id, ENGINE_VERSION, node, items, key)


def trigger_key(schedule_id: UUID, moment: datetime) -> str:
    return f"sched:{schedule_id.hex}:{moment:%Y-%m-%dT%H:%M:%SZ}"
