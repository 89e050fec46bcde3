"""Listening: it shows calls. What is switched on goes on as it was published, whatever its draft says."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from executions_app.models import Execution, InboundEvent
from executions_app.tests.intake.test_ingest import Front, running
from workflows_app.errors import Unsuitable
from workflows_app.models import Webhook, Workflow
from workflows_app.services import credentials, listening, workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

SIGNED = {"x-door": "s3cret-of-the-webhook", "idempotency-key": "order-7"}


@pytest.fixture
async def front(transactional_db: None) -> AsyncIterator[Front]:
    async with running() as made:
        yield made


@sync_to_async
def guarded() -> tuple[Workflow, str]:
    """A workflow that is on and asks its callers for a header, and where it is called."""
    workflow = WorkflowFactory()
    fields = {"name": "X-Door", "value": SIGNED["x-door"]}
    door = credentials.create(
        team=workflow.team, by=workflow.created_by, name="Door", type="httpHeaderAuth", fields=fields
    )
    graph = webhook_chain()
    graph["nodes"][0]["parameters"]["authentication"] = "headerAuth"
    graph["nodes"][0]["credentials"] = {"httpHeaderAuth": {"id": str(door.pk), "name": door.name}}
    workflow.graph = graph
    workflow.save()
    workflows.publish(workflow, by=workflow.created_by)
    return workflow, f"/hook/{workflow.webhooks.get().token}"


def drafted(workflow: Workflow, graph: dict[str, Any]) -> None:
    workflows.save_draft(workflow, graph=graph, by=workflow.created_by, lock_version=workflow.lock_version)


def renamed() -> dict[str, Any]:
    graph = webhook_chain()
    graph["nodes"][0]["name"] = "Open door"
    graph["connections"]["Open door"] = graph["connections"].pop("Webhook")
    return graph


@sync_to_async
def heard(workflow: Workflow, draft: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The rows before and after somebody listens with that draft."""

    def rows() -> list[Any]:
        names = ("pk", "node", "token", "path", "methods", "response_mode", "options", "is_live")
        return list(Webhook.objects.filter(workflow=workflow).order_by("node").values(*names))

    drafted(workflow, draft)
    before = rows()
    listening.listen(workflow, by=workflow.created_by)
    return before, rows()


@pytest.mark.parametrize(
    "draft",
    [webhook_chain(), renamed(), webhook_chain("elsewhere", "lastNode", "GET"), manual_set(greeting="Hello")],
    ids=["unsigned", "renamed", "elsewhere", "without"],
)
async def test_listening_to_what_is_on_leaves_its_webhooks_as_they_were_published(front, draft) -> None:
    workflow, url = await guarded()
    first = await front.client.post(url, json={}, headers=SIGNED)
    assert first.status_code == 200
    before, after = await heard(workflow, draft)
    assert after == before
    # Another web process has no old row in its memory.
    async with running() as other:
        assert (await other.client.post(url, json={})).status_code == 403
        again = await other.client.post(url, json={}, headers=SIGNED)
        assert again.headers["x-pumpflix-execution"] == first.headers["x-pumpflix-execution"]
        assert await sync_to_async(InboundEvent.objects.count)() == 1
        await other.client.post(url, json={}, headers=SIGNED | {"idempotency-key": "order-8"})
    versions = {row async for row in Execution.objects.values_list("version_id", flat=True)}
    assert versions == {workflow.live_version_id}


async def test_listening_to_what_is_off_runs_the_draft_and_switches_nothing_on(front) -> None:
    workflow = await sync_to_async(WorkflowFactory)(graph=webhook_chain())
    _, [row] = await heard(workflow, webhook_chain("elsewhere"))
    assert (row["path"], row["is_live"]) == ("elsewhere", False)
    assert (await front.client.post(f"/hook/{row['token']}", json={})).status_code == 200
    execution = await Execution.objects.select_related("version").aget()
    assert execution.version.graph == webhook_chain("elsewhere")


def test_one_that_somebody_publishes_just_before_is_on_and_stays_so() -> None:
    workflow = WorkflowFactory(graph=webhook_chain())
    stale = Workflow.objects.get(pk=workflow.pk)
    workflows.publish(workflow, by=workflow.created_by)
    listening.listen(stale, by=workflow.created_by)
    assert workflow.webhooks.get().is_live


async def test_what_is_switched_off_while_somebody_listens_refuses_calls(front) -> None:
    workflow, url = await guarded()
    await heard(workflow, webhook_chain())
    await sync_to_async(workflows.unpublish)(workflow, by=workflow.created_by)
    assert (await front.client.post(url, json={}, headers=SIGNED)).status_code == 404


@pytest.mark.parametrize("is_on", [True, False], ids=["on", "off"])
def test_without_a_webhook_there_is_nothing_to_hear(is_on: bool) -> None:
    """A webhook that only the draft of a live workflow has cannot be called before it is published."""
    workflow = WorkflowFactory(graph=manual_set(greeting="Hello"))
    if is_on:
        workflows.publish(workflow, by=workflow.created_by)
        drafted(workflow, webhook_chain())
    with pytest.raises(Unsuitable) as refused:
        listening.listen(workflow, by=workflow.created_by)
    assert refused.value.instance_code == "no_webhook"
    assert not workflow.webhooks.exists()
