"""Stopping runs, and running them again."""

import pytest

from executions_app import payload_codec
from executions_app.models import Execution, PayloadUse
from executions_app.services import cancel, control, retry, start_sample_run
from executions_app.tests.factories import ExecutionFactory, version_of
from executions_app.transitions import TERMINAL
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control.doorbell, "ring", lambda: True)


@pytest.mark.parametrize("status", ["queued", "waiting"])
def test_what_does_not_run_is_canceled_at_once(status: str, redis_client) -> None:
    execution = ExecutionFactory(status=status)
    cancel(execution, by=execution.workflow.created_by)
    assert (execution.status, execution.finished_at is not None) == ("canceled", True)
    ((_, entry),) = redis_client.xrange("pumpflix:live")
    assert entry == {execution.pk.hex.encode(): b'{"type":"end","status":"canceled"}'}


def test_what_runs_is_asked_to_stop() -> None:
    execution = ExecutionFactory(status="running", lease_until="2099-01-01T00:00:00Z")
    cancel(execution, by=execution.workflow.created_by)
    assert (execution.status, execution.cancel_requested) == ("running", True)


@pytest.mark.parametrize("status", TERMINAL)
def test_what_is_over_stays_as_it_is(status: str) -> None:
    execution = ExecutionFactory(status=status, finished_at="2026-01-01T00:00:00Z")
    cancel(execution, by=execution.workflow.created_by)
    assert (execution.status, execution.cancel_requested) == (status, False)


def test_a_retry_is_a_new_execution_of_the_same_version() -> None:
    items = payload_codec.encode([{"json": {"n": 1}}])
    execution = ExecutionFactory(
        status="error", finished_at="2026-01-01T00:00:00Z", trigger_items=items, mode="webhook"
    )
    again = retry(execution, by=execution.workflow.created_by)
    assert (again.status, again.mode, again.retry_of) == ("queued", "retry", execution)
    assert (again.version_id, bytes(again.trigger_items)) == (execution.version_id, items)
    assert Execution.objects.get(pk=execution.pk).status == "error"


def test_a_sample_stays_a_sample_and_keeps_its_payloads() -> None:
    execution = start_sample_run(version_of(manual_set(a=1)))
    again = retry(execution, by=execution.workflow.created_by)
    assert (again.mode, again.cassette_ref) == ("sample", execution.cassette_ref)
    assert PayloadUse.objects.filter(execution=again).count() == 1
