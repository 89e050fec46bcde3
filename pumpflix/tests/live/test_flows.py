"""Starts by themselves, waits and calls of workflows, on real worker processes that really die."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from executions_app import doorbell, payload_codec
from executions_app.intake.resume import ResumeCalls
from executions_app.models import Execution
from executions_app.tests.factories import execution_of
from pumpflix.lab.ledger import Ledger, ledger
from workflows_app.models import Schedule
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

# Written down at once; its first call is answered so late that the test has long done what it wants to do meanwhile.
HANGS = "?delay_ms=60000&delay_first=1"
AFTER = node("After", "set", 3.4, **assign(ok=True))


@pytest.fixture
def book():
    with ledger() as found:
        yield found


def status_of(execution: Execution) -> str:
    execution.refresh_from_db()
    return execution.status


def output_of(execution: Execution, name: str) -> dict[str, Any]:
    return payload_codec.decode(execution.node_runs.get(node=name).output)[0][0]["json"]


def test_two_workers_fire_every_second_of_a_schedule_once(start_worker, until) -> None:
    for _ in range(2):
        start_worker()
    graph = chain(node("Tick", "interval", interval=1, unit="seconds"), AFTER)
    workflow = WorkflowFactory(graph=graph)
    workflows.publish(workflow, by=workflow.created_by)
    until(lambda: Execution.objects.filter(status="success").count() >= 5, 30)
    workflows.unpublish(workflow, by=workflow.created_by)
    keys = sorted(Execution.objects.values_list("trigger_key", flat=True))
    seconds = [int(key[-3:-1]) for key in keys]
    assert [(later - first) % 60 for first, later in itertools.pairwise(seconds)] == [1] * (len(keys) - 1)


def test_a_moment_missed_while_no_worker_lived_is_made_up_for(start_worker, until) -> None:
    workflow = WorkflowFactory(graph=chain(node("Tick", "scheduleTrigger", 1.2), AFTER))
    workflows.publish(workflow, by=workflow.created_by)
    Schedule.objects.update(next_fire_at=timezone.now() - timedelta(hours=3))
    start_worker()
    until(lambda: Execution.objects.filter(status="success", mode="schedule").count() == 1)
    assert Schedule.objects.get().next_fire_at > timezone.now()


def test_a_wait_outlives_its_worker(start_worker, until) -> None:
    first = start_worker()
    hold = node("Hold", "wait", 1.1, amount=2, unit="hours")
    execution = execution_of(chain(node("Start", "manualTrigger"), hold, AFTER))
    doorbell.ring()
    until(lambda: status_of(execution) == "waiting")
    assert timedelta(minutes=119) < execution.resume_at - timezone.now() < timedelta(hours=2)
    first.kill()
    Execution.objects.update(resume_at=timezone.now())
    second = start_worker()
    until(lambda: status_of(execution) == "success")
    assert (execution.worker_pid, execution.epoch) == (second.pid, 2)
    assert execution.node_runs.count() == 3


def test_an_expression_gives_the_address_that_ends_the_wait(start_worker, until) -> None:
    start_worker()
    link = node("Link", "set", 3.4, **assign(url="={{ $execution.resumeUrl }}"))
    hold = node("Hold", "wait", 1.1, resume="webhook", httpMethod="POST")
    execution = execution_of(chain(node("Start", "manualTrigger"), link, hold, AFTER))
    doorbell.ring()
    until(lambda: status_of(execution) == "waiting")
    assert post(output_of(execution, "Link")["url"], {"answer": 42}) == 200
    until(lambda: status_of(execution) == "success")
    assert output_of(execution, "After")["body"] == {"answer": 42}


def post(url: str, body: dict[str, Any]) -> int:
    async def ask() -> int:
        transport = httpx.ASGITransport(app=ResumeCalls())
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.post(url, json=body)).status_code

    return asyncio.run(ask())


def test_a_killed_worker_costs_the_called_run_only_its_last_step(start_worker, book: Ledger, until) -> None:
    pays = [
        node(f"Pay {path}", "httpRequest", 4.2, method="POST", url=f"{book.url}/{path}", options={})
        for path in ("one", f"two{HANGS}", "three")
    ]
    called = WorkflowFactory(graph=chain(node("Called", "executeWorkflowTrigger", 1), *pays))
    call = node("Call", "executeWorkflow", 1.1, workflowId=str(called.pk), options={})
    execution = owned_caller(called, call)
    first = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    doorbell.ring()
    book.wait_for(1, path="/two")
    first.kill()
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    until(lambda: status_of(execution) == "success", 30)
    assert [call.path for call in book.calls()] == ["/one", "/two", "/two", "/three"]
    assert len({call.key for call in book.calls()}) == 3
    child = execution.children.get()
    assert (child.status, child.epoch) == ("success", 2)


def owned_caller(called, call: dict[str, Any]) -> Execution:
    """A queued run, in the team of the workflow it calls."""
    graph = chain(node("Start", "manualTrigger"), call, AFTER)
    workflow = WorkflowFactory(membership=None, team=called.team, created_by=called.created_by, graph=graph)
    version = workflows.versions.snapshot(workflow, reason="run")
    return Execution.objects.create(
        team=called.team, workflow=workflow, version=version, mode="manual", start_node="Start"
    )
