"""The SQL of one flush: heads, payloads, node runs and events of many executions in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import psycopg

from executions_app import payloads, transitions
from executions_app.database import Connection
from executions_app.runner.commits import Commit, NodeRunRow
from executions_app.runner.copy_lines import event_lines, in_chunks, node_run_lines

COPY_NODE_RUNS = """
COPY executions_app_noderun (execution_id, node, run_index, "order", epoch, attempt, status, started_at, finished_at,
    duration_ms, items_in, items_out, sources, output, output_ref, output_bytes, error, context, origin) FROM STDIN
"""

COPY_EVENTS = """
COPY executions_app_executionevent (execution_id, seq, at, type, node, level, body) FROM STDIN
"""

UPDATE_NODE_RUN = """
UPDATE executions_app_noderun
   SET "order" = %(order)s, epoch = %(epoch)s, attempt = %(attempt)s, status = %(status)s, started_at = %(started_at)s,
       finished_at = %(finished_at)s, duration_ms = %(duration_ms)s, items_in = %(items_in)s, items_out = %(items_out)s,
       sources = %(sources)s::jsonb, output = %(output)s, output_ref = %(output_ref)s, output_bytes = %(output_bytes)s,
       error = %(error)s, context = %(context)s, origin = %(origin)s
 WHERE execution_id = %(execution_id)s AND node = %(node)s AND run_index = %(run_index)s
"""

UPSERT_CALL = """
INSERT INTO executions_app_nodeeffect (execution_id, node, run_index, item, call, result)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (execution_id, node, run_index, item, call) DO UPDATE SET result = excluded.result
"""

UPSERT_LABEL = """
INSERT INTO executions_app_executionlabel (execution_id, team_id, key, value) VALUES (%s, %s, %s, %s)
ON CONFLICT (execution_id, key) DO UPDATE SET value = excluded.value
"""

# Turns that no worker will end any more.
LEAVE_UNKNOWN = """
UPDATE executions_app_noderun SET status = 'unknown', finished_at = clock_timestamp()
 WHERE execution_id = ANY(%s) AND status = 'started'
"""

COMMITTED = "SELECT id, epoch, commit_no FROM executions_app_execution WHERE id = ANY(%s)"


def write(connection: Connection, commits: Sequence[Commit]) -> set[Any]:
    """Write them in one transaction; the ids of those whose lease was still theirs. The others left no trace."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(transitions.COMMIT_HEADS, _heads(commits), prepare=True)
        held = {row[0] for row in cursor.fetchall()}
        kept = [commit for commit in commits if commit.execution_id in held]
        _write_payloads(cursor, kept)
        _write_node_runs(cursor, kept)
        if given_up := [commit.execution_id for commit in kept if commit.head.is_given_up]:
            cursor.execute(LEAVE_UNKNOWN, (given_up,))
        _write_calls(cursor, kept)
        _write_labels(cursor, kept)
        _write_events(cursor, kept)
    return held


def already_written(connection: Connection, commits: Sequence[Commit]) -> set[Any]:
    """Of commits whose acknowledgement was lost, the executions that have them."""
    rows = connection.execute(COMMITTED, ([commit.execution_id for commit in commits],)).fetchall()
    numbers = {row[0]: (row[1], row[2]) for row in rows}
    return {
        commit.execution_id
        for commit in commits
        if (found := numbers.get(commit.execution_id)) and found[0] == commit.epoch and found[1] >= commit.number
    }


def _heads(commits: Sequence[Commit]) -> dict[str, Any]:
    heads = [commit.head for commit in commits]
    return {
        "id": [commit.execution_id for commit in commits],
        "epoch": [commit.epoch for commit in commits],
        "next_seq": [commit.next_seq for commit in commits],
        "commit_no": [commit.number for commit in commits],
        "progress": [commit.is_progress for commit in commits],
        "status": [head.status for head in heads],
        "reason": [head.reason for head in heads],
        "last_node": [head.last_node for head in heads],
        "resume_at": [head.resume_at for head in heads],
        "resume_node": [head.resume_node for head in heads],
        "resume_run": [head.resume_run for head in heads],
        "response": [head.response for head in heads],
        "error": [head.error for head in heads],
        "error_code": [head.error_code for head in heads],
        "error_text": [head.error_text for head in heads],
        "terminal": list(transitions.TERMINAL),
    }


def _write_payloads(cursor: psycopg.Cursor[Any], commits: Sequence[Commit]) -> None:
    uses = [(payload.id, commit.execution_id) for commit in commits for payload in commit.payloads]
    payloads.store(cursor, (payload for commit in commits for payload in commit.payloads), uses)


def _write_node_runs(cursor: psycopg.Cursor[Any], commits: Sequence[Commit]) -> None:
    if any(not row.is_update for commit in commits for row in commit.node_runs):
        _copy(cursor, COPY_NODE_RUNS, (line for commit in commits for line in node_run_lines(commit)))
    known = [_updated(commit, row) for commit in commits for row in commit.node_runs if row.is_update]
    if known:
        cursor.executemany(UPDATE_NODE_RUN, known)


def _copy(cursor: psycopg.Cursor[Any], statement: LiteralString, lines: Iterable[str]) -> None:
    with cursor.copy(statement) as copy:
        for chunk in in_chunks(lines):
            copy.write(chunk)


def _write_calls(cursor: psycopg.Cursor[Any], commits: Sequence[Commit]) -> None:
    answers = [
        (commit.execution_id, site.node, site.run_index, site.item, site.call, answer)
        for commit in commits
        for site, answer in commit.calls
    ]
    if answers:
        cursor.executemany(UPSERT_CALL, answers)


def _write_labels(cursor: psycopg.Cursor[Any], commits: Sequence[Commit]) -> None:
    labels = [
        (commit.execution_id, commit.team_id, key, value) for commit in commits for key, value in commit.labels.items()
    ]
    if labels:
        cursor.executemany(UPSERT_LABEL, labels)


def _write_events(cursor: psycopg.Cursor[Any], commits: Sequence[Commit]) -> None:
    if any(commit.events for commit in commits):
        _copy(cursor, COPY_EVENTS, (line for commit in commits for line in event_lines(commit)))


def _updated(commit: Commit, row: NodeRunRow) -> dict[str, Any]:
    return {
        "execution_id": commit.execution_id, "node": row.node, "run_index": row.run_index, "order": row.order,
        "epoch": commit.epoch, "attempt": row.attempt, "status": row.status, "started_at": row.started_at,
        "finished_at": row.finished_at, "duration_ms": row.duration_ms, "items_in": row.items_in,
        "items_out": row.items_out, "sources": row.sources.decode(), "output": row.output, "output_ref": row.output_ref,
        "output_bytes": row.output_bytes, "error": row.error, "context": row.context,
        "origin": row.origin,
    }  # fmt: skip
