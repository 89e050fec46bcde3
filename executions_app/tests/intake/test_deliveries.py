"""One delivery, one run: numbers of senders for a week, keys for a day, each for its own webhook."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from executions_app.intake.deliveries import KEPT, KEY_KEPT, Call, delivery_of
from executions_app.models import Execution, InboundEvent
from executions_app.services.pruning import Pruning, Retention
from executions_app.tests.factories import live_webhook
from executions_app.tests.intake.test_ingest import running
from executions_app.webhook_answers import encode_response, message
from workflows_app.errors import Unsuitable
from workflows_app.services import webhooks
from workflows_app.tests.graphs import webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

KEY = {"idempotency-key": "order-7"}


@pytest.fixture
async def front(transactional_db: None) -> AsyncIterator[Any]:
    async with running() as made:
        yield made


async def runs() -> int:
    return await sync_to_async(Execution.objects.count)()


@sync_to_async
def later(by: timedelta) -> None:
    """As if that much time had passed since the deliveries came."""
    for event in InboundEvent.objects.all():
        InboundEvent.objects.filter(pk=event.pk).update(expires_at=event.expires_at - by)


async def test_fifty_calls_with_one_key_at_once_are_one_run(front) -> None:
    await sync_to_async(live_webhook)()
    calls = (front.client.post("/webhook/hello", json={"n": 1}, headers=KEY) for _ in range(50))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["x-pumpflix-execution"] for answer in answers}) == await runs() == 1
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 49


async def test_a_key_with_another_body_is_refused(front) -> None:
    await sync_to_async(live_webhook)()
    await front.client.post("/webhook/hello", json={"n": 1}, headers=KEY)
    other = await front.client.post("/webhook/hello", json={"n": 2}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await runs() == 1


async def test_a_key_in_flight_is_told_so_and_then_gets_the_first_answer(front) -> None:
    await sync_to_async(live_webhook)(webhook_chain(mode="lastNode"))
    first = asyncio.create_task(front.client.post("/webhook/hello", json={}, headers=KEY))
    while await runs() == 0:
        await asyncio.sleep(0.01)
    second = await front.client.post("/webhook/hello", json={}, headers=KEY)
    assert (second.status_code, second.headers["retry-after"]) == (409, "1")
    await sync_to_async(Execution.objects.update)(
        status="success", finished_at=timezone.now(), response=encode_response(message(200, "once"))
    )
    third = await front.client.post("/webhook/hello", json={}, headers=KEY)
    assert third.content == (await first).content
    assert third.headers["idempotent-replayed"] == "true"


async def test_a_key_belongs_to_its_webhook(front) -> None:
    await sync_to_async(live_webhook)()
    other = await sync_to_async(live_webhook)(path="other")
    await front.client.post("/webhook/hello", json={}, headers=KEY)
    assert (await front.client.post(f"/hook/{other.token}", json={"n": 2}, headers=KEY)).status_code == 200
    assert await runs() == 2


@pytest.mark.parametrize(
    "headers, after, expected",
    [
        (KEY, timedelta(hours=23), 1),
        (KEY, timedelta(hours=25), 2),
        ({"x-github-delivery": "d-1"}, timedelta(days=6), 1),
        ({"x-github-delivery": "d-1"}, timedelta(days=8), 2),
    ],
    ids=["key, 23 h", "key, 25 h", "delivery, 6 days", "delivery, 8 days"],
)
async def test_a_number_counts_for_its_time(front, headers: dict, after: timedelta, expected: int) -> None:
    await sync_to_async(live_webhook)()
    await front.client.post("/webhook/hello", json={}, headers=headers)
    await later(after)
    assert (await front.client.post("/webhook/hello", json={}, headers=headers)).status_code == 200
    assert await runs() == expected


async def test_a_number_counts_also_when_its_run_has_been_removed(front) -> None:
    await sync_to_async(live_webhook)()
    headers = {"webhook-id": "msg_1"}
    first = await front.client.post("/webhook/hello", headers=headers)
    await sync_to_async(Execution.objects.update)(status="success", finished_at=timezone.now() - timedelta(days=3))
    await sync_to_async(Pruning(Retention(days=1, runs=0), rest=lambda _: None).run)()
    again = await front.client.post("/webhook/hello", headers=headers)
    assert again.headers["x-pumpflix-execution"] == first.headers["x-pumpflix-execution"]
    assert await runs() == 0


async def test_a_webhook_switched_off_keeps_no_number(front) -> None:
    hook = await sync_to_async(live_webhook)()
    await front.client.get("/webhook/hello")
    await sync_to_async(type(hook).objects.update)(is_live=False)
    await front.client.post("/webhook/hello", headers=KEY)
    assert not await sync_to_async(InboundEvent.objects.exists)()


async def test_the_place_that_the_node_names_numbers_the_call(front) -> None:
    graph = webhook_chain()
    graph["nodes"][0]["parameters"]["options"] = {"deliveryId": "={{ $json.body.event.id }}"}
    await sync_to_async(live_webhook)(graph)
    for number in (7, 7, 8):
        await front.client.post("/webhook/hello", json={"event": {"id": number}})
    await front.client.post("/webhook/hello", json={"other": 1})
    await front.client.post("/webhook/hello", json={"other": 1})
    assert await runs() == 4


def test_a_place_that_only_code_finds_is_refused_when_it_goes_live() -> None:
    graph = webhook_chain()
    graph["nodes"][0]["parameters"]["options"] = {"deliveryId": "={{ $json.body.ids.reduce((a, b) => a + b) }}"}
    hook = live_webhook(webhook_chain())
    with pytest.raises(Unsuitable) as refused:
        webhooks.sync(hook.workflow, graph=graph, is_live=True)
    assert refused.value.instance_code == "delivery_id_unsuitable"


SIGNED = {"stripe-signature": "t=1,v1=abc"}


@pytest.mark.parametrize(
    "headers, body, kept",
    [
        ({"x-github-delivery": "1"}, {}, KEPT),
        ({"webhook-id": "1"}, {}, KEPT),
        ({"svix-id": "1"}, {}, KEPT),
        ({"x-shopify-webhook-id": "1"}, {}, KEPT),
        (SIGNED, {"id": "evt_1"}, KEPT),
        (KEY, {}, KEY_KEPT),
        (SIGNED, {"object": "event"}, None),
        ({}, {"id": "evt_1"}, None),
    ],
    ids=["GitHub", "webhook-id", "Svix", "Shopify", "Stripe", "key", "Stripe without an id", "nothing"],
)
def test_who_numbers_deliveries_is_known(headers: dict, body: dict, kept: timedelta | None) -> None:
    found = delivery_of(Call(headers, {"body": body}, json.dumps(body).encode()), {})
    assert (found and found.kept) == kept
