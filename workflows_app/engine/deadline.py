"""Time limits. A node waits nowhere but in a port, so its limit is kept there: every wait ends at the deadline."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from workflows_app.engine.errors import NodeTimeout
from workflows_app.engine.items import JsonObject
from workflows_app.engine.outside import (
    Answer,
    Ask,
    CommandLine,
    CommandResult,
    Commands,
    Connect,
    Conversation,
    Server,
)
from workflows_app.engine.ports import CallSite, Clock, Code, CodeCall, Http, HttpRequest, HttpResponse, Ports


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time and whose limit it is."""

    clock: Clock
    at: datetime
    limit_s: float
    subject: str

    @classmethod
    def after(cls, clock: Clock, limit_s: float, subject: str) -> "Deadline":
        return cls(clock, clock.now() + timedelta(seconds=limit_s), limit_s, subject)

    @property
    def is_over(self) -> bool:
        return self.clock.now() >= self.at

    def leaves(self, seconds: float) -> bool:
        """Whether there is time left after so many more."""
        return (self.at - self.clock.now()).total_seconds() > seconds

    def left_s(self) -> float:
        """Seconds left. Raises NodeTimeout when there are none."""
        left = (self.at - self.clock.now()).total_seconds()
        if left <= 0:
            raise self.error()
        return left

    def error(self) -> NodeTimeout:
        return NodeTimeout(
            f"{self.subject} took longer than its limit of {self.limit_s:g} s.",
            hint="Raise the time limit, or give it less to do at once.",
        )


def bounded(ports: Ports, deadline: Deadline) -> Ports:
    """The same ports, none of which waits beyond the deadline."""
    return replace(
        ports,
        clock=BoundedClock(ports.clock, deadline),
        code=BoundedCode(ports.code, deadline),
        http=None if ports.http is None else BoundedHttp(ports.http, deadline),
        connect=None if ports.connect is None else BoundedConnect(ports.connect, deadline),
        commands=None if ports.commands is None else BoundedCommands(ports.commands, deadline),
        is_canceled=lambda: ports.is_canceled() or deadline.is_over,
    )


@dataclass(frozen=True, slots=True)
class BoundedClock:
    inner: Clock
    deadline: Deadline

    def now(self) -> datetime:
        return self.inner.now()

    def sleep(self, seconds: float) -> None:
        left = self.deadline.left_s()
        self.inner.sleep(min(seconds, left))
        if seconds > left:
            raise self.deadline.error()


@dataclass(frozen=True, slots=True)
class BoundedCode:
    inner: Code
    deadline: Deadline

    def evaluate(self, call: CodeCall) -> JsonObject:
        return self.inner.evaluate(self._shortened(call))

    def run(self, call: CodeCall, on_call: Callable[[str, list[Any]], Any] | None = None) -> JsonObject:
        return self.inner.run(self._shortened(call), on_call)

    def _shortened(self, call: CodeCall) -> CodeCall:
        return replace(call, timeout_s=min(call.timeout_s, self.deadline.left_s()))


@dataclass(frozen=True, slots=True)
class BoundedHttp:
    inner: Http
    deadline: Deadline

    @property
    def width(self) -> int:
        return int(getattr(self.inner, "width", 1))

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        left = self.deadline.left_s()
        return self.inner.send(site, replace(request, timeout_s=min(request.timeout_s, left)))


@dataclass(frozen=True, slots=True)
class BoundedConnect:
    inner: Connect
    deadline: Deadline

    def open(self, server: Server) -> Conversation:
        return BoundedConversation(self.inner.open(server), self.deadline)


@dataclass(frozen=True, slots=True)
class BoundedConversation:
    inner: Conversation
    deadline: Deadline

    def ask(self, site: CallSite, question: Ask) -> Answer:
        left = self.deadline.left_s()
        return self.inner.ask(site, replace(question, timeout_s=min(question.timeout_s, left)))

    def close(self) -> None:
        self.inner.close()


@dataclass(frozen=True, slots=True)
class BoundedCommands:
    inner: Commands
    deadline: Deadline

    def run(self, site: CallSite, command: CommandLine) -> CommandResult:
        left = self.deadline.left_s()
        return self.inner.run(site, replace(command, timeout_s=min(command.timeout_s, left)))
