"""API keys: shown once, good in one team, and gone when they are taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.selectors.api_keys import keys_for
from accounts.services import api_keys
from accounts.tests.factories import MembershipFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(43)]


@pytest.fixture
def member():
    return MembershipFactory(role="editor")


def new(member, **fields) -> api_keys.NewKey:
    return api_keys.create(team=member.team, by=member.user, name="ci", scopes=["read"], **fields)


def test_a_key_is_read_back_to_its_user_and_team(member):
    key = api_keys.read(new(member).key)
    assert (key.user, key.team) == (member.user, member.team)


def test_the_key_itself_is_stored_nowhere(member):
    made = new(member)
    secret = made.key.rsplit("_", 1)[1]
    row = ApiKey.objects.values().get()
    assert secret not in str(row)
    assert row["prefix"] in made.key


BROKEN = {
    "prefix only": lambda key: "_".join(key.split("_")[:3]),
    "wrong case": lambda key: key.swapcase(),
    "one letter off": lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),
    "something before": lambda key: f" {key}",
    "something behind": lambda key: f"{key}\n",
    "nothing": lambda key: "",
    "not ascii": lambda key: key[:-1] + "é",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_key_that_is_not_quite_it_is_refused(member, broken):
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(broken(new(member).key))


def test_a_revoked_key_is_refused_from_then_on(member):
    made = new(member)
    api_keys.revoke(made.row, by=member.user)
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(made.key)


def test_a_key_ends_when_it_was_meant_to(member):
    made = new(member, expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(made.key)


def test_who_leaves_the_team_leaves_the_key(member):
    made = new(member)
    member.delete()
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(made.key)


def test_a_closed_account_has_no_good_keys(member):
    made = new(member)
    member.user.is_active = False
    member.user.save()
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(made.key)


def test_when_it_was_used_last_is_noted(member):
    made = new(member)
    api_keys.read(made.key)
    assert ApiKey.objects.get().last_used_at is not None


def test_one_sees_ones_own_keys_and_an_owner_those_of_the_team(member):
    made = new(member)
    owner = MembershipFactory(team=member.team, role="owner").user
    mate = MembershipFactory(team=member.team, role="editor").user
    seen = {user.pk: list(keys_for(user)) for user in (member.user, owner, mate)}
    assert seen == {member.user.pk: [made.row], owner.pk: [made.row], mate.pk: []}


def test_what_the_database_holds_opens_nothing(member):
    row = new(member).row
    for stored in (row.secret_hash, f"pf_live_{row.prefix}_{row.secret_hash[:40]}", str(row.pk), row.prefix):
        with pytest.raises(api_keys.KeyInvalid):
            api_keys.read(stored)
        caller = APIClient(HTTP_X_API_KEY=stored)
        assert caller.get("/api/auth/me").status_code == 401


def test_a_key_sees_its_team_alone(member):
    other = MembershipFactory(user=member.user, role="owner")
    caller = APIClient(HTTP_X_API_KEY=new(member).key)
    assert [team["id"] for team in caller.get("/api/auth/me").json()["teams"]] == [str(member.team_id)]
    assert str(other.team_id) not in caller.get("/api/teams").content.decode()


@pytest.mark.parametrize("path", ["api-keys", "auth/logout"])
def test_a_key_makes_no_keys_and_ends_no_sessions(member, path):
    made = api_keys.create(team=member.team, by=member.user, name="all", scopes=list(api_keys.SCOPES))
    caller = APIClient(HTTP_X_API_KEY=made.key)
    answer = caller.post(f"/api/{path}", {"name": "more", "scopes": ["read"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_each_key_has_a_rate_of_its_own(member, settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"api": "1/15 minutes"}
    for key in (new(member).key, new(member).key):
        caller = APIClient(HTTP_X_API_KEY=key)
        assert [caller.get("/api/auth/me").status_code for _ in range(2)] == [200, 429]
