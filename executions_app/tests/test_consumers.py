"""Sockets: who may look, what is replayed, and what follows."""

import asyncio
from collections.abc import Callable
from typing import Any

import django.db
import orjson
import psycopg
import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.test import Client
from django.urls import path

from accounts.services.sessions import end_everywhere
from accounts.tests.factories import UserFactory
from executions_app import consumers, following, frames, sample_access
from executions_app.consumers import ExecutionConsumer, read_after
from executions_app.models import Execution, ExecutionEvent
from executions_app.socket_places import SOCKETS_PER_USER, Places
from executions_app.stream import hub
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = "2026-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _places_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "places", Places())


@sync_to_async
def made(events: int = 0, **fields: Any) -> Execution:
    execution = ExecutionFactory(**fields)
    store(execution, range(1, events + 1))
    return execution


def store(execution: Execution, numbers: Any) -> None:
    ExecutionEvent.objects.bulk_create(
        ExecutionEvent(execution=execution, seq=seq, at=NOW, type="log_written", body=b'{"n":%d}' % seq)
        for seq in numbers
    )


def socket(
    execution: Execution,
    *,
    after: str = "",
    user: Any = None,
    cookies: dict[str, str] | None = None,
    session: Any = None,
) -> ApplicationCommunicator:
    scope = {
        "type": "websocket",
        "path": f"/ws/executions/{execution.pk}",
        "query_string": after.encode(),
        "headers": [],
        "subprotocols": [],
        "user": user or execution.workflow.created_by,
        "cookies": cookies or {},
        "session": session,
    }
    application = URLRouter([path("ws/executions/<uuid:execution_id>", ExecutionConsumer.as_asgi())])
    return ApplicationCommunicator(application, scope)


async def connected(live: ApplicationCommunicator) -> ApplicationCommunicator:
    await live.send_input({"type": "websocket.connect"})
    assert (await live.receive_output(10))["type"] == "websocket.accept"
    return live


async def disconnect(live: ApplicationCommunicator) -> None:
    await live.send_input({"type": "websocket.disconnect", "code": 1000})
    await live.wait(10)


async def lines(live: ApplicationCommunicator, count: int) -> list[str]:
    """Numbers of events, words of statuses."""
    found = []
    for _ in range(count):
        line = orjson.loads((await live.receive_output(10))["text"])
        found.append(str(line["seq"]) if line["type"] == "event" else f"{line['type']} {line['status']}")
    return found


async def closed_with(live: ApplicationCommunicator) -> int:
    output = await live.receive_output(10)
    assert output["type"] == "websocket.close"
    await disconnect(live)
    return output.get("code") or 1000


def stream(execution: Execution, *found: bytes) -> None:
    hub.dispatch({execution.pk.hex.encode(): frames.join(list(found))})


async def test_stored_events_come_first_then_those_committed() -> None:
    execution = await made(events=2)
    live = await connected(socket(execution))
    assert await lines(live, 3) == ["1", "2", "status queued"]
    stream(execution, frames.event(3, b'{"n":3}'), frames.status("waiting"))
    assert await lines(live, 2) == ["3", "status waiting"]
    await disconnect(live)


async def test_a_client_goes_on_after_the_number_it_has() -> None:
    execution = await made(events=5)
    live = await connected(socket(execution, after="after=3"))
    assert await lines(live, 3) == ["4", "5", "status queued"]
    await disconnect(live)


async def test_what_was_sent_is_not_sent_again() -> None:
    execution = await made(events=2)
    live = await connected(socket(execution))
    await lines(live, 3)
    stream(execution, frames.event(2, b"{}"), frames.response(b"{}"), frames.event(3, b"{}"))
    assert await lines(live, 1) == ["3"]
    await disconnect(live)


async def test_a_gap_is_filled_from_the_rows() -> None:
    execution = await made(events=1)
    live = await connected(socket(execution))
    await lines(live, 2)
    await sync_to_async(store)(execution, range(2, 8))
    stream(execution, frames.event(7, b"{}"))
    assert await lines(live, 7) == ["2", "3", "4", "5", "6", "7", "status queued"]
    await disconnect(live)


async def test_silence_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SILENCE_S", 0.02)
    execution = await made(events=0)
    live = await connected(socket(execution))
    await lines(live, 1)
    await sync_to_async(store)(execution, [1])
    assert "1" in await lines(live, 30)
    await disconnect(live)


def away_at_first(asked: Callable[..., Any], error: type[Exception], times: int = 2) -> Callable[..., Any]:
    """The question as a database answers it that is away, and then there again."""
    left = [error("away")] * times

    def ask(*given: Any) -> Any:
        if left:
            raise left.pop()
        return asked(*given)

    return ask


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(following, "SILENCE_S", 0.02)
    monkeypatch.setattr(following, "AGAIN_S", 0.01)
    return monkeypatch


@pytest.mark.parametrize("question", ["status_of", "events_after"])
async def test_a_socket_outlives_a_database_that_is_away(question: str, impatient: pytest.MonkeyPatch) -> None:
    execution = await made(events=1)
    live = await connected(socket(execution))
    assert await lines(live, 2) == ["1", "status queued"]
    impatient.setattr(following, question, away_at_first(getattr(following, question), psycopg.OperationalError))
    await sync_to_async(store)(execution, [2])
    told = [line for line in await lines(live, 20) if not line.startswith("status")]
    assert told == ["2"]
    await disconnect(live)


async def test_a_socket_opened_while_the_database_goes_away_tells_all_of_it_once(
    impatient: pytest.MonkeyPatch,
) -> None:
    execution = await made(events=3)
    impatient.setattr(following, "PAGE", 2)
    real, asked = following.events_after, []

    def away_at_the_second_page(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 2:
            raise psycopg.OperationalError("away")
        return real(*given)

    impatient.setattr(following, "status_of", away_at_first(following.status_of, psycopg.OperationalError))
    impatient.setattr(following, "events_after", away_at_the_second_page)
    live = await connected(socket(execution))
    assert await lines(live, 4) == ["1", "2", "3", "status queued"]
    await disconnect(live)


async def test_who_may_look_is_asked_until_the_database_says_it(impatient: pytest.MonkeyPatch) -> None:
    execution = await made()
    live = await connected(socket(execution))
    await lines(live, 1)
    await sync_to_async(execution.workflow.created_by.memberships.all().delete)()
    impatient.setattr(
        ExecutionConsumer, "_may_see", away_at_first(ExecutionConsumer._may_see, django.db.OperationalError)
    )
    impatient.setattr(following, "RECHECK_S", -1)
    while (output := await live.receive_output(10))["type"] != "websocket.close":
        await asyncio.sleep(0)
    assert output["code"] == 4401
    await disconnect(live)


async def test_the_end_closes_the_socket() -> None:
    execution = await made()
    live = await connected(socket(execution))
    await lines(live, 1)
    stream(execution, frames.event(1, b"{}"), frames.end("success"))
    assert await lines(live, 2) == ["1", "end success"]
    assert await closed_with(live) == 1000


async def test_a_run_that_is_over_is_told_at_once() -> None:
    execution = await made(events=1, status="error", finished_at=NOW)
    live = await connected(socket(execution))
    assert await lines(live, 2) == ["1", "end error"]
    assert await closed_with(live) == 1000


async def test_strangers_do_not_learn_that_it_exists() -> None:
    execution = await made()
    stranger = await sync_to_async(UserFactory)()
    assert await closed_with(await connected(socket(execution, user=stranger))) == 4404


async def test_visitors_are_asked_to_sign_in() -> None:
    execution = await made()
    assert await closed_with(await connected(socket(execution, user=AnonymousUser()))) == 4401


@pytest.mark.parametrize("mode,code", [("sample", None), ("manual", 4401)])
async def test_a_visitors_cookie_opens_its_sample_runs_alone(mode: str, code: int | None) -> None:
    execution = await made(mode=mode)
    cookies = {sample_access.COOKIE: signing.dumps([str(execution.pk)], salt=sample_access.SALT)}
    live = await connected(socket(execution, user=AnonymousUser(), cookies=cookies))
    if code is None:
        assert await lines(live, 1) == ["status queued"]
        await disconnect(live)
    else:
        assert await closed_with(live) == code


async def test_who_may_look_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RECHECK_S", -1)
    execution = await made()
    live = await connected(socket(execution))
    await lines(live, 1)
    await sync_to_async(execution.workflow.created_by.memberships.all().delete)()
    stream(execution, frames.event(1, b"{}"))
    while (output := await live.receive_output(10))["type"] != "websocket.close":
        await asyncio.sleep(0)
    assert output["code"] == 4401
    await disconnect(live)


@pytest.mark.requirement(42)
async def test_a_new_password_closes_the_socket_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RECHECK_S", -1)
    execution = await made()
    user = execution.workflow.created_by
    live = await connected(socket(execution, session=await sync_to_async(signed_in)(user)))
    await lines(live, 1)
    await sync_to_async(end_everywhere)(user)
    stream(execution, frames.event(1, b"{}"))
    while (output := await live.receive_output(10))["type"] != "websocket.close":
        await asyncio.sleep(0)
    assert output["code"] == 4401
    await disconnect(live)


def signed_in(user: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.session


async def test_a_socket_too_slow_is_let_go() -> None:
    execution = await made()
    live = await connected(socket(execution))
    await lines(live, 1)
    (listener,) = hub._listeners[execution.pk.hex]
    listener.is_slow = True
    stream(execution, frames.event(1, b"{}"))
    assert await lines(live, 1) == ["1"]
    assert await closed_with(live) == 4408


async def test_what_clients_say_is_ignored() -> None:
    execution = await made()
    live = await connected(socket(execution))
    await lines(live, 1)
    await live.send_input({"type": "websocket.receive", "text": "hello"})
    assert await live.receive_nothing()
    await disconnect(live)
    assert execution.pk.hex not in hub._listeners


@pytest.mark.parametrize(
    "query,expected",
    [(b"after=7", 7), (b"", 0), (b"after=-1", 0), (b"after=1e18", 0), (b"after=x", 0), (b"after=99999999999", 0)],
)
def test_a_number_is_read_with_care(query: bytes, expected: int) -> None:
    assert read_after(query) == expected


@pytest.mark.requirement(57)
async def test_a_person_follows_ten_at_a_time_and_the_next_when_one_is_left() -> None:
    execution = await made(events=1)
    held = [await connected(socket(execution)) for _ in range(SOCKETS_PER_USER)]
    assert await lines(held[-1], 1) == ["1"]
    refused = await connected(socket(execution))
    assert await closed_with(refused) == 4429
    other = await made(events=1)
    await disconnect(await connected(socket(other)))
    await disconnect(held.pop())
    again = await connected(socket(execution))
    assert await lines(again, 1) == ["1"]
    await asyncio.gather(*(disconnect(live) for live in [*held, again]))


async def test_a_socket_that_the_server_gave_up_leaves_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "places", Places(1))
    execution = await made()
    first = await connected(socket(execution))
    assert await lines(first, 1) == ["status queued"]
    first.future.cancel()
    await asyncio.wait([first.future], timeout=10)
    second = await connected(socket(execution))
    assert await lines(second, 1) == ["status queued"]
    await disconnect(second)
