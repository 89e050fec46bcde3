"""Take away payloads that nothing needs any more.

A payload is needed by executions (PayloadUse), by files of the store, by kept results, by attachments in the outbox, by
jobs that name it in `refs`, and by graphs whose pinned data refer to it. One that is younger than a day is left
alone: whoever stores one that is there already makes it young (`executions_app.payloads`), so it is never taken away
between being stored and being named."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

GRACE = timedelta(days=1)
WINDOW = 1000

END_OF_WINDOW = """
SELECT id FROM executions_app_payload WHERE id > %(after)s ORDER BY id OFFSET %(skip)s LIMIT 1
"""

CANDIDATES = """
SELECT p.id FROM executions_app_payload p
 WHERE p.id > %(after)s AND (%(last)s::uuid IS NULL OR p.id <= %(last)s::uuid)
   AND p.created_at < clock_timestamp() - %(grace)s
   AND NOT EXISTS (SELECT 1 FROM executions_app_payloaduse u WHERE u.payload_id = p.id)
"""
LOCKED_CANDIDATES = CANDIDATES + " FOR UPDATE SKIP LOCKED"

# Asked once more in a statement that begins when the rows are locked: it sees whatever was committed until then.
UNUSED = """
SELECT p.id, p.team_id, 'sha256:' || p.sha256 AS ref, length(p.data)
  FROM executions_app_payload p
 WHERE p.id = ANY(%(ids)s)
   AND NOT EXISTS (SELECT 1 FROM executions_app_payloaduse u WHERE u.payload_id = p.id)
   AND NOT EXISTS (SELECT 1 FROM workflows_app_teamfile f WHERE f.team_id = p.team_id AND f.ref = 'sha256:' || p.sha256)
   AND NOT EXISTS (SELECT 1 FROM executions_app_keptresult k WHERE k.team_id = p.team_id
                     AND k.refs @> to_jsonb('sha256:' || p.sha256) AND k.expires_at > clock_timestamp())
   AND NOT EXISTS (SELECT 1 FROM executions_app_outboxmessage m WHERE m.team_id = p.team_id
                     AND m.attachments @> jsonb_build_array(jsonb_build_object('id', 'sha256:' || p.sha256)))
   AND NOT EXISTS (SELECT 1 FROM executions_app_job j WHERE j.team_id = p.team_id
                     AND (j.arguments->'refs' @> to_jsonb('sha256:' || p.sha256)
                          OR j.result->'refs' @> to_jsonb('sha256:' || p.sha256)))
"""

# Of the teams that are concerned only graphs that name a file are read.
PINNED = """
SELECT DISTINCT g.team_id, found.ref[1]
  FROM (SELECT team_id, graph FROM workflows_app_workflow WHERE team_id = ANY(%(teams)s) AND has_files
         UNION ALL
        SELECT w.team_id, v.graph FROM workflows_app_workflowversion v
          JOIN workflows_app_workflow w ON w.id = v.workflow_id WHERE w.team_id = ANY(%(teams)s) AND v.has_files) g,
       regexp_matches(g.graph::text, 'sha256:[0-9a-f]{64}', 'g') AS found(ref)
"""

DELETE = "DELETE FROM executions_app_payload WHERE id = ANY(%s)"


@dataclass(slots=True)
class Swept:
    payloads: int = 0
    size_bytes: int = 0


def sweep(
    *,
    is_dry: bool = False,
    tell: Callable[[float], None] = lambda _: None,
    rest: Callable[[float], None] = lambda took_s: time.sleep(min(took_s, 1.0)),
) -> Swept:
    """Walk through all payloads, window by window; `tell` hears how far it is, from 0 to 1."""
    swept = Swept()
    after: UUID | None = UUID(int=0)
    while after is not None:
        began = time.monotonic()
        after = _window(after, swept, is_dry=is_dry)
        # The ids are digests, so their first byte tells how far the walk has come.
        tell(1.0 if after is None else after.bytes[0] / 256)
        rest(time.monotonic() - began)
    return swept


def _window(after: UUID, swept: Swept, *, is_dry: bool) -> UUID | None:
    """Where the next one begins; None at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(END_OF_WINDOW, {"after": after, "skip": WINDOW - 1})
        row = cursor.fetchone()
        last = None if row is None else row[0]
        values: dict[str, Any] = {"after": after, "last": last, "grace": GRACE}
        cursor.execute(CANDIDATES if is_dry else LOCKED_CANDIDATES, values)
        gone = unused(cursor, [found[0] for found in cursor.fetchall()])
        if gone and not is_dry:
            cursor.execute(DELETE, [list(gone)])
    swept.payloads += len(gone)
    swept.size_bytes += sum(gone.values())
    return last


def unused(cursor: Any, ids: list[UUID]) -> dict[UUID, int]:
    """Those of them that nothing needs, with their stored size in bytes."""
    if not ids:
        return {}
    cursor.execute(UNUSED, {"ids": ids})
    rows = cursor.fetchall()
    cursor.execute(PINNED, {"teams": list({team for _, team, _, _ in rows})})
    pinned = set(cursor.fetchall())
    return {pk: size for pk, team, ref, size in rows if (team, ref) not in pinned}
