"""The ticker: due waits, expired leases, and work whose doorbell was lost."""

from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from executions_app.database import pool
from executions_app.models import Execution
from executions_app.runner.ticker import Ticker, wake_due_waits
from executions_app.tests.factories import ExecutionFactory, execution_of
from executions_app.tests.parts import Parts, expire
from executions_app.transitions import CANCEL_WAITING

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

PAST = timezone.now() - timedelta(hours=1)
FUTURE = timezone.now() + timedelta(hours=1)


def status_of(execution: Execution) -> str:
    execution.refresh_from_db()
    return execution.status


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"reason": "time", "resume_at": PAST}, "queued"),
        ({"reason": "time", "resume_at": FUTURE}, "waiting"),
        ({"reason": "webhook", "resume_at": None}, "waiting"),
        ({"reason": "outcome_unknown", "resume_at": PAST}, "error"),
    ],
    ids=["due", "not yet", "until called", "undecided too long"],
)
def test_waits_end_when_they_are_due(fields: dict, expected: str) -> None:
    execution = ExecutionFactory(status="waiting", **fields)
    wake_due_waits()
    assert status_of(execution) == expected


def test_a_run_that_was_canceled_as_it_began_to_wait_ends_with_those_it_called() -> None:
    """Its worker had let go of it before it saw the request."""
    later = timezone.now() + timedelta(hours=2)
    execution = ExecutionFactory(status="waiting", reason="time", resume_at=later, cancel_requested=True)
    called = ExecutionFactory(status="waiting", reason="time", resume_at=later, parent=execution, root_id=execution.pk)
    other = ExecutionFactory(status="waiting", reason="time", resume_at=later)
    wake_due_waits()
    assert [status_of(one) for one in (execution, called, other)] == ["canceled", "canceled", "waiting"]


def scans_of(plan: dict) -> list[dict]:
    """Every scan of the table in a plan that is not the look for what was asked for."""
    below = [part for part in plan.get("Plans", []) if part.get("Subplan Name") != "CTE asked"]
    own = [plan] if plan.get("Relation Name") == "executions_app_execution" and "Scan" in plan["Node Type"] else []
    return own + [scan for part in below for scan in scans_of(part)]


@pytest.mark.parametrize("is_asked", [False, True])
def test_the_table_is_read_for_cancels_only_where_one_was_asked_for(is_asked: bool) -> None:
    for _ in range(3):
        ExecutionFactory(status="success", finished_at=PAST)
    ExecutionFactory(status="waiting", reason="time", resume_at=FUTURE, cancel_requested=is_asked)
    with pool().connection() as connection:
        row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {CANCEL_WAITING}", {"limit": 10}).fetchone()
    assert row is not None
    scans = scans_of(row[0][0]["Plan"])
    assert scans
    assert any(scan["Actual Loops"] > 0 for scan in scans) is is_asked


def test_a_tick_runs_what_no_doorbell_told_of(parts: Parts, until) -> None:
    execution = execution_of()
    Ticker(parts.runner).tick()
    until(lambda: status_of(execution) == "success")


def test_a_tick_takes_over_from_a_silent_worker(parts: Parts, until) -> None:
    execution = execution_of()
    parts.claimer.queued(1)
    expire(execution)
    Ticker(parts.runner).tick()
    until(lambda: status_of(execution) == "success")


def test_a_tick_survives_the_database(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_):
        raise psycopg.OperationalError("away")

    monkeypatch.setattr(parts.runner, "take", away)
    Ticker(parts.runner).tick()


def test_a_process_grown_too_large_is_told_to_leave(parts: Parts) -> None:
    told = []
    Ticker(parts.runner, max_rss_bytes=1, on_too_large=lambda: told.append(1)).tick()
    assert told == [1]


def test_it_ticks_by_itself(parts: Parts, until) -> None:
    execution = execution_of()
    ticker = Ticker(parts.runner)
    ticker.start()
    until(lambda: status_of(execution) == "success")
    ticker.stop()


def test_a_round_that_fails_is_not_the_last(parts: Parts, until) -> None:
    rounds = []

    def look() -> None:
        rounds.append(1)
        raise RuntimeError("a fault of ours")

    ticker = Ticker(parts.runner, looks=(look,))
    ticker.start()
    until(lambda: len(rounds) > 1)
    ticker.stop()
