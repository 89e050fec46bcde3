"""Side jobs in a worker: claimed as executions are, one at a time per thread, at most two in a process, and one more
of those that others wait for.

A Celery thread runs what a doorbell told of; every few seconds the ticker has a thread of each lane's own look for what
no doorbell told of, so a lost one costs no more than that."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError, connections
from psycopg.types.json import Jsonb

from executions_app import database, job_kinds
from executions_app.job_kinds import JobRun, JobStopped, Queue
from executions_app.runner.lease import Lease, statement
from executions_app.services.jobs import ensure_recurring
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject

LEASE_S = 60.0
LANES = 2
EXPRESS: Queue = "notifications"
"""The queue with one lane more, which nothing else takes: what is in it is short, and teams wait for it that have no
part in what keeps the other lanes busy."""
LOOK_S = 3.0
ENSURE_S = 60.0
FIRST_PAUSE_S = 5.0
PAUSE_GROWS = 4
GAVE_UP = "The worker that ran it went away, three times in a row."

log = structlog.get_logger(__name__)

# What crashed as often as it may be tried has failed; what comes again by itself always comes again.
BURY = """
UPDATE executions_app_job
   SET status = 'error', lease_until = NULL, finished_at = clock_timestamp(), epoch = epoch + 1,
       error_text = %(gave_up)s
 WHERE status = 'running' AND lease_until < clock_timestamp() AND attempts >= max_attempts AND key <> %(recurring)s
"""

CLAIM = """
UPDATE executions_app_job
   SET status = 'running', epoch = epoch + 1, attempts = least(attempts + 1, 100), owner = %(owner)s,
       lease_until = clock_timestamp() + %(lease)s
 WHERE id = (
    SELECT id FROM executions_app_job
     WHERE ((status = 'queued' AND run_at <= clock_timestamp())
            OR (status = 'running' AND lease_until < clock_timestamp()))
       AND (%(queue)s::text = '' OR queue = %(queue)s::text) AND kind = ANY(%(kinds)s)
     ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, team_id, started_by_id, arguments, attempts, max_attempts, result, epoch
"""

BEAT = """
UPDATE executions_app_job SET lease_until = clock_timestamp() + %(lease)s
 WHERE id = %(id)s AND epoch = %(epoch)s AND status = 'running' RETURNING id
"""

TELL = """
UPDATE executions_app_job
   SET progress = %(share)s, result = coalesce(%(so_far)s::jsonb, result), lease_until = clock_timestamp() + %(lease)s
 WHERE id = %(id)s AND epoch = %(epoch)s AND status = 'running' RETURNING id
"""

# An end forgets the arguments: they may be large, and nothing reads them again. A failed job keeps them, to be tried.
END = """
UPDATE executions_app_job
   SET status = %(status)s::text, lease_until = NULL, result = coalesce(%(result)s::jsonb, result),
       error_text = %(error)s,
       progress = CASE WHEN %(status)s::text = 'success' THEN 1 ELSE progress END,
       arguments = CASE WHEN %(status)s::text = 'success' THEN '{}'::jsonb ELSE arguments END,
       attempts = CASE WHEN %(starts_anew)s::bool THEN 0 ELSE attempts END,
       run_at = clock_timestamp() + %(pause)s,
       finished_at = CASE WHEN %(status)s::text <> 'queued' OR %(starts_anew)s::bool THEN clock_timestamp() END
 WHERE id = %(id)s AND epoch = %(epoch)s AND status = 'running' RETURNING id
"""

# A worker that stops gives its jobs back; that was no failed try.
RELEASE = """
UPDATE executions_app_job
   SET status = 'queued', lease_until = NULL, epoch = epoch + 1, attempts = greatest(attempts - 1, 0)
 WHERE owner = %(owner)s AND status = 'running'
"""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """The order of fields is that of the claim."""

    id: UUID
    kind: str
    team_id: UUID | None
    started_by_id: UUID | None
    arguments: JsonObject
    attempt: int
    max_attempts: int
    so_far: JsonObject | None
    epoch: int


class Hold(Lease):
    """The lease of one job."""

    def __init__(self, job: ClaimedJob, *, lease_s: float, is_stopping: Callable[[], bool]) -> None:
        values = {"id": job.id, "epoch": job.epoch, "lease": timedelta(seconds=lease_s)}
        super().__init__(BEAT, values, lease_s=lease_s)
        self._is_stopping = is_stopping

    def tell(self, share: float, so_far: JsonObject | None) -> None:
        """Raises JobStopped."""
        if self.is_lost or self._is_stopping():
            raise JobStopped
        values = {**self._values, "share": share, "so_far": None if so_far is None else Jsonb(so_far)}
        if not statement(TELL, values):
            raise JobStopped


class Lanes:
    """So many jobs of `queue` at once, of any where it is empty, and a thread that looks for them now and then."""

    def __init__(self, count: int, queue: str = "") -> None:
        self.queue = queue
        self._free = threading.Semaphore(count)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"jobs-{queue or 'any'}")
        self._is_looking = threading.Lock()
        self._next_look = 0.0

    def enter(self, queue: str) -> bool:
        """Take one for jobs of `queue`, to be left again, where one is free."""
        return self.queue in ("", queue) and self._free.acquire(blocking=False)

    def leave(self) -> None:
        self._free.release()

    def look(self, work: Callable[[str], object]) -> None:
        """Have the thread do `work` for the queue, when it is time and the last one is over. Returns at once."""
        now = time.monotonic()
        if now >= self._next_look and self._is_looking.acquire(blocking=False):
            self._next_look = now + LOOK_S
            self._thread.submit(self._look, work)

    def _look(self, work: Callable[[str], object]) -> None:
        try:
            work(self.queue)
        except (psycopg.Error, DatabaseError) as error:
            log.warning("jobs_not_looked_for", queue=self.queue, error=str(error))
        finally:
            connections.close_all()
            self._is_looking.release()

    def stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


class JobRunner:
    """Claims and runs side jobs of one process."""

    def __init__(self, owner: str, *, lease_s: float = LEASE_S, lanes: int = LANES) -> None:
        self._owner = owner
        self._lease_s = lease_s
        self._lanes = (Lanes(1, EXPRESS), Lanes(lanes))
        self._next_ensure = 0.0
        self.is_stopping = False

    def drain(self, queue: str = "") -> int:
        """Run what is due, of one queue or of all, until nothing is; how many. Nothing where all lanes are taken: the
        ticker looks again."""
        done = 0
        while not self.is_stopping and (lanes := next((one for one in self._lanes if one.enter(queue)), None)):
            try:
                job = self.claim(queue)
                if job is None:
                    return done
                self.run(job)
                done += 1
            finally:
                lanes.leave()
        return done

    def look(self) -> None:
        """Called by the ticker each second: now and then threads of ours look for what is due. One that found something
        long does not keep the other from looking. Returns at once."""
        for lanes in () if self.is_stopping else self._lanes:
            lanes.look(self._look)

    def _look(self, queue: str) -> None:
        now = time.monotonic()
        if not queue and now >= self._next_ensure:
            ensure_recurring()
            self._next_ensure = now + ENSURE_S
        self.drain(queue)

    def claim(self, queue: str = "") -> ClaimedJob | None:
        statement(BURY, {"gave_up": GAVE_UP, "recurring": job_kinds.RECURRING})
        values = {
            "owner": self._owner,
            "lease": timedelta(seconds=self._lease_s),
            "queue": queue,
            "kinds": list(job_kinds.all_kinds()),
        }
        rows = statement(CLAIM, values)
        return ClaimedJob(*rows[0]) if rows else None

    def run(self, job: ClaimedJob) -> None:
        """Do the work and write down how it ended; what another worker has by now is left alone."""
        began = time.monotonic()
        try:
            with Hold(job, lease_s=self._lease_s, is_stopping=lambda: self.is_stopping) as hold:
                result = job_kinds.find(job.kind).work(run_of(job, hold))
        except JobStopped:
            log.info("job_stopped", job=str(job.id), kind=job.kind)
        except UserError as error:
            self._end(job, "error", error=str(error))
        except Exception as error:
            log.exception("job_failed", job=str(job.id), kind=job.kind, attempt=job.attempt)
            self._try_again(job, f"{type(error).__name__}: {error}")
        else:
            self._end(job, "success", result=result, took_s=time.monotonic() - began)

    def _try_again(self, job: ClaimedJob, error: str) -> None:
        if job.attempt >= job.max_attempts:
            return self._end(job, "error", error=error)
        pause_s = FIRST_PAUSE_S * PAUSE_GROWS ** (job.attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        return self._end(job, "queued", error=error, pause_s=pause_s)

    def _end(
        self,
        job: ClaimedJob,
        status: str,
        *,
        result: JsonObject | None = None,
        error: str = "",
        pause_s: float = 0.0,
        took_s: float = 0.0,
    ) -> None:
        every_s = job_kinds.find(job.kind).every_s
        comes_again = every_s is not None and status != "queued"
        if comes_again:
            # What grows slow comes less often: it never takes more than a fiftieth of the time.
            status, pause_s = "queued", max(every_s or 0.0, took_s * 50)
        values = {
            "id": job.id,
            "epoch": job.epoch,
            "status": status,
            "result": None if result is None else Jsonb(result),
            "error": database.storable(error)[:2000],
            "pause": timedelta(seconds=pause_s),
            "starts_anew": comes_again,
        }
        statement(END, values)

    def stop(self) -> None:
        """Give back what still runs here; nothing it does will be recorded any more."""
        self.is_stopping = True
        try:
            statement(RELEASE, {"owner": self._owner})
        except psycopg.Error as error:
            # Their leases run out.
            log.warning("jobs_not_released", error=str(error))
        for lanes in self._lanes:
            lanes.stop()


def run_of(job: ClaimedJob, hold: Hold) -> JobRun:
    return JobRun(
        job_id=job.id,
        kind=job.kind,
        team_id=job.team_id,
        started_by_id=job.started_by_id,
        arguments=job.arguments,
        attempt=job.attempt,
        so_far=job.so_far,
        tell=hold.tell,
    )
