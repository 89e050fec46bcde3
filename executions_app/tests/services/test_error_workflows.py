"""Error workflows: started once by what failed, never by themselves, whatever dies in between."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Team
from executions_app import admission, payload_codec, transitions
from executions_app.models import AlertSent, Execution, Failure
from executions_app.services import alerts, error_workflows, failures
from executions_app.services.alerts import Rules
from executions_app.tests.factories import ExecutionFactory, version_of
from executions_app.tests.parts import Parts, expire
from pumpflix.lib.disk import Disk
from workflows_app.models import Workflow
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

CATCHER = chain(node("Failed", "errorTrigger"), node("After", "set", 3.4, **assign(ok=True)))
BROKEN = chain(node("Hook", "webhook", 2), node("Break", "stopAndError", errorMessage="out of paper"))


@pytest.fixture
def catcher() -> Workflow:
    return WorkflowFactory(graph=CATCHER, name="Catcher")


def failing(catcher: Workflow | None, *, graph=None, mode: str = "webhook", **settings) -> Execution:
    """A queued run that will fail, of a workflow whose settings name the catcher."""
    named = {"errorWorkflow": str(catcher.pk)} if catcher else {}
    graph = graph or BROKEN
    graph = graph | {"settings": {"executionOrder": "v1", **named, **settings}}
    team = {"team": catcher.team} if catcher else {}
    version = version_of(graph, name="Printer", **team)
    return ExecutionFactory(version=version, mode=mode, start_node=graph["nodes"][0]["name"])


def started() -> list[Execution]:
    return list(Execution.objects.filter(mode="error").order_by("created_at"))


def given(execution: Execution) -> dict:
    return payload_codec.decode(execution.trigger_items)[0]["json"]


def test_a_run_that_fails_starts_the_error_workflow_with_what_n8n_gives(parts: Parts, catcher: Workflow) -> None:
    execution = parts.run(failing(catcher))
    assert execution.status == "error"
    assert Failure.objects.get().execution_id == execution.pk
    assert failures.look_after() == 1
    caught = started()[0]
    assert (caught.workflow, caught.start_node) == (catcher, "Failed")
    item = given(caught)
    assert item["workflow"] == {"id": str(execution.workflow_id), "name": "Printer"}
    about = item["execution"]
    assert about["id"] == str(execution.pk)
    assert about["url"].endswith(f"/executions/{execution.pk}")
    assert (about["lastNodeExecuted"], about["mode"]) == ("Break", "webhook")
    assert about["error"]["message"] == "out of paper"
    assert about["error"]["name"]
    assert "retryOf" not in about
    parts.run(caught)
    assert caught.status == "success"
    assert Failure.objects.count() == 0


def test_a_crash_between_start_and_forgetting_starts_nothing_twice(parts: Parts, catcher: Workflow) -> None:
    execution = parts.run(failing(catcher))
    failures.look_after()
    Failure.objects.create(workflow=execution.workflow, execution_id=execution.pk)
    failures.look_after()
    assert len(started()) == 1


@pytest.mark.parametrize("what", ["queue", "disk"])
def test_neither_it_nor_the_alert_of_the_failure_is_refused_for_want_of_room(
    parts: Parts, catcher: Workflow, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    execution = parts.run(failing(catcher))
    target = "https://ops.example.org/"
    alerts.create(execution.workflow, channel="webhook", target=target, rules=Rules(), by=catcher.created_by)
    if what == "queue":
        Team.objects.update(max_queued=0)
    else:
        monkeypatch.setattr(admission, "disk", lambda: Disk(Path("/"), 100))
    assert failures.look_after() == 1
    assert [run.status for run in started()] == ["queued"]
    assert AlertSent.objects.get().event == "failure"
    assert not Failure.objects.exists()


def test_an_error_workflow_that_fails_starts_nothing(parts: Parts) -> None:
    graph = chain(node("Failed", "errorTrigger"), node("Break", "stopAndError", errorMessage="again"))
    execution = parts.run(failing(None, graph=graph, mode="error"))
    assert execution.status == "error"
    failures.look_after()
    assert started() == [execution]


def test_a_workflow_with_an_error_trigger_of_its_own_catches_itself(parts: Parts) -> None:
    graph = {**BROKEN, "nodes": [*BROKEN["nodes"], node("Failed", "errorTrigger")]}
    execution = parts.run(failing(None, graph=graph))
    failures.look_after()
    assert started()[0].workflow == execution.workflow
    assert started()[0].start_node == "Failed"


@pytest.mark.parametrize(
    "settings, count", [({}, 0), ({"pumpflix": {"errorWorkflowOnManual": True}}, 1)], ids=["plain", "asked"]
)
def test_runs_by_hand_count_only_when_asked(parts: Parts, catcher: Workflow, settings, count) -> None:
    parts.run(
        failing(catcher, mode="manual", graph=chain(node("Start", "manualTrigger"), *BROKEN["nodes"][1:]), **settings)
    )
    failures.look_after()
    assert len(started()) == count


def test_a_retry_says_what_it_retries(parts: Parts, catcher: Workflow) -> None:
    first = parts.run(failing(catcher))
    again = ExecutionFactory(version=first.version, mode="retry", start_node="Hook", retry_of=first)
    parts.run(again)
    failures.look_after()
    assert given(started()[-1])["execution"]["retryOf"] == str(first.pk)


def test_a_run_that_crashed_three_times_starts_it_too(parts: Parts, catcher: Workflow, until) -> None:
    execution = failing(catcher)
    parts.open(execution)
    Execution.objects.filter(pk=execution.pk).update(crash_count=2)
    expire(execution)
    parts.runner.take(with_expired=True)
    until(lambda: Execution.objects.get(pk=execution.pk).status == "crashed")
    failures.look_after()
    error = given(started()[0])["execution"]["error"]
    assert error["message"] == Execution.objects.get(pk=execution.pk).error_text
    assert error["message"]


def test_an_outcome_nobody_decided_about_starts_it_too(catcher: Workflow) -> None:
    execution = failing(catcher)
    Execution.objects.filter(pk=execution.pk).update(
        status="waiting", reason="outcome_unknown", resume_at=timezone.now() - timedelta(seconds=1)
    )
    with connection.cursor() as cursor:
        cursor.execute(transitions.EXPIRE_UNKNOWN, {"limit": 10})
    failures.look_after()
    assert len(started()) == 1


def test_a_trigger_that_fails_starts_it_with_the_trigger(catcher: Workflow) -> None:
    workflow = failing(catcher).workflow
    Failure.objects.create(workflow=workflow, node="Feed", error={"message": "No such host.", "code": "resolve_failed"})
    failures.look_after()
    item = given(started()[0])
    assert item["trigger"]["error"]["message"] == "No such host."
    assert (item["trigger"]["mode"], item["trigger"]["error"]["node"]) == ("trigger", {"name": "Feed"})
    assert "execution" not in item


def test_what_ends_well_or_is_canceled_or_a_sample_starts_nothing(parts: Parts, catcher: Workflow) -> None:
    parts.run(failing(catcher, graph=chain(node("Hook", "webhook", 2), node("End", "noOp"))))
    parts.run(failing(catcher, mode="sample"))
    execution = failing(catcher)
    with connection.cursor() as cursor:
        transitions.transition(cursor, execution.pk, "canceled")
    assert Failure.objects.count() == 0


def test_the_error_workflow_of_another_team_or_one_that_is_gone_is_not_started(parts: Parts, catcher: Workflow) -> None:
    execution = failing(catcher)
    Workflow.objects.filter(pk=catcher.pk).update(team=WorkflowFactory().team)
    parts.run(execution)
    failures.look_after()
    assert started() == []


def test_one_failure_that_cannot_be_looked_after_holds_up_no_other(parts, catcher, monkeypatch) -> None:
    bad, good = parts.run(failing(catcher)), parts.run(failing(catcher))
    start = error_workflows.start

    def break_for_bad(failure, execution):
        if execution == bad:
            raise RuntimeError("no")
        return start(failure, execution)

    monkeypatch.setattr(error_workflows, "start", break_for_bad)
    assert failures.look_after() == 1
    assert [given(row)["execution"]["id"] for row in started()] == [str(good.pk)]
    monkeypatch.undo()
    failures.look_after()
    assert len(started()) == 2


def test_a_workflow_that_begins_with_an_error_trigger_can_be_switched_on(catcher: Workflow) -> None:
    assert workflows.publish(catcher, by=catcher.created_by).is_live


def test_an_error_workflow_that_starts_what_failed_once_more_comes_to_an_end(parts: Parts, catcher: Workflow) -> None:
    called = chain(node("Called", "executeWorkflowTrigger"), *BROKEN["nodes"][1:])
    execution = failing(catcher, graph=called, mode="sub")
    again = node("Again", "executeWorkflow", 1.1, workflowId=str(execution.workflow_id))
    again["parameters"]["options"] = {"waitForSubWorkflow": False}
    catcher.graph = chain(node("Failed", "errorTrigger"), again)
    catcher.save()
    for _ in range(30):
        parts.run(execution)
        failures.look_after()
    assert Failure.objects.count() == 0
    assert [(row.depth, row.status) for row in started()] == [
        *((depth, "success") for depth in (1, 3, 5, 7, 9)),
        (11, "error"),
    ]
    assert started()[-1].error_code == "workflows_too_deep"
    assert Execution.objects.count() == 12


def test_what_no_run_failed_in_starts_at_the_top(catcher: Workflow) -> None:
    Failure.objects.create(workflow=failing(catcher).workflow, node="Feed", error={"message": "No such host."})
    failures.look_after()
    assert started()[0].depth == 0
