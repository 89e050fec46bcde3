"""The one place that writes `status`, `epoch`, `owner` and `lease_until` of an execution.

    queued   -> running                  a claim: epoch + 1, a lease on the database's clock
    running  -> running                  a claim of an expired lease, or of a run past its deadline: epoch + 1
    running  -> waiting | success | error | canceled | crashed      the holder of the lease, with its last commit;
                                         `crashed` is what it says when three workers died over one node
    running  -> queued                   parked by a worker that stops
    waiting  -> queued                   the time came, or the resume link was called
    queued, waiting -> canceled          by a person; a running one is asked to stop by `cancel_requested`
    waiting  -> error                    nobody decided about an unknown outcome in time

A terminal status is never left. Every statement names the status it expects and, where somebody holds the lease, the
epoch; a statement that touches no row tells its caller that it is not, or no longer, the owner.
"""

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

ENGINE_VERSION = 1
CRASHES_ALLOWED = 3
TERMINAL = ("success", "error", "canceled", "crashed")

LEGAL: dict[str, tuple[str, ...]] = {
    "queued": ("running", "canceled"),
    "running": ("running", "waiting", "queued", *TERMINAL),
    "waiting": ("queued", "canceled", "error"),
    "success": (),
    "error": (),
    "canceled": (),
    "crashed": (),
}


class Cursor(Protocol):
    """What Django's and psycopg's cursors share."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


def sources_of(to: str) -> list[str]:
    """The statuses from which `to` may be reached. Raises ValueError for an unknown one."""
    if to not in LEGAL:
        raise ValueError(f"'{to}' is not a status of an execution.")
    return [source for source, targets in LEGAL.items() if to in targets]


# In the commit in which a run fails it is noted, for the error workflow and the alerts (`services.failures`).
NOTE_FAILED = """
INSERT INTO executions_app_failure (id, workflow_id, execution_id, node)
SELECT gen_random_uuid(), workflow_id, id, '' FROM ended
 WHERE status IN ('error', 'crashed') AND parent_id IS NULL AND mode NOT IN ('sample', 'dry', 'test')
"""

TRANSITION = f"""
WITH ended AS (
UPDATE executions_app_execution
   SET status = %(to)s::text,
       reason = '',
       lease_until = NULL,
       resume_at = NULL,
       finished_at = CASE WHEN %(to)s::text = ANY(%(terminal)s) THEN clock_timestamp() END,
       error_code = CASE WHEN %(error_code)s = '' THEN error_code ELSE %(error_code)s END,
       error_text = CASE WHEN %(error_text)s = '' THEN error_text ELSE %(error_text)s END
 WHERE id = %(id)s AND status = ANY(%(sources)s) AND (%(epoch)s::int IS NULL OR epoch = %(epoch)s::int)
RETURNING id, workflow_id, status, parent_id, mode
), noted AS ({NOTE_FAILED})
SELECT id FROM ended
"""  # noqa: S608 - constants of this module


def transition(
    cursor: Cursor,
    execution_id: UUID,
    to: str,
    *,
    epoch: int | None = None,
    sources: Iterable[str] | None = None,
    error: tuple[str, str] = ("", ""),
) -> bool:
    """Move one execution to any status but `running`; `epoch` is needed by whoever holds its lease, `sources` narrows
    where it may come from. False: the execution was elsewhere, or the lease is another's. `error` is (code, text)."""
    allowed = sources_of(to) if sources is None else [source for source in sources if to in LEGAL[source]]
    if to == "running":
        raise ValueError("Only a claim makes an execution run.")
    values = {
        "id": execution_id,
        "to": to,
        "epoch": epoch,
        "sources": allowed,
        "terminal": list(TERMINAL),
        "error_code": error[0],
        "error_text": error[1],
    }
    cursor.execute(TRANSITION, values)
    return bool(cursor.fetchall())


CLAIMED_COLUMNS = """
    e.id, e.team_id, e.workflow_id, e.version_id, e.mode, e.status, e.epoch, e.next_seq, e.commit_no, e.crash_count,
    e.cancel_requested, e.deadline_at, e.start_node, e.destination_node, e.trigger_items, e.response_mode,
    e.response IS NOT NULL, e.cassette_ref, e.resume_node, e.resume_run, e.resume_items, e.fork, e.fork_items,
    e.crash_node, e.deadline_at < clock_timestamp()
"""

# Teams with waiting work are found by stepping through the index, one probe a team, however many rows each has queued.
# A row's place is its number within its team, counted from what the team is running: places up to `max_running` are the
# team's own and go first, fewest running first; what slots remain idle go to places `beyond`. Of few rows each worker
# takes its part, so that idle workers share a burst. Workflows that say how many runs they bear have a statement of
# their own: it counts what they run, so only one claimer at a time may ask it.
_CLAIM = f"""
WITH RECURSIVE teams AS (
    (SELECT team_id FROM executions_app_execution WHERE status = 'queued' ORDER BY team_id LIMIT 1)
    UNION ALL
    SELECT (SELECT e.team_id FROM executions_app_execution e
             WHERE e.status = 'queued' AND e.team_id > teams.team_id ORDER BY e.team_id LIMIT 1)
      FROM teams WHERE teams.team_id IS NOT NULL
), busy AS (
    SELECT team_id, count(*) AS running FROM executions_app_execution
     WHERE status = 'running' AND parent_id IS NULL GROUP BY team_id
), %(limits)s ranked AS (
    SELECT q.id, q.created_at, q.place + coalesce(b.running, 0) AS place, t.max_running
      FROM teams
      JOIN accounts_team t ON t.id = teams.team_id
      LEFT JOIN busy b ON b.team_id = teams.team_id
      CROSS JOIN LATERAL (
          SELECT e.id, e.created_at, row_number() OVER (ORDER BY e.priority, e.created_at) AS place
            FROM executions_app_execution e
           WHERE e.status = 'queued' AND e.team_id = teams.team_id AND e.engine_version <= %%(engine)s
             AND %(whose)s
           ORDER BY e.priority, e.created_at
           LIMIT %%(window)s
      ) q
     ORDER BY q.place + coalesce(b.running, 0) > t.max_running, q.place + coalesce(b.running, 0), q.created_at
     LIMIT %%(window)s
), locked AS (
    SELECT e.id FROM executions_app_execution e JOIN ranked r ON r.id = e.id
     WHERE e.status = 'queued' AND (%%(beyond)s OR r.place <= r.max_running)
     ORDER BY r.place > r.max_running, r.place, r.created_at
     LIMIT least(%%(limit)s::int, ((SELECT count(*) FROM ranked) + %%(workers)s::int - 1) / %%(workers)s::int)
       FOR UPDATE OF e SKIP LOCKED
)
UPDATE executions_app_execution e
   SET status = 'running', reason = '', epoch = e.epoch + 1, owner = %%(owner)s, worker_pid = %%(pid)s,
       lease_until = clock_timestamp() + %%(lease)s, started_at = coalesce(e.started_at, clock_timestamp()),
       deadline_at = coalesce(e.deadline_at, clock_timestamp() + %%(longest)s::interval)
  FROM locked
 WHERE e.id = locked.id
RETURNING {CLAIMED_COLUMNS}
"""  # noqa: S608 - constants of this module

CLAIM_QUEUED = _CLAIM % {
    "limits": "",
    "whose": "e.workflow_id <> ALL (ARRAY(SELECT id FROM workflows_app_workflow WHERE max_running IS NOT NULL))",
}

# Of each such workflow as many of its oldest rows as it has room for.
CLAIM_LIMITED = _CLAIM % {
    "limits": """room AS (
    SELECT w.id, w.max_running - (SELECT count(*) FROM executions_app_execution r
                                   WHERE r.status = 'running' AND r.parent_id IS NULL AND r.workflow_id = w.id) AS rows
      FROM workflows_app_workflow w WHERE w.max_running IS NOT NULL
), allowed AS (
    SELECT o.id FROM room CROSS JOIN LATERAL (
        SELECT e.id FROM executions_app_execution e
         WHERE e.status = 'queued' AND e.workflow_id = room.id AND e.engine_version <= %(engine)s
         ORDER BY e.priority, e.created_at LIMIT greatest(room.rows, 0)
    ) o
),""",
    "whose": "e.id IN (SELECT id FROM allowed)",
}
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtext('pumpflix.claim-limited'))"

# What a worker with free slots could take now, oldest first.
OLDEST_CLAIMABLE = """
SELECT e.id, e.epoch FROM executions_app_execution e
 WHERE e.status = 'queued' AND e.engine_version <= %(engine)s
   AND e.workflow_id <> ALL (ARRAY(SELECT id FROM workflows_app_workflow WHERE max_running IS NOT NULL))
 ORDER BY e.created_at LIMIT 1
"""

# Every worker keeps one connection of that name, so those that live are counted without asking anybody else.
LOOK_AROUND = """
SELECT (SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'pumpflix-heartbeat'),
       EXISTS (SELECT 1 FROM workflows_app_workflow WHERE max_running IS NOT NULL)
"""

# A run that may have ended two workers already is on its last chance: a worker takes one such at a time, so that the
# third crash is that of the run it belongs to. The node it stood at is the one that began last and did not end.
CLAIM_EXPIRED = f"""
WITH last_chance AS (
    SELECT id FROM executions_app_execution
     WHERE status = 'running' AND lease_until < clock_timestamp() AND engine_version <= %(engine)s AND parent_id IS NULL
       AND crash_count = {CRASHES_ALLOWED - 2}
     ORDER BY lease_until
     LIMIT %(last_chances)s
       FOR UPDATE SKIP LOCKED
), usual AS (
    SELECT id FROM executions_app_execution
     WHERE status = 'running' AND lease_until < clock_timestamp() AND engine_version <= %(engine)s AND parent_id IS NULL
       AND crash_count <> {CRASHES_ALLOWED - 2}
     ORDER BY lease_until
     LIMIT %(limit)s - (SELECT count(*) FROM last_chance)
       FOR UPDATE SKIP LOCKED
), locked AS (
    SELECT id FROM usual UNION ALL SELECT id FROM last_chance
)
UPDATE executions_app_execution e
   SET crash_count = e.crash_count + 1,
       crash_node = coalesce((SELECT CASE WHEN v.type IN ('node_run_started', 'node_run_retried') THEN v.node END
                                FROM executions_app_executionevent v
                               WHERE v.execution_id = e.id AND v.type LIKE 'node%%'
                               ORDER BY v.seq DESC LIMIT 1), ''),
       epoch = e.epoch + 1, owner = %(owner)s, worker_pid = %(pid)s, lease_until = clock_timestamp() + %(lease)s
  FROM locked
 WHERE e.id = locked.id
RETURNING {CLAIMED_COLUMNS}
"""  # noqa: S608 - constants of this module

# Who else of this machine holds leases; and the end of the leases of those that are dead.
LEASES_HELD_BY = """
SELECT DISTINCT owner FROM executions_app_execution
 WHERE status = 'running' AND lease_until > clock_timestamp() AND owner <> %(own)s AND owner LIKE %(here)s
"""

EXPIRE_OF = """
UPDATE executions_app_execution SET lease_until = clock_timestamp()
 WHERE status = 'running' AND owner = ANY(%(owners)s) AND lease_until > clock_timestamp()
"""

# Whoever holds one of these is frozen, or stuck in a node that heeds no deadline. It had half a lease to end it itself.
CLAIM_OVERDUE = f"""
WITH locked AS (
    SELECT id FROM executions_app_execution
     WHERE status = 'running' AND deadline_at < clock_timestamp() - %(lease)s / 2 AND engine_version <= %(engine)s
       AND parent_id IS NULL
     ORDER BY deadline_at
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
)
UPDATE executions_app_execution e
   SET epoch = e.epoch + 1, owner = %(owner)s, worker_pid = %(pid)s, lease_until = clock_timestamp() + %(lease)s
  FROM locked
 WHERE e.id = locked.id
RETURNING {CLAIMED_COLUMNS}
"""  # noqa: S608 - constants of this module

SHORTEN_DEADLINE = """
UPDATE executions_app_execution SET deadline_at = least(deadline_at, clock_timestamp() + %(limit)s)
 WHERE id = %(id)s AND epoch = %(epoch)s
"""

BEAT = """
UPDATE executions_app_execution SET lease_until = clock_timestamp() + %(lease)s
 WHERE id = ANY(%(ids)s) AND owner = %(owner)s AND status = 'running'
RETURNING id, epoch
"""

# Parked for their dead workers. No crash is counted: what ended the whole machine is no run's doing. A called run goes
# on with its caller.
RELEASE_LEASES = """
UPDATE executions_app_execution
   SET status = CASE WHEN parent_id IS NULL THEN 'queued' ELSE status END,
       lease_until = CASE WHEN parent_id IS NULL THEN NULL ELSE clock_timestamp() END
 WHERE status = 'running'
RETURNING id
"""

# `resume_at` stays until the run waits again or ends: it says when the wait was over.
WAKE_DUE = """
UPDATE executions_app_execution SET status = 'queued', reason = ''
 WHERE id IN (SELECT id FROM executions_app_execution
               WHERE status = 'waiting' AND resume_at <= clock_timestamp() AND reason <> 'outcome_unknown'
                 AND parent_id IS NULL
               ORDER BY resume_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""

# Asked for while the run was on its way into a wait: its worker let go of it before it saw the request. Rare, and
# looked for every second: it reads the index of such runs, and EXISTS keeps the rest from being read for nothing. A
# union, for an OR over both would read the table.
CANCEL_WAITING = """
WITH asked AS (
    SELECT id FROM executions_app_execution
     WHERE status = 'waiting' AND cancel_requested AND parent_id IS NULL
     LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), ending AS (
    SELECT id FROM asked
     UNION
    SELECT c.id FROM executions_app_execution c JOIN asked a ON c.root_id = a.id
)
UPDATE executions_app_execution e
   SET status = 'canceled', reason = '', resume_at = NULL, lease_until = NULL, finished_at = clock_timestamp()
  FROM ending
 WHERE EXISTS (SELECT 1 FROM asked) AND e.id = ending.id AND e.status IN ('queued', 'running', 'waiting')
RETURNING e.id
"""

EXPIRE_UNKNOWN = f"""
WITH ended AS (
UPDATE executions_app_execution
   SET status = 'error', resume_at = NULL, finished_at = clock_timestamp(), error_code = 'outcome_unknown',
       error_text = 'Nobody decided whether the interrupted step had its effect.'
 WHERE id IN (SELECT id FROM executions_app_execution
               WHERE status = 'waiting' AND resume_at <= clock_timestamp() AND reason = 'outcome_unknown'
               ORDER BY resume_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, workflow_id, status, parent_id, mode
), noted AS ({NOTE_FAILED})
SELECT id FROM ended
"""  # noqa: S608 - constants of this module

# A call that was made before finds its row: taken over from where it stands, unless it is over or waits on.
OPEN_CHILD = f"""
INSERT INTO executions_app_execution AS e (
    id, team_id, workflow_id, version_id, mode, status, reason, priority, epoch, owner, worker_pid, lease_until,
    started_at, crash_count, crash_node, cancel_requested, resume_node, next_seq, commit_no, engine_version, start_node,
    destination_node, trigger_items, trigger_key, response_mode, cassette_ref, parent_id, root_id, depth, deadline_at,
    expires_at, error_code, error_text, last_node)
SELECT %(id)s, p.team_id, %(workflow)s, %(version)s, 'sub', 'running', '', p.priority, 1, p.owner, p.worker_pid,
       p.lease_until, clock_timestamp(), 0, '', false, '', 1, 0, {ENGINE_VERSION}, %(start)s, '', %(items)s, %(key)s,
       '', '', p.id, coalesce(p.root_id, p.id), p.depth + 1, p.deadline_at, p.expires_at, '', '', ''
  FROM executions_app_execution p
 WHERE p.id = %(parent)s
ON CONFLICT (team_id, trigger_key) WHERE trigger_key <> '' DO UPDATE
   SET status = 'running', reason = '', epoch = e.epoch + 1, owner = excluded.owner, worker_pid = excluded.worker_pid,
       lease_until = excluded.lease_until, deadline_at = excluded.deadline_at
 WHERE e.status = 'running'
    OR (e.status = 'waiting' AND (e.resume_at <= clock_timestamp() OR e.resume_items IS NOT NULL))
RETURNING {CLAIMED_COLUMNS}
"""  # noqa: S608 - constants of this module

# Its caller knows nothing more of it, but how deep it stands.
START_DETACHED = f"""
INSERT INTO executions_app_execution (
    id, team_id, workflow_id, version_id, mode, status, reason, priority, epoch, owner, crash_count, crash_node,
    cancel_requested, resume_node, next_seq, commit_no, engine_version, start_node, destination_node, trigger_items,
    trigger_key, response_mode, cassette_ref, depth, expires_at, error_code, error_text, last_node)
SELECT %(id)s, p.team_id, %(workflow)s, %(version)s, 'sub', 'queued', '', p.priority, 0, '', 0, '', false, '', 1, 0,
       {ENGINE_VERSION}, %(start)s, '', %(items)s, %(key)s, '', '', p.depth + 1, p.expires_at, '', '', ''
  FROM executions_app_execution p
 WHERE p.id = %(parent)s
ON CONFLICT (team_id, trigger_key) WHERE trigger_key <> '' DO NOTHING
RETURNING id
"""  # noqa: S608 - constants of this module

# Ends the wait of one turn, once. A called run keeps its status: it goes on with its caller, which has to wait already.
RESUME = """
UPDATE executions_app_execution e
   SET status = CASE WHEN e.parent_id IS NULL THEN 'queued' ELSE e.status END,
       reason = CASE WHEN e.parent_id IS NULL THEN '' ELSE e.reason END,
       resume_at = clock_timestamp(),
       resume_items = %(answer)s
 WHERE e.id = %(id)s AND e.status = 'waiting' AND e.reason = ANY(%(reasons)s) AND e.resume_items IS NULL
   AND e.resume_node = %(node)s AND e.resume_run = %(run)s
   AND NOT EXISTS (SELECT 1 FROM executions_app_execution r WHERE r.id = e.root_id AND r.status <> 'waiting')
RETURNING e.id
"""

RESUME_CALLERS = """
WITH RECURSIVE callers AS (
    SELECT parent_id AS id FROM executions_app_execution WHERE id = %(id)s
    UNION ALL
    SELECT e.parent_id FROM executions_app_execution e JOIN callers c ON c.id = e.id
)
UPDATE executions_app_execution e
   SET status = CASE WHEN e.parent_id IS NULL THEN 'queued' ELSE e.status END, resume_at = clock_timestamp()
  FROM callers c
 WHERE e.id = c.id AND e.status = 'waiting'
"""

END_ORPHANS = """
UPDATE executions_app_execution c
   SET status = 'canceled', lease_until = NULL, finished_at = clock_timestamp(), error_code = 'caller_ended',
       error_text = 'The run that called this one ended first.'
  FROM executions_app_execution r
 WHERE c.status = 'running' AND c.lease_until < clock_timestamp() AND c.parent_id IS NOT NULL
   AND r.id = c.root_id AND r.status = ANY(%(terminal)s)
RETURNING c.id
"""

# One statement for all executions of a flush: lock in the order of ids, check who holds the lease, write the heads.
COMMIT_HEADS = f"""
WITH batch AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(epoch)s::int[], %(status)s::text[], %(reason)s::text[], %(next_seq)s::int[],
        %(commit_no)s::int[], %(last_node)s::text[], %(progress)s::bool[], %(resume_at)s::timestamptz[],
        %(resume_node)s::text[], %(resume_run)s::int[], %(response)s::bytea[], %(error)s::bytea[],
        %(error_code)s::text[], %(error_text)s::text[]
    ) AS b(id, epoch, status, reason, next_seq, commit_no, last_node, progress, resume_at, resume_node, resume_run,
           response, error, error_code, error_text)
), locked AS (
    SELECT e.id FROM executions_app_execution e JOIN batch b ON b.id = e.id
     WHERE e.epoch = b.epoch AND e.status = 'running'
     ORDER BY e.id FOR NO KEY UPDATE OF e
), ended AS (
UPDATE executions_app_execution e
   SET status = b.status, reason = b.reason, next_seq = b.next_seq, commit_no = b.commit_no,
       last_node = CASE WHEN b.last_node = '' THEN e.last_node ELSE b.last_node END,
       crash_count = CASE WHEN b.progress THEN 0 ELSE e.crash_count END,
       lease_until = CASE WHEN b.status = 'running' THEN e.lease_until END,
       deadline_at = CASE WHEN b.status <> 'waiting' THEN e.deadline_at END,
       finished_at = CASE WHEN b.status = ANY(%(terminal)s) THEN clock_timestamp() END,
       resume_at = CASE WHEN b.status IN ('running', 'queued') THEN e.resume_at ELSE b.resume_at END,
       resume_node = CASE WHEN b.status = 'waiting' THEN b.resume_node ELSE e.resume_node END,
       resume_run = CASE WHEN b.status = 'waiting' THEN b.resume_run ELSE e.resume_run END,
       resume_items = CASE WHEN b.status = 'waiting' THEN NULL ELSE e.resume_items END,
       response = coalesce(e.response, b.response),
       error = b.error, error_code = b.error_code, error_text = b.error_text
  FROM batch b JOIN locked l ON l.id = b.id
 WHERE e.id = b.id
RETURNING e.id, e.workflow_id, e.status, e.parent_id, e.mode
), noted AS ({NOTE_FAILED})
SELECT id FROM ended
"""  # noqa: S608 - constants of this module
