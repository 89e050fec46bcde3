"""Payload rows: bytes by reference, addressed by their content within a team, so that the same file is stored once."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

import zstandard

from executions_app.database import Connection, pool

RAW = "raw"
ZSTD = "zstd"
COMPRESS_FROM_BYTES = 1024
MAX_BYTES = 512 * 1024 * 1024
CACHE_BYTES = 64 * 1024 * 1024
SIZE = "SELECT size_bytes FROM executions_app_payload WHERE id = %s AND team_id = %s"
GONE = "The stored file is gone; it was removed or never arrived."


class PayloadMissing(LookupError):
    """No such payload in that team."""


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """A row as it is written. `id` is made of team and reference."""

    id: UUID
    team_id: UUID
    sha256: str
    size_bytes: int
    encoding: str
    data: bytes

    @property
    def ref(self) -> str:
        return f"sha256:{self.sha256}"


def pack(team_id: UUID, data: bytes, *, is_compressed: bool = False) -> StoredPayload:
    """The row for these bytes, compressed where that makes them smaller."""
    digest = hashlib.sha256(data).hexdigest()
    encoding, stored = RAW, data
    if len(data) >= COMPRESS_FROM_BYTES and not is_compressed:
        smaller = zstandard.ZstdCompressor(level=1).compress(data)
        if len(smaller) < len(data) * 0.9:
            encoding, stored = ZSTD, smaller
    return StoredPayload(row_id(team_id, digest), team_id, digest, len(data), encoding, stored)


def unpack(encoding: str, data: bytes | memoryview) -> bytes:
    if encoding == ZSTD:
        return zstandard.ZstdDecompressor().decompress(bytes(data), max_output_size=MAX_BYTES)
    return bytes(data)


def row_id(team_id: UUID, digest: str) -> UUID:
    return UUID(bytes=hashlib.sha256(team_id.bytes + digest.encode("ascii")).digest()[:16], version=5)


def digest_of(ref: str) -> str:
    """The hex digest in `sha256:<hex>`. Raises PayloadMissing for anything else."""
    kind, _, digest = ref.partition(":")
    if kind != "sha256" or len(digest) != 64:
        raise PayloadMissing("This is not the reference of a stored payload.")
    return digest


class PayloadCache:
    """The last payloads a process used, by (team, reference), up to a number of bytes."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[UUID, str], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, team_id: UUID, ref: str) -> bytes | None:
        with self._lock:
            data = self._kept.get((team_id, ref))
            if data is not None:
                self._kept.move_to_end((team_id, ref))
            return data

    def put(self, team_id: UUID, ref: str, data: bytes) -> None:
        if len(data) > self._limit // 4:
            return
        with self._lock:
            if (team_id, ref) in self._kept:
                return
            self._kept[(team_id, ref)] = data
            self._size += len(data)
            while self._size > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped)


cache = PayloadCache()


def load(team_id: UUID, ref: str) -> bytes:
    """The bytes of a payload of that team. Raises PayloadMissing."""
    data = cache.get(team_id, ref)
    if data is None:
        with pool().connection() as connection:
            data = read(connection, team_id, ref)
        cache.put(team_id, ref, data)
    return data


def size_of(team_id: UUID, ref: str) -> int:
    """How many bytes a payload of that team has, without reading them. Raises PayloadMissing."""
    with pool().connection() as connection:
        row = connection.execute(SIZE, (row_id(team_id, digest_of(ref)), team_id)).fetchone()
    if row is None:
        raise PayloadMissing(GONE)
    return int(row[0])


def read(connection: Connection, team_id: UUID, ref: str) -> bytes:
    row = connection.execute(
        "SELECT encoding, data FROM executions_app_payload WHERE id = %s AND team_id = %s",
        (row_id(team_id, digest_of(ref)), team_id),
        binary=True,
    ).fetchone()
    if row is None:
        raise PayloadMissing(GONE)
    return unpack(row[0], row[1])


# A row that is there already is locked, and an old one made young again: the sweep, which takes what is unused and a
# day old, can no longer remove it before this transaction has named its use.
INSERT = """
INSERT INTO executions_app_payload AS kept (id, team_id, sha256, size_bytes, encoding, data)
VALUES (%(id)s, %(team_id)s, %(sha256)s, %(size_bytes)s, %(encoding)s, %(data)b)
ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at
 WHERE kept.created_at < excluded.created_at - interval '1 hour'
"""

INSERT_USE = """
INSERT INTO executions_app_payloaduse (payload_id, execution_id) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""


class Cursor(Protocol):
    """What Django's and psycopg's cursors share."""

    def executemany(self, query: Any, params: Any, /) -> Any: ...


def store(cursor: Cursor, files: Iterable[StoredPayload], uses: Iterable[tuple[UUID, UUID]]) -> None:
    """Write payloads and who uses which, as (payload, execution), in this transaction. In the order of their ids, so
    that two who store the same never wait for each other."""
    rows = {stored.id: stored for stored in files}
    if not rows:
        return
    cursor.executemany(INSERT, [as_row(rows[key]) for key in sorted(rows)])
    cursor.executemany(INSERT_USE, sorted(set(uses)))


def as_row(payload: StoredPayload) -> dict[str, object]:
    return {
        "id": payload.id,
        "team_id": payload.team_id,
        "sha256": payload.sha256,
        "size_bytes": payload.size_bytes,
        "encoding": payload.encoding,
        "data": payload.data,
    }
