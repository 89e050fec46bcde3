"""More than a route takes: refused before anything is parsed, whatever length it claims to have."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from accounts.services import tokens
from accounts.tests.factories import UserFactory
from executions_app.database import close_pool
from pumpflix import asgi, whole_bodies
from workflows_app.models import ImportBatch

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True), pytest.mark.requirement(15)]

MB = 1024 * 1024
JSON = {"content-type": "application/json"}
FILES = {"content-type": "multipart/form-data; boundary=x"}


@asynccontextmanager
async def opened() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=asgi.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
        yield client
    close_pool()


async def chunks(size: int, first: bytes = b"") -> AsyncIterator[bytes]:
    yield first
    for _ in range(size // MB):
        yield b"x" * MB


def file_part(name: str = "file") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.json"\r\n\r\n'.encode()


@sync_to_async
def bearer() -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue(UserFactory()).access_token}"}


@pytest.mark.parametrize("length", [None, "2", "0", "-1"], ids=str)
async def test_the_api_reads_a_megabyte(length: str | None) -> None:
    """Neither chunks without a length nor a length that is a lie get more in."""
    headers = JSON | await bearer() | ({} if length is None else {"content-length": length})
    async with opened() as client:
        answer = await client.post("/api/workflows", content=chunks(2 * MB, b'{"name": "'), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_an_import_reads_ten() -> None:
    headers = JSON | await bearer()
    async with opened() as client:
        answer = await client.post("/api/imports", content=chunks(11 * MB, b'{"name": "'), headers=headers)
        small = await client.post("/api/workflows", content=chunks(0, b'{"name": "Chunked"}'), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert (small.status_code, small.json()["name"]) == (201, "Chunked")


async def test_a_packed_body_is_not_unpacked() -> None:
    bomb = gzip.compress(json.dumps({"name": "x" * 50 * MB}).encode())
    headers = JSON | await bearer() | {"content-encoding": "gzip"}
    async with opened() as client:
        answer = await client.post("/api/workflows", content=bomb, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/accounts/login/", "/nothing/here", "/theme"])
async def test_a_page_that_takes_no_file_gets_none(path: str) -> None:
    async with opened() as client:
        answer = await client.post(path, content=chunks(12 * MB, file_part()), headers=FILES)
    assert answer.status_code == 413
    assert "Nothing was stored" in answer.text


async def test_the_import_page_has_an_end_too() -> None:
    async with opened() as client:
        answer = await client.post("/import", content=chunks(66 * MB, file_part()), headers=FILES)
    assert (answer.status_code, "64 MB" in answer.text) == (413, True)
    assert not await sync_to_async(ImportBatch.objects.exists)()


class Told:
    """What an application behind the wrapper was handed, and what went out."""

    def __init__(self, *messages: dict[str, Any], hangs: bool = False) -> None:
        self.messages = list(messages)
        self.hangs = hangs
        self.body: bytes | None = None
        self.scope: dict[str, Any] = {}
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.sleep(3600 if self.hangs else 0)
            return {"type": "http.disconnect"}
        return self.messages.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def application(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.body, more = scope, b"", True
        while more:
            message = await receive()
            self.body += message["body"]
            more = message["more_body"]

    async def ask(self, path: str = "/theme") -> None:
        scope = {"path": path, "headers": [(b"transfer-encoding", b"chunked"), (b"accept", b"*/*")]}
        await whole_bodies.WholeBodies(self.application)(scope, self.receive, self.send)


def part(data: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.mark.parametrize("size", [0, 1, whole_bodies.PIECE_BYTES, 3 * whole_bodies.PIECE_BYTES + 7])
async def test_what_is_small_enough_arrives_whole_with_its_true_length(size: int) -> None:
    told = Told(part(b"y" * size, more=True), part(b"z"))
    await told.ask()
    assert told.body == b"y" * size + b"z"
    assert told.scope["headers"] == [(b"accept", b"*/*"), (b"content-length", str(size + 1).encode())]


async def test_whoever_hangs_up_costs_no_thread() -> None:
    told = Told(part(b"half", more=True))
    await told.ask()
    assert (told.body, told.sent) == (None, [])


async def test_whoever_sends_nothing_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_bodies, "SILENCE_S", 0.01)
    told = Told(part(b"half", more=True), hangs=True)
    await told.ask()
    assert (told.body, told.sent[0]["status"]) == (None, 408)
