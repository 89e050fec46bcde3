"""Draining: a doorbell's call holds on until what it started is over."""

import json
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.utils import timezone

from executions_app import payload_codec
from executions_app.models import Execution
from executions_app.runner import drain
from executions_app.tests.factories import ExecutionFactory, execution_of
from executions_app.tests.parts import Parts
from executions_app.tests.runner.test_execute import URL, calling
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse
from workflows_app.tests.graphs import chain, node

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


def test_a_team_below_its_share_waits_for_no_end_of_anothers_run(
    transactional_db: None, until, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The process of the tests may have grown to where a worker takes few at once.
    monkeypatch.setattr(drain, "rss_bytes", lambda: 0)
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


def frozen(seconds_over: int) -> dict[str, object]:
    """A run past its time, whose worker beats and does nothing else."""
    now = timezone.now()
    over, beaten = now - timedelta(seconds=seconds_over), now + timedelta(seconds=60)
    return {"status": "running", "owner": "frozen", "deadline_at": over, "lease_until": beaten}


class Busy:
    """Whoever asks is to come again in a minute."""

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        return HttpResponse(429, "Too Many Requests", (("retry-after", "60"),), b"", request.url)


def test_a_wait_for_another_try_keeps_no_slot_beyond_the_time_of_its_run(transactional_db: None) -> None:
    asking = {**node("Ask", "httpRequest", 4.2, url=URL, options={}), "retryOnFail": True}
    with closing(Parts(slots=1)) as parts:
        parts.runner._make_ports = lambda *given: replace(parts.ports(*given), http=Busy())
        graph = chain(node("Start", "manualTrigger"), asking)
        first = execution_of(graph, deadline_at=timezone.now() + timedelta(seconds=30))
        assert parts.runner.take() == [first.pk]
        second = execution_of()
        thread = threading.Thread(target=parts.runner.drain, daemon=True)
        thread.start()
        thread.join(10)
        second.refresh_from_db()
        assert second.status == "success"
        first.refresh_from_db()
        assert (first.status, first.error_code) == ("error", "remote_error")


@pytest.mark.parametrize("slots", [1, 2])
def test_a_process_ends_its_own_run_past_its_time(transactional_db: None, until, slots: int) -> None:
    """However full it is. What the run still did is let go at once, so that nothing leaves after its end."""
    with closing(Parts(slots=slots)) as parts:
        execution = execution_of(calling("A"))
        parts.gate.clear()
        parts.runner.take()
        until(lambda: parts.calls)
        former = parts.runner.session(execution.pk)
        Execution.objects.update(deadline_at=timezone.now() - timedelta(seconds=6))
        assert parts.runner.take(with_expired=True) == [execution.pk]
        assert former.is_lost
        until(lambda: Execution.objects.get().is_finished)
        execution.refresh_from_db()
        assert (execution.status, execution.reason) == ("error", "timeout")
        until(lambda: not parts.runner.sessions)


def test_with_every_slot_taken_a_few_overdue_runs_are_ended_at_a_time(
    transactional_db: None, until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "OVERDUE_AT_ONCE", 2)
    with closing(Parts(slots=1)) as parts:
        held = execution_of(calling("A"))
        parts.gate.clear()
        parts.runner.take()
        until(lambda: parts.calls)
        ExecutionFactory.create_batch(3, version=held.version, **frozen(6))
        assert len(parts.runner.take(with_expired=True)) == 2
        until(lambda: Execution.objects.filter(status="error", reason="timeout").count() == 2)
        parts.runner.take(with_expired=True)
        until(lambda: Execution.objects.filter(status="error", reason="timeout").count() == 3)
        held.refresh_from_db()
        assert held.status == "running"


def test_a_stopping_worker_claims_nothing(parts: Parts) -> None:
    execution_of()
    ExecutionFactory(**frozen(60))
    parts.runner.stop_claiming()
    parts.runner.drain()
    assert parts.runner.take(with_expired=True) == []
    assert set(Execution.objects.values_list("status", flat=True)) == {"queued", "running"}


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
