"""The writer: many executions in one commit, one bad row alone, and no doubt about a lost acknowledgement."""

from datetime import UTC, datetime
from types import SimpleNamespace

import psycopg
import pytest

from executions_app import database
from executions_app.models import Execution, ExecutionEvent, NodeRun
from executions_app.runner import rows
from executions_app.runner.execute import open_session
from executions_app.runner.writer import PART_BYTES, Writer, in_parts
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from executions_app.tests.parts import Parts, elsewhere, expire
from workflows_app.engine import events
from workflows_app.engine.items import Item

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def finish(session, node: str = "A", status="success") -> None:
    session.record(events.NodeRunFinished(node, 0, 0, NOW, 1.0, [[Item(json={})]], ()))
    session.record(events.ExecutionFinished(status, NOW, node))


def claimed(parts: Parts, count: int):
    ExecutionFactory.create_batch(count, version=VersionFactory())
    return [open_session(claim, parts.writer)[0] for claim in parts.claimer.queued(count)]


def statuses() -> list[str]:
    return sorted(Execution.objects.values_list("status", flat=True))


def test_executions_end_in_few_commits(parts: Parts, until) -> None:
    for session in claimed(parts, 20):
        finish(session)
    until(lambda: statuses() == ["success"] * 20)
    assert NodeRun.objects.count() == 20
    assert len(parts.published) == 20


def test_a_fenced_execution_leaves_no_row_and_the_others_do(parts: Parts, until) -> None:
    mine, lost = claimed(parts, 2)
    elsewhere(Execution.objects.get(pk=lost.claim.id))
    for session in (mine, lost):
        finish(session)
    until(lambda: lost.is_lost and statuses() == ["running", "success"])
    assert not NodeRun.objects.filter(execution=lost.claim.id).exists()
    assert not ExecutionEvent.objects.filter(execution=lost.claim.id).exists()


def test_one_bad_row_fails_one_run(parts: Parts, until) -> None:
    sessions = claimed(parts, 9)
    for number, session in enumerate(sessions):
        finish(session, node="bad\x00name" if number == 4 else "A")
    until(lambda: statuses() == ["error"] + ["success"] * 8)
    bad = Execution.objects.get(status="error")
    assert bad.pk == sessions[4].claim.id
    assert bad.error_code == "not_recordable"


def test_a_row_that_is_there_already_fails_its_run_alone(parts: Parts, until) -> None:
    first, second = claimed(parts, 2)
    first.record(events.NodeRunFinished("A", 0, 0, NOW, 1.0, [[]], ()))
    first.flush()
    finish(first)
    finish(second)
    until(lambda: statuses() == ["error", "success"])


class Flaky:
    """Connections that break once: `before` the commit, or `after` it, when only the acknowledgement is lost."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
        self.left = 1
        self.when = when
        self.write = rows.write
        monkeypatch.setattr(rows, "write", self)

    def __call__(self, connection, commits):
        if self.left and self.when == "before":
            self.left -= 1
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        held = self.write(connection, commits)
        if self.left:
            self.left -= 1
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return held


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_broken_connection_loses_and_doubles_nothing(
    when, monkeypatch: pytest.MonkeyPatch, parts: Parts, until
) -> None:
    Flaky(monkeypatch, when)
    for session in claimed(parts, 3):
        finish(session)
    until(lambda: statuses() == ["success"] * 3)
    assert NodeRun.objects.count() == 3
    assert ExecutionEvent.objects.count() == 6


def test_a_lost_acknowledgement_in_the_middle_keeps_the_session(
    monkeypatch: pytest.MonkeyPatch, parts: Parts, until
) -> None:
    (session,) = claimed(parts, 1)
    Flaky(monkeypatch, "after")
    session.record(events.NodeRunFinished("A", 0, 0, NOW, 1.0, [[]], ()))
    session.flush()
    assert not session.is_lost
    finish(session, "B")
    until(lambda: statuses() == ["success"])
    assert NodeRun.objects.count() == 2


def test_progress_forgives_earlier_crashes(parts: Parts) -> None:
    (session,) = claimed(parts, 1)
    expire(Execution.objects.get(pk=session.claim.id))
    (claim,) = parts.claimer.expired(1)
    again = open_session(claim, parts.writer)[0]
    again.record(events.NodeRunFinished("A", 0, 0, NOW, 1.0, [[]], ()))
    again.flush()
    assert Execution.objects.get().crash_count == 0


def test_stopping_writes_what_there_is(transactional_db: None) -> None:
    parts = Parts()
    (session,) = claimed(parts, 1)
    session.record(events.NodeRunFinished("A", 0, 0, NOW, 1.0, [[]], ()))
    parts.close()
    assert NodeRun.objects.count() == 1


def test_a_writer_at_rest_is_not_stale() -> None:
    assert Writer(lambda _: None, connect=lambda: database.connect(name="x")).stale_s == 0


def test_a_transaction_ends_where_its_payloads_get_large() -> None:
    """While it lasts, heartbeats wait for the rows it locks."""
    large = SimpleNamespace(data=bytes(PART_BYTES // 2))
    pairs = [(None, SimpleNamespace(payloads=payloads)) for payloads in ([], [large], [], [large], [large], [])]
    assert [len(part) for part in in_parts(pairs)] == [4, 2]
    assert list(in_parts([])) == []
