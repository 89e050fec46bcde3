"""Leases are renewed, cancels are heard, and a process that cannot do either ends itself."""

import psycopg
import pytest

from executions_app import database
from executions_app.models import Execution
from executions_app.runner.heartbeat import Heartbeat, Watchdog
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, elsewhere

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def beating(parts: Parts):
    """A heartbeat that is beaten by hand, with one session."""
    session = parts.open(execution_of())
    parts.runner._running[session.claim.id] = session
    connection = database.connect(name="test")
    yield Heartbeat(parts.runner, lease_s=10, connect=lambda: connection), session
    connection.close()


def row() -> Execution:
    return Execution.objects.get()


def test_a_beat_extends_the_lease(beating) -> None:
    heartbeat, _ = beating
    before = row().lease_until
    heartbeat.beat()
    assert row().lease_until > before
    assert heartbeat.stale_s < 5


def test_a_beat_hears_of_a_cancel(beating) -> None:
    heartbeat, session = beating
    Execution.objects.update(cancel_requested=True)
    heartbeat.beat()
    assert session.is_canceled
    assert not session.is_lost


def test_a_beat_learns_that_the_lease_is_gone(beating) -> None:
    heartbeat, session = beating
    elsewhere(row())
    heartbeat.beat()
    assert session.is_lost


def test_without_sessions_all_is_well_and_the_worker_is_there_to_be_counted(parts: Parts) -> None:
    connected = []
    heartbeat = Heartbeat(parts.runner, lease_s=10, connect=lambda: connected.append(1))
    heartbeat.beat()
    assert heartbeat.stale_s < 1
    assert connected == [1]


def test_a_database_that_is_away_makes_it_stale(parts: Parts) -> None:
    session = parts.open(execution_of())
    parts.runner._running[session.claim.id] = session

    def refuse():
        raise psycopg.OperationalError("away")

    heartbeat = Heartbeat(parts.runner, lease_s=0.01, connect=refuse)
    before = heartbeat.stale_s
    heartbeat.beat()
    assert heartbeat.stale_s > before


def test_it_beats_by_itself_until_stopped(parts: Parts, until) -> None:
    session = parts.open(execution_of())
    parts.runner._running[session.claim.id] = session
    before = row().lease_until
    heartbeat = Heartbeat(parts.runner, lease_s=0.2)
    heartbeat.start()
    until(lambda: row().lease_until != before)
    heartbeat.stop()


def test_the_watchdog_ends_a_stuck_process() -> None:
    ended = []
    watchdog = Watchdog({"writer": lambda: 6.1, "heartbeat": lambda: 0.0}, lease_s=10, fence=lambda: ended.append(1))
    assert not watchdog.check()
    assert ended == [1]


def test_the_watchdog_leaves_a_slow_one_alone() -> None:
    watchdog = Watchdog({"writer": lambda: 5.9}, lease_s=10, fence=lambda: pytest.fail("It was well."))
    assert watchdog.check()


def test_the_watchdog_watches_until_stopped(until) -> None:
    ended, stale = [], [0.0]
    watchdog = Watchdog({"writer": lambda: stale[0]}, lease_s=1, fence=lambda: ended.append(1))
    watchdog.start()
    stale[0] = 99.0
    until(lambda: ended)
    watchdog.stop()


def test_its_time_counts_from_its_start(parts: Parts) -> None:
    """A worker that was long in starting does not take itself for stuck."""
    heartbeat = Heartbeat(parts.runner, lease_s=10)
    heartbeat._last_ok -= 60
    heartbeat.start()
    assert heartbeat.stale_s < 5
    heartbeat.stop()
