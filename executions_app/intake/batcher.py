"""Many requests, one commit: a thread stores what has gathered since its last commit, then rings once."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import structlog

from executions_app import admission, database, doorbell, payload_codec, payloads
from executions_app.database import Connection
from executions_app.intake.deliveries import Delivery
from executions_app.intake.http import Refused
from executions_app.intake.room import STORAGE_FULL, has_room
from executions_app.payloads import StoredPayload
from executions_app.transitions import ENGINE_VERSION
from executions_app.webhook_answers import AWAITED_MODES
from pumpflix.lib.postgresql.pool import is_alive
from pumpflix.lib.rate_limits import Verdict

MOST_AT_ONCE = 500
MOST_WAITING = 5_000
COUNT_EVERY_S = 1.0
FORGET_AFTER_S = 60.0

log = structlog.get_logger(__name__)

INSERT = """
INSERT INTO executions_app_execution (
    id, team_id, workflow_id, version_id, mode, status, reason, priority, epoch, owner, crash_count, crash_node,
    cancel_requested, resume_node, next_seq, commit_no, engine_version, start_node, destination_node, trigger_items,
    trigger_key, response_mode, cassette_ref, depth, error_code, error_text, last_node)
SELECT r.id, w.team_id, w.id, CASE WHEN h.is_live THEN w.live_version_id ELSE h.listen_version_id END,
       CASE h.options ->> 'kind' WHEN 'form' THEN 'form' WHEN 'chat' THEN 'chat' ELSE 'webhook' END,
       'queued', '', 0, 0, '', 0, '', false, '', 1, 0, %(engine)s, h.node, '', r.items,
       r.trigger_key, h.response_mode, '', 0, '', '', ''
  FROM unnest(%(ids)s::uuid[], %(webhooks)s::uuid[], %(items)s::bytea[], %(keys)s::text[])
       AS r(id, webhook_id, items, trigger_key)
  JOIN workflows_app_webhook h ON h.id = r.webhook_id
  JOIN workflows_app_workflow w ON w.id = h.workflow_id
 WHERE w.deleted_at IS NULL AND ((h.is_live AND w.live_version_id IS NOT NULL)
                                 OR (h.listen_until > clock_timestamp() AND h.listen_version_id IS NOT NULL))
ON CONFLICT (team_id, trigger_key) WHERE trigger_key <> '' DO NOTHING
RETURNING id, response_mode
"""

SEEN = """
SELECT e.id, e.response_mode FROM executions_app_execution e
  JOIN workflows_app_webhook h ON h.id = %s JOIN workflows_app_workflow w ON w.id = h.workflow_id
 WHERE e.team_id = w.team_id AND e.trigger_key = %s
"""

# A number that was kept for long enough may come again.
REMEMBER = """
INSERT INTO executions_app_inboundevent AS i (
    webhook_id, delivery_key, execution_id, fingerprint, received_at, expires_at)
SELECT h.id, r.key, r.id, r.fingerprint, clock_timestamp(), clock_timestamp() + r.kept
  FROM unnest(%(ids)s::uuid[], %(webhooks)s::uuid[], %(keys)s::text[], %(fingerprints)s::text[], %(kept)s::interval[])
       AS r(id, webhook_id, key, fingerprint, kept)
  JOIN workflows_app_webhook h ON h.id = r.webhook_id
 ORDER BY h.id, r.key
ON CONFLICT (webhook_id, delivery_key) DO UPDATE
   SET execution_id = excluded.execution_id, fingerprint = excluded.fingerprint, received_at = excluded.received_at,
       expires_at = excluded.expires_at
 WHERE i.expires_at < clock_timestamp()
RETURNING execution_id
"""

REMEMBERED = """
SELECT i.execution_id, i.fingerprint, coalesce(e.response_mode, ''),
       e.id IS NULL OR e.response IS NOT NULL OR e.status IN ('success', 'error', 'canceled', 'crashed')
  FROM executions_app_inboundevent i LEFT JOIN executions_app_execution e ON e.id = i.execution_id
 WHERE i.webhook_id = %s AND i.delivery_key = %s
"""

FULL = """
SELECT h.id FROM workflows_app_webhook h
  JOIN workflows_app_workflow w ON w.id = h.workflow_id
  JOIN accounts_team t ON t.id = w.team_id
 WHERE h.id = ANY(%s)
   AND (SELECT count(*) FROM (SELECT 1 FROM executions_app_execution e
                               WHERE e.team_id = t.id AND e.status = 'queued' LIMIT t.max_queued) q) >= t.max_queued
"""


@dataclass(slots=True)
class Request:
    """One execution to be stored. `key` is empty, or makes a form count once for as long as its run is kept; `delivery`
    makes a call count once for its own time."""

    execution_id: UUID
    webhook_id: UUID
    items: bytes
    key: str = ""
    files: list[StoredPayload] = field(default_factory=list)
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The execution that answers for the request: its own, or that of the first delivery."""

    execution_id: UUID
    response_mode: str
    is_repeat: bool = False


class Count(NamedTuple):
    """When the runs that wait were counted for a webhook, and whether they were as many as may."""

    at: float
    is_full: bool


Outcome = Stored | Refused
Waiting = tuple[Request, asyncio.Future[Outcome]]

NOT_FOUND = Refused(404, "webhook_not_found", "There is no live webhook at this address.")
AWAY = Refused(503, "database_away", "The request could not be stored. Send it again.", [("retry-after", "2")])
FULL_UP = Refused(429, "queue_full", "Too many runs are waiting. Send it again later.", [("retry-after", "5")])
DISK_LOW = Refused(503, "disk_full", "There is no room for the request. Send it again later.", [("retry-after", "30")])
KEY_REUSED = Refused(422, "idempotency_key_reused", "This Idempotency-Key was used for another call.")
UNDER_WAY = Refused(
    409, "conflict", "The first call with this Idempotency-Key is still being answered.", [("retry-after", "1")]
)
BUSY = Refused(503, "intake_full", "Too many requests at once. Send it again.", [("retry-after", "1")])


class IntakeBatcher:
    """`ring` is called after a commit that stored something; it may be slow, and is never called twice at a time."""

    def __init__(
        self,
        *,
        connect: Callable[[], Connection] = lambda: database.connect(name="intake", autocommit=True),
        ring: Callable[[], object] = doorbell.ring,
    ) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._waiting: list[Waiting] = []
        self._wake = threading.Condition()
        self._is_stopping = False
        self._counted: dict[UUID, Count] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = doorbell.Bell(ring)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()
        self._bell.start()

    def stop(self) -> None:
        """Store what waits, then end."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        self._thread.join()
        self._bell.stop()

    async def store(self, request: Request) -> Stored:
        """Return once the request is committed. Raises Refused."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        with self._wake:
            if len(self._waiting) >= MOST_WAITING or self._is_stopping:
                raise BUSY
            self._waiting.append((request, future))
            self._wake.notify()
        outcome = await future
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def _run(self) -> None:
        while batch := self._next():
            outcomes = self.take_in([request for request, _ in batch])
            if any(isinstance(outcome, Stored) for outcome in outcomes):
                self._bell.ring()
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_settle, batch, outcomes)
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _next(self) -> list[Waiting]:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._is_stopping)
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            return batch

    def take_in(self, requests: list[Request]) -> list[Outcome]:
        """What became of each. Those that are too many for their hook, or for the disk, are not stored."""
        refused: list[Refused | None]
        if admission.disk().is_low:
            refused = [DISK_LOW] * len(requests)
        else:
            verdicts = admission.over_the_limit([request.webhook_id for request in requests])
            refused = [None if verdict is None else too_many(verdict) for verdict in verdicts]
        open_to = [request for request, why in zip(requests, refused, strict=True) if why is None]
        stored = iter(self.commit(open_to) if open_to else [])
        return [next(stored) if why is None else why for why in refused]

    def commit(self, requests: list[Request]) -> list[Outcome]:
        """What became of each, in one transaction. On an error of the data each request is tried alone; when the
        database is away none is kept. For one thread alone."""
        try:
            return self._transaction(requests)
        except (psycopg.DataError, psycopg.IntegrityError, ValueError) as error:
            if len(requests) > 1:
                return [outcome for request in requests for outcome in self.commit([request])]
            log.warning("request_not_storable", error=str(error))
            return [Refused(400, "not_storable", "The request holds something that cannot be stored.")]
        except psycopg.Error as error:
            log.warning("intake_without_database", error=str(error))
            if self._connection is not None:
                self._connection.close()
            return [AWAY] * len(requests)

    def _transaction(self, requests: list[Request]) -> list[Outcome]:
        connection = self._alive()
        full = self._full_up(connection, requests)
        without_room = {request.execution_id for request in requests if not has_room(request.files)}
        open_to = [
            request
            for request in requests
            if request.webhook_id not in full and request.execution_id not in without_room
        ]
        with connection.transaction(), connection.cursor() as cursor:
            stored = self._insert(cursor, _first_ones(cursor, open_to))
            _forget(cursor, [request for request in open_to if request.execution_id not in stored])
            _insert_files(cursor, [request for request in open_to if request.execution_id in stored])
        return [
            FULL_UP
            if request.webhook_id in full
            else STORAGE_FULL
            if request.execution_id in without_room
            else stored.get(request.execution_id) or _first_delivery(connection, request) or NOT_FOUND
            for request in requests
        ]

    def _alive(self) -> Connection:
        """The kept connection, or a new one: a server that went away meanwhile costs no request."""
        if self._connection is None or self._connection.closed or not is_alive(self._connection):
            self.close()
            self._connection = self._connect()
        return self._connection

    def _full_up(self, connection: Connection, requests: list[Request]) -> set[UUID]:
        """Webhooks whose team has as many runs queued as it may; counted once a second for each that is called."""
        now = time.monotonic()
        called = {request.webhook_id for request in requests}
        known = self._counted
        due = [hook for hook in called if hook not in known or now - known[hook].at >= COUNT_EVERY_S]
        if due:
            full = {row[0] for row in connection.execute(FULL, (due,), prepare=True).fetchall()}
            kept = {hook: count for hook, count in known.items() if now - count.at < FORGET_AFTER_S}
            self._counted = kept | {hook: Count(now, hook in full) for hook in due}
        return {hook for hook in called if self._counted[hook].is_full}

    def _insert(self, cursor: psycopg.Cursor[Any], requests: list[Request]) -> dict[UUID, Stored]:
        values = {
            "engine": ENGINE_VERSION,
            "ids": [request.execution_id for request in requests],
            "webhooks": [request.webhook_id for request in requests],
            "items": [request.items for request in requests],
            "keys": [request.key for request in requests],
        }
        cursor.execute(INSERT, values, prepare=True)
        return {row[0]: Stored(row[0], row[1]) for row in cursor.fetchall()}


def _insert_files(cursor: psycopg.Cursor[Any], requests: list[Request]) -> None:
    uses = {(stored.id, request.execution_id) for request in requests for stored in request.files}
    payloads.store(cursor, (stored for request in requests for stored in request.files), uses)


def _first_ones(cursor: psycopg.Cursor[Any], requests: list[Request]) -> list[Request]:
    """Without those that are repeats; the others are remembered. In the order of their keys, whoever else does so."""
    named = {(request.webhook_id, request.delivery.key): request for request in reversed(requests) if request.delivery}
    if not named:
        return requests
    given = [(request, request.delivery) for request in named.values() if request.delivery]
    values = {
        "ids": [request.execution_id for request, _ in given],
        "webhooks": [request.webhook_id for request, _ in given],
        "keys": [delivery.key for _, delivery in given],
        "fingerprints": [delivery.fingerprint for _, delivery in given],
        "kept": [delivery.kept for _, delivery in given],
    }
    first = {row[0] for row in cursor.execute(REMEMBER, values, prepare=True).fetchall()}
    return [request for request in requests if request.delivery is None or request.execution_id in first]


def _forget(cursor: psycopg.Cursor[Any], requests: list[Request]) -> None:
    """Nothing was stored for these after all: their hook was switched off."""
    if ids := [request.execution_id for request in requests if request.delivery]:
        cursor.execute("DELETE FROM executions_app_inboundevent WHERE execution_id = ANY(%s)", (ids,))


def _first_call(connection: Connection, request: Request) -> Outcome | None:
    """The run of the call that this one repeats. One with a key has to be the same call, and over."""
    assert request.delivery is not None
    row = connection.execute(REMEMBERED, (request.webhook_id, request.delivery.key)).fetchone()
    if row is None:
        return None
    execution_id, fingerprint, mode, is_answered = row
    if fingerprint != request.delivery.fingerprint:
        return KEY_REUSED
    if fingerprint and mode in AWAITED_MODES and not is_answered:
        return UNDER_WAY
    return Stored(execution_id, mode, is_repeat=True)


def _first_delivery(connection: Connection, request: Request) -> Outcome | None:
    if request.delivery is not None:
        return _first_call(connection, request)
    if not request.key:
        return None
    row = connection.execute(SEEN, (request.webhook_id, request.key)).fetchone()
    return None if row is None else Stored(row[0], row[1], is_repeat=True)


def too_many(verdict: Verdict) -> Refused:
    text = f"This address takes {verdict.limit} calls in that time. Retry-After says in how many seconds to go on."
    return Refused(429, "too_many_requests", text, [("retry-after", str(verdict.retry_after_s))])


def _settle(batch: list[Waiting], outcomes: list[Outcome]) -> None:
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        if not future.done():
            future.set_result(outcome)


def encode_items(items: list[Any], files: list[StoredPayload], team_id: UUID) -> bytes:
    """Trigger items for the row; large ones go into a payload of their own, added to `files`."""
    encoded = payload_codec.encode(items)
    if len(encoded) <= payload_codec.INLINE_BYTES:
        return encoded
    stored = payloads.pack(team_id, encoded, is_compressed=True)
    files.append(stored)
    return payload_codec.encode_reference(stored.ref)
