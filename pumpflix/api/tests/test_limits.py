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
    blocked = limits.blocked("2/1 minute", "local")
    assert blocked is not None
    assert (blocked.allowed, blocked.limit, blocked.remaining) == (False, 2, 0)
    assert limits.blocked("2/1 minute", "another") is None


def test_redis_is_asked_again_after_a_while(redis_url, monkeypatch):
    limits = RateLimits(redis_url)
    limits._away_until = float("inf")
    limits.take("1/1 minute", "again")
    limits._away_until = 0.0
    assert limits.take("1/1 minute", "again").allowed
    assert limits.take("1/1 minute", "again").allowed is False
    assert rate_limits.ASIDE_S > 0


# roles, teams, and Redis away ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("role,passed", [({}, 1), ({"is_curator": True}, 2), ({"is_staff": True}, 3)])
def test_curators_and_administrators_may_have_another_number(limited, role, passed):
    limited(api="1/15 minutes", api_curator="2/15 minutes", api_admin="3/15 minutes")
    user = account()
    type(user).objects.filter(pk=user.pk).update(**({"name": "x"} | role))
    client = as_user(user)
    assert [client.get("/api/auth/me").status_code for _ in range(4)].count(200) == passed


def test_all_keys_of_a_team_count_together(limited):
    limited(api="10/15 minutes", team="3/15 minutes")
    first, second = account(), account("b@mail.example")
    keys = [api_keys.create(team=personal_team(first), by=first, name=name, scopes=["read"]).key for name in "ab"]
    other = api_keys.create(team=personal_team(second), by=second, name="c", scopes=["read"]).key
    asked = [APIClient(HTTP_X_API_KEY=keys[number % 2]).get("/api/teams") for number in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    assert (asked[2].headers["RateLimit-Limit"], asked[2].headers["RateLimit-Remaining"]) == ("3", "0")
    assert APIClient(HTTP_X_API_KEY=other).get("/api/teams").status_code == 200


def test_making_more_keys_is_no_way_round(limited):
    limited(api="2/15 minutes", team="4/15 minutes")
    user = account()
    found = []
    for name in "abcd":
        key = api_keys.create(team=personal_team(user), by=user, name=name, scopes=["read"]).key
        found += [APIClient(HTTP_X_API_KEY=key).get("/api/teams").status_code for _ in range(2)]
    assert found.count(200) == 4


@pytest.mark.parametrize("path", ["/api/teams", "/api", "/api/nothing-here"])
def test_without_redis_calls_are_still_counted(limited, settings, path):
    settings.REDIS_URL = f"redis://127.0.0.1:1/{abs(hash(path)) % 7}"
    limited(api="2/15 minutes")
    rate_limits.limits_at.cache_clear()
    client = as_user(account())
    answers = [client.get(path) for _ in range(3)]
    rate_limits.limits_at.cache_clear()
    if path == "/api/nothing-here":
        assert {answer.status_code for answer in answers} == {404}
    else:
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[-1].headers["Retry-After"]) > 0


def test_without_redis_the_pages_of_signing_in_go_on_counting(monkeypatch):
    from django_redis.client import DefaultClient
    from django_redis.exceptions import ConnectionInterrupted

    from pumpflix.lib.limiting_cache import LimitingCache

    def away(*_: object, **__: object) -> None:
        raise ConnectionInterrupted(connection=None)

    for name in ("add", "get", "set", "delete"):
        monkeypatch.setattr(DefaultClient, name, away)
    cache = LimitingCache("redis://127.0.0.1:1/0", {"OPTIONS": {"IGNORE_EXCEPTIONS": True}})
    assert cache.add("allauth:rl:x", 1, 60) is True
    assert cache.add("allauth:rl:x", 1, 60) is False
    cache.set("allauth:rl:y", [1.0, 2.0], 60)
    assert cache.get("allauth:rl:y") == [1.0, 2.0]
    cache.delete("allauth:rl:y")
    assert cache.get("allauth:rl:y", []) == []
    assert cache.get("template:1") is None


@pytest.mark.parametrize("query", ["limit=101", "limit=1000000000", "limit=0", "skip=10001", "skip=-1", "limit=abc"])
def test_a_page_has_a_hundred_rows_at_most(query):
    answer = as_user(account()).get(f"/api/workflows?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_addresses_of_one_line_count_together(limited):
    limited(api="2/15 minutes")
    callers = [APIClient(REMOTE_ADDR=f"2001:db8:9:9::{number}") for number in (1, 2, 3)]
    assert [caller.get("/api").status_code for caller in callers] == [200, 200, 429]
    assert APIClient(REMOTE_ADDR="2001:db8:9:a::1").get("/api").status_code == 200
