"""Signing in with Google, Facebook and an OpenID provider, against one of our own on this machine: what binds a browser
to its sign-in, what makes somebody the same person, and what is refused."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.facebook import flows as facebook
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from django.test import Client
from requests import RequestException

from accounts.models import AuditEntry, User
from accounts.other_services import transport
from accounts.services.teams import personal_team
from accounts.tests.security.people import PASSWORD, is_in, owner, sign_in
from pumpflix.lib.safe_http import OutboundPolicy, client_for, parse_open_networks
from pumpflix.tests.openid_provider import CLIENT_ID, CLIENT_SECRET, GOOGLE, STRANGERS_KEY, Provider, openid_provider

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(45)]

APP = {"client_id": CLIENT_ID, "secret": CLIENT_SECRET}
LOGIN = {
    "google": "/accounts/google/login/",
    "facebook": "/accounts/facebook/login/",
    "openid": "/accounts/oidc/openid/login/",
}
SERVICES = list(LOGIN)
ADA = "ada@mail.example"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with openid_provider() as made:
        yield made


@pytest.fixture(autouse=True)
def _set_up(provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All three are set up, and lead to the provider of the test through the dialer, which has its address opened."""
    owner("somebody else's words", "first@mail.example")
    openid = {**APP, "provider_id": "openid", "name": "Elsewhere", "settings": {"server_url": provider.url}}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {"APPS": [APP], "OAUTH_PKCE_ENABLED": True},
        "facebook": {"APPS": [APP], "OAUTH_PKCE_ENABLED": True},
        "openid_connect": {"APPS": [openid], "OAUTH_PKCE_ENABLED": True},
    }
    policy = OutboundPolicy(parse_open_networks(f"{urlsplit(provider.url).hostname}/32"))
    monkeypatch.setattr(transport, "outbound_client", lambda: client_for(policy))
    for adapter in (GoogleOAuth2Adapter, FacebookOAuth2Adapter):
        monkeypatch.setattr(adapter, "authorize_url", f"{provider.url}/authorize")
        monkeypatch.setattr(adapter, "access_token_url", f"{provider.url}/token")
    monkeypatch.setattr(facebook, "GRAPH_API_URL", f"{provider.url}/graph")


def leave(client: Client, service: str, query: str = "") -> dict[str, str]:
    """Press the button; what the browser carries to the provider."""
    answer = client.post(LOGIN[service] + query)
    assert answer.status_code == 200
    return carried(answer)


def carried(answer: Any) -> dict[str, str]:
    """What the page that leads there carries along."""
    target = unescape(re.search(r'href="([^"]+)" data-testid="go-there"', answer.content.decode())[1])
    return {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}


def come_back(client: Client, provider: Provider, asked: dict[str, str]) -> Any:
    """Say yes there, and follow the way back."""
    parts = urlsplit(provider.code_for(asked))
    return client.get(f"{parts.path}?{parts.query}")


def through(client: Client, provider: Provider, service: str, query: str = "") -> Any:
    if service == "google":
        provider.lies["iss"] = GOOGLE
    return come_back(client, provider, leave(client, service, query))


# the way in ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("service", SERVICES)
def test_somebody_new_gets_an_account_with_a_team(provider, service):
    client = Client()
    assert through(client, provider, service)["Location"] == "/"
    assert is_in(client)
    user = User.objects.get(email=ADA)
    assert (user.name, user.has_usable_password(), personal_team(user).kind) == ("Ada Lovelace", False, "personal")
    assert EmailAddress.objects.get(user=user).verified is (service != "facebook")
    assert {"account.register", "login.success"} <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.parametrize("service", SERVICES)
def test_the_same_person_comes_back_to_the_same_account(provider, service):
    through(Client(), provider, service)
    provider.person["email"] = "married@mail.example"
    client = Client()
    through(client, provider, service)
    assert is_in(client)
    assert User.objects.filter(email=ADA).count() == 1
    assert not User.objects.filter(email="married@mail.example").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_no_token_of_the_service_is_kept(provider, service):
    through(Client(), provider, service)
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_sent_there_is_bound_to_this_sign_in(provider, service):
    """State, a challenge, and our own address to come back to, whatever host the request names."""
    client = Client()
    asked = leave(client, service)
    assert len(asked["state"]) >= 16
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert asked["redirect_uri"].startswith("http://127.0.0.1:8000/accounts/")
    if service == "google":
        provider.lies["iss"] = GOOGLE
    come_back(client, provider, asked)
    assert len(provider.exchanged[-1]["code_verifier"]) >= 43


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "query",
    [
        "?auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example",
        "?auth_params=state%3Dchosen%26client_id%3Dtheirs",
        "?scope=everything,openid",
        "?action=rerequest&auth_params=prompt%3Dnone",
    ],
)
def test_who_makes_a_link_to_the_button_adds_nothing_to_it(provider, service, query):
    plain, changed = leave(Client(), service), leave(Client(), service, query)
    different = {name for name in {*plain, *changed} if plain.get(name) != changed.get(name)}
    assert {name: sorted(value.split()) for name, value in changed.items() if name == "scope"} == {
        "scope": sorted(plain["scope"].split())
    }
    assert different - {"scope", "state", "code_challenge"} == set()
    assert "evil" not in str(changed)


# what binds the browser ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("service", SERVICES)
def test_a_way_back_that_another_browser_began_signs_nobody_in(provider, service):
    """A thief sends a victim the end of the thief's own sign-in."""
    asked = leave(Client(), service)
    victim = Client()
    victim.get("/accounts/login/")
    answer = come_back(victim, provider, asked)
    assert answer.status_code in (200, 302, 401)
    assert not is_in(victim)
    assert provider.exchanged == []


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("state", ["", "made-up", "x" * 5000])
def test_a_state_nobody_gave_out_signs_nobody_in(provider, service, state):
    client = Client()
    asked = leave(client, service)
    assert come_back(client, provider, {**asked, "state": state}).status_code in (200, 302, 401)
    assert not is_in(client)


@pytest.mark.parametrize("service", SERVICES)
def test_a_state_is_good_once_and_for_one_service(provider, service):
    client = Client()
    asked = leave(client, service)
    provider.lies["iss"] = GOOGLE if service == "google" else provider.url
    come_back(client, provider, asked)
    client.post("/accounts/logout/")
    come_back(client, provider, asked)
    assert not is_in(client)


def test_the_state_of_one_service_is_none_of_another(provider):
    client = Client()
    asked = leave(client, "google")
    target = urlsplit(provider.code_for(asked))
    client.get(f"/accounts/oidc/openid/login/callback/?{target.query}")
    assert not is_in(client)
    assert provider.exchanged == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_code_that_was_stolen_is_worth_nothing_without_the_verifier(provider, service):
    thief = Client()
    asked = leave(thief, service)
    stolen = provider.code_for(leave(Client(), service))
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    path = urlsplit(asked["redirect_uri"]).path
    assert thief.get(path, {"code": code, "state": asked["state"]}).status_code in (200, 401)
    assert not is_in(thief)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("query", ["error=access_denied", "error=server_error", "code=nonsense", ""])
def test_no_and_nonsense_lead_to_a_page_that_says_so(provider, service, query):
    client = Client()
    asked = leave(client, service)
    path = urlsplit(asked["redirect_uri"]).path
    answer = client.get(f"{path}?state={asked['state']}&{query}", follow=True)
    assert answer.status_code in (200, 401)
    assert "Signing in" in answer.content.decode()
    assert not is_in(client)


# who somebody is -----------------------------------------------------------------------------------------------------
LIES = {
    "another issuer signed for": {"iss": "https://evil.example"},
    "another issuer than is set up": {"issuer": "https://evil.example", "iss": "https://evil.example"},
    "for another client": {"aud": "somebody-else"},
    "over": {"exp": 1},
    "another key": {"key": STRANGERS_KEY},
    "told of somebody else": {"userinfo": {"sub": "1"}},
    "told of nobody": {"userinfo": {"sub": None}},
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
def test_an_identity_that_is_not_signed_for_is_none(provider, lies):
    provider.lies = lies
    client = Client()
    asked = client.post(LOGIN["openid"])
    if asked.status_code == 200:
        asked = come_back(client, provider, carried(asked))
    assert asked.status_code in (200, 401)
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_one_name_at_two_issuers_is_two_people(provider, settings):
    through(Client(), provider, "openid")
    first = SocialAccount.objects.get()
    provider.person = {**provider.person, "email": "other@mail.example"}
    with openid_provider("127.0.0.2") as another:
        another.person = provider.person
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = another.url
        client = Client()
        through(client, another, "openid")
    assert SocialAccount.objects.exclude(pk=first.pk).get().user.email == "other@mail.example"
    assert SocialAccount.objects.filter(uid=first.uid).count() == 1


@pytest.mark.parametrize("service", SERVICES)
def test_an_address_that_somebody_here_has_links_nothing_by_itself(provider, service):
    """Whether confirmed there or here: an address is no proof of who somebody is here."""
    user = owner(email=ADA)
    client = Client()
    answer = through(client, provider, service)
    assert answer.status_code in (200, 302)
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def linked(provider: Provider, service: str, *, prove: bool = True) -> tuple[Client, Any]:
    """The owner asks for it from the profile."""
    client = Client()
    sign_in(client)
    if prove:
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client, through(client, provider, service, "?process=connect")


@pytest.mark.parametrize("service", SERVICES)
def test_who_proved_who_they_are_links_a_service_and_comes_in_by_it(provider, service):
    user = owner()
    linked(provider, service)
    assert SocialAccount.objects.get().user == user
    client = Client()
    through(client, provider, service)
    assert is_in(client)
    assert not User.objects.filter(email=ADA).exists()
    assert AuditEntry.objects.filter(action="account.service_linked", actor=user).exists()


def test_who_only_has_the_session_is_asked_for_the_password_first(provider):
    owner()
    _, answer = linked(provider, "openid", prove=False)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("service", ["google", "openid"])
def test_an_address_that_is_not_confirmed_there_is_not_linked(provider, service):
    owner()
    provider.person["email_verified"] = False
    _, answer = linked(provider, service)
    assert (answer.status_code, SocialAccount.objects.count()) == (403, 0)
    assert "Confirm your address there first" in answer.content.decode()


def test_what_is_linked_to_one_account_is_not_linked_to_another(provider):
    through(Client(), provider, "openid")
    owner()
    linked(provider, "openid")
    assert SocialAccount.objects.get().user.email == ADA


def test_a_service_that_was_taken_off_lets_nobody_in(provider):
    owner()
    client, _ = linked(provider, "openid")
    page = client.get("/accounts/3rdparty/").content.decode()
    assert "Elsewhere" in page
    assert "Ada@Mail.example" in page
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()
    assert AuditEntry.objects.filter(action="account.service_unlinked").exists()


def test_the_only_way_in_stays(provider):
    client = Client()
    through(client, provider, "openid")
    answer = client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert "no password" in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_somebody_elses_link_is_not_mine_to_take_off(provider):
    through(Client(), provider, "openid")
    owner()
    eve = Client()
    sign_in(eve)
    eve.post("/accounts/reauthenticate/", {"password": PASSWORD})
    eve.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert SocialAccount.objects.exists()


def test_a_closed_account_stays_closed(provider):
    through(Client(), provider, "openid")
    User.objects.filter(email=ADA).update(is_active=False)
    client = Client()
    through(client, provider, "openid")
    assert not is_in(client)


def test_a_second_factor_is_asked_for_here_too(provider):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = owner()
    linked(provider, "openid")
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    assert through(client, provider, "openid")["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(client)


def test_where_no_accounts_are_taken_a_service_makes_none(provider, settings):
    settings.PUMPFLIX_SIGN_UP_OPEN = False
    through(Client(), provider, "openid")
    assert not User.objects.filter(email=ADA).exists()


# what is not set up --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", [*LOGIN.values(), *(f"{path}callback/" for path in LOGIN.values())])
def test_a_service_that_is_not_set_up_has_no_pages(settings, path, method):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert getattr(Client(), method)(path).status_code == 404


@pytest.mark.parametrize("service", ["google", "facebook"])
def test_nobody_hands_in_tokens_of_their_own(service):
    answer = Client().post(f"/accounts/{service}/login/token/", {"credential": "x", "access_token": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/signup/"])
def test_buttons_stand_where_a_service_is_set_up(settings, page):
    shown = Client().get(page).content.decode()
    assert all(f"Continue with {name}" in shown for name in ("Google", "Facebook", "Elsewhere"))
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Continue with" not in Client().get(page).content.decode()


def test_a_link_to_a_service_that_is_not_set_up_any_more_can_be_taken_off(provider, settings):
    owner()
    client, _ = linked(provider, "openid")
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "not offered any more" in client.get("/accounts/3rdparty/").content.decode()
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()


# the way out ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("service", SERVICES)
def test_an_address_that_is_not_opened_is_not_called(provider, service, monkeypatch):
    monkeypatch.setattr(transport, "outbound_client", lambda: client_for(OutboundPolicy()))
    client = Client()
    answer = client.post(LOGIN[service])
    if service != "openid":
        answer = come_back(client, provider, carried(answer))
    assert answer.status_code in (200, 401)
    assert not is_in(client)
    assert provider.exchanged == []


def test_a_provider_that_is_away_is_said_to_be(provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.2:1"
    answer = Client().post(LOGIN["openid"])
    assert answer.status_code == 401
    assert "Signing in did not work" in answer.content.decode()


def test_a_provider_that_redirects_is_not_followed(provider):
    with pytest.raises(RequestException):
        transport.session().get(f"{provider.url}/moved")
