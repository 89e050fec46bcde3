"""A run over time."""

from datetime import timedelta
from typing import Any

import pytest

from executions_app.models import Execution
from executions_app.selectors.timeline import Bar, timeline
from executions_app.selectors.turns import node_turns, waiting_marks
from executions_app.tests.selectors.runs import BEGUN, ended, event, items, turn

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def bars(execution: Execution) -> dict[str, Bar]:
    found = timeline(execution, node_turns(execution), lambda name: f"?node={name}", waiting_marks(execution))
    return {bar.label: bar for bar in found}


def kinds(bar: Bar) -> list[str]:
    return [segment.kind for segment in bar.segments]


def at(ms: int) -> Any:
    return BEGUN + timedelta(milliseconds=ms)


def test_the_queue_comes_first_and_is_not_a_link():
    execution = ended(created_at=BEGUN - timedelta(seconds=3))
    turn(execution, "Start", 0, items({}))
    first, second = bars(execution).values()
    assert (first.label, first.text, first.href, kinds(first)) == ("In the queue", "3.0 s", "", ["queued"])
    assert (second.label, second.href.endswith("#node-data")) == ("Start", True)


def test_tries_that_failed_stand_apart_from_the_wait_between_them():
    execution = ended(created_at=BEGUN)
    turn(execution, "Call", 0, items({}), attempt=2, finished_at=at(3_000), duration_ms=1_000.0)
    event(execution, 1_000, "node_run_retried", "Call", runIndex=0, attempt=1, delayS=1.0)
    bar = bars(execution)["Call"]
    assert kinds(bar) == ["failed-try", "waiting", "success"]
    assert [round(segment.start) for segment in bar.segments] == [0, 33, 67]
    assert bar.notes == "2 tries, waited 1.0 s"


def test_a_wait_that_is_over_is_told_with_its_length():
    execution = ended(created_at=BEGUN)
    turn(execution, "Wait", 0, items({}), finished_at=at(61_000))
    event(execution, 500, "execution_waiting", "Wait", runIndex=0)
    event(execution, 60_000, "node_run_started", "Wait", runIndex=0)
    bar = bars(execution)["Wait"]
    assert kinds(bar) == ["success", "waiting", "success"]
    assert bar.notes == "waited 59.5 s"


def test_a_run_that_stands_still_shows_it():
    execution = ended(
        status="waiting", reason="webhook", resume_node="Wait", resume_run=0, created_at=BEGUN, finished_at=None
    )
    turn(execution, "Wait", 0, status="started", finished_at=None, duration_ms=None)
    event(execution, 500, "execution_waiting", "Wait", runIndex=0)
    bar = bars(execution)["Wait"]
    assert (bar.status_label, kinds(bar)[-1]) == ("Waiting", "waiting")


def test_a_bar_is_never_too_thin_to_see():
    execution = ended(created_at=BEGUN)
    turn(execution, "Long", 0, items({}), finished_at=at(100_000))
    turn(execution, "Short", 1, items({}), started_at=at(100_000), finished_at=at(100_000))
    short = bars(execution)["Short"].segments[0]
    assert short.width >= 1.5
    assert short.start + short.width <= 100
