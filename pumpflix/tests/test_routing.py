"""Who may open a socket: our own pages with their session, programs without one, and no page of anybody else."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from accounts.tests.factories import UserFactory
from pumpflix.routing import websockets

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True), pytest.mark.requirement(57)]


@sync_to_async
def cookie() -> bytes:
    client = Client()
    client.force_login(UserFactory())
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()


async def outcome(*headers: tuple[bytes, bytes], patience_s: float = 0.3) -> str:
    scope = {"type": "websocket", "path": "/ws", "headers": list(headers), "subprotocols": [], "query_string": b""}
    socket = ApplicationCommunicator(websockets, scope)
    await socket.send_input({"type": "websocket.connect"})
    first = await socket.receive_output(10)
    if first["type"] == "websocket.close":
        return "denied"
    signed_in = not await socket.receive_nothing(patience_s)
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(10)
    return "signed in" if signed_in else "asked who it is"


async def test_our_own_page_speaks_for_its_session() -> None:
    for origin, host in ((b"http://localhost", b"localhost"), (b"http://LocalHost:8000", b"localhost:8000")):
        ours = (b"origin", origin), (b"host", host), (b"cookie", await cookie())
        assert await outcome(*ours, patience_s=10) == "signed in"


async def test_the_public_address_is_ours_whatever_a_proxy_asks_for(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://127.0.0.1:8443"]
    ours = (b"origin", b"https://127.0.0.1:8443"), (b"host", b"localhost:8000"), (b"cookie", await cookie())
    assert await outcome(*ours, patience_s=10) == "signed in"


@pytest.mark.parametrize("origin", [
    b"https://evil.example", b"null", b"http://localhost.evil.example", b"", b"http://localhost:9999",
    b"http://localhost:8000@evil.example", b"http://127.0.0.1:9999", b"http://a.localhost:8000",
])  # fmt: skip
async def test_no_other_page_does(origin: bytes) -> None:
    """Nor one of another program on this machine: cookies know no ports."""
    theirs = (b"origin", origin), (b"host", b"localhost:8000"), (b"cookie", await cookie())
    assert await outcome(*theirs) == "denied"


async def test_without_an_origin_a_cookie_does_not_count() -> None:
    assert await outcome((b"cookie", await cookie())) == "asked who it is"


@pytest.mark.parametrize("path", ["/ws/nothing", "/", "/ws/executions/x", "/ws/"])
async def test_an_address_without_a_socket_is_refused_before_it_opens(path: str) -> None:
    scope = {"type": "websocket", "path": path, "headers": [], "subprotocols": [], "query_string": b""}
    socket = ApplicationCommunicator(websockets, scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(10))["type"] == "websocket.close"
    await socket.wait(10)
