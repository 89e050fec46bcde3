"""The Files port made real: the team's file store, rows that name payloads."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from executions_app import payloads
from executions_app.adapters.effects import OwnEffects
from executions_app.adapters.payloads import describe
from executions_app.database import Connection, pool
from executions_app.runner.session import Session
from executions_app.storage_quota import quota
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Binary
from workflows_app.engine.ports import CallSite

MAX_FILE_BYTES = 100 * 1024 * 1024
MAX_STORE_BYTES = 2 * 1024**3
FIND = "SELECT ref, mime_type, size_bytes FROM workflows_app_teamfile WHERE team_id = %s AND path = %s"
LIST = """
SELECT path FROM workflows_app_teamfile WHERE team_id = %s AND starts_with(path, %s) ORDER BY path LIMIT 20000
"""
SIZE = "SELECT COALESCE(sum(size_bytes), 0) FROM workflows_app_teamfile WHERE team_id = %s AND path <> %s"
WRITE = """
INSERT INTO workflows_app_teamfile (id, team_id, path, ref, mime_type, size_bytes, updated_at)
VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, clock_timestamp())
ON CONFLICT (team_id, path)
DO UPDATE SET ref = excluded.ref, mime_type = excluded.mime_type, size_bytes = excluded.size_bytes,
    updated_at = excluded.updated_at
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class FilesAdapter:
    """Writers of one path wait for each other, so that what two runs append is all there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._team: UUID = session.claim.team_id
        self._effects = OwnEffects(session)

    def read(self, path: str) -> Binary | None:
        with pool().connection() as connection:
            row = connection.execute(FIND, (self._team, path)).fetchone()
        if row is None:
            return None
        data = self._session.get_payload(row[0])
        # Stored again for this execution, so that the bytes outlive a later write to the same path.
        ref = self._session.put_payload(data)
        return describe(ref, data, mime_type=row[1], file_name=PurePosixPath(path).name)

    def write(self, site: CallSite, path: str, data: bytes, *, mime_type: str, append: bool) -> Binary:
        # Asked before a connection is held: the pool is small, and who holds one must not wait for another.
        counted = quota().counted(self._team)

        def work(connection: Connection) -> dict[str, Any]:
            connection.execute(LOCK, (f"{self._team}:{path}",))
            content = self._before(connection, path) + data if append else data
            self._check_room(connection, path, len(content))
            stored = payloads.pack(self._team, content)
            quota().admit([stored], counted=counted)
            payloads.store(connection.cursor(), [stored], [(stored.id, self._session.claim.id)])
            connection.execute(WRITE, (self._team, path, stored.ref, mime_type, len(content)))
            return describe(stored.ref, content, mime_type=mime_type, file_name=PurePosixPath(path).name).to_json()

        return Binary.from_json(self._effects.once(site, work))

    def list(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        with pool().connection() as connection:
            return [row[0] for row in connection.execute(LIST, (self._team, prefix)).fetchall()]

    def _before(self, connection: Connection, path: str) -> bytes:
        row = connection.execute(FIND, (self._team, path)).fetchone()
        return b"" if row is None else payloads.read(connection, self._team, row[0])

    def _check_room(self, connection: Connection, path: str, size: int) -> None:
        if size > MAX_FILE_BYTES:
            raise UserError(
                "The file is too large for the store.",
                code="file_too_large",
                hint=f"At most {MAX_FILE_BYTES // 1024**2} MB a file.",
            )
        row = connection.execute(SIZE, (self._team, path)).fetchone()
        if row is not None and int(row[0]) + size > MAX_STORE_BYTES:
            raise UserError(
                "The file store of this team is full.",
                code="store_full",
                hint=f"It holds {MAX_STORE_BYTES // 1024**3} GB. Delete files that are no longer needed.",
            )
