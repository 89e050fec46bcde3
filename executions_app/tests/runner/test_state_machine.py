"""Any order of claims, commits, crashes, pauses, cancels and faults keeps the six promises of an execution's row.

Hypothesis plays thousands of interleavings against the real statements on a real server; no process is started and no
clock is waited for: leases and waits are moved into the past."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from executions_app import payload_codec, transitions
from executions_app.database import pool
from executions_app.intake import batcher
from executions_app.intake.deliveries import Delivery
from executions_app.intake.waits import end_wait
from executions_app.models import Execution
from executions_app.runner import ticker, writer
from executions_app.runner.claim import Claim
from executions_app.runner.commits import Commit
from executions_app.runner.schedules import fire_due_schedules
from executions_app.services import cancel, retry
from executions_app.services.pruning import Pruning, Retention
from executions_app.tests.factories import live_webhook
from executions_app.tests.runner.simulated import NODES, Run, SimulatedWorker
from pumpflix.lib.ids import uuid7
from workflows_app.models import Schedule

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

EXAMPLES, STEPS = 40, 40
ITEMS = payload_codec.encode([{"json": {}}])
ANSWER = payload_codec.encode({"items": [{"json": {}}], "decision": "continue"})
DELIVERIES = {"": None, "one": Delivery("one", timedelta(days=7)), "two": Delivery("two", timedelta(hours=24))}
TABLES = ("execution", "noderun", "executionevent", "executionlabel", "nodeeffect", "payloaduse", "inboundevent")
ROUNDS = 12

ROWS = """
SELECT id, status, epoch, next_seq, finished_at, lease_until IS NOT NULL, resume_at IS NOT NULL, resume_node
  FROM executions_app_execution
"""
TURNS = "SELECT execution_id, node, run_index, status, epoch, output FROM executions_app_noderun"
NUMBERS = "SELECT execution_id, count(*), min(seq), max(seq) FROM executions_app_executionevent GROUP BY 1"
LONG_AGO = "clock_timestamp() - interval '1 hour'"

which = st.integers(0, 7)
who = st.integers(0, 2)


# Only what can have an effect is played: the last look at the rows says what there is.
when_queued = precondition(lambda self: self.statuses["queued"])
when_running = precondition(lambda self: self.statuses["running"])
when_waiting = precondition(lambda self: self.statuses["waiting"])
when_open = precondition(lambda self: self.statuses.total() > len(self.over))
when_over = precondition(lambda self: self.over)
when_held = precondition(lambda self: any(worker.runs for worker in self.workers))
when_paused = precondition(lambda self: any(worker.is_paused for worker in self.workers))


def pick(found: list[Any], number: int) -> Any:
    return found[number % len(found)] if found else None


class Executions(RuleBasedStateMachine):
    """Three workers, a webhook, a schedule, and everything that can happen to a run. `hook` is set by the test."""

    hook: Any
    schedule: Schedule

    def __init__(self) -> None:
        super().__init__()
        self.epochs: dict[UUID, int] = {}
        self.accepted: set[UUID] = set()
        self.over: dict[UUID, tuple[Any, ...]] = {}
        self.recorded: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.keys: dict[str, UUID] = {}
        self.stale: list[Commit] = []
        self.statuses: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        run("TRUNCATE " + ", ".join(f"executions_app_{table}" for table in TABLES) + " CASCADE")
        self.intake = batcher.IntakeBatcher(ring=lambda: None)
        self.workers = [SimulatedWorker(name, self.claimed, self.committed) for name in "abc"]

    # what the parts tell ----------------------------------------------------------------------------------------
    def claimed(self, claim: Claim) -> None:
        self.epochs[claim.id] = max(claim.epoch, self.epochs.get(claim.id, 0))

    def committed(self, commits: list[Commit]) -> None:
        self.stale += [commit for commit in commits if commit.epoch != self.epochs[commit.execution_id]]

    # triggers ---------------------------------------------------------------------------------------------------
    @rule(key=st.sampled_from(["", "", "one", "two"]), count=st.integers(1, 3))
    def trigger(self, key: str, count: int) -> None:
        requests = [batcher.Request(uuid7(), self.hook.pk, ITEMS, delivery=DELIVERIES[key]) for _ in range(count)]
        for outcome in self.intake.commit(requests):
            assert isinstance(outcome, batcher.Stored)
            if not outcome.is_repeat:
                self.accepted.add(outcome.execution_id)
            if key:
                assert self.keys.setdefault(key, outcome.execution_id) == outcome.execution_id

    @rule()
    def fire(self) -> None:
        run(f"UPDATE workflows_app_schedule SET next_fire_at = {LONG_AGO}")
        before = set(Execution.objects.values_list("pk", flat=True))
        fire_due_schedules()
        self.accepted |= set(Execution.objects.values_list("pk", flat=True)) - before

    # workers ----------------------------------------------------------------------------------------------------
    def awake(self, number: int) -> SimulatedWorker | None:
        return pick([worker for worker in self.workers if not worker.is_paused], number)

    def act(self, number: int, one: int, action: Any) -> None:
        """By one of those who are awake and have something in hand."""
        worker = pick([worker for worker in self.workers if worker.runs and not worker.is_paused], number)
        if worker is not None:
            worker.act(pick(list(worker.runs.values()), one), action)

    @when_queued
    @rule(number=who, count=st.integers(1, 4))
    def claim(self, number: int, count: int) -> None:
        if (worker := self.awake(number)) is not None:
            worker.take(worker.claimer.queued(count))

    @when_running
    @rule(number=who)
    def take_over(self, number: int) -> None:
        if (worker := self.awake(number)) is not None:
            worker.take(worker.claimer.expired(4))

    @when_held
    @rule(number=who)
    def heartbeat(self, number: int) -> None:
        if (worker := self.awake(number)) is not None:
            worker.beat()

    @when_held
    @rule(number=who, one=which)
    def node_ok(self, number: int, one: int) -> None:
        self.act(number, one, Run.succeed)

    @when_held
    @rule(number=who, one=which)
    def node_goes_out(self, number: int, one: int) -> None:
        self.act(number, one, Run.go_out)

    @when_held
    @rule(number=who, one=which)
    def node_fail(self, number: int, one: int) -> None:
        self.act(number, one, Run.fail)

    @when_held
    @rule(number=who, one=which, is_timed=st.booleans())
    def wait(self, number: int, one: int, is_timed: bool) -> None:
        self.act(number, one, lambda found: found.wait(timezone.now() if is_timed else None))

    @when_held
    @rule(number=who)
    def flush(self, number: int) -> None:
        if (worker := self.awake(number)) is not None:
            worker.flush()

    @when_held
    @rule(number=who)
    def crash(self, number: int) -> None:
        self.workers[number].crash()

    @when_held
    @rule(number=who)
    def pause(self, number: int) -> None:
        self.workers[number].is_paused = True

    @when_held
    @rule(number=who, by=st.integers(1, 2), one=which)
    def freeze(self, number: int, by: int, one: int) -> None:
        """Long enough for another worker to take over; it wakes in the middle of a turn."""
        self.act(number, one, Run.begin)
        self.leases_run_out()
        self.take_over(number + by)

    @when_paused
    @rule(number=who)
    def resume(self, number: int) -> None:
        pick([worker for worker in self.workers if worker.is_paused], number).is_paused = False

    @when_held
    @rule(number=who)
    def park(self, number: int) -> None:
        if (worker := self.awake(number)) is not None:
            worker.park()

    @when_held
    @rule(number=who, fault=st.sampled_from(["before", "after"]))
    def db_error(self, number: int, fault: str) -> None:
        self.workers[number].faults[:] = [fault]

    # time and people --------------------------------------------------------------------------------------------
    @when_running
    @rule()
    def leases_run_out(self) -> None:
        run(f"UPDATE executions_app_execution SET lease_until = {LONG_AGO} WHERE status = 'running'")

    @when_waiting
    @rule()
    def tick(self) -> None:
        ticker.wake_due_waits()
        ticker.end_orphans()

    @when_waiting
    @rule(one=which)
    def call_the_link(self, one: int) -> None:
        waiting = Execution.objects.filter(status="waiting", reason="webhook").order_by("pk")
        if (found := pick(list(waiting), one)) is not None:
            turn = (found.resume_node, found.resume_run)
            assert end_wait(found.pk, turn, ANSWER, [])
            assert not end_wait(found.pk, turn, ANSWER, [])

    @when_open
    @rule(one=which)
    def cancel(self, one: int) -> None:
        if (found := pick(list(Execution.objects.order_by("pk")), one)) is not None:
            cancel(found, by=self.hook.workflow.created_by)

    @when_over
    @rule(one=which)
    def retry(self, one: int) -> None:
        over = Execution.objects.filter(status__in=transitions.TERMINAL).order_by("pk")
        if (found := pick(list(over), one)) is not None:
            self.accepted.add(retry(found, by=self.hook.workflow.created_by).pk)

    @when_over
    @rule()
    def prune(self) -> None:
        """Everything that is over goes, and nothing else."""
        open_before = set(Execution.objects.exclude(status__in=transitions.TERMINAL).values_list("pk", flat=True))
        now = timezone.now() + timezone.timedelta(days=2)
        Pruning(Retention(days=1, runs=0), now=now, rest=lambda _: None)._executions("old", {})
        left = set(Execution.objects.values_list("pk", flat=True))
        assert open_before <= left
        for gone in set(self.over) - left:
            del self.over[gone]
            self.accepted.discard(gone)
        self.recorded = {key: value for key, value in self.recorded.items() if key[0] in left}

    # promises ---------------------------------------------------------------------------------------------------
    @invariant()
    def the_row_keeps_its_promises(self) -> None:
        if not hasattr(self, "workers"):
            return
        rows = {row[0]: row for row in run(ROWS)}
        self.statuses = Counter(row[1] for row in rows.values())
        turns = run(TURNS)
        self.i1_what_is_over_stays_as_it_is(rows)
        assert self.stale == [], "I2: a worker wrote after another had taken over"
        self.i3_a_result_is_recorded_once(turns, rows)
        assert self.accepted <= rows.keys(), "I4: an accepted trigger has no row"
        self.i5_events_are_numbered_without_a_gap(rows)
        for row in rows.values():
            self.i6_somebody_can_go_on(row)

    def i1_what_is_over_stays_as_it_is(self, rows: dict[UUID, tuple[Any, ...]]) -> None:
        for pk, before in self.over.items():
            assert rows[pk] == before, "I1: what was over has changed"
        self.over = {pk: row for pk, row in rows.items() if row[1] in transitions.TERMINAL}

    def i3_a_result_is_recorded_once(self, turns: list[tuple[Any, ...]], rows: dict[UUID, tuple[Any, ...]]) -> None:
        found = {turn[:3]: turn[3:] for turn in turns if turn[3] in ("success", "error")}
        for key, before in self.recorded.items():
            assert found[key] == before, "I3: a recorded result has changed"
        assert all(turn[4] <= rows[turn[0]][2] for turn in turns), "I3: a result of nobody's epoch"
        self.recorded = found

    def i5_events_are_numbered_without_a_gap(self, rows: dict[UUID, tuple[Any, ...]]) -> None:
        for pk, count, first, last in run(NUMBERS):
            assert (first, last, rows[pk][3]) == (1, count, count + 1), "I5: a gap in the numbers"

    def i6_somebody_can_go_on(self, row: tuple[Any, ...]) -> None:
        _, status, *_, has_lease, has_time, node = row
        if status == "running":
            assert has_lease, "I6: running without a lease"
        if status == "waiting":
            assert has_time or node, "I6: waiting for nothing"

    def teardown(self) -> None:
        """However far it came: one worker that is left alone brings everything to its end."""
        if not hasattr(self, "workers"):
            return
        try:
            self.everything_ends()
        finally:
            for worker in self.workers:
                worker.crash()
            self.intake.close()

    def everything_ends(self) -> None:
        for worker in self.workers:
            worker.crash()
        healthy = self.workers[0]
        for _ in range(ROUNDS):
            self.leases_run_out()
            run(f"UPDATE executions_app_execution SET resume_at = {LONG_AGO} WHERE status = 'waiting'")
            self.tick()
            healthy.take(healthy.claimer.expired(50))
            healthy.take(healthy.claimer.queued(50))
            for one in [one for one in list(healthy.runs.values()) for _ in NODES]:
                if one.session.claim.id in healthy.runs and not one.session.is_ending:
                    healthy.act(one, Run.succeed)
            self.the_row_keeps_its_promises()
            if len(self.over) == self.statuses.total():
                return
        raise AssertionError(f"P1: not brought to an end: {self.statuses}")


def run(statement: str) -> list[tuple[Any, ...]]:
    with pool().connection() as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def machine(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> type[Executions]:
    monkeypatch.setattr(writer, "RETRY_S", 0.0)
    hook = live_webhook()
    hook.workflow.team.max_queued = 100_000
    hook.workflow.team.save()
    schedule = Schedule.objects.create(workflow=hook.workflow, node="Webhook", every_s=60, next_fire_at=timezone.now())
    return type("Bound", (Executions,), {"hook": hook, "schedule": schedule})


def play(machine: type[Executions], examples: int, steps: int = STEPS) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
    connections.close_all()


def test_whatever_happens_the_row_keeps_its_promises(machine: type[Executions]) -> None:
    play(machine, EXAMPLES)


def test_a_writer_that_checks_no_epoch_is_found_out(machine: type[Executions], monkeypatch: pytest.MonkeyPatch) -> None:
    without = transitions.COMMIT_HEADS.replace("e.epoch = b.epoch AND ", "")
    assert without != transitions.COMMIT_HEADS
    monkeypatch.setattr(transitions, "COMMIT_HEADS", without)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        play(machine, EXAMPLES * 8)  # found within the first few, as a rule
