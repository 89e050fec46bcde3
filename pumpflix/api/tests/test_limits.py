"""Rate limits: counted exactly, told in every answer, and never off."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from rest_framework.test import APIClient

from accounts.services import api_keys
from accounts.services.teams import personal_team
from accounts.tests.factories import UserFactory
from pumpflix.api.tests.world import account, as_user
from pumpflix.lib import rate_limits
from pumpflix.lib.rate_limits import RateLimits
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(65)]


@pytest.fixture
def limited(settings):
    """Sets the rules that are given; the others stay out of the way."""

    def limit(**rules: str) -> None:
        settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | rules

    return limit


def test_the_call_beyond_the_limit_is_told_when_to_go_on(limited):
    limited(api="2/15 minutes")
    client = as_user(account())
    answers = [client.get("/api/teams") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert 0 < int(refused.headers["RateLimit-Reset"]) <= 900


def test_users_keys_and_addresses_are_counted_apart(limited):
    limited(api="1/15 minutes")
    first = account()
    key = api_keys.create(team=personal_team(first), by=first, name="k", scopes=["read"]).key
    for client in (as_user(first), as_user(account("b@mail.example")), APIClient(HTTP_X_API_KEY=key), APIClient()):
        assert client.get("/api").status_code == 200
        assert client.get("/api").status_code == 429


def test_a_browser_has_a_limit_of_its_own(limited):
    limited(api="1/15 minutes", browser="3/15 minutes")
    client = APIClient()
    client.force_login(account())
    assert [client.get("/api/teams").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_who_fails_to_say_who_they_are_is_counted_too(limited):
    limited(api="2/15 minutes")
    client = APIClient(HTTP_AUTHORIZATION="Bearer pf_live_x")
    assert [client.get("/api/teams").status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.requirement(59)
@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED"])
def test_an_address_that_the_caller_invents_does_not_count(limited, header):
    limited(api="2/15 minutes")
    answers = [APIClient().get("/api", **{header: f"198.51.100.{number}"}).status_code for number in range(3)]
    assert answers == [200, 200, 429]


def test_exports_have_a_limit_besides(limited):
    limited(export="1/1 hour")
    workflow = WorkflowFactory()
    client = as_user(workflow.created_by)
    assert client.get(f"/api/workflows/{workflow.pk}/export").status_code == 200
    refused = client.get(f"/api/workflows/{workflow.pk}/export")
    assert (refused.status_code, refused.headers["RateLimit-Limit"]) == (429, "1")
    assert client.get("/api/teams").status_code == 200


def test_registering_has_a_limit_by_address(limited):
    UserFactory()  # signing up is open once there is an administrator
    limited(auth="2/1 hour")
    bodies = [{"email": f"n{number}@mail.example", "password": "correct horse battery"} for number in range(3)]
    found = [APIClient().post("/api/auth/register", body, format="json").status_code for body in bodies]
    assert found == [201, 201, 429]


def test_exactly_as_many_pass_as_may_when_all_come_at_once(redis_url):
    limits = RateLimits(redis_url)
    with ThreadPoolExecutor(20) as threads:
        allowed = list(threads.map(lambda _: limits.take("100/1 minute", "burst", "x").allowed, range(400)))
    assert sum(allowed) == 100


def test_without_redis_each_process_counts_for_itself():
    limits = RateLimits("redis://127.0.0.1:1/0")
    assert [limits.take("2/1 minute", "local").allowed for _ in range(3)] == [True, True, False]
    assert limits.look("2/1 minute", "local").allowed is False


def test_redis_is_asked_again_after_a_while(redis_url, monkeypatch):
    limits = RateLimits(redis_url)
    limits._away_until = float("inf")
    limits.take("1/1 minute", "again")
    limits._away_until = 0.0
    assert limits.take("1/1 minute", "again").allowed
    assert limits.take("1/1 minute", "again").allowed is False
    assert rate_limits.ASIDE_S > 0
