"""Pages of the vault: everything is there but the secrets, and only for who may see it."""

from datetime import timedelta

import orjson
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tests.factories import MembershipFactory, TeamFactory, UserFactory
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app import credential_types
from workflows_app.models import Credential
from workflows_app.services import credentials, outbound
from workflows_app.services.workflows import create as create_workflow
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

SECRET = "canary-4711-very-secret-tail"


@pytest.fixture
def member():
    return MembershipFactory(role="owner")


@pytest.fixture
def page(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def service(monkeypatch):
    """Accepts the right key alone, and says so with the key in its answer."""

    def answer(request, sock):
        is_right = SECRET in request.headers.get("authorization", "")
        body = orjson.dumps({"error": {"message": f"Wrong key: {request.headers.get('authorization')}"}})
        return reply(body, "200 OK" if is_right else "401 Unauthorized", Content_Type="application/json")

    made, client = Server(answer), OutboundClient(OPEN)
    monkeypatch.setattr(outbound, "outbound_client", lambda: client)
    yield made
    made.close()
    client.close()


def stored(member, name: str = "Shop key", kind: str = "httpBearerAuth", **fields) -> Credential:
    return credentials.create(
        team=member.team, by=member.user, name=name, type=kind, fields=fields or {"token": SECRET}
    )


def text_of(answer) -> str:
    return answer.content.decode()


def user_of(row: Credential, member, name: str = "Orders"):
    graph = chain(node("Start", "manualTrigger"), node("Call", "httpRequest", 4.2, url="https://a.example"))
    graph["nodes"][1]["credentials"] = {row.type: {"id": str(row.pk), "name": row.name}}
    return create_workflow(graph, team=member.team, by=member.user, name=name)


class TestList:
    def test_it_says_all_that_is_known_and_no_secret(self, page, member):
        row = stored(member)
        other = TeamFactory(name="Ops")
        credentials.share(row, team=other, by=member.user)
        Credential.objects.update(last_used_at=timezone.now() - timedelta(hours=2))
        user_of(row, member)
        text = text_of(page.get("/credentials"))
        for said in ("Shop key", "Bearer", member.team.name, str(member.user), "Ops", "2\xa0hours ago", "1 workflow"):
            assert said in text, said
        assert SECRET not in text

    @pytest.mark.parametrize(
        "values, said",
        [
            ({}, "OK"),
            ({"expires_at": timedelta(days=3, hours=1)}, "Expires in 3 days"),
            ({"expires_at": -timedelta(days=1)}, "Expired on"),
            ({"failing_since": -timedelta(hours=5)}, "Failing for"),
        ],
        ids=["ok", "ends", "ended", "fails"],
    )
    def test_it_says_how_each_one_stands(self, page, member, values, said):
        stored(member)
        Credential.objects.update(**{name: timezone.now() + delta for name, delta in values.items()})
        assert said in text_of(page.get("/credentials"))

    def test_one_that_nobody_signed_in_with_yet_is_named_so(self, page, member):
        stored(member, kind="oAuth2Api", clientId="me", clientSecret=SECRET)
        assert "Not connected" in text_of(page.get("/credentials"))

    def test_others_see_nothing_of_it_and_guests_sign_in(self, member):
        row = stored(member)
        stranger = Client()
        assert stranger.get("/credentials").status_code == 302
        stranger.force_login(UserFactory())
        assert "Shop key" not in text_of(stranger.get("/credentials"))
        for address in (f"/credentials/{row.pk}", f"/credentials/{row.pk}/delete"):
            assert stranger.get(address).status_code == 404
        for address in ("", "/share", "/delete", "/undelete"):
            assert stranger.post(f"/credentials/{row.pk}{address}").status_code == 404

    @pytest.mark.parametrize("count", [1, 50])
    def test_many_cost_as_many_queries_as_one(self, page, member, count, django_assert_max_num_queries):
        for number in range(count):
            stored(member, f"Key {number}")
        with django_assert_max_num_queries(12):
            assert "Key 0" in text_of(page.get("/credentials"))

    def test_it_can_be_narrowed(self, page, member):
        stored(member, "Shop key")
        stored(member, "Mail", "smtp", host="mail.example", user="ann", password=SECRET)
        assert "Shop key" not in text_of(page.get("/credentials?q=smtp"))
        assert "Nothing is called" in text_of(page.get("/credentials?q=nowhere"))


class TestNew:
    def test_every_type_has_a_form_with_where_to_get_it(self, page):
        for kind in credential_types.load().all():
            answer = page.get(f"/credentials/new?type={kind.name}")
            assert answer.status_code == 200, kind.name
            text = text_of(answer)
            assert "Where to get it" in text
            for name in kind.properties():
                assert f'name="field-{name}"' in text or name == "oauthTokenData", (kind.name, name)

    def test_it_names_what_the_service_has_to_allow_and_who_waits_for_it(self, page, member):
        graph = chain(node("Start", "manualTrigger"), node("Tell", "slack", 2.3))
        graph["nodes"][1]["credentials"] = {"slackApi": {"id": None, "name": ""}}
        create_workflow(graph, team=member.team, by=member.user, name="Night report")
        text = text_of(page.get("/credentials/new?type=slackApi"))
        assert "chat:write" in text
        assert "Night report" in text
        assert "Tell" in text
        assert "https://api.slack.com/apps" in text

    def test_it_can_be_tried_before_it_is_stored_and_the_page_holds_no_secret(self, page, member, service):
        address = "/credentials/new?type=openAiApi"
        given = {"name": "AI", "field-apiKey": "wrong-" + SECRET[:10], "field-url": f"{service.url}/v1"}
        refused = page.post(address, {**given, "act": "test"})
        assert "Wrong key: Bearer ********" in text_of(refused)
        good = page.post(address, {**given, "field-apiKey": SECRET, "act": "test"})
        text = text_of(good)
        assert "The service accepts it." in text
        assert SECRET not in text
        assert not Credential.objects.exists()

        draft = text.split('name="draft" value="')[1].split('"')[0]
        saved = page.post(address, {**given, "field-apiKey": "", "draft": draft, "act": "save"})
        row = Credential.objects.get()
        assert saved.url == f"/credentials/{row.pk}"
        assert credentials.fields_of(row)["apiKey"] == SECRET
        assert SECRET not in text_of(page.get(saved.url))

    def test_a_draft_of_somebody_else_is_worth_nothing(self, page, member, service):
        address = "/credentials/new?type=openAiApi"
        given = {"name": "AI", "field-apiKey": SECRET, "field-url": f"{service.url}/v1"}
        draft = text_of(page.post(address, {**given, "act": "test"})).split('name="draft" value="')[1].split('"')[0]
        other = Client()
        other.force_login(UserFactory())
        other.post(address, {**given, "field-apiKey": "", "draft": draft, "act": "save"})
        assert credentials.fields_of(Credential.objects.get()).get("apiKey", "") == ""

    def test_what_does_not_fit_is_said_beside_its_field(self, page):
        given = {"name": "DB", "field-port": "70000", "allowed_hosts": "not a host!", "act": "save"}
        answer = page.post("/credentials/new?type=postgres", given)
        assert answer.status_code == 422
        assert "65535" in text_of(answer)
        answer = page.post("/credentials/new?type=httpBearerAuth", {**given, "field-token": SECRET})
        assert "is not a host name" in text_of(answer)
        assert SECRET not in text_of(answer)

    def test_a_team_that_is_not_ones_own_takes_nothing(self, page):
        given = {"name": "x", "field-token": SECRET, "team": str(TeamFactory().pk), "act": "save"}
        assert page.post("/credentials/new?type=httpBearerAuth", given).status_code == 404
        assert page.post("/credentials/new?type=httpBearerAuth", {**given, "team": "no id"}).status_code == 404
        assert not Credential.objects.exists()

    @pytest.mark.parametrize("role", ["operator", "viewer"])
    @pytest.mark.parametrize("address", ["/credentials/new?type=httpBearerAuth", "/workflows/new"])
    def test_who_only_looks_on_in_a_team_is_told_so(self, page, member, address, role):
        watched = MembershipFactory(user=member.user, role=role).team
        given = {"name": "x", "field-token": SECRET, "team": str(watched.pk), "act": "save"}
        assert page.post(address, given).status_code == 403
        assert not Credential.objects.exists()


class TestChange:
    def test_an_empty_secret_stays_and_a_new_one_takes_its_place(self, page, member):
        row = stored(member, "API", "httpBasicAuth", user="ann", password=SECRET)
        address = f"/credentials/{row.pk}"
        page.post(address, {"name": "API 2", "field-user": "bob", "version": row.secret_version, "act": "save"})
        row.refresh_from_db()
        assert (row.name, credentials.fields_of(row)) == ("API 2", {"user": "bob", "password": SECRET})
        page.post(address, {"name": "API 2", "field-user": "bob", "field-password": "another", "version": 2})
        row.refresh_from_db()
        assert credentials.fields_of(row)["password"] == "another"

    def test_a_new_name_alone_leaves_the_secret_untouched(self, page, member):
        row = stored(member)
        page.post(f"/credentials/{row.pk}", {"name": "Other", "expires_on": "2099-01-02", "version": 1, "act": "save"})
        row.refresh_from_db()
        assert (row.name, row.secret_version, row.expires_at.date().isoformat()) == ("Other", 1, "2099-01-02")

    def test_a_new_name_alone_leaves_the_moment_it_ends(self, page, member):
        row = stored(member)
        end = timezone.now().replace(hour=10, minute=30, second=0, microsecond=0) + timedelta(days=90)
        Credential.objects.filter(pk=row.pk).update(expires_at=end)
        given = {"name": "Other", "expires_on": end.date().isoformat(), "version": 1, "act": "save"}
        assert page.post(f"/credentials/{row.pk}", given).status_code == 302
        row.refresh_from_db()
        assert (row.name, row.expires_at) == ("Other", end)

    def test_a_version_that_is_no_number_of_ours_is_another_one(self, page, member):
        row = stored(member)
        given = {"name": "x", "field-token": "n3w", "version": "9" * 5000, "act": "save"}
        assert "in the meantime" in text_of(page.post(f"/credentials/{row.pk}", given))

    def test_hosts_that_were_typed_count_when_it_is_tried(self, page, member, service):
        row = stored(member, "AI", "openAiApi", apiKey=SECRET, url=f"{service.url}/v1")
        given = {"name": "AI", "field-url": f"{service.url}/v1", "version": 1, "act": "test"}
        tried = text_of(page.post(f"/credentials/{row.pk}", {**given, "allowed_hosts": "elsewhere.example"}))
        assert "The service accepts it." not in tried

    def test_a_change_that_somebody_else_overtook_is_refused(self, page, member):
        row = stored(member)
        answer = page.post(f"/credentials/{row.pk}", {"name": "x", "field-token": "n3w", "version": 7, "act": "save"})
        assert "in the meantime" in text_of(answer)
        assert credentials.fields_of(row)["token"] == SECRET

    def test_it_is_tried_as_stored_or_as_typed(self, page, member, service):
        row = stored(member, "AI", "openAiApi", apiKey="outdated-key-of-before", url=f"{service.url}/v1")
        given = {"name": "AI", "field-url": f"{service.url}/v1", "version": 1, "act": "test"}
        refused = text_of(page.post(f"/credentials/{row.pk}", given))
        assert "The service answered 401" in refused
        assert "Failing for" in refused
        typed = text_of(page.post(f"/credentials/{row.pk}", {**given, "field-apiKey": SECRET}))
        assert "The service accepts it." in typed
        assert SECRET not in typed
        assert credentials.fields_of(row)["apiKey"] == "outdated-key-of-before"

    def test_another_team_that_shares_in_sees_its_name_and_nothing_in_it(self, member):
        row = stored(member, "DB", "postgres", host="db.inside.example", password=SECRET)
        other = MembershipFactory(role="owner")
        credentials.share(row, team=other.team, by=member.user)
        client = Client()
        client.force_login(other.user)
        text = text_of(client.get(f"/credentials/{row.pk}"))
        assert "DB" in text
        assert "db.inside.example" not in text
        assert "crd-form" not in text
        assert client.post(f"/credentials/{row.pk}", {"name": "mine"}).status_code == 404

    def test_sharing_is_with_teams_of_ones_own_and_can_be_taken_back(self, page, member):
        row = stored(member)
        other = MembershipFactory(user=member.user, role="viewer").team
        stranger = TeamFactory(name="Hidden team")
        address = f"/credentials/{row.pk}/share"
        assert page.post(address, {"team": str(stranger.pk)}).status_code == 404
        assert page.post(address, {"team": str(stranger.pk), "act": "stop"}).status_code == 404
        page.post(address, {"team": str(other.pk)})
        assert row.shares.get().team == other
        page.post(address, {"team": str(other.pk), "act": "stop"})
        assert not row.shares.exists()


class TestDelete:
    def test_it_says_what_breaks_and_can_be_had_back(self, page, member):
        row = stored(member)
        user_of(row, member)
        text = text_of(page.get(f"/credentials/{row.pk}/delete"))
        assert "1 workflow fails" in text
        assert "Orders" in text
        gone = page.post(f"/credentials/{row.pk}/delete")
        assert not Credential.objects.exists()
        assert "crd-undo" in text_of(page.get(gone.url))
        assert page.get(f"/credentials/{row.pk}").status_code == 404
        page.post(f"/credentials/{row.pk}/undelete")
        assert credentials.fields_of(Credential.objects.get())["token"] == SECRET
        actions = set(AuditEntry.objects.values_list("action", flat=True))
        assert {"credential.delete", "credential.undelete"} <= actions

    def test_workflows_of_other_teams_are_counted_without_their_names(self, page, member):
        row = stored(member)
        other = MembershipFactory(role="owner")
        credentials.share(row, team=other.team, by=member.user)
        user_of(row, other, "Their secret plan")
        text = text_of(page.get(f"/credentials/{row.pk}/delete"))
        assert "1 workflow that you do not see uses it too." in text
        assert "Their secret plan" not in text

    def test_after_its_minute_it_is_gone_for_good_secret_and_all(self, page, member):
        row = stored(member)
        credentials.delete(row, by=member.user)
        assert credentials.purge() == 0
        Credential.every.update(deleted_at=timezone.now() - timedelta(seconds=61))
        answer = page.post(f"/credentials/{row.pk}/undelete", follow=True)
        assert "gone for good" in text_of(answer)
        assert credentials.purge() == 1
        assert not Credential.every.exists()


def test_an_administrator_takes_one_over_without_seeing_it(member):
    row = stored(member)
    heir = MembershipFactory(role="owner")
    moved = credentials.hand_over(row, team=heir.team, by=heir.user)
    assert credentials.fields_of(moved)["token"] == SECRET
    assert not Credential.objects.visible_to(member.user).exists()
    assert AuditEntry.objects.filter(action="credential.hand_over").count() == 2
    assert reverse("admin:workflows_app_credential_changelist")
