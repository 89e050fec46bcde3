"""Workflows that call workflows, on real rows: results, errors, who may be called, crashes and waits on the way."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app import payload_codec
from executions_app.adapters.workflows import WorkflowsAdapter, call_key
from executions_app.models import Execution
from executions_app.runner.execute import open_session
from executions_app.runner.ticker import end_orphans, wake_due_waits
from executions_app.services import cancel
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, expire
from workflows_app.engine.ports import CallSite
from workflows_app.models import Workflow
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

CALLED = node("Called", "executeWorkflowTrigger", 1)
URL = "https://api.example/charge"


@pytest.fixture
def member():
    return WorkflowFactory().created_by


def workflow_of(member, *nodes, **fields) -> Workflow:
    team = member.memberships.get().team
    return WorkflowFactory(membership=None, team=team, created_by=member, graph=chain(*nodes), **fields)


def greeting(member, **fields) -> Workflow:
    return workflow_of(member, CALLED, node("Shape", "set", 3.4, **assign(greeting="Hello")), **fields)


def calls(workflow_id, name="Call", **settings):
    return node(name, "executeWorkflow", 1.1, workflowId=str(workflow_id), options={}) | settings


def caller(member, *nodes, items=({"json": {"n": 1}}, {"json": {"n": 2}})) -> Execution:
    workflow = workflow_of(member, node("Start", "manualTrigger"), *nodes)
    version = workflows.versions.snapshot(workflow, reason="run", by=member)
    return Execution.objects.create(
        team=workflow.team,
        workflow=workflow,
        version=version,
        mode="manual",
        start_node="Start",
        trigger_items=payload_codec.encode(list(items)),
    )


def output_of(execution, name):
    return [item["json"] for item in payload_codec.decode(execution.node_runs.get(node=name).output)[0]]


def error_of(execution):
    return payload_codec.decode(execution.error)


def test_the_caller_goes_on_with_what_the_called_one_made(parts: Parts, member):
    execution = parts.run(caller(member, calls(greeting(member).pk)))
    assert execution.status == "success"
    assert output_of(execution, "Call") == [{"n": 1, "greeting": "Hello"}, {"n": 2, "greeting": "Hello"}]
    called = execution.children.get()
    assert (called.status, called.mode, called.depth, called.root_id) == ("success", "sub", 1, execution.pk)
    assert called.trigger_key == f"sub:{execution.pk.hex}:Call:0:0"
    assert called.node_runs.count() == 2
    assert called.events.exists()


def test_once_for_each_item_is_a_run_each(parts: Parts, member):
    call = calls(greeting(member).pk)
    call["parameters"]["mode"] = "each"
    execution = parts.run(caller(member, call))
    assert [item["n"] for item in output_of(execution, "Call")] == [1, 2]
    assert execution.children.count() == 2


def test_large_items_go_by_reference(parts: Parts, member):
    text = "".join(chr(97 + number * 7 % 26) for number in range(90_000))
    execution = parts.run(caller(member, calls(greeting(member).pk), items=[{"json": {"text": text}}]))
    assert execution.status == "success"
    assert len(execution.children.get().trigger_items) < 1000


def test_the_version_that_is_switched_on_is_called_not_the_draft(parts: Parts, member):
    target = greeting(member)
    workflows.publish(target, by=member)
    graph = chain(CALLED, node("Shape", "set", 3.4, **assign(greeting="Draft")))
    workflows.save_draft(target, graph=graph, by=member, lock_version=target.lock_version)
    assert output_of(parts.run(caller(member, calls(target.pk))), "Call")[0]["greeting"] == "Hello"


def test_an_error_reaches_the_caller_with_the_run_that_has_it(parts: Parts, member):
    target = workflow_of(member, CALLED, node("Stop", "stopAndError", errorMessage="No stock left"))
    execution = parts.run(caller(member, calls(target.pk)))
    called = execution.children.get()
    assert (execution.status, called.status) == ("error", "error")
    error = error_of(execution)
    assert "No stock left" in error["message"]
    assert error["context"]["executionId"] == str(called.pk)


@pytest.mark.parametrize("status", ["error", "crashed", "canceled"])
def test_however_the_called_run_ended_its_caller_is_told(parts: Parts, member, status):
    """It ended while its caller was away, as after a crash of both."""
    called = greeting(member)
    execution = caller(member, calls(called.pk), items=[{"json": {"n": 1}}])
    key = call_key(execution.pk, CallSite("Call", 0, 0, 0), 0)
    ended = execution_of(called.graph, trigger_key=key, status=status, finished_at=timezone.now(), mode="sub")
    Execution.objects.filter(pk=ended.pk).update(team=execution.team, parent=execution, depth=1)
    assert parts.run(execution).status == "error"
    told = error_of(execution)
    assert (told["code"], told["context"]["status"]) == ("sub_workflow_failed", status)


def test_a_retry_calls_anew(parts: Parts, member):
    target = workflow_of(member, CALLED, node("Stop", "stopAndError", errorMessage="No"))
    call = calls(target.pk, retryOnFail=True, maxTries=2, waitBetweenTries=0)
    execution = parts.run(caller(member, call))
    assert sorted(child.trigger_key.count(":") for child in execution.children.all()) == [4, 6]


@pytest.mark.parametrize("whose", ["another team", "deleted", "private of somebody else", "no id"])
def test_what_may_not_be_seen_is_not_found(parts: Parts, member, whose):
    target = greeting(member)
    if whose == "another team":
        target = WorkflowFactory(graph=chain(CALLED))
    if whose == "deleted":
        Workflow.objects.filter(pk=target.pk).update(deleted_at=timezone.now())
    if whose == "private of somebody else":
        Workflow.objects.filter(pk=target.pk).update(visibility="private", created_by=WorkflowFactory().created_by)
    execution = parts.run(caller(member, calls("nonsense" if whose == "no id" else target.pk)))
    assert (execution.status, execution.error_code) == ("error", "workflow_not_found")
    assert not execution.children.exists()


def test_a_circle_is_refused(parts: Parts, member):
    first, second = greeting(member), greeting(member)
    for one, other in ((first, second), (second, first)):
        one.graph = chain(CALLED, calls(other.pk))
        one.save()
    execution = parts.run(caller(member, calls(first.pk)))
    assert execution.status == "error"
    assert "already running further up" in error_of(execution)["message"]
    assert Execution.objects.count() == 3


@pytest.mark.parametrize("levels, status", [(10, "success"), (11, "error")])
def test_ten_levels_are_enough(parts: Parts, member, levels, status):
    target = greeting(member)
    for _ in range(levels - 1):
        target = workflow_of(member, CALLED, calls(target.pk))
    execution = parts.run(caller(member, calls(target.pk)))
    assert execution.status == status
    assert max(Execution.objects.values_list("depth", flat=True)) == 10


def test_a_workflow_without_a_start_for_others_is_refused(parts: Parts, member):
    target = workflow_of(member, node("Hook", "webhook", 2, path="x"))
    assert parts.run(caller(member, calls(target.pk))).error_code == "no_start_node"


def test_a_called_run_is_nobody_elses_to_claim(parts: Parts, member):
    target = workflow_of(member, CALLED, node("Pay", "httpRequest", 4.2, method="POST", url=URL, options={}))
    execution = caller(member, calls(target.pk))
    parts.gate.clear()
    parts.runner.take()
    session = wait_for(lambda: parts.calls and parts.runner.session(execution.pk))
    called = execution.children.get()
    expire(called)
    assert parts.claimer.expired(10) == []
    assert session is not None
    parts.gate.set()
    parts.runner.drain()


def wait_for(holds):
    """What it gives once it is true; fails after ten seconds."""
    deadline = time.monotonic() + 10
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


def test_after_a_crash_the_called_run_goes_on_where_it_was(parts: Parts, member):
    pay = [node(name, "httpRequest", 4.2, method="POST", url=URL, options={}) for name in ("One", "Two")]
    execution = caller(member, calls(workflow_of(member, CALLED, *pay).pk), items=[{"json": {}}])
    other = Parts(owner="other")
    try:
        release = hold_second_call(other)
        other.runner.take()
        wait_for(lambda: len(other.calls) == 2)
        expire(execution)
        parts.record_calls = True
        parts.runner.take(with_expired=True)
        wait_for(lambda: Execution.objects.get(pk=execution.pk).status == "success")
        release.set()
    finally:
        other.close()
    called = execution.children.get()
    assert (called.status, called.epoch) == ("success", 2)
    assert [site.node for site, _ in parts.calls] == ["Two"]


@pytest.fixture
def died(parts: Parts, member):
    """A run that two workers died over, both within the first of two calls that it makes `levels` of runs below it."""
    others = []

    def make(levels: int) -> Execution:
        pay = [node(name, "httpRequest", 4.2, method="POST", url=URL, options={}) for name in ("One", "Two")]
        target = workflow_of(member, CALLED, *pay)
        for _ in range(levels - 1):
            target = workflow_of(member, CALLED, calls(target.pk))
        execution = caller(member, calls(target.pk), items=[{"json": {}}])
        other = Parts(owner="other")
        others.append(other)
        other.gate.clear()
        other.runner.take()
        wait_for(lambda: other.calls)
        Execution.objects.filter(pk=execution.pk).update(crash_count=1)
        expire(execution)
        return execution

    yield make
    for other in others:
        other.close()


@pytest.mark.parametrize("levels", [1, 2])
def test_a_result_of_a_called_run_takes_the_suspicion_from_its_caller(parts: Parts, died, levels):
    """Workers that end hours apart, with hundreds of results between them, are no reason to give a run up."""
    execution = died(levels)
    release = hold_second_call(parts)
    parts.runner.take(with_expired=True)
    wait_for(lambda: len(parts.calls) == 2)
    session = parts.runner.session(execution.pk)
    wait_for(lambda: Execution.objects.get(pk=execution.pk).crash_count == 0)
    wait_for(lambda: not session.is_on_last_chance)
    release.set()
    wait_for(lambda: Execution.objects.get(pk=execution.pk).status == "success")


def test_a_called_run_that_gets_no_further_does_not(parts: Parts, died):
    execution = died(1)
    parts.gate.clear()
    parts.runner.take(with_expired=True)
    wait_for(lambda: parts.calls)
    session = parts.runner.session(execution.pk)
    session.flush()
    assert session.is_on_last_chance
    assert Execution.objects.get(pk=execution.pk).crash_count == 2
    parts.gate.set()
    wait_for(lambda: Execution.objects.get(pk=execution.pk).status == "success")


def hold_second_call(parts: Parts):
    """Answers to calls after the first are held back until the event is set."""
    release, gate = threading.Event(), parts.gate

    class Gate:
        def wait(self, seconds):
            return gate.wait(seconds) if len(parts.calls) < 2 else release.wait(seconds)

        def set(self):
            release.set()

    parts.gate = Gate()
    return release


def waiting_caller(parts: Parts, member) -> Execution:
    """A caller whose called run waits for two hours."""
    hold = node("Hold", "wait", 1.1, amount=2, unit="hours")
    target = workflow_of(member, CALLED, hold, node("Shape", "set", 3.4, **assign(late=True)))
    return parts.run(caller(member, calls(target.pk)))


def test_while_the_called_run_waits_its_caller_waits(parts: Parts, member):
    execution = waiting_caller(parts, member)
    called = execution.children.get()
    assert (execution.status, execution.reason) == ("waiting", "workflow")
    assert (called.status, called.reason) == ("waiting", "time")
    assert execution.resume_at == called.resume_at
    Execution.objects.update(resume_at=timezone.now() - timedelta(seconds=1))
    assert wake_due_waits() == 1
    parts.run(execution)
    called.refresh_from_db()
    assert (execution.status, called.status) == ("success", "success")
    assert all(item["late"] for item in output_of(execution, "Call"))


def test_woken_too_early_the_caller_waits_on(parts: Parts, member):
    execution = waiting_caller(parts, member)
    Execution.objects.filter(pk=execution.pk).update(status="queued")
    assert parts.run(execution).status == "waiting"
    assert execution.children.get().status == "waiting"


def test_canceling_ends_both(parts: Parts, member, monkeypatch):
    monkeypatch.setattr("executions_app.services.control.publisher", Silent)
    execution = waiting_caller(parts, member)
    called = execution.children.get()
    cancel(called, by=member)
    execution.refresh_from_db()
    assert (execution.status, called.status) == ("canceled", "canceled")


class Silent:
    def append(self, _):
        pass


def test_a_called_run_whose_caller_is_over_is_ended(parts: Parts, member):
    execution = waiting_caller(parts, member)
    Execution.objects.filter(pk=execution.pk).update(status="crashed", finished_at=timezone.now())
    ago = timezone.now() - timedelta(minutes=1)
    execution.children.update(status="running", lease_until=ago)
    assert end_orphans() == 1
    assert execution.children.get().status == "canceled"


def test_a_run_that_stops_for_a_while_takes_the_called_one_along(parts: Parts, member):
    target = workflow_of(member, CALLED, node("Pay", "httpRequest", 4.2, method="POST", url=URL, options={}))
    execution = caller(member, calls(target.pk), items=[{"json": {}}])
    parts.gate.clear()
    parts.runner.take()
    wait_for(lambda: parts.calls)
    parts.runner.park_all()
    wait_for(lambda: Execution.objects.get(pk=execution.pk).status == "queued")
    parts.gate.set()
    assert parts.run(execution).status == "success"
    assert execution.children.get().status == "success"


def test_keys_of_calls_fit_their_column_and_differ():
    execution = execution_of()
    long = call_key(execution.pk, CallSite("ü" * 300, 0, 0, 0), 0)
    assert len(long) <= 200
    places = [CallSite("A", 0, 0, 0), CallSite("A", 0, 1, 0), CallSite("A", 1, 0, 0), CallSite("A", 0, 0, 1)]
    assert len({call_key(execution.pk, place, 0) for place in places}) == 4


EXPORT = chain(CALLED, node("Shape", "set", 3.4, **assign(greeting="From JSON")))


def given(graph=EXPORT, **parameters):
    return node("Call", "executeWorkflow", 1.2, source="parameter", workflowJson=json.dumps(graph), **parameters)


def test_an_export_is_called_as_a_part_of_the_calling_workflow(parts: Parts, member):
    execution = parts.run(caller(member, given()))
    assert output_of(execution, "Call") == [{"n": 1, "greeting": "From JSON"}, {"n": 2, "greeting": "From JSON"}]
    called = execution.children.get()
    assert (called.workflow_id, called.version.reason) == (execution.workflow_id, "called")


def test_an_error_in_an_export_reaches_the_caller(parts: Parts, member):
    graph = chain(CALLED, node("Stop", "stopAndError", errorMessage="No stock left"))
    execution = parts.run(caller(member, given(graph)))
    assert "No stock left" in error_of(execution)["message"]


def test_an_export_that_calls_itself_ends_at_the_deepest_level(parts: Parts, member):
    graph = chain(CALLED, node("Last", "noOp"))
    for _ in range(11):
        graph = chain(CALLED, given(graph))
    execution = parts.run(caller(member, given(graph)))
    assert "more than 10 levels deep" in error_of(execution)["message"]


def test_an_export_without_a_start_is_refused(parts: Parts, member):
    execution = parts.run(caller(member, given(chain(node("Shape", "noOp")))))
    assert error_of(execution)["code"] == "no_start_node"


def by_itself(workflow_id):
    return calls(workflow_id) | {
        "parameters": {"workflowId": str(workflow_id), "options": {"waitForSubWorkflow": False}}
    }


def test_a_run_that_nobody_waits_for_goes_on_by_itself(parts: Parts, member):
    target = workflow_of(member, CALLED, node("Stop", "stopAndError", errorMessage="No"))
    execution = parts.run(caller(member, by_itself(target.pk)))
    assert (execution.status, output_of(execution, "Call")) == ("success", [{"n": 1}, {"n": 2}])
    started = Execution.objects.get(workflow=target)
    assert (started.status, started.mode, started.parent, started.depth) == ("error", "sub", None, 1)


def test_a_repeat_after_a_crash_starts_it_once(parts: Parts, member):
    target = greeting(member)
    execution = caller(member, by_itself(target.pk))

    def start(claim) -> str:
        adapter = WorkflowsAdapter(open_session(claim, parts.writer)[0], parts.ports, ring=lambda: None)
        return adapter.start(CallSite("Call", 0, 0, 0), str(target.pk), [])

    first = start(parts.claimer.queued(1)[0])
    expire(execution)
    assert start(parts.claimer.expired(1)[0]) == first
    assert Execution.objects.filter(workflow=target).count() == 1


def test_workflows_that_start_themselves_by_themselves_end_at_the_deepest_level(parts: Parts, member):
    target = greeting(member)
    target.graph = chain(CALLED, by_itself(target.pk))
    target.save()
    execution = parts.run(caller(member, by_itself(target.pk)))
    started = Execution.objects.filter(workflow=target).order_by("depth")
    assert execution.status == "success"
    assert [one.status for one in started] == ["success"] * 9 + ["error"]
    assert started.last().error_code == "workflows_too_deep"
