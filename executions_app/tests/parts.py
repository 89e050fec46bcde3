"""The parts of a worker, wired as `executions_app.runner.process` does, but for the stream and the network."""

import threading
from typing import Any

from executions_app.adapters.clock import ClockAdapter
from executions_app.adapters.payloads import PayloadsAdapter
from executions_app.adapters.recorded_http import RecordedHttp
from executions_app.adapters.respond import RespondAdapter
from executions_app.adapters.workflows import WorkflowsAdapter
from executions_app.database import pool
from executions_app.models import Execution
from executions_app.runner.claim import Claimer
from executions_app.runner.commits import Commit
from executions_app.runner.drain import Runner
from executions_app.runner.execute import open_session
from executions_app.runner.session import Session
from executions_app.runner.writer import Writer
from executions_app.webhook_answers import AWAITED_MODES
from workflows_app.engine.plan import Compiled
from workflows_app.engine.ports import CallSite, CodeCall, HttpRequest, HttpResponse, Ports


class NoCode:
    """These graphs need no child process."""

    def evaluate(self, call: CodeCall) -> dict[str, Any]:
        raise AssertionError("An expression went to the child.")

    def run(self, call: CodeCall, on_call: object = None) -> dict[str, Any]:
        raise AssertionError("A Code node went to the child.")


class CountedHttp:
    """Answers every call, after asking the barrier; `calls` are those that went out."""

    def __init__(self, session: Session, calls: list[tuple[CallSite, HttpRequest]], gate: threading.Event) -> None:
        self._session = session
        self._calls = calls
        self._gate = gate

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        self._session.barrier(site)
        self._calls.append((site, request))
        assert self._gate.wait(10)
        return HttpResponse(200, "OK", (("content-type", "application/json"),), b'{"done":true}', request.url)


class Parts:
    """`published` has every commit in the order it was published; `calls` what went out; closing `gate` holds
    answers back."""

    def __init__(self, *, owner: str = "test", lease_s: float = 10.0, slots: int = 8) -> None:
        self.published: list[Commit] = []
        self.calls: list[tuple[CallSite, HttpRequest]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.record_calls = False
        self.claimer = Claimer(owner, lease_s, lambda: pool().connection())
        self.writer = Writer(self.published.extend)
        self.writer.start()
        self.runner = Runner(
            claimer=self.claimer,
            writer=self.writer,
            make_ports=self.ports,
            slots=slots,
        )

    def ports(self, session: Session, compiled: Compiled) -> Ports:
        is_awaited = session.claim.response_mode in AWAITED_MODES and not session.claim.has_response
        http = CountedHttp(session, self.calls, self.gate)
        return Ports(
            clock=ClockAdapter(session.wait_canceled),
            code=NoCode(),
            payloads=PayloadsAdapter(session.put_payload, session.get_payload),
            http=RecordedHttp(http, session) if self.record_calls else http,
            workflows=WorkflowsAdapter(session, self.ports, ring=lambda: None),
            respond=RespondAdapter(session.barrier, session.respond, is_awaited=is_awaited),
            is_canceled=lambda: session.is_canceled,
        )

    def open(self, execution: Execution) -> Session:
        """Claim that execution and open its session, without running it."""
        claim = next(claim for claim in self.claimer.queued(100) if claim.id == execution.pk)
        return open_session(claim, self.writer)[0]

    def run(self, execution: Execution) -> Execution:
        """Drain, and read the row again."""
        self.runner.drain()
        execution.refresh_from_db()
        return execution

    def close(self) -> None:
        self.gate.set()
        self.writer.stop()
        self.runner.close()


def elsewhere(execution: Execution, *, epoch: int = 99) -> None:
    """Another worker takes the execution over."""
    with pool().connection() as connection:
        connection.execute(
            "UPDATE executions_app_execution SET epoch = %s, owner = 'other' WHERE id = %s", (epoch, execution.pk)
        )


def expire(execution: Execution) -> None:
    """Its worker fell silent."""
    with pool().connection() as connection:
        connection.execute(
            "UPDATE executions_app_execution SET lease_until = now() - interval '1 s' WHERE id = %s", (execution.pk,)
        )
