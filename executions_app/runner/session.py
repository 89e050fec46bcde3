"""One execution in this process: takes the engine's events, hands rows to the writer, guards every way out by a
barrier."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from threading import Condition, Event, Lock
from typing import Any, Protocol
from uuid import UUID

from executions_app import event_bodies, payload_codec, payloads
from executions_app.database import storable
from executions_app.payload_codec import NotStorable
from executions_app.payloads import StoredPayload
from executions_app.runner.buffer import Buffer, Turn, packed_output
from executions_app.runner.claim import Claim
from executions_app.runner.commits import Commit, Head
from executions_app.runner.crowding import Backlog, backlog
from executions_app.runner.verdicts import Verdict
from executions_app.storage_quota import quota
from workflows_app.engine import events
from workflows_app.engine.errors import Canceled, LeaseLost
from workflows_app.engine.ports import CallSite

RUNNING = Head()


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What former workers left of an execution besides its finished turns: the turns that have a row, and the
    answers of the outside to calls of turns that did not end."""

    turns: frozenset[Turn] = frozenset()
    calls: Mapping[CallSite, bytes] = field(default_factory=dict)


NOTHING = OnRecord()


class WriterPort(Protocol):
    def wake(self, session: "Session", *, at_once: bool) -> None:
        """There is something to write; at the latest after the flush interval."""


class Session:
    """Its events come from one runner thread; barriers may come from several; the writer's thread takes the rows."""

    def __init__(
        self, claim: Claim, writer: WriterPort, record: OnRecord = NOTHING, unwritten: Backlog = backlog
    ) -> None:
        self.claim = claim
        self._backlog = unwritten
        self._weight = self._taken_bytes = 0
        self._recorded_calls = dict(record.calls)
        self.answer: Callable[[events.ExecutionFinished], bytes | None] | None = None
        self.on_end: Callable[[Session], None] = lambda _: None
        self.on_cleared: Callable[[], object] = lambda: None
        self.writer = self._writer = writer
        self.lineage: tuple[UUID, ...] = (claim.workflow_id,)
        self._called: Session | None = None
        self._caller: Session | None = None
        self._buffer = Buffer(claim, set(record.turns))
        self._lock = Lock()
        self._committed = Condition(self._lock)
        self._barrier_lock = Lock()
        self._passed: set[Turn] = set()
        self._commit_no = claim.commit_no
        self._committed_no = claim.commit_no
        self._head: Head | None = None
        self._response: bytes | None = None
        self._is_response_sent = False
        self._unwritten: dict[str, StoredPayload] = {}
        self.offload: Callable[[Commit], None] = lambda _: None
        self.is_held: Callable[[], bool] = lambda: True
        self._is_lost = False
        self._is_over = False
        self._is_suspect = claim.crash_count > 0
        self._is_due = False
        self._canceled = Event()
        if claim.cancel_requested:
            self._canceled.set()

    # state ------------------------------------------------------------------------------------------------------
    @property
    def is_lost(self) -> bool:
        """Another worker may hold the execution now: nothing may leave any more."""
        return self._is_lost

    @property
    def is_ending(self) -> bool:
        """Its last rows are on their way, or written."""
        return self._head is not None or self._is_over

    @property
    def is_on_last_chance(self) -> bool:
        """The next crash is its last, unless it gets further."""
        return self._is_suspect and self.claim.is_on_last_chance

    @property
    def is_called(self) -> bool:
        """Whether it runs inside another one."""
        return self._caller is not None

    @property
    def is_canceled(self) -> bool:
        return self._canceled.is_set() or self._is_lost

    def cancel(self) -> None:
        self._canceled.set()
        if (called := self._called) is not None:
            called.cancel()

    def wait_canceled(self, seconds: float) -> bool:
        return self._canceled.wait(seconds)

    def lose(self) -> None:
        """Somebody else's now. Threads that wait for a commit are let go with LeaseLost."""
        with self._lock:
            is_first = not self._is_over
            self._is_lost = self._is_over = True
            self._weigh()
            self._committed.notify_all()
        self._canceled.set()
        if (called := self._called) is not None:
            called.lose()
        if is_first:
            self.on_end(self)

    # events -----------------------------------------------------------------------------------------------------
    def record(self, event: events.Event) -> None:
        """Keep one event for the next commit. Raises LeaseLost, NotStorable for an output that has no JSON form,
        StorageFull for a large one, and what making the caller's answer raises; then nothing of it is kept."""
        self._refuse_late()
        add = self._addition(event)
        with self._lock:
            self._refuse_late()
            add()
            is_heavier = bool(self._buffer.payloads) and self._weigh()
            is_known, self._is_due = self._is_due, True
        if self._head is not None or not is_known:
            self._writer.wake(self, at_once=self._head is not None)
        if self._is_suspect and isinstance(event, events.NodeRunStarted):
            # Should it end this worker too, the row says where.
            self.flush()
        elif is_heavier and self._backlog.is_full and self._head is None:
            self.flush()

    def _refuse_late(self) -> None:
        """Raises LeaseLost once the run is somebody else's, or its last rows are on their way."""
        if self.is_ending:
            raise LeaseLost

    def _addition(self, event: events.Event) -> Callable[[], None]:
        """What is left to do with the lock held, once all is done that may ask the database, read files or fail."""
        match event:
            case events.NodeRunFinished():
                return partial(self._buffer.add_finished, event, packed_output(self.claim, event))
            case events.NodeRunStarted():
                return partial(self._buffer.add_started, event)
            case events.LogWritten():
                return partial(self._buffer.add_log, event)
            case events.NodeRunRetried():
                return partial(self._buffer.add_retried, event)
            case events.NodeRunFailed():
                return partial(self._buffer.add_failed, event)
            case events.ExecutionStarted():
                return partial(self._begin, event)
            case events.ExecutionWaiting():
                return partial(self._pause, event)
            case events.ExecutionFinished():
                return partial(self._finish, event, self._answer_to(event))

    def _answer_to(self, event: events.ExecutionFinished) -> bytes | None:
        if self.answer is None or self._response is not None or self.claim.has_response:
            return None
        return self.answer(event)

    def _begin(self, event: events.ExecutionStarted) -> None:
        if self.claim.is_first:
            self._buffer.add_body(event_bodies.execution_started(event))

    def _finish(self, event: events.ExecutionFinished, answer: bytes | None) -> None:
        error = event.error or {}
        self._buffer.mark_rest("canceled" if event.status == "canceled" else "unknown", event.at)
        self._buffer.add_body(event_bodies.execution_finished(event))
        self._response = answer if self._response is None else self._response
        self._head = Head(
            status=event.status,
            last_node=event.last_node,
            error=payload_codec.encode(error) if error else None,
            error_code=str(error.get("code", ""))[:60],
            error_text=storable(event_bodies.message_of(error)) if error else "",
        )

    def _pause(self, event: events.ExecutionWaiting) -> None:
        self._buffer.add_intent((event.node, event.run_index), event.at, event.page)
        self._buffer.add_body(event_bodies.execution_waiting(event), event.node)
        self._head = Head(
            status="waiting",
            reason=event.reason,
            resume_at=event.resume_at,
            resume_node=event.node,
            resume_run=event.run_index,
        )

    def fail(self, error: dict[str, Any]) -> None:
        """End the run because it cannot go on; what was recorded stays."""
        finished = events.ExecutionFinished(status="error", at=datetime.now(UTC), last_node="", error=error)
        try:
            self.record(finished)
        except NotStorable:
            self.record(events.ExecutionFinished("error", finished.at, "", {"message": "It failed.", "code": "error"}))

    def give_up(self, verdict: Verdict) -> None:
        """End the run without running it. Raises LeaseLost."""
        error, at = verdict.error.to_json(), datetime.now(UTC)
        with self._lock:
            self._refuse_late()
            self._buffer.add_body(event_bodies.given_up(verdict.status, at, verdict.node, error))
            self._head = Head(
                status=verdict.status,
                reason=verdict.reason,
                last_node=verdict.node,
                error=payload_codec.encode(error),
                error_code=verdict.error.instance_code,
                error_text=storable(event_bodies.message_of(error)),
            )
        self._writer.wake(self, at_once=True)

    def park(self) -> None:
        """Give the execution back: the next worker goes on from what is recorded."""
        with self._lock:
            if self._head is not None or self._is_over:
                return
            self._head = Head(status="queued")
        self._writer.wake(self, at_once=True)
        self._canceled.set()
        if (called := self._called) is not None:
            called.let_go()

    def give_back(self) -> None:
        """Park the run, or the one it is called by: the database is away, and what is recorded is all there is."""
        if self._caller is not None:
            self._caller.give_back()
        else:
            self.park()

    # a run that this one calls ----------------------------------------------------------------------------------
    def begin_call(self, called: "Session") -> None:
        """From here on whatever ends this run ends the called one too."""
        self._called, called._caller = called, self
        if self.is_lost or self.is_ending:
            called.lose()
        elif self.is_canceled:
            called.cancel()

    def end_call(self) -> None:
        self._called = None

    def get_further(self) -> None:
        """A run that this one calls, at whatever depth, has a turn more on record. It counts for the run that workers
        may have died over, which is the outermost."""
        with self._lock:
            is_news = self._is_suspect and not self._is_over and not self._buffer.is_progress
            self._buffer.is_progress = self._buffer.is_progress or is_news
        if is_news:
            self._writer.wake(self, at_once=False)
        if self._caller is not None:
            self._caller.get_further()

    def let_go(self) -> None:
        """A called run stops here; with its caller it goes on elsewhere from what is recorded."""
        with suppress(LeaseLost):
            self.flush()
        self.lose()

    def wait_over(self) -> None:
        """Return when the last rows are in the database, or nothing more will be."""
        with self._committed:
            self._committed.wait_for(lambda: self._is_over)

    # ports ------------------------------------------------------------------------------------------------------
    def barrier(self, site: CallSite) -> None:
        """Return when everything recorded so far and the intent of this turn are committed, and the lease is known to
        be good. Raises LeaseLost, Canceled."""
        if self._canceled.is_set() and not self._is_over and self._head is None:
            raise Canceled
        turn = (site.node, site.run_index)
        with self._barrier_lock:
            if turn not in self._passed:
                with self._lock:
                    self._buffer.add_intent(turn, datetime.now(UTC))
                self.flush()
                self._passed.add(turn)
        self._refuse_late()
        self.refuse_unheld()

    def refuse_unheld(self) -> None:
        """Raises LeaseLost where this process stood still for so long, perhaps while it waited for the commit, that
        somebody else may have made the call by now. The heartbeat hears of it only from the database."""
        run = self
        while run._caller is not None:
            run = run._caller
        if not run.is_held():
            run.lose()
            raise LeaseLost

    def flush(self) -> None:
        """Wait until what was recorded so far is committed. Raises LeaseLost."""
        with self._lock:
            target = self._commit_no + (1 if self._has_rows() else 0)
        self._writer.wake(self, at_once=True)
        with self._committed:
            self._committed.wait_for(lambda: self._committed_no >= target or self._is_over)
            if self._committed_no < target:
                raise LeaseLost

    def put_payload(self, data: bytes) -> str:
        """Keep bytes for the next commit; the reference is good at once in this process. Raises StorageFull."""
        stored = payloads.pack(self.claim.team_id, data)
        quota().admit([stored])
        with self._lock:
            self._buffer.payloads[stored.ref] = self._unwritten[stored.ref] = stored
            self._weigh()
        self._writer.wake(self, at_once=False)
        return stored.ref

    def get_payload(self, ref: str) -> bytes:
        """Raises PayloadMissing."""
        with self._lock:
            pending = self._unwritten.get(ref)
        if pending is not None:
            return payloads.unpack(pending.encoding, pending.data)
        return payloads.load(self.claim.team_id, ref)

    def recorded_call(self, site: CallSite) -> bytes | None:
        """The answer that a former worker recorded for that call, once: a retry of the node asks the outside again."""
        with self._lock:
            return self._recorded_calls.pop(site, None)

    def keep_call(self, site: CallSite, answer: bytes) -> None:
        """Record the answer of the outside with the next commit."""
        with self._lock:
            self._buffer.calls[site] = answer
        self._writer.wake(self, at_once=False)

    def respond(self, encoded: bytes) -> bool:
        """Store the caller's answer and commit it. False if there is one already. Raises LeaseLost."""
        with self._lock:
            if self._response is not None or self.claim.has_response:
                return False
            self._response = encoded
        self.flush()
        return True

    def _weigh(self) -> bool:
        """Tell the process what waits for its commit here; whether that is more than before. With the lock held."""
        own = self._taken_bytes + self._buffer.payload_bytes
        before, self._weight = self._weight, 0 if self._is_over else own
        if self._weight != before:
            self._backlog.change(self._weight - before)
        return self._weight > before

    # the writer's side ------------------------------------------------------------------------------------------
    def _has_rows(self) -> bool:
        has_response = self._response is not None and not self._is_response_sent
        return not self._buffer.is_empty or has_response or self._head is not None

    def take(self) -> Commit | None:
        """The rows of the next commit; None if there is nothing to write."""
        with self._lock:
            self._is_due = False
            if self._is_over or not self._has_rows():
                return None
            head = self._head or RUNNING
            head = replace(
                head,
                last_node=head.last_node or self._buffer.last_node,
                response=None if self._is_response_sent else self._response,
            )
            self._is_response_sent = self._response is not None
            is_progress = self._buffer.is_progress and self.claim.crash_count > 0
            self._taken_bytes += self._buffer.payload_bytes
            taken = self._buffer.take()
            self._commit_no += 1
            return Commit(
                execution_id=self.claim.id,
                team_id=self.claim.team_id,
                epoch=self.claim.epoch,
                number=self._commit_no,
                next_seq=self._buffer.next_seq,
                head=head,
                node_runs=taken.node_runs,
                events=taken.events,
                payloads=taken.payloads,
                calls=taken.calls,
                labels=taken.labels,
                is_progress=is_progress,
            )

    def acknowledge(self, commit: Commit) -> None:
        """The commit is in the database."""
        with self._lock:
            for stored in commit.payloads:
                self._unwritten.pop(stored.ref, None)
            self._committed_no = commit.number
            is_cleared = self.is_on_last_chance and commit.is_progress
            self._is_suspect = self._is_suspect and not commit.is_progress
            is_end = commit.is_last and not self._is_over
            self._is_over = self._is_over or commit.is_last
            self._taken_bytes -= sum(len(stored.data) for stored in commit.payloads)
            self._weigh()
            self._committed.notify_all()
        self.offload(commit)
        if is_cleared:
            self.on_cleared()
        if self._caller is not None and commit.has_ended_turns:
            self._caller.get_further()
        if is_end:
            self.on_end(self)
