import pytest

from accounts.tests.factories import UserFactory
from executions_app.models import DailyAnalytics
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(60)]


@pytest.fixture(autouse=True)
def _token(settings):
    settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update={"metrics_token": "t0ken"})


def scraped(client) -> dict[str, float]:
    text = client.get("/metrics", headers={"Authorization": "Bearer t0ken"}).content.decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_it_tells_of_every_part(client, redis_client):
    redis_client.set("pf:worker:one", "1")
    execution = ExecutionFactory(status="queued")
    DailyAnalytics.objects.create(workflow=execution.workflow, day="2026-11-21", executions=5, success=4, error=1)
    client.get("/")
    figures = scraped(client)
    assert figures['pumpflix_executions{status="queued"}'] == 1
    assert figures['pumpflix_executions_finished_total{status="success"}'] == 4
    assert figures["pumpflix_workers"] == 1
    assert figures["pumpflix_database_connections"] >= 1
    assert figures['pumpflix_gallery_cache_requests_total{result="miss"}'] >= 1
    assert figures["pumpflix_live_listeners"] == 0
    assert figures['pumpflix_up{part="database"}'] == 1
    assert any(name.startswith("django_http_requests_latency_seconds_by_view_method_count") for name in figures)


def test_without_redis_the_rest_is_told(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    figures = scraped(client)
    assert (figures['pumpflix_up{part="redis"}'], figures['pumpflix_up{part="database"}']) == (0, 1)


def test_a_stranger_does_not_learn_that_it_is_there(client):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    client.force_login(UserFactory())
    assert client.get("/metrics").status_code == 404


def test_an_administrator_reads_it(client):
    client.force_login(UserFactory(is_staff=True))
    assert client.get("/metrics").status_code == 200
