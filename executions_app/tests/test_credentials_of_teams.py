"""Credentials that a team uses without seeing them: given, taken back, and moved to another team."""

import pytest

from accounts.models import AuditEntry
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from executions_app.adapters import credentials as adapter
from workflows_app.models import Credential
from workflows_app.services import credentials

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

SECRET = "canary-of-a-shared-secret-4711"
TYPE = "httpHeaderAuth"


@pytest.fixture
def owner():
    return MembershipFactory()


@pytest.fixture
def credential(owner):
    fields = {"name": "X-Account", "value": SECRET}
    return credentials.create(
        team=owner.team, by=owner.user, name="Billing", type=TYPE, fields=fields, allowed_hosts=["api.example.com"]
    )


@pytest.fixture
def other(owner):
    """Another team of the same person."""
    return MembershipFactory(user=owner.user, role="editor").team


def opened(credential, team):
    """What a run of that team gets; None where it may not use it."""
    found = adapter.find({"id": str(credential.pk), "name": "x"}, TYPE, team.pk)
    return found.open()["value"] if found is not None else None


def path(credential, rest=""):
    return f"/api/credentials/{credential.pk}{rest}"


@pytest.mark.requirement(32)
@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_may_only_use_it_sees_its_name_and_nothing_in_it(client, owner, credential, role):
    user = MembershipFactory(team=owner.team, role=role).user
    api = as_user(user)
    one, rows = api.get(path(credential)), api.get("/api/credentials")
    assert (one.json()["name"], one.json()["fields"], one.json()["allowedHosts"]) == ("Billing", {}, [])
    assert rows.json()["items"][0]["fields"] == {}
    client.force_login(user)
    for text in (one, rows, client.get(f"/credentials/{credential.pk}"), client.get("/credentials")):
        assert [word for word in (SECRET, "4711", "X-Account", "api.example.com") if word in str(text.content)] == []
    assert opened(credential, owner.team) == SECRET


def test_an_editor_sees_what_is_no_secret(owner, credential):
    editor = as_user(MembershipFactory(team=owner.team, role="editor").user)
    assert editor.get(path(credential)).json()["fields"]["name"] == "X-Account"


@pytest.mark.requirement(34)
def test_use_is_given_to_another_team_and_taken_back(owner, credential, other):
    api = as_user(owner.user)
    member = as_user(MembershipFactory(team=other, role="owner").user)
    assert opened(credential, other) is None

    api.post(path(credential, "/share"), {"teamId": str(other.pk)}, format="json")
    assert opened(credential, other) == SECRET
    seen = member.get(path(credential)).json()
    assert (seen["isSharedIn"], seen["fields"]) == (True, {})
    assert member.patch(path(credential), {"name": "X", "secretVersion": 1}, format="json").status_code == 404

    assert api.delete(path(credential, f"/share/{other.pk}")).status_code == 204
    assert opened(credential, other) is None
    assert member.get(path(credential)).status_code == 404


@pytest.mark.parametrize("keep_use", [True, False])
def test_moved_it_is_the_other_teams_and_opens_there(owner, credential, other, keep_use):
    answer = as_user(owner.user).post(
        path(credential, "/transfer"), {"teamId": str(other.pk), "keepUse": keep_use}, format="json"
    )
    assert (answer.status_code, answer.json()["teamId"]) == (200, str(other.pk))
    assert SECRET not in str(answer.content)
    assert opened(credential, other) == SECRET
    assert opened(credential, owner.team) == (SECRET if keep_use else None)
    actions = AuditEntry.objects.filter(object_id=str(credential.pk)).values_list("action", flat=True)
    assert list(actions).count("credential.hand_over") == 2


def test_one_edits_in_both_teams_or_does_not_move_it(owner, credential):
    watched = MembershipFactory(user=owner.user, role="operator").team
    strange = MembershipFactory().team
    api = as_user(owner.user)
    assert api.post(path(credential, "/transfer"), {"teamId": str(watched.pk)}, format="json").status_code == 403
    assert api.post(path(credential, "/transfer"), {"teamId": str(strange.pk)}, format="json").status_code == 404
    assert Credential.objects.get(pk=credential.pk).team == owner.team


def test_the_page_moves_it_and_keeps_use_where_asked(client, owner, credential, other):
    client.force_login(owner.user)
    assert "crd-move" in client.get(f"/credentials/{credential.pk}").content.decode()
    form = {"team": str(other.pk), "keep_use": "on"}
    answer = client.post(f"/credentials/{credential.pk}/move", form, follow=True)
    assert f"It belongs to “{other.name}” now." in answer.content.decode()
    assert opened(credential, owner.team) == opened(credential, other) == SECRET
    strange = MembershipFactory().team
    assert client.post(f"/credentials/{credential.pk}/move", {"team": str(strange.pk)}).status_code == 404
