"""Effects in our own database: each commits together with the row of its call site, so it happens exactly once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from executions_app import payload_codec
from executions_app.database import Connection, effects_pool
from executions_app.runner.claim import Claim
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
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1
"""


class DoneMeanwhile(Exception):
    """The effect of that call site is on record: what was done besides is to be undone."""


class OwnEffects:
    """The run's row is locked last, for the commit alone: while `work` lasts, or waits for somebody else's, the lease
    has to be renewed, with those of all runs of this process.

    It is safe. Who has lost the lease finds no row to lock, and all that was done is undone; once the row is locked,
    nobody takes the run over before the commit, and who does so later finds the mark. Of two who do the same work at
    once, the second waits for the mark of the first, and reads what that one recorded, if it did not lose."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def once(self, site: CallSite, work: Callable[[Connection], Any]) -> Any:
        """What `work` returned when it was done for that site: now, or before a crash or a retry. What it returns must
        have a JSON form. Raises LeaseLost, Canceled, and what `work` raises; then nothing was written."""
        claim = self._session.claim
        place = (claim.id, site.node, site.run_index, site.item, site.call)
        self._session.barrier(site)
        with effects_pool().connection() as connection:
            known = connection.execute(FIND, place).fetchone()
            if known is None:
                with suppress(DoneMeanwhile), connection.transaction():
                    result = work(connection)
                    mark(connection, place, result)
                    hold(connection, claim)
                    return result
                known = connection.execute(FIND, place).fetchone()
        if known is None:
            raise LeaseLost
        return payload_codec.decode(known[0])


def mark(connection: Connection, place: tuple[Any, ...], result: Any) -> None:
    """Record what was done. It waits for whoever does the same just now; raises DoneMeanwhile where that one did it."""
    if connection.execute(MARK, (*place, payload_codec.encode(result))).fetchone() is None:
        raise DoneMeanwhile


def hold(connection: Connection, claim: Claim) -> None:
    """Keep everybody else from taking that run over until this transaction ends. Raises LeaseLost."""
    if connection.execute(HOLD, (claim.id, claim.epoch)).fetchone() is None:
        raise LeaseLost
