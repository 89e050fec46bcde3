"""Workers that a test drives step by step: real claims, sessions and writer, one thread, an engine made of three turns.

A worker that crashes forgets everything; one that is paused keeps all it knows and goes on later, as a process does
that was stopped and woken. Faults of the database come where a commit begins, or where its acknowledgement is lost."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from executions_app import database
from executions_app.database import Connection, pool
from executions_app.runner.claim import Claim, Claimer
from executions_app.runner.commits import Commit
from executions_app.runner.execute import open_session
from executions_app.runner.heartbeat import Heartbeat
from executions_app.runner.session import Session
from executions_app.runner.writer import Writer
from workflows_app.engine import events
from workflows_app.engine.errors import Canceled, LeaseLost
from workflows_app.engine.items import Item
from workflows_app.engine.ports import CallSite

NODES = ("Webhook", "Call", "Shape")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LEASE_S = 600.0


class Faulty:
    """A connection that can lose its server around one commit."""

    def __init__(self, connection: Connection, faults: list[str]) -> None:
        self._connection = connection
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        fault = self._faults.pop() if self._faults else ""
        with self._connection.transaction():
            yield
            if fault == "before":
                raise psycopg.OperationalError("the server went away")
        if fault == "after":
            raise psycopg.OperationalError("the answer was lost")


class Run:
    """One execution in the hands of a worker: what its engine would do next."""

    def __init__(self, session: Session, done: int) -> None:
        self.session = session
        self.done = done
        self.is_begun = False

    @property
    def node(self) -> str:
        return NODES[self.done]

    def begin(self) -> None:
        if not self.is_begun:
            self.is_begun = True
            self.session.record(events.NodeRunStarted(self.node, 0, self.done, NOW, (1,)))

    def succeed(self) -> None:
        """End this turn, and the run with the last one."""
        self.begin()
        outputs = [[Item(json={"epoch": self.session.claim.epoch})]]
        self.session.record(events.NodeRunFinished(self.node, 0, self.done, NOW, 1.0, outputs, (None,)))
        self.done, self.is_begun = self.done + 1, False
        if self.done == len(NODES):
            self.finish("success")

    def fail(self) -> None:
        self.begin()
        error = {"code": "failed", "message": "It failed."}
        self.session.record(events.NodeRunFailed(self.node, 0, self.done, NOW, 1.0, (None,), error))
        self.finish("error", error)

    def wait(self, resume_at: datetime | None) -> None:
        self.begin()
        reason = "webhook" if resume_at is None else "time"
        self.session.record(events.ExecutionWaiting(self.node, 0, self.done, NOW, reason, resume_at))

    def go_out(self) -> None:
        """What a port does before a call leaves."""
        self.begin()
        self.session.barrier(CallSite(self.node, 0, 0, 0))

    def finish(self, status: Any, error: Any = None) -> None:
        self.session.record(events.ExecutionFinished(status, NOW, NODES[min(self.done, 2)], error))


class SimulatedWorker:
    """`on_commits` hears what was acknowledged, `on_claim` what was taken."""

    def __init__(
        self, name: str, on_claim: Callable[[Claim], None], on_commits: Callable[[Sequence[Commit]], None]
    ) -> None:
        self._name = name
        self._on_claim = on_claim
        self._on_commits = on_commits
        self._starts = 0
        self.faults: list[str] = []
        self._start()

    def _start(self) -> None:
        self._starts += 1
        self.is_paused = False
        self.faults.clear()
        self.runs: dict[UUID, Run] = {}
        self.claimer = Claimer(f"{self._name}:{self._starts}", LEASE_S, lambda: pool().connection())
        self.writer = Writer(self._on_commits, connect=self._connect)

    def _connect(self) -> Any:
        return Faulty(database.connect(name="writer"), self.faults)

    @property
    def sessions(self) -> list[Session]:
        return [run.session for run in self.runs.values()]

    def wake(self, session: Session, *, at_once: bool) -> None:
        """As the writer's thread would, in this one."""
        if at_once:
            self.writer.flush([session])

    def take(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self._on_claim(claim)
            if claim.status == "running":
                session, state = open_session(claim, self)
                session.on_end = lambda ended: self.runs.pop(ended.claim.id, None)
                self.runs[claim.id] = Run(session, len(state.recorded))

    def act(self, run: Run, action: Callable[[Run], None]) -> None:
        """One thing the engine does; whatever the session answers, as `runner.execute` takes it."""
        try:
            run.finish("canceled") if run.session.is_canceled else action(run)
        except Canceled:
            run.finish("canceled")
        except LeaseLost:
            self.runs.pop(run.session.claim.id, None)

    def flush(self) -> None:
        self.writer.flush(self.sessions)

    def beat(self) -> None:
        with pool().connection() as connection:
            Heartbeat(self, lease_s=LEASE_S, connect=lambda: connection).beat()

    def park(self) -> None:
        for session in self.sessions:
            session.park()

    def crash(self) -> None:
        self.writer.close()
        self._start()
