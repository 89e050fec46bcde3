"""The State port made real: what a workflow keeps between executions, written exactly once per call."""

from threading import Lock

from executions_app import payload_codec
from executions_app.adapters.effects import hold
from executions_app.database import Connection, effects_pool, pool
from executions_app.runner.session import Session
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import CallSite

MARK = """
INSERT INTO executions_app_nodeeffect (execution_id, node, run_index, item, call, result)
VALUES (%s, %s, %s, %s, %s, '')
ON CONFLICT DO NOTHING RETURNING 1
"""
READ = "SELECT body FROM workflows_app_staticdata WHERE workflow_id = %s AND scope = %s"
WRITE = """
INSERT INTO workflows_app_staticdata (id, workflow_id, scope, body, updated_at)
VALUES (gen_random_uuid(), %s, %s, %s, clock_timestamp())
ON CONFLICT (workflow_id, scope) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
"""


class StateAdapter:
    """A write commits together with the effect row of its call site; a repeat after a crash finds that row and
    leaves the value alone. A retry within this process writes again: its former attempt is known to have failed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine: set[CallSite] = set()
        self._lock = Lock()

    def get(self, scope: str) -> JsonObject:
        with pool().connection() as connection:
            row = connection.execute(READ, (self._session.claim.workflow_id, scope)).fetchone()
        found: JsonObject = {} if row is None else payload_codec.decode(row[0])
        return found

    def put(self, site: CallSite, scope: str, value: JsonObject) -> None:
        encoded = payload_codec.encode(value)
        self._session.barrier(site)
        with effects_pool().connection() as connection, connection.transaction():
            if self._is_new(connection, site):
                connection.execute(WRITE, (self._session.claim.workflow_id, scope, encoded))
            # Last, as in `effects`: other runs of the workflow may have made this one wait.
            hold(connection, self._session.claim)

    def _is_new(self, connection: Connection, site: CallSite) -> bool:
        place = (self._session.claim.id, site.node, site.run_index, site.item, site.call)
        marked = connection.execute(MARK, place).fetchone() is not None
        with self._lock:
            is_new = marked or site in self._mine
            self._mine.add(site)
        return is_new
