"""The profile: what is stored, what others cannot do, and that old sessions end."""

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, AuditEntry, Notification, User
from accounts.selectors.sessions import described
from accounts.services import api_keys, sessions, tokens
from accounts.services.notifications import notify
from accounts.services.teams import personal_team
from accounts.tests.factories import MembershipFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def user() -> User:
    made = User.objects.create_user("owner@mail.example", PASSWORD, name="Owner")
    personal_team(made)
    return made


@pytest.fixture
def client(user: User) -> Client:
    return signed_in()


@pytest.fixture
def stranger() -> Client:
    User.objects.create_user("stranger@mail.example", PASSWORD)
    return signed_in("stranger@mail.example")


def signed_in(email: str = "owner@mail.example", agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    answer = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def may_read(client: Client) -> bool:
    return client.get("/profile").status_code == 200


def looks(**changes: Any) -> dict[str, Any]:
    given = {"name": "Owner", "theme": "system", "locale": "", "time_zone": "", "previews_enabled": "on"}
    return {name: value for name, value in (given | changes).items() if value is not None}


@pytest.mark.parametrize("address", ["/profile", "/notifications"])
def test_a_visitor_signs_in_first(address):
    assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"


# name and looks ----------------------------------------------------------------------------------------------------
def test_name_and_looks_are_stored_and_carried_by_cookies(client, user):
    answer = client.post(
        "/profile", looks(name=" Ada  L ", theme="light", time_zone="Asia/Tokyo", previews_enabled=None)
    )
    user.refresh_from_db()
    assert answer.status_code == 302
    assert (user.name, user.theme, user.time_zone, user.previews_enabled) == ("Ada L", "light", "Asia/Tokyo", False)
    assert {name: answer.cookies[name].value for name in ("theme", "previews")} == {
        "theme": "light",
        "previews": "off",
    }
    assert b'data-theme="light"' in client.get("/profile").content


@pytest.mark.parametrize("change", [{"theme": "<b>"}, {"time_zone": "Mars/Base"}, {"name": "x" * 200}])
def test_what_makes_no_sense_is_refused_and_nothing_stored(client, user, change):
    answer = client.post("/profile", looks(**change))
    user.refresh_from_db()
    assert (answer.status_code, user.name, user.theme) == (422, "Owner", "system")


def test_only_languages_that_every_page_speaks_are_offered_or_followed(client):
    answer = client.get("/profile", headers={"Accept-Language": "de"})
    assert b'<html lang="en"' in answer.content
    assert b'name="locale"' not in answer.content


def test_the_looks_follow_into_the_next_browser(client):
    client.post("/profile", looks(theme="dark"))
    assert signed_in().cookies["theme"].value == "dark"


def test_the_theme_switch_is_kept_with_the_account(client, user):
    client.post("/theme", {"theme": "light"})
    user.refresh_from_db()
    assert user.theme == "light"


def test_times_are_in_the_zone_of_the_account(client, user):
    notify(user, kind="x", title="Told")
    client.post("/profile", looks(time_zone="Asia/Tokyo"))
    assert re.search(r'datetime="[^"]+\+09:00"', client.get("/notifications").content.decode())


# sessions ----------------------------------------------------------------------------------------------------------
def test_the_page_lists_every_browser_and_marks_this_one(client):
    signed_in(agent="curl/8.1")
    shown = client.get("/profile").content.decode()
    assert "Firefox, Linux" in shown
    assert "curl" in shown
    assert shown.count("this one") == 1


def test_one_browser_is_signed_out_and_the_others_stay(client, user):
    other = signed_in()
    row = UserSession.objects.get(session_key=other.session.session_key)
    assert client.post(f"/profile/sessions/{row.pk}/end").status_code == 302
    assert (may_read(client), may_read(other)) == (True, False)
    assert AuditEntry.objects.filter(action="session.end", actor=user).exists()


def test_a_stranger_ends_nobodys_session(client, stranger):
    row = UserSession.objects.get(session_key=client.session.session_key)
    assert stranger.post(f"/profile/sessions/{row.pk}/end").status_code == 404
    assert may_read(client)


def test_signing_out_everywhere_ends_sessions_and_token_pairs_but_not_keys(client, user):
    other, pair = signed_in(), tokens.issue(user)
    key = api_keys.create(team=personal_team(user), by=user, name="Stays", scopes=["read"])
    assert client.post("/profile/sessions/end")["Location"] == "/accounts/login/"
    assert (may_read(client), may_read(other)) == (False, False)
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(pair.refresh_token)
    assert api_keys.read(key.key).user == user


def test_a_session_nobody_listed_ends_as_well(user):
    client = Client()
    client.force_login(user)
    assert may_read(client)
    sessions.end_everywhere(user)
    assert not may_read(client)


def test_a_session_after_it_is_good(client, user):
    client.post("/profile/sessions/end")
    assert may_read(signed_in())


def test_a_closed_account_is_out_at_once(client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not may_read(client)
    again = Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert again["Location"] == "/accounts/inactive/"


@pytest.mark.parametrize(
    "agent,words",
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Version/18.0 Safari/604",
            "Safari, iPhone",
        ),
        ("curl/8.1", "curl"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_a_browser_in_words(agent, words):
    assert described(agent) == words


# API keys ----------------------------------------------------------------------------------------------------------
def test_a_key_is_shown_once_and_works_until_it_is_revoked(client, user):
    shown = client.post("/profile/keys", {"name": "Report", "scopes": ["read", "run"], "days": "30"}).content.decode()
    key = re.search(r"pf_live_[a-z0-9]{12}_[A-Za-z0-9]{40}", shown).group()
    found = api_keys.read(key)
    assert (found.user, found.scopes, (found.expires_at - timezone.now()).days) == (user, ["read", "run"], 29)
    assert key not in client.get("/profile").content.decode()
    client.post(f"/profile/keys/{found.pk}/revoke")
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(key)


@pytest.mark.parametrize("body", [{}, {"name": "x"}, {"name": "x", "scopes": ["all"]}, {"name": "x", "days": "1"}])
def test_a_key_that_may_do_nothing_or_too_much_is_not_made(client, body):
    assert client.post("/profile/keys", body).status_code == 422
    assert not ApiKey.objects.exists()


def test_a_key_is_made_for_a_team_in_which_one_edits(client, user):
    edited = MembershipFactory(user=user, role="editor").team
    watched, strange = MembershipFactory(user=user, role="viewer").team, MembershipFactory().team
    body = {"name": "Report", "scopes": ["read"], "days": "30"}
    for team in (watched, strange):
        assert client.post("/profile/keys", {**body, "team": str(team.pk)}).status_code == 422
    shown = client.post("/profile/keys", {**body, "team": str(edited.pk)}).content.decode()
    key = re.search(r"pf_live_[a-z0-9]{12}_[A-Za-z0-9]{40}", shown).group()
    assert api_keys.read(key).team == edited
    assert edited.name in client.get("/profile").content.decode()


def test_a_stranger_revokes_nobodys_key(client, stranger, user):
    key = api_keys.create(team=personal_team(user), by=user, name="Mine", scopes=["read"])
    assert stranger.post(f"/profile/keys/{key.pk}/revoke").status_code == 404
    assert api_keys.read(key.key).user == user


# notifications -----------------------------------------------------------------------------------------------------
def test_the_bell_counts_and_reading_empties_it(client, user):
    first, second = notify(user, kind="x", title="One", url="/runs"), notify(user, kind="x", title="Two")
    assert "Notifications, 2 new" in client.get("/about").content.decode()
    assert client.post(f"/notifications/{first.pk}/read", {"open": "1"})["Location"] == "/runs"
    assert client.post(f"/notifications/{second.pk}/read")["Location"] == "/notifications"
    assert "Notifications, 0 new" in client.get("/about").content.decode()


def test_all_at_once(client, user):
    for number in range(3):
        notify(user, kind="x", title=str(number))
    client.post("/notifications/read")
    assert not Notification.objects.filter(read_at=None).exists()


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(client, user, url):
    row = notify(user, kind="x", title="One", url=url)
    assert client.post(f"/notifications/{row.pk}/read", {"open": "1"})["Location"] == "/notifications"


def test_a_stranger_reads_nothing_of_it(stranger, user):
    row = notify(user, kind="x", title="Private matter")
    assert "Private matter" not in stranger.get("/notifications").content.decode()
    assert stranger.post(f"/notifications/{row.pk}/read").status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_needs_as_many_queries_for_one_as_for_many(client, user, count, django_assert_max_num_queries):
    for number in range(count):
        notify(user, kind="x", title=str(number))
    client.get("/notifications")
    with django_assert_max_num_queries(5):
        assert client.get("/notifications").status_code == 200


def test_older_ones_are_a_page_away(client, user):
    rows = [notify(user, kind="x", title=f"Note {number:02}") for number in range(51)]
    first = client.get("/notifications").content.decode()
    assert "Note 50" in first
    assert "Note 00" not in first
    assert "Note 00" in client.get(f"/notifications?before={rows[1].pk}").content.decode()
    assert client.get("/notifications?before=nonsense").status_code == 200
