"""Draining: a doorbell's call holds on until what it started is over."""

import json
import threading
import time
from uuid import UUID

import psycopg
import pytest

from executions_app import payload_codec
from executions_app.models import Execution
from executions_app.runner import drain
from executions_app.tests.factories import ExecutionFactory, execution_of
from executions_app.tests.parts import Parts
from executions_app.tests.runner.test_execute import calling

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def test_a_drain_holds_until_its_runs_are_over(parts: Parts, until) -> None:
    execution_of(calling("A"))
    parts.gate.clear()
    thread = threading.Thread(target=parts.runner.drain)
    thread.start()
    until(lambda: len(parts.calls) == 1)
    assert thread.is_alive()
    parts.gate.set()
    thread.join(10)
    assert not thread.is_alive()
    assert Execution.objects.get().status == "success"


def test_never_more_than_its_slots(transactional_db: None, until) -> None:
    parts = Parts(slots=2)
    first = execution_of(calling("A"))
    ExecutionFactory.create_batch(4, version=first.version)
    parts.gate.clear()
    assert len(parts.runner.take()) == 2
    assert parts.runner.take() == []
    parts.gate.set()
    parts.runner.drain()
    until(lambda: set(Execution.objects.values_list("status", flat=True)) == {"success"})
    parts.close()


def test_a_team_below_its_share_waits_for_no_end_of_anothers_run(transactional_db: None, until) -> None:
    parts = Parts(slots=8)
    crowd = execution_of(calling("A"))
    ExecutionFactory.create_batch(19, version=crowd.version)
    parts.gate.clear()
    assert len(parts.runner.take()) == 8
    other = execution_of(calling("A"))
    assert parts.runner.take() == [other.pk]
    until(lambda: len(parts.calls) == 9)
    parts.gate.set()
    parts.runner.drain()
    until(lambda: set(Execution.objects.values_list("status", flat=True)) == {"success"})
    parts.close()


def test_a_drain_whose_runs_are_over_at_once_goes_on_with_the_rest(
    transactional_db: None, until, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = Parts(slots=2)
    first = execution_of()
    ExecutionFactory.create_batch(4, version=first.version)
    take = parts.runner.take

    def take_and_be_late() -> list[UUID]:
        taken = take()
        until(lambda: not parts.runner.sessions)
        return taken

    monkeypatch.setattr(parts.runner, "take", take_and_be_late)
    parts.runner.drain()
    assert set(Execution.objects.values_list("status", flat=True)) == {"success"}
    parts.close()


def test_a_stopping_worker_claims_nothing(parts: Parts) -> None:
    execution_of()
    parts.runner.stop_claiming()
    parts.runner.drain()
    assert Execution.objects.get().status == "queued"


def test_parked_runs_are_queued_for_the_next_worker(parts: Parts, until) -> None:
    execution = execution_of(calling("A", "B"))
    parts.gate.clear()
    parts.runner.take()
    until(lambda: len(parts.calls) == 1)
    parts.runner.stop_claiming()
    assert not parts.runner.wait_idle(time.monotonic())
    parts.runner.park_all()
    assert parts.runner.wait_idle(time.monotonic() + 10)
    execution.refresh_from_db()
    assert (execution.status, execution.lease_until) == ("queued", None)


def test_a_run_whose_record_cannot_be_read_ends_and_holds_up_nobody(parts: Parts) -> None:
    answer = payload_codec.encode({"items": [{"json": {}, "binary": {"a": {"data": "aGk="}}}], "decision": "happened"})
    broken = execution_of(epoch=1, resume_node="Start", resume_run=0, resume_items=answer)
    beside = ExecutionFactory(version=broken.version)
    parts.runner.drain()
    broken.refresh_from_db()
    beside.refresh_from_db()
    assert (beside.status, beside.crash_count) == ("success", 0)
    assert (broken.status, broken.error_code, broken.lease_until) == ("error", "record_unreadable", None)
    assert "cannot be read" in broken.error_text
    assert json.loads(bytes(broken.events.order_by("seq").last().body))["status"] == "error"


def test_a_claim_that_cannot_be_opened_is_left_to_its_lease(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_):
        raise psycopg.OperationalError("away")

    execution_of()
    monkeypatch.setattr(drain, "open_session", away)
    assert parts.runner.take() == []
    assert Execution.objects.get().status == "running"
