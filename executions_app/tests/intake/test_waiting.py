"""Callers that wait while the database is away: their call was accepted, so they are not told to send it again."""

import asyncio
from typing import Any

import orjson
import psycopg
import pytest
from asgiref.sync import sync_to_async

from executions_app import frames
from executions_app.intake import waiting
from executions_app.intake.http import Refused
from executions_app.intake.waiting import Waiter
from executions_app.models import Execution
from executions_app.stream import Hub
from executions_app.tests.factories import ExecutionFactory
from executions_app.tests.intake.test_chats import LINES, go, published
from executions_app.tests.intake.test_ingest import count, hook, only, running
from executions_app.tests.parts import Parts
from executions_app.tests.test_consumers import away_at_first
from executions_app.webhook_answers import encode_response, message

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

DONE = {"status": "success", "finished_at": "2026-01-01T00:00:00Z", "response": encode_response(message(201, "made"))}


@pytest.fixture
def away_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away while callers wait, and comes back."""
    monkeypatch.setattr(waiting, "POLL_S", 0.05)
    monkeypatch.setattr(waiting, "read_answer", away_at_first(waiting.read_answer, psycopg.OperationalError, times=1))


async def test_the_answer_is_read_when_the_database_is_back(away_once: None) -> None:
    execution = await sync_to_async(ExecutionFactory)(**DONE)
    with Waiter(Hub(), execution.pk, wait_s=5) as waiter:
        assert (await waiter.answer()).status == 201


@pytest.mark.parametrize("told", [[], [frames.end("success")]], ids=["in silence", "at the end"])
async def test_a_call_is_answered_as_if_nothing_had_been(away_once: None, told: list[bytes]) -> None:
    await hook(mode="lastNode")
    async with running() as front:
        asked = asyncio.create_task(front.client.post("/webhook/hello"))
        while await count() == 0:
            await asyncio.sleep(0.005)
        await sync_to_async(Execution.objects.update)(**DONE)
        front.hub.dispatch({(await only()).pk.hex.encode(): frames.join(told)})
        answer = await asked
    assert (answer.status_code, answer.json()) == (201, {"message": "made"})


def test_a_chat_goes_on_reading(away_once: None, parts: Parts) -> None:
    form: dict[str, Any] = {"chatInput": "Hello", "sessionId": "s"}
    answer = go("POST", f"/chat/{published().token}", parts, data=form, headers=LINES)
    assert [orjson.loads(line)["type"] for line in answer.text.splitlines()] == ["begin", "item", "end"]


async def test_who_has_waited_long_enough_is_told_as_always(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise psycopg.OperationalError("away")

    execution = await sync_to_async(ExecutionFactory)()
    monkeypatch.setattr(waiting, "POLL_S", 0.01)
    monkeypatch.setattr(waiting, "read_answer", away)
    with Waiter(Hub(), execution.pk, wait_s=0.05) as waiter, pytest.raises(Refused, match="in time") as late:
        await waiter.answer()
    assert late.value.status == 504
