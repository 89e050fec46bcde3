"""Who may open a socket: our own pages with their session, programs without one, and no page of anybody else."""

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
    ours = (b"origin", b"http://localhost"), (b"cookie", await cookie())
    assert await outcome(*ours, patience_s=10) == "signed in"


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b"http://localhost.evil.example"])
async def test_no_other_page_does(origin: bytes) -> None:
    assert await outcome((b"origin", origin), (b"cookie", await cookie())) == "denied"


async def test_without_an_origin_a_cookie_does_not_count() -> None:
    assert await outcome((b"cookie", await cookie())) == "asked who it is"


@pytest.mark.parametrize("path", ["/ws/nothing", "/", "/ws/executions/x", "/ws/"])
async def test_an_address_without_a_socket_is_refused_before_it_opens(path: str) -> None:
    scope = {"type": "websocket", "path": path, "headers": [], "subprotocols": [], "query_string": b""}
    socket = ApplicationCommunicator(websockets, scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(10))["type"] == "websocket.close"
    await socket.wait(10)
