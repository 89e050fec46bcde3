"""Accounts by REST: what each endpoint leaves in the database, and what it keeps to itself."""

import statistics
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import ApiKey, AuditEntry, Notification, RefreshToken, User
from accounts.services import tokens
from accounts.services.notifications import notify
from accounts.services.teams import personal_team
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]

PASSWORD = "correct horse battery"
NEW = {"email": "Ada@Mail.Example", "password": PASSWORD, "name": "Ada"}


@pytest.fixture
def user() -> User:
    made = User.objects.create_user("owner@mail.example", PASSWORD, name="Owner")
    personal_team(made)
    return made


@pytest.fixture
def client(user: User) -> APIClient:
    return as_user(user)


def post(client: APIClient, path: str, **body: Any) -> Any:
    return client.post(f"/api/{path}", body, format="json")


# registering and signing in ---------------------------------------------------------------------------------------
def test_registering_makes_an_account_with_a_team_and_mails_the_link(user):
    answer = post(APIClient(), "auth/register", **NEW)
    user = User.objects.get(email="ada@mail.example")
    assert (answer.status_code, user.email, user.name) == (201, "ada@mail.example", "Ada")
    assert personal_team(user).memberships.get().role == "owner"
    assert EmailAddress.objects.get(user=user).verified is False
    assert [message.to for message in mail.outbox] == [["ada@mail.example"]]
    assert PASSWORD not in str(answer.json())


def test_before_the_first_administrator_nobody_registers():
    answer = post(APIClient(), "auth/register", **NEW)
    assert (answer.status_code, answer.json()["code"], User.objects.count()) == (403, "sign_up_closed", 0)


def test_a_taken_address_is_told_to_its_owner_alone(user):
    again = post(APIClient(), "auth/register", email="OWNER@mail.example", password=PASSWORD, name="Eve")
    free = post(APIClient(), "auth/register", email="free@mail.example", password=PASSWORD, name="Eve")
    assert again.status_code == free.status_code == 201
    assert set(again.json()) == set(free.json())
    user.refresh_from_db()
    assert (user.name, User.objects.count(), user.check_password(PASSWORD)) == ("Owner", 2, True)
    assert mail.outbox[0].to == ["owner@mail.example"]


def test_a_password_everybody_has_is_refused():
    answer = post(APIClient(), "auth/register", email="a@mail.example", password="password123")
    assert (answer.status_code, answer.json()["problems"][0]["path"]) == (400, "password")
    assert not User.objects.exists()


def test_an_instance_may_take_no_new_accounts(settings):
    settings.PUMPFLIX_SIGN_UP_OPEN = False
    answer = post(APIClient(), "auth/register", **NEW)
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_up_closed")


def test_signing_in_gives_a_pair_that_works(user):
    answer = post(APIClient(), "auth/login", email="OWNER@mail.example", password=PASSWORD).json()
    assert tokens.read_access(answer["accessToken"]).user == user
    assert (answer["tokenType"], answer["expiresIn"], answer["user"]["id"]) == ("Bearer", 900, str(user.pk))
    assert RefreshToken.objects.filter(user=user).count() == 1
    assert AuditEntry.objects.filter(action="login.success", actor=user).exists()


@pytest.mark.parametrize(
    "email,password", [("owner@mail.example", "wrong"), ("nobody@mail.example", PASSWORD), ("x", "y")]
)
def test_a_wrong_password_and_an_unknown_address_look_the_same(user, email, password):
    answer = post(APIClient(), "auth/login", email=email, password=password)
    assert answer.status_code == 401
    body = answer.json()
    assert (body["code"], body["message"]) == ("login_failed", "The e-mail address or the password is not right.")
    assert not RefreshToken.objects.exists()


def test_a_closed_account_looks_the_same_too(user):
    user.is_active = False
    user.save()
    answer = post(APIClient(), "auth/login", email=user.email, password=PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (401, "login_failed")


def test_an_unknown_address_takes_as_long(user, settings):
    settings.PASSWORD_HASHERS = ["pumpflix.hashers.Argon2id"]
    user.set_password(PASSWORD)
    user.save()

    def spent(email: str) -> float:
        began = time.perf_counter()
        post(APIClient(), "auth/login", email=email, password="wrong")
        return time.perf_counter() - began

    known, unknown = ([spent(email) for _ in range(5)] for email in (user.email, "nobody@mail.example"))
    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


def test_an_address_that_must_be_confirmed_first(user, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    answer = post(APIClient(), "auth/login", email=user.email, password=PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (401, "email_not_verified")


def test_a_few_failures_and_that_address_has_to_wait(user, settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"auth_failed": "3/15 minutes"}
    for _ in range(3):
        assert post(APIClient(), "auth/login", email=user.email, password="wrong").status_code == 401
    locked = post(APIClient(), "auth/login", email=user.email, password=PASSWORD)
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(locked.headers["Retry-After"]) <= 900
    elsewhere = APIClient(REMOTE_ADDR="198.51.100.7")
    assert post(elsewhere, "auth/login", email=user.email, password=PASSWORD).status_code == 200


# tokens -----------------------------------------------------------------------------------------------------------
def test_refreshing_gives_the_next_pair(user):
    first = tokens.issue(user)
    answer = post(APIClient(), "auth/refresh", refreshToken=first.refresh_token)
    assert tokens.read_access(answer.json()["accessToken"]).user == user
    assert RefreshToken.objects.filter(used_at__isnull=False).count() == 1


@pytest.mark.parametrize("token", ["x", "pf_rt_" + "a" * 43])
def test_refreshing_with_anything_else(token):
    answer = post(APIClient(), "auth/refresh", refreshToken=token)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_a_refresh_token_in_the_address_does_not_count(user):
    pair = tokens.issue(user)
    assert (
        APIClient().get(f"/api/auth/me?refreshToken={pair.refresh_token}&access_token={pair.access_token}").status_code
        == 401
    )


def test_signing_out_ends_this_pair_at_once(user):
    client, other = as_user(user), as_user(user)
    assert post(client, "auth/logout").status_code == 204
    assert client.get("/api/auth/me").status_code == 401
    assert other.get("/api/auth/me").status_code == 200
    assert RefreshToken.objects.filter(revoked_at=None).count() == 1


def test_signing_out_everywhere_ends_every_pair(user):
    client, other = as_user(user), as_user(user)
    post(client, "auth/logout", everywhere=True)
    assert other.get("/api/auth/me").status_code == 401


def test_signing_out_by_refresh_token_ends_that_pair(user):
    client, other = as_user(user), tokens.issue(user)
    post(client, "auth/logout", refreshToken=other.refresh_token)
    assert client.get("/api/auth/me").status_code == 200
    assert post(APIClient(), "auth/refresh", refreshToken=other.refresh_token).status_code == 401


def test_a_browser_signs_out_of_its_session(user):
    client = APIClient()
    client.force_login(user)
    assert post(client, "auth/logout").status_code == 204
    assert client.get("/api/auth/me").status_code == 401


# oneself ----------------------------------------------------------------------------------------------------------
def test_who_one_is_with_ones_teams(user, client):
    shared = MembershipFactory(user=user, role="viewer")
    about = client.get("/api/auth/me").json()
    assert (about["email"], about["role"]) == ("owner@mail.example", "user")
    assert [(team["id"], team["role"]) for team in about["teams"]] == [
        (str(personal_team(user).pk), "owner"), (str(shared.team_id), "viewer")
    ]  # fmt: skip


def test_a_name_and_a_theme_are_changed(user, client):
    client.patch("/api/auth/me", {"name": "Grace", "theme": "dark"}, format="json")
    user.refresh_from_db()
    assert (user.name, user.theme) == ("Grace", "dark")


@pytest.mark.parametrize("field", ["email", "isStaff", "is_superuser", "role", "password"])
def test_nothing_else_about_oneself_is(user, client, field):
    assert client.patch("/api/auth/me", {field: "x"}, format="json").status_code == 400


# keys -------------------------------------------------------------------------------------------------------------
def test_a_key_is_shown_once_and_works(user, client):
    made = post(client, "api-keys", name="ci", scopes=["read"]).json()
    row = ApiKey.objects.get()
    assert (row.name, row.scopes, row.team) == ("ci", ["read"], personal_team(user))
    listed = client.get("/api/api-keys").json()["items"]
    assert [entry["id"] for entry in listed] == [made["id"]]
    assert made["key"] not in str(listed)
    assert APIClient().get("/api/auth/me", HTTP_X_API_KEY=made["key"]).json()["id"] == str(user.pk)
    assert AuditEntry.objects.filter(action="api_key.create").exists()


def test_a_revoked_key_is_kept_as_a_record(user, client):
    made = post(client, "api-keys", name="ci", scopes=["read"]).json()
    client.delete(f"/api/api-keys/{made['id']}")
    assert ApiKey.objects.get().revoked_at is not None
    assert APIClient().get("/api/auth/me", HTTP_X_API_KEY=made["key"]).status_code == 401


def test_a_key_in_the_address_does_not_count(user, client):
    made = post(client, "api-keys", name="ci", scopes=["read"]).json()
    assert APIClient().get(f"/api/auth/me?api_key={made['key']}").status_code == 401


@pytest.mark.parametrize("scopes", [[], ["everything"], "read", ["read"] * 9])
def test_scopes_that_are_none(client, scopes):
    assert post(client, "api-keys", name="ci", scopes=scopes).status_code == 400
    assert not ApiKey.objects.exists()


def test_a_key_for_a_team_one_is_not_in(client):
    other = MembershipFactory().team
    assert post(client, "api-keys", name="ci", scopes=["read"], teamId=str(other.pk)).status_code == 404


# notifications ----------------------------------------------------------------------------------------------------
def test_notifications_are_listed_and_marked_read(user, client):
    first, second = (notify(user, kind="run.failed", title=title) for title in ("One", "Two"))
    assert [entry["title"] for entry in client.get("/api/notifications").json()["items"]] == ["Two", "One"]
    assert post(client, f"notifications/{first.pk}/read").json()["readAt"] is not None
    unread = client.get("/api/notifications?unread=true").json()["items"]
    assert [entry["id"] for entry in unread] == [str(second.pk)]
    post(client, "notifications/read")
    assert not Notification.objects.filter(read_at=None).exists()


def test_somebody_elses_notification_is_not_there(user):
    row = notify(user, kind="run.failed", title="Mine")
    stranger = as_user(MembershipFactory().user)
    assert post(stranger, f"notifications/{row.pk}/read").status_code == 404
    assert stranger.get("/api/notifications").json()["items"] == []
    row.refresh_from_db()
    assert row.read_at is None
