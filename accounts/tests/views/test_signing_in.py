"""Signing in and up by the pages: what tells an account apart, what locks, and the way out."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.services import first_admin, tokens
from accounts.services.teams import personal_team

pytestmark = [pytest.mark.app, pytest.mark.django_db]

PASSWORD = "correct horse battery"
EMAIL = "owner@mail.example"


@pytest.fixture
def user() -> User:
    made = User.objects.create_user(EMAIL, PASSWORD)
    personal_team(made)
    return made


def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


def is_in(client: Client) -> bool:
    return client.get("/profile").status_code == 200


# one answer --------------------------------------------------------------------------------------------------------
def test_an_unknown_account_costs_as_many_hashes_and_gets_the_same_page(user, monkeypatch):
    hashed = []
    kind = type(hashers.get_hasher())
    encode = kind.encode
    monkeypatch.setattr(kind, "encode", lambda self, *given: hashed.append(1) or encode(self, *given))
    pages = []
    for email in (EMAIL, "nobody@mail.example"):
        hashed.clear()
        shown = sign_in(Client(), email, "wrong one").content.decode()
        pages.append((len(hashed), re.sub(r'value="[^"]*"', "", shown)))
    assert pages[0][0] >= 1
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "email", ["", "x" * 500 + "@mail.example", "a\x00@mail.example", "' OR 1=1 --", "é@mail.example"]
)
@pytest.mark.parametrize("password", ["", "x" * 5000, "\x00", "🐎🔋"])
def test_hostile_input_is_refused_and_never_a_fault(user, email, password):
    assert sign_in(Client(), email, password).status_code == 200
    assert Client().post("/accounts/password/reset/", {"email": email}).status_code in (200, 302)


def test_the_page_leads_nowhere_else(user):
    client = Client()
    answer = client.post("/accounts/login/?next=//evil.example", {"login": EMAIL, "password": PASSWORD})
    assert answer["Location"] == "/"


def test_signing_in_and_failing_are_in_the_audit_trail(user):
    sign_in(Client(), password="wrong one")
    sign_in(Client())
    assert sorted(AuditEntry.objects.values_list("action", "actor__email")) == [
        ("login.failed", None),
        ("login.success", EMAIL),
    ]


# the lock ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def limited(settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"auth_failed": "5/15 minutes"}


def locked_out(address: str = "203.0.113.5") -> Client:
    client = Client(REMOTE_ADDR=address)
    for _ in range(5):
        sign_in(client, password="wrong one")
    return client


@pytest.mark.requirement(39)
def test_failures_lock_that_account_for_that_address(user, limited):
    client = locked_out()
    assert "Too many attempts from here" in sign_in(client).content.decode()
    assert not is_in(client)


@pytest.mark.requirement(39)
def test_nobody_locks_somebody_else_out(user, limited):
    locked_out()
    owner = Client(REMOTE_ADDR="198.51.100.7")
    assert sign_in(owner).status_code == 302
    assert is_in(owner)


@pytest.mark.requirement(39)
def test_a_forwarded_address_that_no_proxy_added_changes_nothing(user, limited):
    client = locked_out()
    answer = sign_in(client, headers={"x-forwarded-for": "192.0.2.99"})
    assert "Too many attempts from here" in answer.content.decode()


@pytest.mark.requirement(39)
def test_an_unknown_account_locks_in_the_same_words(user, limited):
    client = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(5):
        sign_in(client, "nobody@mail.example", "wrong one")
    assert "Too many attempts from here" in sign_in(client, "nobody@mail.example").content.decode()


@pytest.mark.requirement(39, 42, 44)
def test_the_way_out_by_mail_lets_in_at_once_and_ends_what_was_open(user, limited):
    thief = Client(REMOTE_ADDR="192.0.2.1")
    sign_in(thief)
    pair = tokens.issue(user)
    client = locked_out()
    client.post("/accounts/password/reset/", {"email": EMAIL})
    link = re.search(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", mail.outbox[-1].body).group(1)
    form = client.get(link)["Location"]
    assert client.post(form, {"password1": "quite-another-password-7"}).status_code == 302
    assert (is_in(client), is_in(thief)) == (True, False)
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(pair.refresh_token)
    assert "This link no longer works" in Client().get(link).content.decode()


# signing up --------------------------------------------------------------------------------------------------------
@pytest.mark.requirement(47)
def test_before_the_first_administrator_sign_up_is_closed_and_says_why():
    answer = Client().post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD})
    assert "Create the first administrator" in answer.content.decode()
    assert not User.objects.exists()


def test_afterwards_it_is_open(user):
    client = Client()
    client.post("/accounts/signup/", {"email": "New@Mail.Example", "password1": PASSWORD})
    made = User.objects.get(email="new@mail.example")
    assert (made.is_staff, made.is_superuser, personal_team(made).kind) == (False, False, "personal")
    assert is_in(client)


@pytest.mark.requirement(47)
def test_the_first_administrator_by_the_page():
    token = first_admin.issue()
    client = Client()
    assert "Create the first administrator" in client.get("/").content.decode()
    shown = client.get(f"/first-administrator?token={token}").content.decode()
    assert f'type="hidden" name="token" value="{token}"' in shown
    body = {"token": token, "email": "Root@Mail.example", "password": PASSWORD}
    assert client.post("/first-administrator", body)["Location"] == "/"
    user = User.objects.get()
    assert (user.is_superuser, EmailAddress.objects.get(user=user).verified, is_in(client)) == (True, True, True)
    assert Client().get("/first-administrator")["Location"] == "/"
    assert Client().post("/first-administrator", body)["Location"] == "/"


@pytest.mark.parametrize(
    "change",
    [{"token": "guess"}, {"email": "none"}, {"password": "short"}, {"password": "root@mail.example"}, {"token": ""}],
)
def test_what_is_not_right_makes_nobody_and_says_so(change):
    body = {"token": first_admin.issue(), "email": "root@mail.example", "password": PASSWORD} | change
    answer = Client().post("/first-administrator", body)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not User.objects.exists()


# a session that ended ----------------------------------------------------------------------------------------------
def test_a_button_leads_back_to_the_page_it_was_on(user):
    answer = Client().post("/profile/keys", headers={"referer": "http://testserver/profile?part=keys"})
    assert answer["Location"] == "/accounts/login/?next=%2Fprofile%3Fpart%3Dkeys"


@pytest.mark.parametrize("referer", ["", "https://evil.example/profile", "nonsense"])
def test_without_a_page_of_ours_it_is_as_before(user, referer):
    answer = Client().post("/profile/keys", headers={"referer": referer} if referer else {})
    assert answer["Location"] == "/accounts/login/?next=/profile/keys"


# the address -------------------------------------------------------------------------------------------------------
def test_the_address_changes_once_the_new_one_is_confirmed(user):
    client = Client()
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "fresh@mail.example", "action_add": ""})
    user.refresh_from_db()
    assert user.email == EMAIL
    letter = next(one for one in mail.outbox if one.to == ["fresh@mail.example"])
    link = re.search(r"http://127.0.0.1:8000(/accounts/confirm-email/\S+)", letter.body).group(1)
    client.post(link)
    user.refresh_from_db()
    assert user.email == "fresh@mail.example"
    assert [address.email for address in EmailAddress.objects.filter(user=user)] == ["fresh@mail.example"]


def test_the_address_of_now_cannot_be_taken_away(user):
    client = Client()
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for new in ("one@mail.example", "two@mail.example"):
        client.post("/accounts/email/", {"email": new, "action_add": ""})
    client.post("/accounts/email/", {"email": EMAIL, "action_remove": ""})
    client.post("/accounts/email/", {"email": "two@mail.example", "action_remove": ""})
    user.refresh_from_db()
    assert user.email == EMAIL
    assert [address.email for address in EmailAddress.objects.filter(user=user)] == [EMAIL]


def test_an_address_of_somebody_else_stays_theirs(user):
    other = User.objects.create_user("other@mail.example", PASSWORD)
    EmailAddress.objects.create(user=other, email=other.email, primary=True, verified=True)
    client = Client()
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/email/", {"email": other.email, "action_add": ""}).status_code in (200, 302)
    for letter in mail.outbox:
        for link in re.findall(r"http://127.0.0.1:8000(/accounts/confirm-email/\S+)", letter.body):
            assert client.post(link).status_code < 500
    user.refresh_from_db()
    assert user.email == EMAIL


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_address_needs_the_password_once_more_before_anything_is_typed(user, method):
    client = Client()
    sign_in(client)
    body = {"email": "fresh@mail.example", "action_add": ""}
    answer = getattr(client, method)("/accounts/email/", body)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert EmailAddress.objects.filter(email="fresh@mail.example").exists() is False


# other services ----------------------------------------------------------------------------------------------------
def test_services_are_offered_where_they_are_set_up(user, settings):
    assert "Continue with Google" not in Client().get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "id", "secret": "word"}]}}
    assert "Continue with Google" in Client().get("/accounts/login/").content.decode()
