"""Stopping runs, and running them again."""

import functools
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from executions_app import payload_codec, payloads
from executions_app.models import Execution, PayloadUse
from executions_app.services import cancel, control, decide, retry, start_sample_run
from executions_app.tests.factories import ExecutionFactory, execution_of, version_of
from executions_app.tests.parts import Parts, expire
from executions_app.tests.runner.test_execute import calling
from executions_app.transitions import TERMINAL
from workflows_app.engine import events
from workflows_app.engine.errors import UserError
from workflows_app.engine.ports import CallSite
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


def test_nobody_is_told_of_the_end_before_it_is_committed(redis_client) -> None:
    """As where the answer of the call is kept in the same commit."""
    execution = ExecutionFactory()
    with transaction.atomic():
        cancel(execution, by=execution.workflow.created_by)
        assert redis_client.xlen("pumpflix:live") == 0
    assert redis_client.xlen("pumpflix:live") == 1


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


@pytest.fixture
def undecided(parts: Parts, until: Any) -> Execution:
    """A run whose worker died in the middle of a call, at a node that is not to be repeated."""
    graph = calling("A")
    graph["nodes"][1]["pumpflix"] = {"onCrash": "stop"}
    execution = execution_of(graph, items=[{"json": {"n": 1}}])
    session = parts.open(execution)
    session.record(events.NodeRunStarted("A", 0, 1, timezone.now(), (1,)))
    session.barrier(CallSite("A", 0, 0, 0))
    session.lose()
    expire(execution)
    parts.runner.take(with_expired=True)
    until(lambda: Execution.objects.filter(pk=execution.pk, reason="outcome_unknown").exists())
    execution.refresh_from_db()
    return execution


@pytest.mark.parametrize(
    "decision, items, calls, status",
    [
        ("run", None, 1, "success"),
        ("happened", [{"json": {"told": True}}], 0, "success"),
        ("happened", None, 0, "success"),
        ("skip", None, 0, "skipped"),
    ],
)
def test_a_person_decides_about_an_unknown_outcome(
    parts: Parts, undecided: Execution, decision: Any, items: Any, calls: int, status: str
) -> None:
    decide(undecided, by=undecided.workflow.created_by, decision=decision, items=items)
    assert undecided.status == "queued"
    assert parts.run(undecided).status == "success"
    assert len(parts.calls) == calls
    turn = undecided.node_runs.get(node="A")
    assert turn.status == status
    if not calls:
        assert payload_codec.decode(turn.output)[0][0]["json"] == ({"told": True} if items else {"n": 1})


def died_again(parts: Parts, execution: Execution, *, in_the_call: bool) -> None:
    """The worker that went on with what was decided dies, before the call or in the middle of it."""
    session = parts.open(execution)
    session.record(events.NodeRunStarted("A", 0, 1, timezone.now(), (1,)))
    session.flush()
    if in_the_call:
        session.barrier(CallSite("A", 0, 0, 0))
    session.lose()
    expire(execution)


def test_a_call_that_is_cut_short_again_is_asked_about_again(parts: Parts, undecided: Execution, until: Any) -> None:
    decide(undecided, by=undecided.workflow.created_by, decision="run")
    died_again(parts, undecided, in_the_call=True)
    parts.runner.take(with_expired=True)
    until(lambda: Execution.objects.filter(pk=undecided.pk, status="waiting").exists())
    undecided.refresh_from_db()
    assert (undecided.reason, undecided.resume_node, undecided.resume_items) == ("outcome_unknown", "A", None)
    assert parts.calls == []
    decide(undecided, by=undecided.workflow.created_by, decision="run")
    assert parts.run(undecided).status == "success"
    assert len(parts.calls) == 1


@pytest.mark.parametrize("decision, calls", [("run", 1), ("happened", 0), ("skip", 0)])
def test_a_decision_that_was_not_acted_on_holds(
    parts: Parts, undecided: Execution, until: Any, decision: Any, calls: int
) -> None:
    decide(undecided, by=undecided.workflow.created_by, decision=decision)
    died_again(parts, undecided, in_the_call=False)
    parts.runner.take(with_expired=True)
    until(lambda: Execution.objects.filter(pk=undecided.pk, status="success").exists())
    assert len(parts.calls) == calls


def test_what_happened_is_told_with_a_file(parts: Parts, undecided: Execution) -> None:
    file = {"data": "aGk=", "mimeType": "text/plain", "fileName": "a.txt"}
    items = [{"json": {}, "binary": {"a": file}}]
    decide(undecided, by=undecided.workflow.created_by, decision="happened", items=items)
    assert parts.run(undecided).status == "success"
    stored = payload_codec.decode(undecided.node_runs.get(node="A").output)[0][0]["binary"]["a"]
    assert (stored["fileName"], payloads.load(undecided.team_id, stored["id"])) == ("a.txt", b"hi")
    assert PayloadUse.objects.filter(execution=undecided).count() == 1


NESTED: Any = functools.reduce(lambda inner, _: [inner], range(600), 0)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"pairedItem": "x"}, id="paired with a word"),
        pytest.param({"pairedItem": {"item": None}}, id="paired with nothing"),
        pytest.param({"pairedItem": float("inf")}, id="paired with the last of all"),
        pytest.param({"pairedItem": NESTED}, id="paired with a deep list"),
        pytest.param({"binary": {"a": {"fileName": "a.txt"}}}, id="a file of neither bytes nor id"),
        pytest.param({"binary": {"a": {"data": "no base64!"}}}, id="a file that is not base64"),
        pytest.param({"binary": {"a": "file"}}, id="a word for a file"),
        pytest.param({"binary": [1]}, id="a list of files"),
        pytest.param({"json": None}, id="no item"),
    ],
)
def test_items_that_no_worker_could_read_decide_nothing(undecided: Execution, more: Any) -> None:
    items = [{"json": {}, **more}]
    with pytest.raises(UserError) as refused:
        decide(undecided, by=undecided.workflow.created_by, decision="happened", items=items)
    assert refused.value.instance_code == "items_invalid"
    undecided.refresh_from_db()
    assert (undecided.status, undecided.resume_items) == ("waiting", None)


def test_nothing_is_decided_twice_or_about_another_wait(parts: Parts, undecided: Execution) -> None:
    decide(undecided, by=undecided.workflow.created_by, decision="skip")
    for execution in (undecided, ExecutionFactory(status="waiting", reason="webhook", resume_node="A", resume_run=0)):
        with pytest.raises(UserError, match="does not wait for a decision"):
            decide(execution, by=execution.workflow.created_by, decision="run")
