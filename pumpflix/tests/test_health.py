import json

import pytest
from redis.asyncio import Redis

from pumpflix import health
from pumpflix.health import Checks

pytestmark = [pytest.mark.app, pytest.mark.requirement(60)]


async def ask(path: str, method: str = "GET") -> tuple[int, dict]:
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    await health.application({"type": "http", "method": method, "path": path}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(health, "CHECKS", Checks())


async def test_live_asks_nobody():
    assert await ask("/health/live") == (200, {"live": True})


async def test_all_dependencies_answer(redis_client):
    redis_client.set("pf:worker:one", "full")
    assert await ask("/health") == (200, {"database": True, "redis": True, "workers": True, "sandbox": True})


@pytest.mark.requirement(7)
@pytest.mark.parametrize(
    "told, is_accepted, holds",
    [
        (["full", "full"], False, True),
        (["full", "reduced: no user namespaces"], False, False),
        (["reduced: no user namespaces"], True, True),
        (["none: no bwrap"], True, False),
        (["unknown"], False, True),
    ],
)
async def test_a_worker_that_refuses_code_says_so(redis_client, settings, told, is_accepted, holds):
    settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update={"sandbox_accept_reduced": is_accepted})
    for number, level in enumerate(told):
        redis_client.set(f"pf:worker:{number}", level)
    status, body = await ask("/health")
    assert (status, body["sandbox"]) == (200, holds)


async def test_without_a_worker_it_is_503():
    assert await ask("/health") == (503, {"database": True, "redis": True, "workers": False, "sandbox": False})


async def test_what_is_down_is_named_and_nothing_more(settings):
    settings.REDIS_URL = "unix:///nowhere.sock?db=0"
    status, body = await ask("/health")
    assert (status, body) == (503, {"database": True, "redis": False, "workers": False, "sandbox": False})


async def test_a_check_that_hangs_counts_as_down(monkeypatch):
    monkeypatch.setattr(health, "ANSWER_S", 0.0)
    assert (await ask("/health"))[1] == {"database": False, "redis": False, "workers": False, "sandbox": False}


async def test_many_askers_cost_one_check(redis_client):
    redis_client.set("pf:worker:one", "1")
    first = await ask("/health")
    redis_client.flushdb()
    assert await ask("/health") == first


async def test_workers_are_counted_and_asked_for_their_sandbox_at_once(redis_client, monkeypatch):
    scans, scan = [], Redis.scan_iter
    monkeypatch.setattr(Redis, "scan_iter", lambda *given, **how: scans.append(1) or scan(*given, **how))
    redis_client.set("pf:worker:one", "full")
    assert (await ask("/health"))[0] == 200
    assert len(scans) == 1


async def test_only_reading_is_allowed():
    assert (await ask("/health", "POST"))[0] == 405
