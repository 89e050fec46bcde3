"""Claims: take executions from the table, with a lease on the database's clock and an epoch that fences everyone
else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from executions_app import transitions

# Other claimers lock some of the rows this one ranks first, so it looks at more than it wants.
WINDOW = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """One execution, ours while `epoch` is the row's. The order of fields is that of `transitions.CLAIMED_COLUMNS`."""

    id: UUID
    team_id: UUID
    workflow_id: UUID
    version_id: UUID
    mode: str
    status: str
    epoch: int
    next_seq: int
    commit_no: int
    crash_count: int
    cancel_requested: bool
    deadline_at: datetime | None
    start_node: str
    destination_node: str
    trigger_items: bytes | None
    response_mode: str
    has_response: bool
    cassette_ref: str
    resume_node: str
    resume_run: int | None
    resume_items: bytes | None
    fork: dict[str, Any] | None
    fork_items: bytes | None
    crash_node: str
    is_overdue: bool | None

    @property
    def is_first(self) -> bool:
        """Nobody ran it before."""
        return self.epoch == 1

    @property
    def is_on_last_chance(self) -> bool:
        """Two workers died over it without getting further."""
        return self.crash_count == transitions.CRASHES_ALLOWED - 1

    @property
    def has_record(self) -> bool:
        """Whether turns may be on record: somebody ran it before, or it takes over turns of another run."""
        return not self.is_first or self.fork is not None


@dataclass(frozen=True, slots=True)
class Claimer:
    """`longest_s` is how long a run may take from a claim to its next wait or its end; 0: as long as it likes."""

    owner: str
    lease_s: float
    connect: Callable[[], Any]
    longest_s: float = 0.0

    def queued(self, limit: int, *, workers: int = 1, beyond: bool = True) -> list[Claim]:
        """Up to that many waiting executions, each team's own share first, then idle slots by age, unless nothing
        `beyond` the shares is wanted. Where fewer wait than so many workers could take, only this one's part of them.
        """
        return self._take(transitions.CLAIM_QUEUED, limit, workers=workers, beyond=beyond)

    def limited(self, limit: int, *, workers: int = 1, beyond: bool = True) -> list[Claim]:
        """The same of workflows that say how many runs they bear, as far as they have room. None while another worker
        counts."""
        if limit <= 0:
            return []
        with self.connect() as connection, connection.transaction(), connection.cursor() as cursor:
            if not cursor.execute(transitions.ONE_AT_A_TIME).fetchone()[0]:
                return []
            return self._claims(cursor, transitions.CLAIM_LIMITED, limit, workers=workers, beyond=beyond)

    def expired(self, limit: int, *, with_last_chance: bool = True) -> list[Claim]:
        """Executions whose worker stopped beating, at most one of them on its last chance."""
        return self._take(transitions.CLAIM_EXPIRED, limit, last_chances=int(with_last_chance))

    def overdue(self, limit: int) -> list[Claim]:
        """Executions whose time is over and whose holder does not end them."""
        return self._take(transitions.CLAIM_OVERDUE, limit)

    def _take(self, statement: str, limit: int, **more: Any) -> list[Claim]:
        if limit <= 0:
            return []
        with self.connect() as connection:
            return self._claims(connection, statement, limit, **more)

    def _claims(self, connection: Any, statement: str, limit: int, **more: Any) -> list[Claim]:
        values = {
            "engine": transitions.ENGINE_VERSION,
            "owner": self.owner,
            "pid": os.getpid(),
            "lease": timedelta(seconds=self.lease_s),
            "longest": timedelta(seconds=self.longest_s) if self.longest_s else None,
            "limit": limit,
            "window": limit * WINDOW,
            **more,
        }
        return [Claim(*row) for row in connection.execute(statement, values, prepare=True).fetchall()]
