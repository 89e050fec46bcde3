"""Triggers that look for something new, in a worker and under a lease, never in the ticker's own thread.

What a look found is stored as a run together with what the trigger knows from then on, in one commit: a crash before it
looks again with the old knowledge, a crash after it has lost nothing. What failed is tried again, later each time."""

import math
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from psycopg.types.json import Jsonb

from executions_app import doorbell, payloads
from executions_app.database import pool, storable
from executions_app.intake.batcher import encode_items
from executions_app.payloads import StoredPayload
from executions_app.runner.lease import Lease, statement
from executions_app.runner.versions import versions
from executions_app.storage_quota import quota
from executions_app.transitions import ENGINE_VERSION
from pumpflix.lib.ids import uuid7
from workflows_app.engine import polling
from workflows_app.engine.attempt import redacted_item
from workflows_app.engine.errors import Canceled, LeaseLost, NodeTimeout, PumpFlixError, RemoteError, UserError
from workflows_app.engine.items import Item, JsonObject, items_to_json
from workflows_app.engine.plan import Plan, make_plan
from workflows_app.engine.ports import Ports

LEASE_S = 10.0
LANES = 3
LANES_OF_A_TEAM = 2
"""Of all workers together: what one team waits for leaves room for the others, however many of its looks are due."""
LONGEST_LOOK_S = 120.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 3600.0
TOLD_AT = 3
"""After so many failures in a row people are told; one that only its author can mend is told at once."""

log = structlog.get_logger(__name__)

# A team whose queue is full is looked for later: what is there stays there. Those teams go first for which the fewest
# looks are under way.
CLAIM = """
WITH busy AS (
    SELECT w.team_id, count(*) AS looks
      FROM workflows_app_poll p JOIN workflows_app_workflow w ON w.id = p.workflow_id
     WHERE p.lease_until > clock_timestamp()
     GROUP BY w.team_id
), locked AS (
    SELECT p.id, w.team_id, w.live_version_id
      FROM workflows_app_poll p
      JOIN workflows_app_workflow w ON w.id = p.workflow_id
      JOIN accounts_team t ON t.id = w.team_id
      LEFT JOIN busy b ON b.team_id = w.team_id
     WHERE p.enabled AND w.live_version_id IS NOT NULL AND w.deleted_at IS NULL
       AND ((p.lease_until IS NULL AND p.due_at <= clock_timestamp()) OR p.lease_until < clock_timestamp())
       AND coalesce(b.looks, 0) < %(lanes)s
       AND (SELECT count(*) FROM (SELECT 1 FROM executions_app_execution e
                                   WHERE e.team_id = t.id AND e.status = 'queued' LIMIT t.max_queued) q) < t.max_queued
     ORDER BY coalesce(b.looks, 0), p.due_at LIMIT 1 FOR UPDATE OF p SKIP LOCKED
)
UPDATE workflows_app_poll p
   SET epoch = p.epoch + 1, owner = %(owner)s, lease_until = clock_timestamp() + %(lease)s
  FROM locked c
 WHERE p.id = c.id
RETURNING p.id, p.workflow_id, c.team_id, c.live_version_id, p.node, p.state, p.epoch, p.failures
"""

BEAT = """
UPDATE workflows_app_poll SET lease_until = clock_timestamp() + %(lease)s
 WHERE id = %(id)s AND epoch = %(epoch)s AND lease_until IS NOT NULL RETURNING id
"""

FOUND = """
UPDATE workflows_app_poll
   SET state = %(state)s, lease_until = NULL, failures = 0,
       due_at = CASE WHEN %(more)s::bool THEN clock_timestamp() END,
       failing_since = NULL, error_code = '', error_text = '', polled_at = clock_timestamp(),
       found_at = CASE WHEN %(found)s::bool THEN clock_timestamp() ELSE found_at END
 WHERE id = %(id)s AND epoch = %(epoch)s RETURNING id
"""

SETTLED = "UPDATE workflows_app_poll SET state = %(state)s WHERE id = %(id)s AND epoch = %(epoch)s"

FAILED = """
UPDATE workflows_app_poll
   SET lease_until = NULL, due_at = clock_timestamp() + %(pause)s, failures = failures + 1,
       failing_since = coalesce(failing_since, clock_timestamp()), error_code = %(code)s, error_text = %(text)s,
       polled_at = clock_timestamp()
 WHERE id = %(id)s AND epoch = %(epoch)s RETURNING id
"""

# Once in a row of failures, whether it was looked after since or not: the incident that a failure opens keeps its time.
TELL = """
INSERT INTO executions_app_failure (id, workflow_id, node, error, at)
SELECT %(failure)s, p.workflow_id, p.node, %(error)s, clock_timestamp()
  FROM workflows_app_poll p
 WHERE p.id = %(id)s AND p.failures >= %(told_at)s
   AND NOT EXISTS (SELECT 1 FROM executions_app_failure f
                    WHERE f.workflow_id = p.workflow_id AND f.node = p.node AND f.at >= p.failing_since)
   AND NOT EXISTS (SELECT 1 FROM executions_app_incident i
                    WHERE i.workflow_id = p.workflow_id AND i.kind = 'failure' AND i.node = p.node
                      AND i.last_at >= p.failing_since)
"""

# A worker that stops lets go: the next one looks at once.
RELEASE = """
UPDATE workflows_app_poll SET lease_until = NULL, epoch = epoch + 1 WHERE owner = %(owner)s AND lease_until IS NOT NULL
"""

START = """
INSERT INTO executions_app_execution (
    id, team_id, workflow_id, version_id, mode, status, reason, priority, epoch, owner, crash_count, crash_node,
    cancel_requested, resume_node, next_seq, commit_no, engine_version, start_node, destination_node, trigger_items,
    trigger_key, response_mode, cassette_ref, depth, error_code, error_text, last_node)
VALUES (%s, %s, %s, %s, 'trigger', 'queued', '', 0, 0, '', 0, '', false, '', 1, 0, %s, %s, '', %s, %s, '', '', 0, '',
        '', '')
"""


@dataclass(frozen=True, slots=True)
class ClaimedPoll:
    """The order of fields is that of the claim."""

    id: UUID
    workflow_id: UUID
    team_id: UUID
    version_id: UUID
    node: str
    state: JsonObject
    epoch: int
    failures: int


@dataclass
class Looking:
    """One look under way: the files it gathers, and whether it still may go on. `is_lost`: the row is another's by now,
    or this worker stops. `until`, on the monotonic clock, is how long it may take."""

    poll: ClaimedPoll
    plan: Plan
    is_lost: Callable[[], bool]
    until: float = math.inf
    files: dict[str, StoredPayload] = field(default_factory=dict)

    @property
    def is_late(self) -> bool:
        return time.monotonic() >= self.until

    def is_over(self) -> bool:
        return self.is_lost() or self.is_late

    def put_payload(self, data: bytes) -> str:
        stored = payloads.pack(self.poll.team_id, data)
        quota().admit([stored])
        self.files[stored.ref] = stored
        return stored.ref

    def get_payload(self, ref: str) -> bytes:
        stored = self.files.get(ref)
        return (
            payloads.load(self.poll.team_id, ref) if stored is None else payloads.unpack(stored.encoding, stored.data)
        )

    def check(self, *_: object) -> None:
        """What sockets call each second, and what guards every way out."""
        if self.is_over():
            raise LeaseLost


MakePorts = Callable[[Looking], Ports]


class PollRunner:
    """Claims and runs the looks of one process. `look` is called by the ticker each second and returns at once."""

    def __init__(
        self,
        owner: str,
        make_ports: MakePorts,
        *,
        lease_s: float = LEASE_S,
        longest_s: float = LONGEST_LOOK_S,
        ring: Callable[[], object] = doorbell.ring,
    ) -> None:
        self._owner = owner
        self._make_ports = make_ports
        self._lease_s = lease_s
        self._longest_s = longest_s
        self._ring = ring
        self._claiming = threading.Lock()
        self._lanes = threading.Semaphore(LANES)
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix="polls")
        self.is_stopping = False

    def look(self) -> None:
        if not self.is_stopping and self._lanes.acquire(blocking=False):
            self._threads.submit(self._lane)

    def _lane(self) -> None:
        try:
            self.drain()
        except psycopg.Error as error:
            log.warning("polls_not_looked_for", error=str(error))
        finally:
            self._lanes.release()

    def drain(self) -> int:
        """Run what is due until nothing is; how many."""
        done = 0
        while not self.is_stopping and (poll := self.claim()) is not None:
            self.run(poll)
            done += 1
        return done

    def claim(self) -> ClaimedPoll | None:
        values = {"owner": self._owner, "lease": timedelta(seconds=self._lease_s), "lanes": LANES_OF_A_TEAM}
        # Two claims at the same time would not count each other's.
        with self._claiming:
            rows = statement(CLAIM, values)
        return ClaimedPoll(*rows[0]) if rows else None

    def run(self, poll: ClaimedPoll) -> None:
        """One look, and what it means for the row; what another worker has by now is left alone."""
        values = {"id": poll.id, "epoch": poll.epoch, "lease": timedelta(seconds=self._lease_s)}
        try:
            with Lease(BEAT, values, lease_s=self._lease_s) as lease:
                looking = Looking(poll, plan_of(poll), lambda: lease.is_lost or self.is_stopping)
                self._look_in_time(looking)
        except (LeaseLost, Canceled):
            log.info("poll_lost", poll=str(poll.id))
        except PumpFlixError as error:
            self._fail(poll, error)
        except psycopg.Error as error:
            # The lease runs out, and somebody looks again.
            log.warning("poll_not_recorded", poll=str(poll.id), error=str(error))
        except Exception as error:
            log.exception("poll_failed_unexpectedly", poll=str(poll.id))
            self._fail(
                poll, PumpFlixError(f"PumpFlix could not look: {type(error).__name__}.", code="unexpected_error")
            )

    def _look_in_time(self, looking: Looking) -> None:
        """Raises NodeTimeout for one that was ended because it took too long."""
        looking.until = time.monotonic() + self._longest_s
        try:
            self._look_once(looking)
        except (LeaseLost, Canceled):
            if looking.is_lost() or not looking.is_late:
                raise
            raise NodeTimeout(
                f"It took longer than {self._longest_s:g} s to look for something new.",
                hint="The service may be slow. Ask it for less at a time, or look less often.",
            ) from None

    def _look_once(self, looking: Looking) -> None:
        ports = self._make_ports(looking)
        try:
            found = polling.look(looking.plan, ports, looking.poll.state)
        except PumpFlixError as error:
            raise redacted(error, ports) from None
        items = [redacted_item(item, ports.redact) if ports.redact else item for item in found.items]
        # What was found is kept, however long it took; what follows ends with the lease, which the commit lets go of.
        looking.until = math.inf
        looking.check()
        if not store(looking, items, found.state, is_more=found.is_more):
            raise LeaseLost
        if items:
            self._ring()
        self._settle(looking, ports, found.state)

    def _settle(self, looking: Looking, ports: Ports, state: JsonObject) -> None:
        """What fails here stands in the state: the next look makes up for it."""
        poll = looking.poll
        try:
            settled = polling.settle(looking.plan, ports, state)
        except PumpFlixError as error:
            log.info("poll_not_settled", poll=str(poll.id), code=error.instance_code)
            return
        if settled != state:
            statement(SETTLED, {"state": Jsonb(settled), "id": poll.id, "epoch": poll.epoch})

    def _fail(self, poll: ClaimedPoll, error: PumpFlixError) -> None:
        failures = poll.failures + 1
        text = storable(f"{error.message} {error.hint}".strip())[:2000]
        values = {
            "id": poll.id,
            "epoch": poll.epoch,
            "code": error.instance_code[:60],
            "text": text,
            "pause": timedelta(seconds=pause_s(failures, error)),
        }
        told_at = 1 if isinstance(error, UserError) else TOLD_AT
        telling = {"id": poll.id, "failure": uuid7(), "error": Jsonb(told(error)), "told_at": told_at}
        with pool().connection() as connection, connection.transaction():
            if connection.execute(FAILED, values).fetchone() is not None:
                connection.execute(TELL, telling)

    def stop(self) -> None:
        """Give back what is looked for here."""
        self.is_stopping = True
        try:
            statement(RELEASE, {"owner": self._owner})
        except psycopg.Error as error:
            # The leases run out.
            log.warning("polls_not_released", error=str(error))
        self._threads.shutdown(wait=False, cancel_futures=True)


def plan_of(poll: ClaimedPoll) -> Plan:
    return make_plan(versions.get(poll.version_id), start=poll.node, mode="trigger", timezone=settings.TIME_ZONE)


def store(looking: Looking, items: list[Item], state: JsonObject, *, is_more: bool) -> bool:
    """The run and what the trigger knows now, in one commit. False: the look is another's by now, and left no trace."""
    poll = looking.poll
    files = list(looking.files.values())
    execution_id = uuid7()
    values = {"id": poll.id, "epoch": poll.epoch, "state": Jsonb(state), "found": bool(items), "more": is_more}
    encoded = encode_items(items_to_json(items), files, poll.team_id) if items else b""
    with pool().connection() as connection, connection.transaction(), connection.cursor() as cursor:
        if cursor.execute(FOUND, values).fetchone() is None:
            return False
        if items:
            key = f"poll:{poll.id.hex}:{poll.epoch}"
            who = (execution_id, poll.team_id, poll.workflow_id, poll.version_id)
            cursor.execute(START, (*who, ENGINE_VERSION, poll.node, encoded, key))
            payloads.store(cursor, files, [(stored.id, execution_id) for stored in files])
    return True


def redacted(error: PumpFlixError, ports: Ports) -> PumpFlixError:
    if ports.redact:
        error.message, error.hint = ports.redact(error.message), ports.redact(error.hint)
        error.data = ports.redact(error.data)
    return error


def told(error: PumpFlixError) -> JsonObject:
    said = {name: value for name, value in error.to_json().items() if name != "context"}
    return {name: storable(str(value)) for name, value in said.items()}


def pause_s(failures: int, error: PumpFlixError) -> float:
    """Twice as long each time, an hour at most, never sooner than the other side asked for."""
    spread = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    own = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10)) * spread
    asked = error.retry_after_s if isinstance(error, RemoteError) else None
    return max(own, min(asked or 0.0, 24 * LONGEST_PAUSE_S))


def wait(looking: Looking, seconds: float) -> bool:
    """Sleep; true as soon as the look is over."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if looking.is_over():
            return True
        time.sleep(min(left, 0.2))
    return looking.is_over()
