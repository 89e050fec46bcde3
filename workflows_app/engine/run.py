"""The run loop: a plan, the ports and what is already known go in, events come out.

`run` is a generator. NodeRunStarted is yielded before a node executes, NodeRunFinished before anything follows from it,
so whoever pulls may store each event before the next step is made. Not pulling any further stops the run."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from workflows_app.engine import labels
from workflows_app.engine.attempt import Outcome, Turn, attempt, own_setting
from workflows_app.engine.deadline import Deadline, bounded
from workflows_app.engine.errors import Canceled, PumpFlixError, UserError
from workflows_app.engine.events import (
    Event,
    ExecutionFinished,
    ExecutionStarted,
    ExecutionWaiting,
    FinalStatus,
    NodeRunFailed,
    NodeRunFinished,
    NodeRunStarted,
    Source,
)  # fmt: skip
from workflows_app.engine.history import Deferred, History, RunData, loaded
from workflows_app.engine.items import JsonObject, Outputs
from workflows_app.engine.json_text import copied
from workflows_app.engine.pairing import renumbered
from workflows_app.engine.plan import CompiledNode, Plan
from workflows_app.engine.ports import Ports
from workflows_app.engine.route import Router, Work
from workflows_app.engine.state import RecordedRun, Resume, RunState

UNKNOWN_OUTCOME_WAIT = timedelta(days=30)


def run(plan: Plan, ports: Ports, state: RunState | None = None) -> Iterator[Event]:
    """Every event of the execution from where `state` left it. Recorded node runs are replayed: they feed their
    successors as before, but nothing is executed and no event is made. Lets only LeaseLost through."""
    return Execution(plan, ports, state or RunState()).events()


class Execution:
    """One run of a plan. Lives on one thread. As in n8n, a run whose very last turn failed ends in error, even where
    that node's policy is to go on."""

    def __init__(self, plan: Plan, ports: Ports, state: RunState) -> None:
        self.plan = plan
        self.ports = ports
        self.state = state
        self.history = History()
        self.router = Router(plan.compiled, self.history)
        self.turns: dict[str, int] = {}
        self.order = 0
        self.last_node = plan.start
        self.last_outputs: RunData | None = None
        self.last_error: JsonObject | None = None
        self.ended = False
        self.deadline = (
            Deadline.after(ports.clock, plan.time_limit_s, "This execution") if plan.time_limit_s is not None else None
        )
        self.limited = ports if self.deadline is None else bounded(ports, self.deadline)

    def events(self) -> Iterator[Event]:
        if self.state.is_new:
            yield ExecutionStarted(self.ports.clock.now(), self.plan.start)
        for name, earlier in self.earlier_runs():
            self.history.add(name, earlier)
        start = self.plan.compiled.nodes[self.plan.start]
        self.router.work.append(Work(start, [self.plan.items], self.start_sources()))
        try:
            yield from self.turns_made()
        except Canceled:
            yield self.finished("canceled", None)

    def earlier_runs(self) -> list[tuple[str, RunData]]:
        """What ran before this plan, but for nodes that may now run again: their turns are counted from 0."""
        again = {self.plan.start, *self.plan.compiled.graph.reachable(self.plan.start)} if self.plan.earlier else set()
        return [(name, data) for name, data in self.plan.earlier.items() if name not in again]

    def start_sources(self) -> tuple[Source, ...]:
        """Where the first items came from: a start in the middle is fed by what ran before it, place by place."""
        incoming = self.plan.compiled.graph.incoming[self.plan.start]
        wires = incoming[0] if incoming else []
        return tuple(Source(wire.source, wire.source_index) for wire in wires if wire.source in self.history)[:1]

    def turns_made(self) -> Iterator[Event]:
        while not self.ended:
            work = self.router.next()
            if work is None:
                yield self.finished("success" if self.last_error is None else "error", self.last_error)
                return
            self.release_offloaded()
            if self.plan.only is not None and work.node.name not in self.plan.only:
                continue
            yield from self.turn(work)

    def turn(self, work: Work) -> Iterator[Event]:
        """One piece of work: replayed if it is on record, made otherwise."""
        name = work.node.name
        run_index = self.turns.get(name, 0)
        self.turns[name] = run_index + 1
        order = self.order
        self.order += 1
        recorded = self.state.recorded.get((name, run_index))
        if recorded is not None:
            yield from self.replay(work, recorded)
            return
        if self.ports.is_canceled():
            raise Canceled
        exceeded = self.exceeded()
        if exceeded is not None:
            yield self.finished("error", exceeded.to_json())
            return
        waiting = self.outcome_unknown(work, run_index, order)
        if waiting is not None:
            yield waiting
            return
        yield from self.live(self.turn_of(work, run_index, order))

    def exceeded(self) -> PumpFlixError | None:
        """The limit of the run that is reached, if one is."""
        if self.deadline is not None and self.deadline.is_over:
            return self.deadline.error()
        if self.order > self.plan.max_turns:
            text = f"This execution made {self.plan.max_turns} node runs, which is more than it may."
            hint = "Look for a loop without an end, or work on more items at a time."
            return UserError(text, code="too_many_node_runs", hint=hint)
        return None

    def turn_of(self, work: Work, run_index: int, order: int) -> Turn:
        name = work.node.name
        inputs = [renumbered(loaded(fed), number) for number, fed in enumerate(work.inputs)]
        edited = self.plan.edited.get((name, run_index))
        if edited is not None:
            inputs[:1] = [renumbered(edited, 0)]
        return Turn(
            plan=self.plan,
            node=work.node,
            run_index=run_index,
            order=order,
            inputs=inputs,
            sources=work.sources,
            history=self.history,
            context=self.history.contexts.setdefault(name, {}),
            limited=self.limited,
            resume=self.resume_of(name, run_index),
        )

    def live(self, turn: Turn) -> Iterator[Event]:
        """A turn that is really made."""
        name, clock = turn.node.name, self.ports.clock
        began = clock.now()
        yield NodeRunStarted(name, turn.run_index, turn.order, began, tuple(map(len, turn.inputs)))
        outcome = Outcome()
        for event in attempt(turn, self.ports, self.deadline):
            if isinstance(event, Outcome):
                outcome = event
            else:
                yield event
        if outcome.pause is not None:
            self.ended = True
            pause = outcome.pause
            now = clock.now()
            yield ExecutionWaiting(name, turn.run_index, turn.order, now, pause.reason, pause.resume_at, pause.page)
            return
        yield from self.record(turn, outcome, began)

    def record(self, turn: Turn, outcome: Outcome, began: datetime) -> Iterator[Event]:
        """Say what became of a turn, then hand its items on."""
        name, now = turn.node.name, self.ports.clock.now()
        duration_ms = (now - began).total_seconds() * 1000
        if outcome.failed:
            error = outcome.error or {}
            yield NodeRunFailed(name, turn.run_index, turn.order, now, duration_ms, turn.sources, error)
            self.last_node = name
            yield self.finished("error", error)
            return
        context = copied(turn.context) if turn.context else None
        yield NodeRunFinished(
            node=name,
            run_index=turn.run_index,
            order=turn.order,
            at=now,
            duration_ms=duration_ms,
            outputs=outcome.outputs,
            sources=turn.sources,
            error=outcome.error,
            context=context,
            hints=tuple(turn.hints),
            skipped=outcome.skipped,
            labels=labels.take(turn.context, self.history.labels) or None,
            origin=outcome.origin,
        )
        self.last_error = outcome.error
        data = RunData(turn.sources, outcome.outputs)
        self.keep(turn.node, turn.run_index, data, outcome.outputs)

    def keep(self, node: CompiledNode, run_index: int, data: RunData, outputs: Outputs | list[Deferred] | None) -> None:
        """Remember a turn and feed its successors. A turn without data is remembered too, so that counts stay true."""
        self.history.add(node.name, data)
        self.last_node = node.name
        self.last_outputs = data if outputs is not None else None
        if outputs is not None and node.name != self.plan.destination:
            self.router.deliver(node, run_index, outputs)

    def replay(self, work: Work, recorded: RecordedRun) -> Iterator[Event]:
        """Take a turn from the record. Only a failure that ended the run has something left to say."""
        if recorded.context is not None:
            context = self.history.contexts[recorded.node] = copied(recorded.context)
            labels.take(context, self.history.labels)
        if recorded.failed:
            self.last_node = recorded.node
            yield self.finished("error", recorded.error)
            return
        self.last_error = recorded.error
        data = RunData(recorded.sources or work.sources, load=recorded.load)
        self.keep(work.node, recorded.run_index, data, self.replayed_outputs(data, recorded))

    def replayed_outputs(self, data: RunData, recorded: RecordedRun) -> Outputs | list[Deferred] | None:
        if recorded.counts is not None:
            return [Deferred(data, index, count) for index, count in enumerate(recorded.counts)]
        return data.outputs or None

    def release_offloaded(self) -> None:
        while self.state.offloaded:
            (name, run_index), load = self.state.offloaded.popitem()
            self.history.offload(name, run_index, load)

    def resume_of(self, name: str, run_index: int) -> Resume | None:
        resume = self.state.resume
        return resume if resume is not None and (resume.node, resume.run_index) == (name, run_index) else None

    def outcome_unknown(self, work: Work, run_index: int, order: int) -> ExecutionWaiting | None:
        """A turn that had begun an outside call when its worker died, and whose node is set not to be repeated."""
        name = work.node.name
        if (name, run_index) not in self.state.unknown or own_setting(work.node, "onCrash") != "stop":
            return None
        if self.resume_of(name, run_index) is not None:
            return None
        self.ended = True
        now = self.ports.clock.now()
        return ExecutionWaiting(name, run_index, order, now, "outcome_unknown", now + UNKNOWN_OUTCOME_WAIT)

    def finished(self, status: FinalStatus, error: JsonObject | None) -> ExecutionFinished:
        self.ended = True
        outputs = self.last_outputs.outputs if self.last_outputs is not None and status == "success" else None
        return ExecutionFinished(status, self.ports.clock.now(), self.last_node, error, outputs)


__all__ = ["Execution", "Source", "run"]
