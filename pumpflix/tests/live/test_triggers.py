"""Triggers that look, and what follows a failure, on real worker processes that really die."""

from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app import payload_codec
from executions_app.models import Execution, Failure
from executions_app.tests.factories import execution_of
from executions_app.tests.runner.feeds import served_feed
from workflows_app.models import Poll
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

AFTER = node("After", "set", 3.4, **assign(ok=True))
OPEN = {"PUMPFLIX_OUTBOUND_ALLOW": "127.0.0.0/8"}


def test_a_worker_killed_while_it_looks_neither_loses_nor_repeats_an_entry(start_worker, until) -> None:
    with served_feed() as feed:
        feed.entries = ["old"]
        trigger = node("Feed", "rssFeedReadTrigger", feedUrl=feed.url, pollTimes={"item": [{"mode": "everyHour"}]})
        workflow = WorkflowFactory(graph=chain(trigger, AFTER))
        workflows.publish(workflow, by=workflow.created_by)
        first = start_worker(**OPEN)
        until(lambda: Poll.objects.get().polled_at is not None, 30)
        asked = feed.asked
        feed.gate.clear()
        feed.entries = ["new", "old"]
        Poll.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        until(lambda: feed.asked > asked, 30)
        first.kill()
        feed.gate.set()
        start_worker(**OPEN)
        until(lambda: Execution.objects.filter(status="success").count() == 1, 30)
        Poll.objects.update(due_at=timezone.now() - timedelta(seconds=1), polled_at=None)
        until(lambda: Poll.objects.get().polled_at is not None, 30)
        items = payload_codec.decode(Execution.objects.get().trigger_items)
        assert [item["json"]["title"] for item in items] == ["new"]


def test_a_failure_starts_its_error_workflow_within_seconds(start_worker, until) -> None:
    catcher = WorkflowFactory(graph=chain(node("Failed", "errorTrigger"), AFTER))
    start_worker()
    graph = chain(node("Hook", "webhook", 2), node("Break", "stopAndError", errorMessage="out of paper"))
    graph |= {"settings": {"executionOrder": "v1", "errorWorkflow": str(catcher.pk)}}
    execution = execution_of(graph, mode="webhook", start_node="Hook", team=catcher.team)
    execution.workflow.team = catcher.team
    execution.workflow.save()
    until(lambda: Execution.objects.filter(workflow=catcher, status="success").exists(), 20)
    execution.refresh_from_db()
    caught = Execution.objects.get(workflow=catcher)
    assert (caught.created_at - execution.finished_at).total_seconds() < 5
    assert not Failure.objects.exists()
