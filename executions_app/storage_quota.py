"""How much a team may keep: files, and outputs too large for their row. One team that fills its share stops storing;
nobody else notices."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Protocol
from uuid import UUID

from django.conf import settings

from executions_app.database import pool
from workflows_app.engine.errors import UserError

COUNTED_EVERY_S = 10.0
USED = "SELECT COALESCE(sum(size_bytes), 0) FROM executions_app_payload WHERE team_id = %s"


class StorageFull(UserError):
    code = "storage_full"


class File(Protocol):
    """What is to be stored."""

    @property
    def id(self) -> UUID: ...
    @property
    def team_id(self) -> UUID: ...
    @property
    def size_bytes(self) -> int: ...


@dataclass(slots=True)
class Count:
    """What a team has stored: what the database said, and what this process `added` since."""

    used: int
    counted_at: float
    added: int = 0
    here: set[UUID] = field(default_factory=set)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.counted_at < COUNTED_EVERY_S

    def add(self, file: File) -> None:
        self.here.add(file.id)
        self.added += file.size_bytes

    def remove(self, file: File) -> None:
        self.here.discard(file.id)
        self.added -= file.size_bytes


class Quota:
    """Counts what is stored now and then, and in between what this process adds. `used` asks the database."""

    def __init__(self, used: Callable[[UUID], int], most_bytes: Callable[[], int]) -> None:
        self._used = used
        self._most_bytes = most_bytes
        self._teams: dict[UUID, Count] = {}
        self._counting: defaultdict[UUID, Lock] = defaultdict(Lock)
        self._lock = Lock()

    def admit(self, files: Iterable[File], *, counted: Count | None = None) -> None:
        """Before they are stored: all of them, or none. Raises StorageFull for the first that has no room. It may ask
        the database, unless it is given what was `counted` before, for a caller that holds a connection already."""
        if not (most := self._most_bytes()):
            return
        admitted: list[tuple[Count, File]] = []
        for file in files:
            count = counted or self.counted(file.team_id)
            with self._lock:
                if file.id in count.here:
                    continue
                if count.used + count.added + file.size_bytes > most:
                    for each, earlier in admitted:
                        each.remove(earlier)
                    raise refused(most)
                count.add(file)
            admitted.append((count, file))

    def counted(self, team_id: UUID) -> Count:
        """An old count is renewed by one thread, the others go on with it meanwhile; for the first all wait."""
        if not self._most_bytes():
            return Count(0, 0)
        known = self._teams.get(team_id)
        if known is not None and known.is_fresh:
            return known
        with self._lock:
            counting = self._counting[team_id]
        if not counting.acquire(blocking=known is None) and known is not None:
            return known
        try:
            newer = self._teams.get(team_id)
            return newer if newer is not None and newer is not known else self._recounted(team_id)
        finally:
            counting.release()

    def _recounted(self, team_id: UUID) -> Count:
        now = time.monotonic()
        counted = Count(self._used(team_id), now)
        with self._lock:
            self._teams[team_id] = counted
            for other in [each for each, count in self._teams.items() if now - count.counted_at > 60]:
                del self._teams[other]
                self._counting.pop(other, None)
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
