"""One port: what is answered where, and what does not reach Django."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator

from accounts.tests.factories import TeamFactory
from executions_app.tests.factories import execution_of, live_webhook
from pumpflix import asgi
from pumpflix.held import Held
from pumpflix.lib.crypto import new_key_text
from workflows_app.services import credentials

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


@asynccontextmanager
async def started() -> AsyncIterator[httpx.AsyncClient]:
    """The application between its start and its stop."""
    lifespan = ApplicationCommunicator(asgi.application, {"type": "lifespan"})
    await lifespan.send_input({"type": "lifespan.startup"})
    assert (await lifespan.receive_output(10))["type"] == "lifespan.startup.complete"
    transport = httpx.ASGITransport(app=asgi.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=20) as client:
        yield client
    await lifespan.send_input({"type": "lifespan.shutdown"})
    assert (await lifespan.receive_output(10))["type"] == "lifespan.shutdown.complete"


async def test_each_address_finds_its_handler() -> None:
    await sync_to_async(live_webhook)()
    async with started() as client:
        webhook, live, page, form, nowhere = await asyncio.gather(
            client.post("/webhook/hello", json={}),
            client.get("/health/live"),
            client.get("/accounts/login/"),
            client.get("/form/nothing"),
            client.get("/nothing/here"),
        )
    assert webhook.json() == {"message": "Workflow was started"}
    assert live.json() == {"live": True}
    assert (page.status_code, nowhere.status_code) == (200, 404)
    assert "x-request-id" in page.headers
    assert (form.status_code, "There is no form at this address" in form.text) == (404, True)


def stored_credential() -> None:
    fields = {"token": "canary-0123456789"}
    credentials.create(team=TeamFactory(), by=None, name="Canary", type="httpBearerAuth", fields=fields)


@pytest.mark.requirement(30)
async def test_without_a_key_nothing_but_health_is_answered_and_it_names_the_key(settings, monkeypatch) -> None:
    settings.ENCRYPTION_KEY = f"autumn:{new_key_text()}"
    monkeypatch.setattr(asgi, "held", Held())
    await sync_to_async(stored_credential)()
    settings.ENCRYPTION_KEY = f"winter:{new_key_text()}"
    async with started() as client:
        health, live, page, webhook = await asyncio.gather(
            client.get("/health"),
            client.get("/health/live"),
            client.get("/accounts/login/"),
            client.post("/webhook/hello", json={}),
        )
    assert (health.status_code, health.json()["expectedKeys"]) == (503, ["autumn"])
    assert live.json() == {"live": True}
    assert [(one.status_code, "autumn" in one.text) for one in (page, webhook)] == [(503, True)] * 2


@pytest.mark.requirement(59)
def test_a_header_that_poses_as_another_does_not_reach_a_page() -> None:
    given = [(b"x-forwarded-for", b"1"), (b"x_forwarded_for", b"2")]
    assert asgi._unambiguous(given) == [(b"x-forwarded-for", b"1")]


def socket(path: str, origin: bytes) -> ApplicationCommunicator:
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": path,
        "query_string": b"",
        "headers": [(b"origin", origin), (b"host", b"localhost")],
        "subprotocols": [],
    }
    return ApplicationCommunicator(asgi.application, scope)


@pytest.mark.requirement(57)
async def test_a_socket_of_a_foreign_page_is_refused() -> None:
    execution = await sync_to_async(execution_of)()
    live = socket(f"/ws/executions/{execution.pk}", b"https://evil.example")
    await live.send_input({"type": "websocket.connect"})
    assert (await live.receive_output(10))["type"] == "websocket.close"


@pytest.mark.requirement(57)
async def test_a_socket_of_our_own_page_is_asked_who_it_is() -> None:
    execution = await sync_to_async(execution_of)()
    live = socket(f"/ws/executions/{execution.pk}", b"http://localhost")
    await live.send_input({"type": "websocket.connect"})
    assert (await live.receive_output(10))["type"] == "websocket.accept"
    assert (await live.receive_output(10))["code"] == 4401
    await live.send_input({"type": "websocket.disconnect", "code": 4401})
    await live.wait(10)
