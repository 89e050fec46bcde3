"""The Seen port made real: what earlier executions have met, looked up and remembered exactly once per call."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from executions_app.adapters.effects import OwnEffects
from executions_app.adapters.seen_in_memory import other_kind
from executions_app.database import Connection
from executions_app.runner.session import Session
from workflows_app.engine.ports import CallSite, SeenAnswer, SeenKind

# The row is locked by either arm, so runs of one scope take turns.
HOLD = """
INSERT INTO workflows_app_seenhistory (id, workflow_id, scope, kind, updated_at)
VALUES (gen_random_uuid(), %s, %s, %s, clock_timestamp())
ON CONFLICT (workflow_id, scope) DO UPDATE SET updated_at = excluded.updated_at
RETURNING id, kind, latest
"""
INSERT = """
INSERT INTO workflows_app_seenvalue (history_id, digest)
SELECT %s, digest FROM unnest(%s::bytea[]) WITH ORDINALITY AS given(digest, place) ORDER BY place
ON CONFLICT DO NOTHING RETURNING digest
"""
COUNT = "SELECT count(*) FROM workflows_app_seenvalue WHERE history_id = %s"
TRIM = """
DELETE FROM workflows_app_seenvalue WHERE id IN
    (SELECT id FROM workflows_app_seenvalue WHERE history_id = %s ORDER BY id LIMIT %s)
"""
ADVANCE = "UPDATE workflows_app_seenhistory SET latest = %s WHERE id = %s"
CLEAR_VALUES = """
DELETE FROM workflows_app_seenvalue v USING workflows_app_seenhistory h
 WHERE h.id = v.history_id AND h.workflow_id = %s AND h.scope = %s
"""
CLEAR = "DELETE FROM workflows_app_seenhistory WHERE workflow_id = %s AND scope = %s"


class SeenAdapter:
    """A look-up that is repeated after a crash answers as the first time: it reads its effect row."""

    def __init__(self, session: Session) -> None:
        self._workflow = session.claim.workflow_id
        self._effects = OwnEffects(session)

    def values(self, site: CallSite, scope: str, keys: Sequence[str], *, limit: int) -> SeenAnswer:
        digests = [hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest() for key in keys]

        def work(connection: Connection) -> dict[str, Any]:
            history, _ = self._held(connection, scope, "values")
            wanted = list(dict.fromkeys(digests))
            added = {bytes(row[0]) for row in connection.execute(INSERT, (history, wanted)).fetchall()}
            kept = trimmed(connection, history, limit)
            return {"new": [digest in added for digest in digests], "kept": kept}

        return answer_of(self._effects.once(site, work))

    def latest(self, site: CallSite, scope: str, kind: SeenKind, keys: Sequence[float]) -> SeenAnswer:
        def work(connection: Connection) -> dict[str, Any]:
            history, before = self._held(connection, scope, kind)
            highest = max((one for one in (before, *keys) if one is not None), default=None)
            connection.execute(ADVANCE, (highest, history))
            return {"new": [before is None or key > before for key in keys], "kept": 0}

        return answer_of(self._effects.once(site, work))

    def clear(self, site: CallSite, scope: str) -> None:
        def work(connection: Connection) -> None:
            connection.execute(CLEAR_VALUES, (self._workflow, scope))
            connection.execute(CLEAR, (self._workflow, scope))

        self._effects.once(site, work)

    def _held(self, connection: Connection, scope: str, kind: SeenKind) -> tuple[UUID, float | None]:
        """The history of that scope, ours until the end of the transaction."""
        row = connection.execute(HOLD, (self._workflow, scope, kind)).fetchone()
        assert row is not None
        if row[1] != kind:
            raise other_kind()
        return row[0], row[2]


def trimmed(connection: Connection, history: UUID, limit: int) -> int:
    """Drop the oldest values beyond the limit; how many are left."""
    row = connection.execute(COUNT, (history,)).fetchone()
    assert row is not None
    count: int = row[0]
    if count > limit:
        connection.execute(TRIM, (history, count - limit))
    return min(count, limit)


def answer_of(recorded: dict[str, Any]) -> SeenAnswer:
    return SeenAnswer(tuple(recorded["new"]), recorded["kept"])
