"""What ends with signing out, a new password, a closed account and a lost role: sessions, tokens, keys, sockets."""

import re
from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts.models import ApiKey, Membership, User
from accounts.services import api_keys, sessions, sockets, tokens
from accounts.services.sockets import Identity
from accounts.services.teams import personal_team
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from accounts.tests.security.people import EMAIL, PASSWORD, is_in, owner, sign_in

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(42)]

NEW = "quite-another-password-7"


@pytest.fixture
def user() -> User:
    return owner()


def signed_in() -> Client:
    client = Client()
    sign_in(client)
    return client


def socket_of(client: Client, user: User) -> Identity:
    """Who the socket of a page of that browser is."""
    return Identity(user, session_key=client.session.session_key)


def sign_out(user: User, client: Client) -> None:
    client.post("/accounts/logout/")


def change_password(user: User, client: Client) -> None:
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW})
    assert User.objects.get(pk=user.pk).check_password(NEW)


def reset_password(user: User, client: Client) -> None:
    other = Client()
    other.post("/accounts/password/reset/", {"email": EMAIL})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body).group(1)
    other.post(other.get(link)["Location"], {"password1": NEW})
    assert User.objects.get(pk=user.pk).check_password(NEW)


def close(user: User, client: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def everywhere(user: User, client: Client) -> None:
    client.post("/profile/sessions/end")


ENDS_ALL = [change_password, reset_password, close, everywhere]


@pytest.mark.parametrize("end", [sign_out, *ENDS_ALL])
def test_the_browser_is_signed_out(user, end: Callable[[User, Client], None]):
    client = signed_in()
    end(user, client)
    assert not is_in(client)


@pytest.mark.parametrize("end", ENDS_ALL)
def test_other_browsers_of_the_account_are_signed_out(user, end: Callable[[User, Client], None]):
    other = signed_in()
    end(user, signed_in())
    assert not is_in(other)


@pytest.mark.parametrize("end", ENDS_ALL)
def test_token_pairs_end(user, end: Callable[[User, Client], None]):
    pair = tokens.issue(user)
    end(user, signed_in())
    for use, token in ((tokens.read_access, pair.access_token), (tokens.refresh, pair.refresh_token)):
        with pytest.raises(tokens.TokenInvalid):
            use(token)


@pytest.mark.parametrize("end", [sign_out, *ENDS_ALL])
def test_the_socket_of_a_page_is_not_good_any_more(user, end: Callable[[User, Client], None]):
    client = signed_in()
    socket = socket_of(client, user)
    assert socket.is_good()
    end(user, client)
    assert not socket.is_good()


@pytest.mark.parametrize("end", ENDS_ALL)
def test_the_socket_of_a_token_is_not_good_any_more(user, end: Callable[[User, Client], None]):
    socket = sockets.identify(token=tokens.issue(user).access_token)
    assert socket.is_good()
    end(user, signed_in())
    assert not socket.is_good()


@pytest.mark.parametrize("end", ENDS_ALL)
def test_the_socket_of_a_ticket_is_not_good_any_more(user, end: Callable[[User, Client], None]):
    socket = sockets.identify(ticket=as_user(user).post("/api/auth/socket-ticket").json()["ticket"])
    assert socket.is_good()
    end(user, signed_in())
    assert not socket.is_good()


def test_a_ticket_of_a_page_ends_with_its_session(user):
    client = signed_in()
    tickets = [client.post("/api/auth/socket-ticket").json()["ticket"] for _ in range(2)]
    socket = sockets.identify(ticket=tickets[0])
    assert socket.is_good()
    sign_out(user, client)
    assert not socket.is_good()
    assert sockets.identify(ticket=tickets[1]) is None


def test_a_ticket_of_a_key_ends_with_the_key(user):
    made = api_keys.create(team=personal_team(user), by=user, name="ci", scopes=["read"])
    client = Client(headers={"x-api-key": made.key})
    tickets = [client.post("/api/auth/socket-ticket").json()["ticket"] for _ in range(2)]
    socket = sockets.identify(ticket=tickets[0])
    assert (socket.is_good(), socket.user.only_team_id) == (True, made.row.team_id)
    api_keys.revoke(made.row, by=user)
    assert not socket.is_good()
    assert sockets.identify(ticket=tickets[1]) is None


def test_keys_stay_when_the_password_changes_as_documented_and_end_with_the_account(user):
    made = api_keys.create(team=personal_team(user), by=user, name="ci", scopes=["read"])
    change_password(user, signed_in())
    assert api_keys.read(made.key).user == user
    close(user, Client())
    assert not api_keys.is_living(ApiKey.objects.get().pk)
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(made.key)


def test_a_session_that_was_ended_from_another_browser_is_over(user):
    thief, client = signed_in(), signed_in()
    row = UserSession.objects.get(session_key=thief.session.session_key)
    socket = socket_of(thief, user)
    sessions.end(row, by=user)
    assert (is_in(thief), socket.is_good(), is_in(client)) == (False, False, True)


def test_a_role_that_was_taken_away_counts_at_the_next_call():
    member = MembershipFactory(role="editor")
    caller = as_user(member.user)
    made = api_keys.create(team=member.team, by=member.user, name="ci", scopes=["read"])
    assert str(member.team_id) in str(caller.get("/api/auth/me").json())
    Membership.objects.filter(pk=member.pk).delete()
    assert str(member.team_id) not in str(caller.get("/api/auth/me").json())
    assert not api_keys.is_living(made.row.pk)


def test_a_session_is_another_one_after_signing_in(user):
    """What was planted in a browser before does not become a way in."""
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["pf_session"] = planted = session.session_key
    sign_in(client)
    assert client.session.session_key != planted
    other = Client()
    other.cookies["pf_session"] = planted
    assert not is_in(other)
