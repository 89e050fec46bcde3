"""Webhook requests from the first byte to the answer."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from accounts.models import Team
from executions_app import frames, payload_codec
from executions_app.ingest import Ingest, is_allowed, is_webhook
from executions_app.intake import batcher as batcher_module
from executions_app.intake.batcher import IntakeBatcher
from executions_app.intake.waiting import Waiter
from executions_app.models import Execution, Payload
from executions_app.payloads import unpack
from executions_app.stream import Hub
from executions_app.tests.factories import live_webhook
from executions_app.webhook_answers import encode_response, message
from workflows_app.models import Webhook
from workflows_app.tests.graphs import webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


class Front:
    """An intake with its own bell, and a client that talks to it."""

    def __init__(self, **batcher: Any) -> None:
        self.rings: list[float] = []
        self.rang = threading.Event()
        self.hub = Hub()
        self.batcher = IntakeBatcher(ring=self.ring, **batcher)
        self.ingest = Ingest(batcher=self.batcher, hub=self.hub, public_url="https://flix.example/", trusted_proxies=0)
        transport = httpx.ASGITransport(app=self.ingest, client=("203.0.113.9", 4711))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=20)

    def ring(self) -> None:
        self.rings.append(time.monotonic())
        self.rang.set()


@asynccontextmanager
async def running(**batcher: Any) -> AsyncIterator[Front]:
    front = Front(**batcher)
    front.batcher.start(asyncio.get_running_loop())
    yield front
    await front.client.aclose()
    await asyncio.to_thread(front.batcher.stop)


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with running() as made:
        yield made


@sync_to_async
def hook(*, path: str = "hello", mode: str = "onReceived", method: str = "POST", **options: Any) -> Webhook:
    return live_webhook(
        webhook_chain(path=path, mode=mode, method=method), options={"options": options}, methods=method
    )


@sync_to_async
def only() -> Execution:
    return Execution.objects.get()


@sync_to_async
def count() -> int:
    return Execution.objects.count()


def restarted() -> None:
    """What a restart of the server does to the connection that intake keeps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'pumpflix-intake' AND datname = current_database()"
        )
        assert cursor.fetchall() == [(True,)]


def item_of(execution: Execution) -> dict[str, Any]:
    return payload_codec.decode(execution.trigger_items)[0]


async def test_a_request_is_answered_after_its_execution_is_stored(front: Front) -> None:
    webhook = await hook()
    answer = await front.client.post("/webhook/hello?x=1", json={"a": 1})
    assert (answer.status_code, answer.json()) == (200, {"message": "Workflow was started"})
    execution = await only()
    assert (execution.status, execution.mode, execution.start_node) == ("queued", "webhook", "Webhook")
    assert execution.version_id == await sync_to_async(lambda: webhook.workflow.live_version_id)()
    json = item_of(execution)["json"]
    assert (json["query"], json["body"], json["params"]) == ({"x": "1"}, {"a": 1}, {})
    assert json["webhookUrl"] == "https://flix.example/webhook/hello"
    assert json["headers"]["content-type"] == "application/json"
    # Behind the answer, so that nobody waits for it.
    assert await asyncio.to_thread(front.rang.wait, 10)


async def test_the_token_leads_to_the_same_webhook(front: Front) -> None:
    webhook = await hook()
    assert (await front.client.post(f"/hook/{webhook.token}")).status_code == 200


async def test_many_requests_share_commits(front: Front) -> None:
    await hook()
    answers = await asyncio.gather(*(front.client.post("/webhook/hello", json={"n": n}) for n in range(60)))
    assert {answer.status_code for answer in answers} == {200}
    assert await count() == 60
    assert len(front.rings) < 60


@pytest.mark.parametrize(
    "path", ["/webhook/nowhere", "/hook/nothing", "/webhook/", "/webhook/a%00b", "/hook/" + "x" * 400]
)
async def test_an_unknown_address_says_so_in_the_one_error_body(front: Front, path: str) -> None:
    answer = await front.client.post(path)
    assert answer.status_code == 404
    assert answer.json().keys() == {"code", "message", "problems", "requestId"}
    assert answer.json()["code"] == "webhook_not_found"


async def test_another_method_is_refused_with_those_allowed(front: Front) -> None:
    await hook()
    answer = await front.client.get("/webhook/hello")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await count() == 0


async def test_head_is_answered_like_get_without_a_body(front: Front) -> None:
    await hook(method="GET")
    answer = await front.client.head("/webhook/hello")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_body_over_the_limit_is_refused_unread(front: Front) -> None:
    await hook()
    answer = await front.client.post("/webhook/hello", content=b"x" * (16 * 2**20 + 1))
    assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 2**20

    assert (await front.client.post("/webhook/hello", content=endless())).status_code == 413
    assert await count() == 0


async def test_a_file_arrives_as_a_payload(front: Front) -> None:
    await hook()
    await front.client.post("/webhook/hello", files={"f": ("x.csv", b"n\n1\n", "text/csv")}, data={"who": "Ada"})
    item = item_of(await only())
    payload = await sync_to_async(Payload.objects.get)()
    assert item["json"]["body"] == {"who": "Ada"}
    assert item["binary"]["f"]["id"] == f"sha256:{payload.sha256}"
    assert unpack(payload.encoding, payload.data) == b"n\n1\n"


async def test_large_items_live_by_reference(front: Front) -> None:
    await hook()
    import random

    noise = random.Random(1).randbytes(200_000).hex()
    await front.client.post("/webhook/hello", json={"noise": noise})
    execution = await only()
    ref = payload_codec.reference_in(execution.trigger_items)
    assert ref is not None
    assert len(execution.trigger_items) < 100


async def test_a_repeated_delivery_starts_nothing(front: Front) -> None:
    await hook()
    headers = {"X-GitHub-Delivery": "abc-1"}
    answers = [await front.client.post("/webhook/hello", headers=headers) for _ in range(3)]
    await asyncio.gather(*(front.client.post("/webhook/hello", headers=headers) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert await count() == 1
    assert {answer.headers["x-pumpflix-execution"] for answer in answers} == {str((await only()).pk)}


async def answering(front: Front, *lines: bytes) -> None:
    """What a worker would stream, as soon as the execution is there."""
    while await count() == 0:
        await asyncio.sleep(0.005)
    execution = await only()
    front.hub.dispatch({execution.pk.hex.encode(): frames.join(list(lines))})


async def test_a_waiting_caller_gets_the_streamed_answer(front: Front) -> None:
    await hook(mode="lastNode")
    answer = encode_response(message(201, "made"))
    streaming = asyncio.create_task(answering(front, frames.response(answer[1:]), frames.end("success")))
    response = await front.client.post("/webhook/hello")
    await streaming
    assert (response.status_code, response.json()) == (201, {"message": "made"})
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    "status,stored,expected",
    [
        ("success", encode_response(message(202, "stored")), (202, "stored")),
        ("success", None, (200, "Workflow executed successfully")),
        ("error", None, (500, "Error in workflow")),
    ],
    ids=["answered", "never answered", "failed"],
)
async def test_the_row_answers_where_the_stream_did_not(front: Front, status, stored, expected) -> None:
    await hook(mode="responseNode")

    @sync_to_async
    def finish() -> None:
        Execution.objects.update(status=status, response=stored, finished_at="2026-01-01T00:00:00Z")

    async def run() -> None:
        while await count() == 0:
            await asyncio.sleep(0.005)
        await finish()

    running_run = asyncio.create_task(run())
    response = await front.client.post("/webhook/hello")
    await running_run
    assert (response.status_code, response.json()["message"]) == expected


async def test_a_repeated_delivery_gets_the_first_answer(front: Front) -> None:
    await hook(mode="lastNode")
    headers = {"webhook-id": "msg_1"}
    streaming = asyncio.create_task(answering(front, frames.end("success")))
    first = asyncio.create_task(front.client.post("/webhook/hello", headers=headers))
    await streaming
    await sync_to_async(Execution.objects.update)(
        status="success", finished_at="2026-01-01T00:00:00Z", response=encode_response(message(200, "once"))
    )
    again = await front.client.post("/webhook/hello", headers=headers)
    assert (await first).json() == again.json() == {"message": "once"}
    assert (await first).headers["x-pumpflix-execution"] == again.headers["x-pumpflix-execution"]


async def test_patience_has_an_end(front: Front) -> None:
    await hook()
    await front.client.post("/webhook/hello")
    with Waiter(front.hub, (await only()).pk, wait_s=0.05) as waiter, pytest.raises(Exception, match="in time"):
        await waiter.answer()


async def test_the_first_request_after_a_restart_of_the_database_is_taken(front: Front) -> None:
    await hook()
    assert (await front.client.post("/webhook/hello")).status_code == 200
    await sync_to_async(restarted)()
    assert (await front.client.post("/webhook/hello")).status_code == 200
    assert await count() == 2


async def test_a_database_that_is_away_is_told_with_a_time_to_come_back() -> None:
    def refuse() -> Any:
        raise psycopg.OperationalError("away")

    await hook()
    async with running(connect=refuse) as front:
        answer = await front.client.post("/webhook/hello")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert await count() == 0


async def test_a_full_queue_is_told(front: Front) -> None:
    await hook()
    await front.client.post("/webhook/hello")
    await sync_to_async(Team.objects.update)(max_queued=1)
    front.batcher._counted.clear()
    answer = await front.client.post("/webhook/hello")
    assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")


async def test_an_intake_that_is_full_refuses_at_once(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    await hook()
    monkeypatch.setattr(batcher_module, "MOST_WAITING", 0)
    assert (await front.client.post("/webhook/hello")).status_code == 503


async def test_a_webhook_switched_off_meanwhile_answers_not_found(front: Front) -> None:
    await hook()
    await front.client.post("/webhook/hello")
    await sync_to_async(Webhook.objects.update)(is_live=False)
    assert (await front.client.post("/webhook/hello")).status_code == 404
    assert await count() == 1


@pytest.mark.parametrize(
    "options,headers,status",
    [
        ({"ipWhitelist": "203.0.113.0/24"}, {}, 200),
        ({"ipWhitelist": "10.0.0.10, nonsense"}, {}, 403),
        ({"ipWhitelist": "10.0.0.10"}, {"x-forwarded-for": "10.0.0.10"}, 403),
        ({"ignoreBots": True}, {"user-agent": "Slackbot 1.0"}, 403),
        ({"ignoreBots": True}, {"user-agent": "curl/8"}, 200),
    ],
    ids=["network", "another address", "forged forwarding", "bot", "no bot"],
)
async def test_who_may_call(front: Front, options: dict, headers: dict, status: int) -> None:
    await hook(**options)
    assert (await front.client.post("/webhook/hello", headers=headers)).status_code == status


async def test_callers_must_not_slip_past_an_authentication(front: Front) -> None:
    await hook()
    await sync_to_async(Webhook.objects.update)(options={"authentication": "headerAuth"})
    assert (await front.client.post("/webhook/hello")).status_code == 403


@pytest.mark.requirement(56)
async def test_browsers_of_allowed_origins_may_call(front: Front) -> None:
    await hook(allowedOrigins="https://a.example, https://b.example")
    asked = {"origin": "https://a.example", "access-control-request-method": "POST"}
    preflight = await front.client.options("/webhook/hello", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "https://a.example")
    other = await front.client.post("/webhook/hello", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_an_author_may_shape_the_first_answer(front: Front) -> None:
    await hook(
        responseData="<b>ok</b>",
        responseCode={"values": {"responseCode": 202}},
        responseHeaders={"entries": [{"name": "X-A", "value": "1"}, {"name": "Set-Cookie", "value": "pf_session=x"}]},
    )
    answer = await front.client.post("/webhook/hello")
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (202, "<b>ok</b>", "1")
    assert "set-cookie" not in answer.headers


@pytest.mark.requirement(58)
async def test_whatever_breaks_is_answered_without_detail(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(front.ingest._routes, "look_up", broken)
    answer = await front.client.post("/webhook/hello")
    assert answer.status_code == 500
    assert "secret" not in answer.text


async def test_a_caller_that_hangs_up_early_leaves_nothing(front: Front) -> None:
    await hook()

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhook/hello",
        "headers": [],
        "query_string": b"",
        "client": None,
    }
    await front.ingest(scope, receive, send)
    assert await count() == 0


@pytest.mark.requirement(63)
def test_an_address_is_in_a_network_or_not() -> None:
    assert is_allowed("10.0.0.10", "10.0.0.10")
    assert not is_allowed("110.0.0.10", "10.0.0.10")
    assert not is_allowed("nonsense", "10.0.0.0/8")


def test_paths_of_webhooks_are_told_from_pages() -> None:
    assert is_webhook("/webhook/a")
    assert is_webhook("/hook/a")
    assert not is_webhook("/webhooks")
    assert orjson.loads(b"{}") == {}
