"""Refused before it is accepted: too many calls, too many waiting, a disk that is nearly full."""

import asyncio
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts.models import Team
from accounts.tests.factories import MembershipFactory
from executions_app import admission
from executions_app.intake import batcher
from executions_app.models import Execution
from executions_app.services import retry, start_manual_run
from executions_app.tests.factories import ExecutionFactory, execution_of, live_webhook, version_of
from executions_app.tests.intake.test_ingest import running
from pumpflix.lib.disk import Disk
from pumpflix.lib.rate_limits import RateLimits
from workflows_app.errors import Busy
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

THREE = {"webhook": "3/1 minute"}


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(admission, "disk", lambda: Disk(tmp_path, 100))


async def count() -> int:
    return await sync_to_async(Execution.objects.count)()


async def test_calls_beyond_the_limit_are_told_when_to_come_back_and_leave_no_row(settings) -> None:
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | THREE
    await sync_to_async(live_webhook)()
    async with running() as front:
        answers = await asyncio.gather(*(front.client.post("/webhook/hello") for _ in range(8)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert (len(refused), await count()) == (5, 3)
    assert {answer.json()["code"] for answer in refused} == {"too_many_requests"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)


async def test_another_webhook_has_a_limit_of_its_own(settings) -> None:
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | THREE
    await sync_to_async(live_webhook)()
    other = await sync_to_async(live_webhook)(path="other")
    async with running() as front:
        for _ in range(4):
            await front.client.post("/webhook/hello")
        assert (await front.client.post(f"/hook/{other.token}")).status_code == 200


async def test_the_limit_holds_while_redis_is_away(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | THREE
    alone = RateLimits("redis://127.0.0.1:1/0")
    monkeypatch.setattr(admission, "limits_at", lambda url: alone)
    await sync_to_async(live_webhook)()
    async with running() as front:
        statuses = [(await front.client.post("/webhook/hello")).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


async def test_zero_switches_the_limit_off(settings) -> None:
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"webhook": "0"}
    await sync_to_async(live_webhook)()
    async with running() as front:
        statuses = {(await front.client.post("/webhook/hello")).status_code for _ in range(5)}
    assert statuses == {200}


async def test_a_full_queue_is_told_whoever_else_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(batcher, "time", SimpleNamespace(monotonic=lambda: clock.now))
    busy, full = [await sync_to_async(live_webhook)(path=path) for path in ("busy", "full")]
    await sync_to_async(ExecutionFactory)(version=full.workflow.live_version)
    team = Team.objects.filter(pk=full.workflow.team_id)
    await sync_to_async(team.update)(max_queued=1)
    async with running() as front:

        async def statuses() -> list[int]:
            answers = [await front.client.post(f"/hook/{hook.token}") for hook in (busy, full)]
            clock.now += 0.3
            return [answer.status_code for answer in answers]

        assert [await statuses() for _ in range(5)] == [[200, 429]] * 5
        await sync_to_async(team.update)(max_queued=2)
        clock.now += batcher.COUNT_EVERY_S
        assert await statuses() == [200, 200]
        clock.now += batcher.FORGET_AFTER_S
        await front.client.post(f"/hook/{busy.token}")
        assert list(front.batcher._counted) == [busy.pk]


async def test_a_disk_that_is_nearly_full_takes_nothing_in(full_disk: None) -> None:
    await sync_to_async(live_webhook)()
    async with running() as front:
        answer = await front.client.post("/webhook/hello")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "disk_full", "30")
    assert await count() == 0


async def test_the_largest_body_is_a_setting(settings) -> None:
    settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update={"webhook_body_mb": 1})
    await sync_to_async(live_webhook)()
    async with running() as front:
        answer = await front.client.post("/webhook/hello", content=b"x" * (2**20 + 1))
    assert (answer.status_code, answer.json()["message"]) == (413, "The body is larger than 1 MB.")


def test_no_run_is_started_by_hand_while_the_disk_is_nearly_full(full_disk: None) -> None:
    version = version_of(manual_set(greeting="Hello"))
    with pytest.raises(Busy) as refused:
        start_manual_run(version.workflow, by=version.workflow.created_by)
    assert (refused.value.status, refused.value.instance_code) == (503, "disk_full")
    assert not Execution.objects.exists()


def test_a_program_is_told_when_to_start_its_run_again(client) -> None:
    member = MembershipFactory()
    client.force_login(member.user)
    version = version_of(manual_set(greeting="Hello"), created_by=member.user, team=member.team)
    Team.objects.update(max_queued=0)
    answer = client.post(reverse("api:workflow-execute", args=[version.workflow_id]), {}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_retry_waits_for_room_too() -> None:
    execution = execution_of(status="canceled", finished_at="2026-01-01T00:00:00Z")
    Team.objects.update(max_queued=0)
    with pytest.raises(Busy):
        retry(execution, by=execution.workflow.created_by)


def test_a_disk_is_asked_once_a_second_and_one_that_is_not_there_is_not_full(tmp_path) -> None:
    assert not Disk(tmp_path, 0).is_low
    assert Disk(tmp_path, 100).is_low
    assert not Disk(tmp_path / "gone", 100).is_low
