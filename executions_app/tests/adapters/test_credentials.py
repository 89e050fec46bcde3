"""The credential a node names, opened at the moment of use."""

from datetime import timedelta
from threading import Thread

import orjson
import pytest
from django.utils import timezone

from accounts.tests.factories import MembershipFactory, TeamFactory
from executions_app.adapters.credentials import CredentialsAdapter, LastUses
from executions_app.database import pool
from pumpflix.lib.crypto import new_key_text
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.engine.errors import CredentialMissing
from workflows_app.services import credentials, outbound
from workflows_app.services.credentials import CredentialChange
from workflows_app.toolkit.redaction import MASK, Redactor

pytestmark = [pytest.mark.app, pytest.mark.requirement(34)]

TOKEN = "tok-0123456789"


@pytest.fixture
def member(transactional_db):
    return MembershipFactory()


@pytest.fixture(autouse=True)
def fresh_notes(monkeypatch):
    monkeypatch.setattr("executions_app.adapters.credentials.last_uses", LastUses())


def make(member, kind="httpBearerAuth", **fields):
    return credentials.create(
        team=member.team, by=member.user, name="My key", type=kind, fields=fields or {"token": TOKEN}
    )


def adapter(reference, team, redactor=None, kind="httpBearerAuth"):
    return CredentialsAdapter(lambda node: {kind: reference}, team.pk, Redactor() if redactor is None else redactor)


def named(row):
    return {"id": str(row.pk), "name": row.name}


def test_a_node_gets_the_fields_of_its_own_credential(member):
    redactor = Redactor()
    fields = adapter(named(make(member)), member.team, redactor).get("HTTP", "httpBearerAuth")
    assert fields == {"token": TOKEN}
    assert redactor.text(f"Bearer {TOKEN}") == f"Bearer {MASK}"


def test_defaults_of_the_type_are_filled_in(member):
    row = make(member, "smtp", host="mail.example")
    assert adapter(named(row), member.team, kind="smtp").get("Mail", "smtp")["port"] == 465


@pytest.mark.requirement(28)
def test_the_owners_hosts_bind_it(member):
    row = credentials.create(
        team=member.team, by=None, name="n", type="httpBearerAuth", fields={"token": "t"},
        allowed_hosts=["api.example.com"],
    )  # fmt: skip
    fields = adapter(named(row), member.team).get("HTTP", "httpBearerAuth")
    assert (fields["allowedHttpRequestDomains"], fields["allowedDomains"]) == ("domains", "api.example.com")


class TestWhoMayUseIt:
    def refused(self, reference, team, kind="httpBearerAuth"):
        with pytest.raises(CredentialMissing) as error:
            adapter(reference, team, kind=kind).get("HTTP", kind)
        return error.value.message

    def test_another_team_may_not(self, member):
        assert "gone, or not for this team" in self.refused(named(make(member)), TeamFactory())

    def test_a_team_it_is_shared_with_may_until_it_is_taken_back(self, member):
        row, guest = make(member), TeamFactory()
        credentials.share(row, team=guest, by=member.user)
        assert adapter(named(row), guest).get("HTTP", "httpBearerAuth") == {"token": TOKEN}
        credentials.unshare(row, team=guest, by=member.user)
        assert "gone, or not for this team" in self.refused(named(row), guest)

    def test_a_credential_of_another_type_is_none(self, member):
        assert "gone, or not for this team" in self.refused(named(make(member)), member.team, kind="httpBasicAuth")

    @pytest.mark.parametrize("reference", [None, {}, {"id": None}, {"id": "7"}, {"name": "My key"}, "7", []])
    def test_a_name_alone_or_an_id_of_elsewhere_finds_nothing(self, member, reference):
        make(member)
        assert "needs a credential of type httpBearerAuth" in self.refused(reference, member.team)


def test_an_expired_one_says_so(member):
    row = make(member)
    ended = timezone.now() - timedelta(days=1)
    credentials.update(row, CredentialChange(expires_at=ended), by=None, secret_version=1)
    with pytest.raises(CredentialMissing, match="expired on") as error:
        adapter(named(row), member.team).get("HTTP", "httpBearerAuth")
    assert error.value.instance_code == "credential_expired"


def test_a_missing_key_is_named(member, settings):
    row = make(member)
    settings.ENCRYPTION_KEY = f"other:{new_key_text()}"
    with pytest.raises(CredentialMissing, match="Key 'k1' is not on the keyring"):
        adapter(named(row), member.team).get("HTTP", "httpBearerAuth")


def test_its_use_is_noted_without_a_write_per_call(member):
    row = make(member)
    for _ in range(3):
        adapter(named(row), member.team).get("HTTP", "httpBearerAuth")
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    adapter(named(row), member.team).get("HTTP", "httpBearerAuth")
    row.refresh_from_db()
    assert row.last_used_at == first


class TestTokens:
    @pytest.fixture
    def service(self, monkeypatch):
        """A token server; each answer brings the next token."""
        answers = iter(range(1, 100))

        def answer(request, sock):
            token = {"access_token": f"access-token-{next(answers)}", "expires_in": 3600, "refresh_token": "refresh-me"}
            return reply(orjson.dumps(token), Content_Type="application/json")

        made, client = Server(answer), OutboundClient(OPEN)
        monkeypatch.setattr(outbound, "outbound_client", lambda: client)
        yield made
        made.close()
        client.close()

    def oauth2(self, member, service, **token):
        return make(
            member, "oAuth2Api", grantType="clientCredentials", accessTokenUrl=f"{service.url}/token", clientId="me",
            clientSecret="client-s3cret", scope="read", oauthTokenData=token,
        )  # fmt: skip

    def get(self, row, member):
        return adapter(named(row), member.team, kind="oAuth2Api")

    def test_a_missing_token_is_fetched_and_kept_sealed(self, member, service):
        row = self.oauth2(member, service)
        fields = self.get(row, member).get("HTTP", "oAuth2Api")
        assert fields["oauthTokenData"]["access_token"] == "access-token-1"
        assert self.get(row, member).get("HTTP", "oAuth2Api")["oauthTokenData"]["access_token"] == "access-token-1"
        [seen] = service.seen
        assert (seen.method, seen.target) == ("POST", "/token")
        assert seen.headers["authorization"] == "Basic bWU6Y2xpZW50LXMzY3JldA=="
        assert seen.body == b"grant_type=client_credentials&scope=read"
        row.refresh_from_db()
        assert row.secret_version == 1
        assert "access-token" not in str(row.shown) + str(bytes(row.sealed))

    def test_a_token_that_ends_within_a_minute_is_renewed_ahead(self, member, service):
        soon = (timezone.now() + timedelta(seconds=30)).isoformat()
        row = self.oauth2(member, service, access_token="old", refresh_token="r", expires_at=soon)
        fields = self.get(row, member).get("HTTP", "oAuth2Api")
        assert fields["oauthTokenData"]["access_token"] == "access-token-1"
        assert service.seen[0].body == b"grant_type=refresh_token&refresh_token=r"

    def test_a_token_without_an_end_is_used_until_it_is_refused(self, member, service):
        row = self.oauth2(member, service, access_token="old", refresh_token="r")
        port = self.get(row, member)
        assert port.get("HTTP", "oAuth2Api")["oauthTokenData"]["access_token"] == "old"
        assert port.renewed("HTTP", "oAuth2Api", "old")["oauthTokenData"]["access_token"] == "access-token-1"

    def test_of_many_who_ask_at_once_one_renews(self, member, service):
        row = self.oauth2(member, service, access_token="old", refresh_token="r")
        found = []

        def ask():
            found.append(self.get(row, member).renewed("HTTP", "oAuth2Api", "old")["oauthTokenData"]["access_token"])

        threads = [Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == ["access-token-1"] * 12
        assert len(service.seen) == 1

    def test_a_refusal_asks_the_owner_to_sign_in_again(self, member, service):
        service.answer = lambda request, sock: reply(b'{"error": "invalid_grant"}', "400 Bad Request")
        row = self.oauth2(member, service, access_token="old", refresh_token="r")
        with pytest.raises(CredentialMissing, match="invalid_grant") as error:
            self.get(row, member).renewed("HTTP", "oAuth2Api", "old")
        assert error.value.instance_code == "credential_rejected"
        row.refresh_from_db()
        assert row.failing_since is not None

    def test_one_that_nobody_signed_in_with_says_so(self, member, service):
        row = make(member, "oAuth2Api", grantType="authorizationCode", accessTokenUrl=f"{service.url}/token")
        with pytest.raises(CredentialMissing, match="not connected") as error:
            self.get(row, member).get("HTTP", "oAuth2Api")
        assert error.value.instance_code == "credential_not_connected"


def test_no_connection_stays_with_the_thread(member):
    adapter(named(make(member)), member.team).get("HTTP", "httpBearerAuth")
    assert pool().get_stats()["requests_waiting"] == 0
