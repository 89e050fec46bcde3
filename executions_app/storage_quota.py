"""How much a team may keep: files, and outputs too large for their row. One team that fills its share stops storing;
nobody else notices."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from uuid import UUID

from django.conf import settings

from executions_app.database import pool
from executions_app.payloads import StoredPayload
from workflows_app.engine.errors import UserError

COUNTED_EVERY_S = 10.0
USED = "SELECT COALESCE(sum(size_bytes), 0) FROM executions_app_payload WHERE team_id = %s"


class StorageFull(UserError):
    code = "storage_full"


@dataclass(slots=True)
class _Count:
    used: int
    counted_at: float
    added: int = 0
    here: set[UUID] = field(default_factory=set)


class Quota:
    """Counts what is stored now and then, and in between what this process adds. `used` asks the database."""

    def __init__(self, used: Callable[[UUID], int], most_bytes: Callable[[], int]) -> None:
        self._used = used
        self._most_bytes = most_bytes
        self._teams: dict[UUID, _Count] = {}
        self._lock = Lock()

    def admit(self, files: Iterable[StoredPayload]) -> None:
        """Before they are stored. Raises StorageFull for the first that has no room."""
        if not (most := self._most_bytes()):
            return
        for file in files:
            count = self._count(file.team_id)
            with self._lock:
                if file.id in count.here:
                    continue
                if count.used + count.added + file.size_bytes > most:
                    raise refused(most)
                count.here.add(file.id)
                count.added += file.size_bytes

    def _count(self, team_id: UUID) -> _Count:
        now = time.monotonic()
        known = self._teams.get(team_id)
        if known is not None and now - known.counted_at < COUNTED_EVERY_S:
            return known
        counted = _Count(self._used(team_id), now)
        with self._lock:
            self._teams[team_id] = counted
            for other in [each for each, count in self._teams.items() if now - count.counted_at > 60]:
                del self._teams[other]
        return counted


def refused(most_bytes: int) -> StorageFull:
    return StorageFull(
        f"The storage of this team is full: it holds {most_bytes / 2**20:,.0f} MB.",
        hint="Delete runs and files that are no longer needed, or keep runs for a shorter time.",
    )


@cache
def quota() -> Quota:
    """That of this process."""
    return Quota(used_by, lambda: int(settings.PUMPFLIX.team_storage_mb) * 2**20)


def used_by(team_id: UUID) -> int:
    with pool().connection() as connection:
        row = connection.execute(USED, (team_id,)).fetchone()
    return int(row[0]) if row else 0
