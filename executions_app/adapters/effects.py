"""Effects in our own database: each commits together with the row of its call site, so it happens exactly once."""

from collections.abc import Callable
from typing import Any

from executions_app import payload_codec
from executions_app.database import Connection, pool
from executions_app.runner.session import Session
from workflows_app.engine.errors import LeaseLost
from workflows_app.engine.ports import CallSite

HOLD = """
SELECT 1 FROM executions_app_execution WHERE id = %s AND epoch = %s AND status = 'running' FOR NO KEY UPDATE
"""
FIND = """
SELECT result FROM executions_app_nodeeffect
WHERE execution_id = %s AND node = %s AND run_index = %s AND item = %s AND call = %s
"""
MARK = """
INSERT INTO executions_app_nodeeffect (execution_id, node, run_index, item, call, result)
VALUES (%s, %s, %s, %s, %s, %s)
"""


class OwnEffects:
    def __init__(self, session: Session) -> None:
        self._session = session

    def once(self, site: CallSite, work: Callable[[Connection], Any]) -> Any:
        """What `work` returned when it was done for that site: now, or before a crash or a retry. What it returns must
        have a JSON form. Raises LeaseLost, Canceled, and what `work` raises; then nothing was written."""
        claim = self._session.claim
        place = (claim.id, site.node, site.run_index, site.item, site.call)
        self._session.barrier(site)
        with pool().connection() as connection, connection.transaction():
            if connection.execute(HOLD, (claim.id, claim.epoch)).fetchone() is None:
                raise LeaseLost
            known = connection.execute(FIND, place).fetchone()
            if known is not None:
                return payload_codec.decode(known[0])
            result = work(connection)
            connection.execute(MARK, (*place, payload_codec.encode(result)))
            return result
