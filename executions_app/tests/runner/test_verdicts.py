"""Runs that are given up: the node is named, the end is told like any other, nothing of it runs again."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app import payload_codec
from executions_app.models import Execution
from executions_app.runner.execute import open_session
from executions_app.runner.session import Session
from executions_app.runner.ticker import Ticker
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, expire
from executions_app.tests.runner.test_session import SITE, finished, started
from workflows_app.tests.graphs import chain, manual_set, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def taken_over(parts: Parts, execution: Execution) -> Session:
    """Its worker died; another one takes it, without running it."""
    expire(execution)
    (claim,) = parts.claimer.expired(1)
    return open_session(claim, parts.writer)[0]


def crashed_three_times(parts: Parts) -> Execution:
    """In A, without getting further."""
    execution = execution_of()
    session = parts.open(execution)
    for _ in range(2):
        session.record(started("A"))
        session.flush()
        session = taken_over(parts, execution)
    session.barrier(SITE)
    expire(execution)
    return execution


def test_the_third_crash_in_a_node_ends_the_run_and_names_it(parts: Parts, until) -> None:
    execution = crashed_three_times(parts)
    Ticker(parts.runner).tick()
    until(lambda: Execution.objects.get(pk=execution.pk).is_finished)
    execution.refresh_from_db()
    assert (execution.status, execution.reason, execution.error_code) == ("crashed", "poison", "poison")
    assert (execution.crash_node, execution.last_node) == ("A", "A")
    assert execution.lease_until is None
    assert execution.finished_at is not None
    assert "in the node 'A'" in execution.error_text
    assert payload_codec.decode(execution.error)["context"] == {"node": "A"}


def test_its_end_is_the_last_event_and_no_step_is_left_open(parts: Parts, until) -> None:
    execution = crashed_three_times(parts)
    Ticker(parts.runner).tick()
    until(lambda: Execution.objects.get(pk=execution.pk).is_finished)
    last = execution.events.order_by("seq").last()
    assert json.loads(bytes(last.body))["status"] == "crashed"
    assert list(execution.node_runs.values_list("node", "status")) == [("A", "unknown")]
    assert [commit.head.status for commit in parts.published][-1] == "crashed"


def test_a_run_that_was_taken_over_tells_where_it_stands_before_it_goes_there(parts: Parts) -> None:
    """Else a node that ends its worker within milliseconds would have no name."""
    execution = execution_of()
    parts.open(execution)
    session = taken_over(parts, execution)
    session.record(started("A"))
    assert [event.node for event in execution.events.all()] == ["A"]


def test_getting_further_takes_the_suspicion_away(parts: Parts) -> None:
    execution = execution_of(crash_count=1)
    parts.open(execution)
    session = taken_over(parts, execution)
    assert session.is_on_last_chance
    session.record(started("A"))
    session.record(finished("A"))
    session.flush()
    execution.refresh_from_db()
    assert (session.is_on_last_chance, execution.crash_count) == (False, 0)


def test_a_worker_with_one_run_at_stake_takes_no_second(parts: Parts, until) -> None:
    graph = chain(node("Start", "manualTrigger"), node("Call", "httpRequest", 4.2, url="http://x.example", options={}))
    first, second = execution_of(graph, crash_count=1), execution_of(graph, crash_count=1)
    parts.claimer.queued(2)
    parts.gate.clear()
    for execution in (first, second):
        expire(execution)
        # It got as far as this before.
        Execution.objects.filter(pk=execution.pk).update(crash_count=1)
    Ticker(parts.runner).tick()
    assert len(parts.runner.sessions) == 1
    until(lambda: parts.calls)
    # It came to a node it had not come to before, so it is no longer at stake.
    Ticker(parts.runner).tick()
    assert len(parts.runner.sessions) == 2
    parts.gate.set()
    assert parts.runner.wait_idle(time.monotonic() + 10)


def test_a_run_past_its_time_is_ended_by_whoever_looks(parts: Parts, until) -> None:
    execution = execution_of(manual_set(greeting="Hello"))
    held = parts.open(execution)
    held.record(started("A"))
    Execution.objects.update(deadline_at=timezone.now() - timedelta(seconds=6))
    Ticker(parts.runner).tick()
    until(lambda: Execution.objects.get(pk=execution.pk).is_finished)
    execution.refresh_from_db()
    assert (execution.status, execution.reason, execution.error_code) == ("error", "timeout", "node_timeout")
    until(lambda: held.is_lost)


def test_a_workflows_own_limit_is_in_the_row(parts: Parts) -> None:
    graph = {**manual_set(greeting="Hello"), "settings": {"executionOrder": "v1", "executionTimeout": 20}}
    execution = parts.run(execution_of(graph, deadline_at=timezone.now() + timedelta(hours=1)))
    assert execution.status == "success"
    assert execution.deadline_at - execution.started_at < timedelta(seconds=25)


def test_a_wait_has_no_deadline(parts: Parts) -> None:
    graph = chain(node("Start", "manualTrigger"), node("Wait", "wait", 1.1, resume="webhook", options={}))
    execution = parts.run(execution_of(graph, deadline_at=timezone.now() + timedelta(hours=1)))
    assert (execution.status, execution.deadline_at) == ("waiting", None)


def test_a_run_that_got_further_makes_room_for_the_next_at_once(parts: Parts, until) -> None:
    """Those that two workers died over are many: one a tick would keep the last of them waiting for a minute."""
    graph = chain(node("Start", "manualTrigger"), node("Call", "httpRequest", 4.2, url="http://x.example", options={}))
    runs = [execution_of(graph) for _ in range(4)]
    parts.claimer.queued(4)
    for execution in runs:
        expire(execution)
    Execution.objects.update(crash_count=1)
    Ticker(parts.runner).tick()
    until(lambda: set(Execution.objects.values_list("status", flat=True)) == {"success"})
