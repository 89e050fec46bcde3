"""The live socket: who gets in, what may be followed, what is told, and what ends it."""

import asyncio
from typing import Any

import django.db
import orjson
import psycopg
import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer

from accounts.models import User
from accounts.services import api_keys, sockets, tokens
from accounts.services.notifications import group_of, notify
from accounts.services.teams import personal_team
from accounts.tests.factories import UserFactory
from executions_app import following, frames, live_socket
from executions_app.models import Execution, ExecutionEvent
from executions_app.socket_places import SOCKETS_PER_USER, Places
from executions_app.stream import hub
from executions_app.tests.factories import ExecutionFactory
from executions_app.tests.test_consumers import away_at_first, store
from pumpflix.lib.ids import uuid7
from workflows_app.services import workflows
from workflows_app.services.bell import group_of_workflow

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True), pytest.mark.requirement(57)]

NOW = "2026-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _places_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_socket, "places", Places())


@sync_to_async
def made(events: int = 0, **fields: Any) -> Execution:
    execution = ExecutionFactory(**fields)
    ExecutionEvent.objects.bulk_create(
        ExecutionEvent(execution=execution, seq=seq, at=NOW, type="log_written", body=b'{"n":%d}' % seq)
        for seq in range(1, events + 1)
    )
    return execution


@sync_to_async
def token_of(user: User) -> str:
    return tokens.issue(user).access_token


class Socket:
    """A client of the live socket, as a page's (with a session's user) or a program's."""

    def __init__(self, user: User | None = None) -> None:
        scope = {"type": "websocket", "path": "/ws", "headers": [], "subprotocols": []}
        if user is not None:
            scope["user"] = user
        self.live = ApplicationCommunicator(live_socket.LiveConsumer.as_asgi(), scope)

    async def open(self, **auth: Any) -> "Socket":
        await self.live.send_input({"type": "websocket.connect"})
        assert (await self.live.receive_output(10))["type"] == "websocket.accept"
        if auth:
            await self.say(type="auth", **auth)
        return self

    async def opened(self, **auth: Any) -> "Socket":
        await self.open(**auth)
        assert (await self.next())["type"] == "connected"
        return self

    async def say(self, **message: Any) -> None:
        await self.live.send_input({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    async def next(self) -> dict[str, Any]:
        output = await self.live.receive_output(10)
        assert output["type"] == "websocket.send", output
        return orjson.loads(output["text"])

    async def types(self, count: int) -> list[str]:
        return [(await self.next())["type"] for _ in range(count)]

    async def closed_with(self) -> int:
        while (output := await self.live.receive_output(10))["type"] != "websocket.close":
            assert output["type"] == "websocket.send"
        await self.close()
        return output["code"]

    async def close(self) -> None:
        await self.live.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.live.wait(10)


async def test_a_token_in_the_first_message_opens_it() -> None:
    user = await sync_to_async(UserFactory)()
    socket = await Socket().opened(token=await token_of(user))
    await socket.say(type="ping", id=7)
    assert await socket.next() == {"type": "pong", "id": "7"}
    await socket.close()


async def test_an_api_key_opens_it() -> None:
    user = await sync_to_async(UserFactory)()
    team = await sync_to_async(personal_team)(user)
    made_key = await sync_to_async(api_keys.create)(team=team, by=user, name="k", scopes=["read"])
    await (await Socket().opened(token=made_key.key)).close()


@pytest.mark.requirement(43, 50)
async def test_a_key_without_the_scope_to_read_opens_none() -> None:
    user = await sync_to_async(UserFactory)()
    team = await sync_to_async(personal_team)(user)
    scopes = [scope for scope in api_keys.SCOPES if scope != "read"]
    made_key = await sync_to_async(api_keys.create)(team=team, by=user, name="k", scopes=scopes)
    assert await (await Socket().open(token=made_key.key)).closed_with() == 4401


@pytest.mark.requirement(43, 49, 57)
@pytest.mark.parametrize("by", ["token", "ticket"])
async def test_a_key_follows_and_hears_of_its_team_alone(by: str) -> None:
    execution = await made()
    user = execution.workflow.created_by
    team = await sync_to_async(personal_team)(user)
    made_key = await sync_to_async(api_keys.create)(team=team, by=user, name="k", scopes=["read"])
    ticket = await sync_to_async(sockets.give_ticket)(user, made_key.row)
    socket = await Socket().opened(**{by: made_key.key if by == "token" else ticket})
    await socket.say(type="subscribe:execution", executionId=str(execution.pk))
    assert (await socket.next())["code"] == "not_found"
    await sync_to_async(notify)(user, kind="run.failed", title="Of another team")
    assert await socket.live.receive_nothing()
    await socket.close()


async def test_a_session_of_a_page_needs_no_message() -> None:
    user = await sync_to_async(UserFactory)()
    socket = await Socket(user).open()
    assert (await socket.next())["userId"] == str(user.pk)
    await socket.close()


async def test_a_ticket_opens_one_socket() -> None:
    user = await sync_to_async(UserFactory)()
    ticket = await sync_to_async(sockets.give_ticket)(user, None)
    await (await Socket().opened(ticket=ticket)).close()
    assert await (await Socket().open(ticket=ticket)).closed_with() == 4401


@pytest.mark.parametrize(
    "auth", [{"token": "x"}, {"ticket": "pf_st_x"}, {"token": None}, {"token": {"a": 1}}, {"x": 1}]
)
async def test_nothing_else_does(auth: dict[str, Any]) -> None:
    assert await (await Socket().open(**auth)).closed_with() == 4401


async def test_who_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_socket, "SIGN_IN_WITHIN_S", 0.01)
    assert await (await Socket().open()).closed_with() == 4401


async def test_nobody_subscribes_before_signing_in() -> None:
    execution = await made()
    socket = await Socket().open()
    await socket.say(type="subscribe:execution", executionId=str(execution.pk))
    assert await socket.closed_with() == 4401


async def test_an_execution_is_told_from_the_number_on_to_its_end() -> None:
    execution = await made(events=3)
    socket = await Socket().opened(token=await token_of(execution.workflow.created_by))
    await socket.say(type="subscribe:execution", executionId=str(execution.pk), after=1)
    found = [await socket.next() for _ in range(4)]
    assert [line["type"] for line in found] == ["subscribed", "execution:logs", "execution:logs", "execution:status"]
    assert [line["seq"] for line in found[1:3]] == [2, 3]
    lines = frames.join([frames.event(4, b'{"n":4}'), frames.end("success")])
    hub.dispatch({execution.pk.hex.encode(): lines})
    told = [await socket.next() for _ in range(3)]
    about = {"executionId": str(execution.pk)}
    assert told == [
        {"type": "execution:logs", **about, "seq": 4, "event": {"n": 4}},
        {"type": "execution:status", **about, "status": "success"},
        {"type": "execution:complete", **about, "status": "success"},
    ]
    await socket.close()
    assert execution.pk.hex not in hub._listeners


async def test_one_socket_follows_many_and_leaves_one() -> None:
    first, second = await made(), await made()
    second.team = first.team
    await sync_to_async(second.save)()
    socket = await Socket().opened(token=await token_of(first.workflow.created_by))
    for execution in (first, second):
        await socket.say(type="subscribe:execution", executionId=str(execution.pk))
        assert await socket.types(2) == ["subscribed", "execution:status"]
    await socket.say(type="unsubscribe:execution", executionId=str(first.pk))
    assert (await socket.next())["type"] == "unsubscribed"
    for execution in (first, second):
        hub.dispatch({execution.pk.hex.encode(): frames.event(1, b"{}")})
    assert (await socket.next())["executionId"] == str(second.pk)
    await socket.close()


@pytest.mark.requirement(48, 49, 57)
@pytest.mark.parametrize("name", ["executionId", "workflowId"])
@pytest.mark.parametrize("given", ["own", "random", "nonsense"])
async def test_a_stranger_and_a_wrong_id_get_the_same_answer(name: str, given: str) -> None:
    execution = await made()
    found = {"executionId": str(execution.pk), "workflowId": str(execution.workflow_id)}
    target = {"own": found[name], "random": str(uuid7()), "nonsense": "1 OR 1=1"}[given]
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    await socket.say(type=f"subscribe:{name.removesuffix('Id')}", **{name: target})
    assert await socket.next() == {
        "type": "error", "code": "not_found", "message": "There is no such thing, or it is not yours.", name: target
    }  # fmt: skip
    await socket.close()


async def test_changes_of_a_workflow_are_told_to_who_follows_it() -> None:
    workflow = (await made()).workflow
    owner = workflow.created_by
    socket = await Socket().opened(token=await token_of(owner))
    await socket.say(type="subscribe:workflow", workflowId=str(workflow.pk))
    assert (await socket.next())["type"] == "subscribed"
    await sync_to_async(workflows.rename)(workflow, name="New", by=owner)
    assert await socket.next() == {"type": "workflow:update", "workflowId": str(workflow.pk), "change": "renamed"}
    await socket.say(type="unsubscribe:workflow", workflowId=str(workflow.pk))
    assert (await socket.next())["type"] == "unsubscribed"
    await sync_to_async(workflows.rename)(workflow, name="Newer", by=owner)
    assert await socket.live.receive_nothing()
    await socket.close()


async def test_notifications_reach_their_owner_alone() -> None:
    user, other = await sync_to_async(UserFactory)(), await sync_to_async(UserFactory)()
    mine = await Socket().opened(token=await token_of(user))
    theirs = await Socket().opened(token=await token_of(other))
    await sync_to_async(notify)(user, kind="run.failed", title="It failed")
    told = await mine.next()
    assert (told["type"], told["notification"]["title"]) == ("notification", "It failed")
    assert await theirs.live.receive_nothing()
    await mine.close()
    await theirs.close()


@pytest.mark.requirement(42)
async def test_a_pair_that_was_ended_closes_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_socket, "SIGN_IN_WITHIN_S", 0.2)
    monkeypatch.setattr(live_socket, "RECHECK_S", 0.01)
    user = await sync_to_async(UserFactory)()
    socket = await Socket().opened(token=await token_of(user))
    await sync_to_async(tokens.revoke_all)(user)
    assert await socket.closed_with() == 4401


@pytest.mark.requirement(42)
async def test_a_socket_is_asked_about_until_the_database_says_that_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_socket, "SIGN_IN_WITHIN_S", 0.2)
    monkeypatch.setattr(following, "AGAIN_S", 0.01)
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    is_good = away_at_first(lambda *_: False, django.db.OperationalError, times=1)
    monkeypatch.setattr(sockets.Identity, "is_good", is_good)
    assert await socket.closed_with() == 4401


async def test_what_it_follows_outlives_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SILENCE_S", 0.02)
    monkeypatch.setattr(following, "AGAIN_S", 0.01)
    execution = await made()
    socket = await Socket().opened(token=await token_of(execution.workflow.created_by))
    await socket.say(type="subscribe:execution", executionId=str(execution.pk))
    assert await socket.types(2) == ["subscribed", "execution:status"]
    monkeypatch.setattr(following, "status_of", away_at_first(following.status_of, psycopg.OperationalError))
    await sync_to_async(store)(execution, [1])
    told = [line["seq"] for line in [await socket.next() for _ in range(20)] if line["type"] == "execution:logs"]
    assert told == [1]
    await socket.close()


async def test_a_task_that_failed_keeps_nobody_in_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it failed with: its socket leaves what it had joined."""
    execution = await made()
    owner, left = execution.workflow.created_by, []

    async def discard(_: object, group: str, channel: str) -> None:
        left.append(group)

    monkeypatch.setattr(live_socket, "SIGN_IN_WITHIN_S", 0.01)
    monkeypatch.setattr(type(get_channel_layer()), "group_discard", discard)
    monkeypatch.setattr(sockets.Identity, "is_good", lambda _: 1 / 0)
    socket = await Socket(owner).open()
    assert (await socket.next())["type"] == "connected"
    await socket.say(type="subscribe:workflow", workflowId=str(execution.workflow_id))
    assert (await socket.next())["type"] == "subscribed"
    assert await socket.live.receive_nothing(0.3)
    await socket.close()
    assert left == [group_of_workflow(execution.workflow_id), group_of(owner.pk)]


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '"x"', "x" * 20_000])
async def test_what_is_no_message_closes_it(text: str) -> None:
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    await socket.live.send_input({"type": "websocket.receive", "text": text})
    assert await socket.closed_with() == 4400


async def test_bytes_close_it() -> None:
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    await socket.live.send_input({"type": "websocket.receive", "bytes": b"\xff"})
    assert await socket.closed_with() == 4400


async def test_a_flood_closes_it() -> None:
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    for _ in range(live_socket.MESSAGES_PER_MINUTE):
        await socket.say(type="ping")
    assert await socket.closed_with() == 4429


async def test_what_was_sent_before_it_closed_is_not_answered_with_another_end() -> None:
    """A second close is an error of ours in the log, as often as somebody likes."""
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    await socket.live.send_input({"type": "websocket.receive", "text": "no JSON"})
    await socket.live.send_input({"type": "websocket.receive", "text": "nor this"})
    assert await socket.closed_with() == 4400
    assert await socket.live.receive_nothing(0.2)


async def test_a_person_has_ten_sockets_at_most() -> None:
    token = await token_of(await sync_to_async(UserFactory)())
    held = [await Socket().opened(token=token) for _ in range(SOCKETS_PER_USER)]
    assert await (await Socket().open(token=token)).closed_with() == 4429
    await asyncio.gather(*(socket.close() for socket in held))
    await (await Socket().opened(token=token)).close()


async def test_words_it_does_not_know_are_named() -> None:
    socket = await Socket().opened(token=await token_of(await sync_to_async(UserFactory)()))
    await socket.say(type="subscribe:everything")
    assert (await socket.next())["code"] == "unknown_type"
    await socket.say(type="auth", token="x")
    assert (await socket.next())["code"] == "signed_in_already"
    await socket.close()


@pytest.mark.parametrize("after", [-1, 1e18, "x", 10**12, None, True])
async def test_a_number_that_is_none_means_from_the_start(after: Any) -> None:
    execution = await made(events=1)
    socket = await Socket().opened(token=await token_of(execution.workflow.created_by))
    await socket.say(type="subscribe:execution", executionId=str(execution.pk), after=after)
    assert await socket.types(3) == ["subscribed", "execution:logs", "execution:status"]
    await socket.close()


@pytest.mark.parametrize("call", ["group_add", "group_discard"])
async def test_a_layer_that_is_away_keeps_nobody_out(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise ConnectionError("Redis is away.")

    monkeypatch.setattr(live_socket, "places", Places(1))
    user = await sync_to_async(UserFactory)()
    with monkeypatch.context() as broken:
        broken.setattr(type(get_channel_layer()), call, away)
        socket = await Socket(user).open()
        with pytest.raises(ConnectionError):
            await socket.close()
    await (await Socket(user).opened()).close()
