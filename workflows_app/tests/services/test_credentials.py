from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys as instance_keys
from accounts.keys import Rewrapped
from accounts.models import AuditEntry
from accounts.tests.factories import MembershipFactory, TeamFactory, UserFactory
from pumpflix.lib import crypto
from pumpflix.lib.crypto import new_key_text
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.engine.errors import CredentialMissing
from workflows_app.errors import Conflict, Unsuitable
from workflows_app.models import Credential
from workflows_app.selectors import credentials as selectors
from workflows_app.services import credentials, outbound
from workflows_app.services.credentials import CredentialChange, CredentialInvalid
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.app

KEEPER = next(one for one in instance_keys.keepers() if one.name == "credential")
TOKEN = "ghp_0123456789abcdefghijklmnop"


@pytest.fixture
def member(db):
    return MembershipFactory()


@pytest.fixture
def open_network(monkeypatch):
    """Loopback may be called."""
    client = OutboundClient(OPEN)
    monkeypatch.setattr(outbound, "outbound_client", lambda: client)
    yield
    client.close()


def make(member, kind="httpBearerAuth", **fields):
    return credentials.create(
        team=member.team, by=member.user, name="My key", type=kind, fields=fields or {"token": TOKEN}
    )


class TestStoring:
    def test_the_secret_is_stored_sealed_and_opens_for_its_own_row_alone(self, member):
        one, two = make(member), make(member)
        assert TOKEN.encode() not in bytes(one.sealed)
        assert credentials.fields_of(one)["token"] == TOKEN
        two.sealed = one.sealed
        with pytest.raises(CredentialMissing, match="does not open"):
            credentials.fields_of(two)

    def test_nothing_readable_of_the_secret_is_in_the_row_or_the_audit_trail(self, member):
        row = make(member, "smtp", host="mail.example", user="ann", password="correct horse battery")
        stored = str(Credential.objects.filter(pk=row.pk).values().get()) + str(list(AuditEntry.objects.values()))
        assert "correct horse" not in stored
        assert "mail.example" in stored

    def test_what_may_be_shown_says_whether_a_secret_is_there_and_how_a_long_token_ends(self, member):
        assert make(member).shown == {"token": {"isSet": True, "hint": "…mnop"}}
        assert make(member, "smtp", password="short").shown["password"] == {"isSet": True, "hint": ""}
        assert make(member, "smtp", host="h").shown["password"] == {"isSet": False, "hint": ""}

    def test_every_problem_is_reported_without_the_value(self, member):
        with pytest.raises(CredentialInvalid) as error:
            make(member, "smtp", port="s3cret", secure=True)
        assert [problem.path for problem in error.value.problems] == ["port"]
        assert "s3cret" not in error.value.message + error.value.problems[0].message

    def test_an_unknown_type_is_refused(self, member):
        with pytest.raises(Unsuitable, match="no credential type 'nope'"):
            make(member, "nope")

    def test_fields_of_another_type_are_not_kept(self, member):
        assert "other" not in credentials.fields_of(make(member, token=TOKEN, other="x"))

    @pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b"])
    def test_a_name_is_needed(self, member, name):
        with pytest.raises(CredentialInvalid):
            credentials.create(team=member.team, by=member.user, name=name, type="httpBearerAuth", fields={})

    def test_hosts_are_kept_as_requests_are_compared_with(self, member):
        row = credentials.create(
            team=member.team, by=member.user, name="n", type="httpBearerAuth", fields={},
            allowed_hosts=["API.Example.com", "*.Ünsafe.example", "api.example.com"],
        )  # fmt: skip
        assert row.allowed_hosts == ["api.example.com", "*.xn--nsafe-jva.example"]

    def test_the_hosts_of_an_export_are_taken_over(self, member):
        row = make(member, token=TOKEN, allowedHttpRequestDomains="domains", allowedDomains="a.example, b.example")
        assert row.allowed_hosts == ["a.example", "b.example"]

    @pytest.mark.parametrize("host", ["https://a.example/x", "a b", "", "a.example@evil.example"])
    def test_what_is_no_host_is_refused(self, member, host):
        with pytest.raises(CredentialInvalid, match="not a host name"):
            credentials.create(
                team=member.team, by=None, name="n", type="httpBearerAuth", fields={}, allowed_hosts=[host]
            )


class TestUpdating:
    def test_a_secret_that_is_left_out_or_empty_stays(self, member):
        row = make(member, "smtp", host="old.example", password="s3cret-password")
        change = CredentialChange(fields={"host": "new.example", "password": ""})
        row = credentials.update(row, change, by=member.user, secret_version=1)
        assert credentials.fields_of(row) == {"host": "new.example", "password": "s3cret-password"}
        assert row.secret_version == 2

    def test_a_new_name_leaves_the_secret_as_it_is(self, member):
        row = make(member)
        changed = credentials.update(row, CredentialChange(name="Other"), by=member.user, secret_version=1)
        assert (changed.name, changed.secret_version, bytes(changed.sealed)) == ("Other", 1, bytes(row.sealed))

    def test_of_two_who_change_it_the_second_is_told(self, member):
        row = make(member)
        credentials.update(row, CredentialChange(fields={"token": "one"}), by=member.user, secret_version=1)
        with pytest.raises(Conflict) as error:
            credentials.update(row, CredentialChange(fields={"token": "two"}), by=member.user, secret_version=1)
        assert error.value.data == {"yours": 1, "theirs": 2}
        row.refresh_from_db()
        assert credentials.fields_of(row)["token"] == "one"

    def test_an_older_envelope_put_back_does_not_open(self, member):
        row = make(member)
        before = bytes(row.sealed)
        row = credentials.update(row, CredentialChange(fields={"token": "new"}), by=member.user, secret_version=1)
        row.sealed = before
        with pytest.raises(CredentialMissing, match="does not open"):
            credentials.fields_of(row)

    def test_the_end_can_be_set_and_taken_away(self, member):
        row, ends = make(member), timezone.now() + timedelta(days=3)
        assert credentials.update(row, CredentialChange(expires_at=ends), by=None, secret_version=1).expires_at == ends
        assert credentials.update(row, CredentialChange(name="x"), by=None, secret_version=1).expires_at == ends
        assert credentials.update(row, CredentialChange(expires_at=None), by=None, secret_version=1).expires_at is None

    def test_each_change_is_in_the_audit_trail(self, member):
        row = make(member)
        credentials.update(row, CredentialChange(name="x"), by=member.user, secret_version=1)
        other = TeamFactory()
        credentials.share(row, team=other, by=member.user)
        credentials.unshare(row, team=other, by=member.user)
        credentials.delete(row, by=member.user)
        said = list(AuditEntry.objects.filter(action__startswith="credential.").order_by("at").values_list("action"))
        assert [action for (action,) in said] == [
            f"credential.{verb}" for verb in ("create", "update", "share", "unshare", "delete")
        ]


class TestSeeing:
    def test_a_member_sees_names_and_hints_and_a_stranger_nothing(self, member):
        make(member)
        [view] = selectors.credentials_for(member.user)
        assert (view.name, view.type_label, view.is_shared_in) == ("My key", "Bearer auth", False)
        assert TOKEN not in str(view)
        assert selectors.credentials_for(UserFactory()) == []

    def test_whom_it_is_shared_with_sees_its_name_alone(self, member):
        row, guest = make(member, "smtp", host="mail.example"), MembershipFactory()
        credentials.share(row, team=guest.team, by=member.user)
        [view] = selectors.credentials_for(guest.user)
        assert (view.is_shared_in, view.fields, view.team_id) == (True, {}, member.team_id)
        assert not Credential.objects.editable_by(guest.user).exists()
        credentials.unshare(row, team=guest.team, by=member.user)
        assert selectors.credentials_for(guest.user) == []

    def test_a_list_costs_the_same_for_one_and_for_many(self, member, django_assert_num_queries):
        make(member)
        for count in (1, 5):
            with django_assert_num_queries(2):
                assert len(selectors.credentials_for(member.user)) == count
            for _ in range(4):
                make(member)

    def test_workflows_that_name_it_are_found(self, member):
        row = make(member)
        http = {**node("HTTP", "httpRequest", 4.2), "credentials": {"httpBearerAuth": {"id": str(row.pk), "name": "x"}}}
        WorkflowFactory(membership=member, name="Uses it", graph=chain(node("Start", "manualTrigger"), http))
        WorkflowFactory(membership=member, name="Does not")
        assert [entry["name"] for entry in selectors.used_by(row, member.user)] == ["Uses it"]
        assert selectors.used_by(row, UserFactory()) == []


class TestTrying:
    def trial(self, member, answer, open_network, **more):
        server = Server(answer)
        try:
            row = make(member, "openAiApi", apiKey=TOKEN, url=f"{server.url}/v1", **more)
            result = credentials.test(row, by=member.user)
        finally:
            server.close()
        row.refresh_from_db()
        return result, server.seen, row

    def test_a_service_that_accepts_it(self, member, open_network):
        result, [seen], row = self.trial(member, lambda request, sock: reply(b'{"data": []}'), open_network)
        assert (result.ok, result.status) == (True, 200)
        assert (seen.target, seen.headers["authorization"]) == ("/v1/models", f"Bearer {TOKEN}")
        assert row.failing_since is None

    def test_a_service_that_refuses_it_is_quoted_without_the_secret(self, member, open_network):
        body = f'{{"error": {{"message": "Incorrect API key: {TOKEN}."}}}}'.encode()
        result, _, row = self.trial(member, lambda request, sock: reply(body, "401 Unauthorized"), open_network)
        assert (result.ok, result.status) == (False, 401)
        assert "Incorrect API key" in result.message
        assert TOKEN not in result.message
        assert row.failing_since is not None

    def test_a_trial_goes_through_the_one_dialer(self, member):
        row = make(member, "openAiApi", apiKey=TOKEN, url="http://127.0.0.1:9/v1")
        result = credentials.test(row, by=member.user)
        assert not result.ok
        assert "not allowed" in result.message

    def test_a_mailbox_is_tried_by_signing_in(self, member):
        row = make(member, "smtp", host="127.0.0.1", port=2525, user="ann", password="s3cret")
        result = credentials.test(row, by=member.user)
        assert (result.ok, result.message) == (False, "The address of this host is not allowed.")

    def test_a_type_that_says_nothing_about_its_service_cannot_be_tried(self, member):
        with pytest.raises(Unsuitable) as error:
            credentials.test(make(member), by=member.user)
        assert error.value.instance_code == "credential_not_testable"


class TestKeys:
    @pytest.fixture
    def keys(self, settings):
        first, second = new_key_text(), new_key_text()
        settings.ENCRYPTION_KEY = f"old:{first}"
        return lambda text: setattr(settings, "ENCRYPTION_KEY", text.format(first=first, second=second))

    def test_rotation_rewraps_a_few_at_a_time_and_everything_opens_meanwhile(self, member, keys, monkeypatch):
        rows = [make(member) for _ in range(3)]
        keys("new:{second}, old:{first}")
        wrap, wrapped = crypto.rewrap, []

        def ends_after_two(*given):
            if len(wrapped) == 2:
                raise KeyboardInterrupt
            wrapped.append(given)
            return wrap(*given)

        monkeypatch.setattr("accounts.keys.rewrap", ends_after_two)
        with pytest.raises(KeyboardInterrupt):
            KEEPER.rewrap(batch=2)
        monkeypatch.setattr("accounts.keys.rewrap", wrap)
        assert sorted(Credential.objects.values_list("key_id", flat=True)) == ["new", "new", "old"]
        assert {credentials.fields_of(row)["token"] for row in Credential.objects.all()} == {TOKEN}
        assert KEEPER.rewrap(batch=2) == Rewrapped(done=1)
        assert KEEPER.rewrap(batch=2) == Rewrapped()
        keys("new:{second}")
        assert [credentials.fields_of(Credential.objects.get(pk=row.pk))["token"] for row in rows] == [TOKEN] * 3
        assert KEEPER.missing_keys() == set()

    def test_a_key_that_is_gone_is_named(self, member, keys):
        row = make(member)
        keys("new:{second}")
        assert KEEPER.missing_keys() == {"old"}
        with pytest.raises(CredentialMissing, match="Key 'old' is not on the keyring"):
            credentials.fields_of(row)

    def test_another_key_under_the_same_name_is_noticed(self, member, keys):
        make(member)
        keys("old:{second}")
        assert KEEPER.missing_keys() == {"old"}
        keys("new:{first}, old:{second}")
        report = KEEPER.rewrap(batch=500)
        assert (report.done, len(report.failed)) == (0, 1)

    def test_some_that_do_not_open_hold_nobody_up(self, member, keys):
        broken = [make(member) for _ in range(3)]
        Credential.objects.update(team=TeamFactory())
        whole = make(member)
        keys("new:{second}, old:{first}")
        report = KEEPER.rewrap(batch=2)
        assert (report.done, len(report.failed)) == (1, 3)
        assert str(broken[0].pk) in "".join(report.failed)
        assert Credential.objects.get(key_id="new") == whole

    def test_a_token_renewed_at_the_same_moment_is_not_overwritten(self, member, keys, monkeypatch):
        """A process that still seals with the old key writes between our read and our write."""
        row = make(member)
        keys("new:{second}, old:{first}")
        wrap = crypto.rewrap

        def meanwhile(*given):
            keys("old:{first}, new:{second}")
            credentials.put_in(row, credentials.type_of(row.type), {"token": "renewed-meanwhile"})
            row.save()
            keys("new:{second}, old:{first}")
            return wrap(*given)

        monkeypatch.setattr("accounts.keys.rewrap", meanwhile)
        assert KEEPER.rewrap(batch=500) == Rewrapped()
        assert credentials.fields_of(Credential.objects.get(pk=row.pk)) == {"token": "renewed-meanwhile"}
