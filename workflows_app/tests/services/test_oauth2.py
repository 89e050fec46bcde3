"""Signing in through the browser with a service that gives tokens."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tests.factories import MembershipFactory, UserFactory
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.engine.errors import CredentialMissing
from workflows_app.errors import NotAllowed, Unsuitable
from workflows_app.services import credentials, oauth2, outbound

pytestmark = pytest.mark.app


@pytest.fixture
def member(db):
    return MembershipFactory()


@pytest.fixture
def provider(monkeypatch):
    """A local service; it checks the proof key as RFC 7636 says."""
    import base64
    import hashlib

    def answer(request, sock):
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if form["grant_type"] == "authorization_code" and proof.rstrip(b"=").decode() != made.challenge:
            return reply(b'{"error": "invalid_grant", "error_description": "wrong proof"}', "400 Bad Request")
        token = {"access_token": f"access-for-{form.get('code')}", "refresh_token": "refresh-1", "expires_in": "3600"}
        return reply(orjson.dumps(token), Content_Type="application/json")

    made, client = Server(answer), OutboundClient(OPEN)
    monkeypatch.setattr(outbound, "outbound_client", lambda: client)
    yield made
    made.close()
    client.close()


def make(member, provider, **more):
    fields = {
        "grantType": "authorizationCode", "authUrl": f"{provider.url}/agree?lang=en", "clientId": "me",
        "accessTokenUrl": f"{provider.url}/token", "clientSecret": "client-s3cret", "scope": "read write",
        "authQueryParameters": "access_type=offline", **more,
    }  # fmt: skip
    return credentials.create(team=member.team, by=member.user, name="Service", type="oAuth2Api", fields=fields)


def agree(row, member, provider):
    """What the browser brings along: the state, after the person agreed."""
    query = parse_qs(urlsplit(oauth2.begin(row, by=member.user)).query)
    provider.challenge = query["code_challenge"][0]
    return query


def test_the_browser_is_sent_to_the_service_with_a_proof_key(member, provider, settings):
    address = oauth2.begin(make(member, provider), by=member.user)
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.url}/agree"
    assert query["redirect_uri"] == f"{settings.PUMPFLIX_PUBLIC_URL.rstrip('/')}/rest/oauth2-credential/callback"
    assert (query["client_id"], query["scope"], query["response_type"]) == ("me", "read write", "code")
    assert (query["lang"], query["access_type"], query["code_challenge_method"]) == ("en", "offline", "S256")
    assert "client-s3cret" not in address


def test_coming_back_with_a_code_connects_the_credential(member, provider):
    row = make(member, provider)
    query = agree(row, member, provider)
    row = oauth2.finish(query["state"][0], "c0de", by=member.user)
    token = credentials.fields_of(row)["oauthTokenData"]
    assert (token["access_token"], token["refresh_token"]) == ("access-for-c0de", "refresh-1")
    assert datetime.fromisoformat(token["expires_at"]) > datetime.now(UTC) + timedelta(minutes=59)
    assert row.shown["oauthTokenData"] == {"isSet": True, "hint": ""}
    assert AuditEntry.objects.filter(action="credential.connect").exists()


def test_somebody_else_cannot_finish_it(member, provider):
    query = agree(make(member, provider), member, provider)
    with pytest.raises(NotAllowed, match="somebody else"):
        oauth2.finish(query["state"][0], "c0de", by=UserFactory())


@pytest.mark.parametrize("state", ["", "x.y", "e30.AAAA"])
def test_a_state_that_was_not_made_here_is_refused(member, provider, state):
    with pytest.raises(NotAllowed):
        oauth2.finish(state, "c0de", by=member.user)


def test_a_state_is_good_for_ten_minutes(member, provider, monkeypatch):
    query = agree(make(member, provider), member, provider)
    monkeypatch.setattr(oauth2, "now", lambda: datetime.now(UTC) + timedelta(minutes=11))
    with pytest.raises(NotAllowed, match="too long"):
        oauth2.finish(query["state"][0], "c0de", by=member.user)


def test_a_code_for_another_sign_in_is_refused_by_the_service(member, provider):
    row = make(member, provider)
    first = agree(row, member, provider)
    agree(row, member, provider)
    with pytest.raises(CredentialMissing, match="wrong proof"):
        oauth2.finish(first["state"][0], "c0de", by=member.user)


def test_an_application_alone_needs_no_browser(member, provider):
    with pytest.raises(Unsuitable, match="signs in by itself"):
        oauth2.begin(make(member, provider, grantType="clientCredentials"), by=member.user)


def test_what_is_missing_is_said_before_the_browser_leaves(member, provider):
    with pytest.raises(Unsuitable, match="needed first"):
        oauth2.begin(make(member, provider, authUrl=""), by=member.user)


def test_a_trial_asks_for_a_new_token_even_where_the_old_one_is_good(member, provider):
    good = {"access_token": "old", "refresh_token": "r", "expires_at": "2099-01-01T00:00:00+00:00"}
    row = make(member, provider, oauthTokenData=good)
    assert credentials.test(row, by=member.user).ok
    provider.answer = lambda request, sock: reply(b'{"error": "invalid_grant"}', "400 Bad Request")
    result = credentials.test(row, by=member.user)
    assert (result.ok, "invalid_grant" in result.message) == (False, True)


def test_a_trial_of_an_application_alone_fetches_a_token(member, provider):
    result = credentials.test(make(member, provider, grantType="clientCredentials"), by=member.user)
    assert (result.ok, result.message) == (True, "The service gave a token.")


class TestInTheBrowser:
    @pytest.fixture
    def page(self, client, member):
        client.force_login(member.user)
        return client

    def test_a_person_goes_to_the_service_and_comes_back_connected(self, page, member, provider):
        row = make(member, provider)
        there = page.get(f"/credentials/{row.pk}/connect")
        assert there.status_code == 302
        query = parse_qs(urlsplit(there["Location"]).query)
        provider.challenge = query["code_challenge"][0]
        assert urlsplit(query["redirect_uri"][0]).path == reverse("workflows_app:credential-callback")
        back = page.get("/rest/oauth2-credential/callback", {"state": query["state"][0], "code": "c0de"})
        assert back.status_code == 200
        assert "Service is connected" in back.content.decode()
        assert credentials.fields_of(type(row).objects.get())["oauthTokenData"]["access_token"] == "access-for-c0de"

    def test_a_stranger_finds_nothing_to_connect(self, client, member, provider):
        client.force_login(UserFactory())
        assert client.get(f"/credentials/{make(member, provider).pk}/connect").status_code == 404

    @pytest.mark.parametrize(
        "query,said",
        [
            ({"error": "access_denied", "error_description": "<b>You said no</b>"}, "&lt;b&gt;You said no"),
            ({"state": "x"}, "sent no code"),
            ({"state": "x", "code": "y"}, "was not begun here"),
            ({}, "sent no code"),
        ],
    )
    def test_what_went_wrong_is_said_on_a_page(self, page, query, said):
        answer = page.get("/rest/oauth2-credential/callback", query)
        assert answer.status_code == 422
        assert said in answer.content.decode()

    def test_what_is_missing_is_said_before_leaving(self, page, member, provider):
        answer = page.get(f"/credentials/{make(member, provider, clientId='').pk}/connect")
        assert (answer.status_code, "needed first" in answer.content.decode()) == (422, True)


@pytest.mark.django_db(transaction=True)
def test_fifty_who_ask_at_the_same_moment_share_one_renewal(provider):
    """Real threads with connections of their own; the service counts."""
    member = MembershipFactory()
    expired = {"access_token": "old", "refresh_token": "r", "expires_at": "2020-01-01T00:00:00+00:00"}
    row = make(member, provider, oauthTokenData=expired)
    together = threading.Barrier(50)

    def ask(_):
        together.wait(30)
        try:
            return oauth2.fresh(row)["oauthTokenData"]["access_token"]
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        tokens = set(pool.map(ask, range(50)))
    assert len(provider.seen) == 1
    assert tokens == {"access-for-None"}


def test_a_refusal_that_says_the_secret_back_is_told_without_it(member, provider):
    said = b'{"error": "invalid_client", "error_description": "' + b"x" * 190 + b' client-s3cret"}'
    provider.answer = lambda request, sock: reply(said, "400 Bad Request")
    row = make(member, provider, grantType="clientCredentials")
    with pytest.raises(CredentialMissing) as error:
        oauth2.fresh(row)
    assert "client-s" not in error.value.message


def test_trying_a_change_spends_no_refresh_token(member, provider):
    row = make(member, provider)
    query = agree(row, member, provider)
    row = oauth2.finish(query["state"][0], "c0de", by=member.user)
    asked = len(provider.seen)
    changed = {**credentials.fields_of(row), "scope": "read"}
    draft = credentials.drafted(team=row.team, by=member.user, name=row.name, type=row.type, fields=changed)
    result = credentials.try_out(draft, by=member.user)
    assert (result.ok, result.message) == (False, "It can be tried once it is saved.")
    assert len(provider.seen) == asked
