"""Teams over the REST API: what is written is read back, by somebody else where it matters."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, Invitation, Membership
from accounts.services import api_keys
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def owner():
    return MembershipFactory()


@pytest.fixture
def client(owner):
    return as_user(owner.user)


def at(owner, rest=""):
    return f"/api/teams/{owner.team_id}{rest}"


def confirmed(email):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def invited(client, owner, email="new@mail.example", role="operator"):
    answer = client.post(at(owner, "/invitations"), {"email": email, "role": role}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_team_is_made_renamed_and_deleted():
    user = UserFactory()
    client = as_user(user)
    made = client.post("/api/teams", {"name": " Night  shift"}, format="json")
    assert (made.status_code, made.json()["name"], made.json()["role"]) == (201, "Night shift", "owner")
    path = f"/api/teams/{made.json()['id']}"

    assert client.patch(path, {"name": "Day shift"}, format="json").json()["name"] == "Day shift"
    assert client.get(path).json()["members"] == 1
    assert "Day shift" in [team["name"] for team in client.get("/api/teams").json()["items"]]

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_an_invited_person_joins_and_sees_the_team(client, owner):
    made = invited(client, owner)
    assert (made["email"], made["role"], made["isMailed"]) == ("new@mail.example", "operator", True)
    assert "token" not in str(made).lower()
    assert client.get(at(owner, "/invitations")).json()["items"][0]["id"] == made["id"]

    newcomer = as_user(confirmed("new@mail.example"))
    assert [row["id"] for row in newcomer.get("/api/invitations").json()["items"]] == [made["id"]]
    assert newcomer.get(at(owner)).status_code == 404
    joined = newcomer.post(f"/api/invitations/{made['id']}/accept", {}, format="json")

    assert (joined.status_code, joined.json()["role"]) == (200, "operator")
    assert newcomer.get(at(owner)).json()["members"] == 2
    people = newcomer.get(at(owner, "/members")).json()["items"]
    assert [(person["email"], person["role"]) for person in people] == [
        (owner.user.email, "owner"),
        ("new@mail.example", "operator"),
    ]
    assert client.get(at(owner, "/invitations")).json()["items"] == []


def test_with_the_links_word_an_address_that_is_not_confirmed_joins(client, owner):
    made = invited(client, owner)
    token = re.search(r"/invitations/(\S+)", mail.outbox[0].body)[1]
    newcomer = as_user(UserFactory(email="new@mail.example"))
    path = f"/api/invitations/{made['id']}/accept"
    assert newcomer.post(path, {}, format="json").status_code == 404

    seen = newcomer.post("/api/invitations/lookup", {"token": token}, format="json").json()
    assert (seen["id"], seen["teamName"]) == (made["id"], owner.team.name)
    assert newcomer.post(path, {"token": token}, format="json").status_code == 200
    assert newcomer.post("/api/invitations/lookup", {"token": token}, format="json").status_code == 404


def test_the_link_does_not_let_another_address_in(client, owner):
    made = invited(client, owner)
    token = re.search(r"/invitations/(\S+)", mail.outbox[0].body)[1]
    other = as_user(confirmed("other@mail.example"))
    refused = other.post(f"/api/invitations/{made['id']}/accept", {"token": token}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "invitation_for_another")
    assert other.get(at(owner)).status_code == 404


def test_a_link_older_than_half_an_hour_opens_nothing(client, owner):
    made = invited(client, owner)
    token = re.search(r"/invitations/(\S+)", mail.outbox[0].body)[1]
    Invitation.objects.update(link_until=timezone.now())
    newcomer = as_user(UserFactory(email="new@mail.example"))
    assert newcomer.post("/api/invitations/lookup", {"token": token}, format="json").status_code == 404
    answer = newcomer.post(f"/api/invitations/{made['id']}/accept", {"token": token}, format="json")
    assert answer.status_code == 404


def test_a_mail_that_did_not_leave_is_said_and_the_invitation_stands(client, owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    made = invited(client, owner)
    assert (made["email"], made["isMailed"]) == ("new@mail.example", False)
    sent = client.post(at(owner, f"/invitations/{made['id']}/resend"))
    assert (sent.status_code, sent.json()["isMailed"], sent.json()["id"]) == (200, False, made["id"])


def test_an_invitation_is_sent_again_withdrawn_and_declined(client, owner):
    made = invited(client, owner)
    path = at(owner, f"/invitations/{made['id']}")
    assert client.post(f"{path}/resend").json()["isMailed"] is True
    assert len(mail.outbox) == 2
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404

    again = invited(client, owner)
    newcomer = as_user(confirmed("new@mail.example"))
    assert newcomer.post(f"/api/invitations/{again['id']}/decline", {}, format="json").status_code == 204
    assert newcomer.get("/api/invitations").json()["items"] == []
    assert newcomer.get(at(owner)).status_code == 404


def test_a_role_is_changed_and_counts_at_once(client, owner):
    member = MembershipFactory(team=owner.team, role="viewer")
    theirs = as_user(member.user)
    body = {"name": "W", "teamId": str(owner.team_id)}
    assert theirs.post("/api/workflows", body, format="json").status_code == 403

    changed = client.patch(at(owner, f"/members/{member.user_id}"), {"role": "editor"}, format="json")

    assert changed.json()["role"] == "editor"
    assert theirs.post("/api/workflows", body, format="json").status_code == 201


def test_a_removed_member_finds_nothing_and_their_key_ends(client, owner):
    member = MembershipFactory(team=owner.team, role="editor")
    key = api_keys.create(team=owner.team, by=member.user, name="k", scopes=["read"])

    assert client.delete(at(owner, f"/members/{member.user_id}")).status_code == 204

    assert as_user(member.user).get(at(owner)).status_code == 404
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    assert APIClient().get(at(owner, "/members"), HTTP_X_API_KEY=key.key).status_code == 401


def test_who_deletes_their_own_membership_leaves(owner):
    member = MembershipFactory(team=owner.team, role="viewer")
    assert as_user(member.user).delete(at(owner, f"/members/{member.user_id}")).status_code == 204
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_the_last_owner_is_refused_with_the_reason(client, owner):
    path = at(owner, f"/members/{owner.user_id}")
    for answer in (client.delete(path), client.patch(path, {"role": "viewer"}, format="json")):
        assert (answer.status_code, answer.json()["code"]) == (422, "last_owner")
    assert client.get(at(owner)).json()["role"] == "owner"


@pytest.mark.parametrize("role", ["editor", "operator", "viewer"])
def test_members_who_do_not_own_the_team_read_it_and_no_more(owner, role):
    member = MembershipFactory(team=owner.team, role=role)
    client = as_user(member.user)
    for rest in ("", "/members", "/invitations"):
        assert client.get(at(owner, rest)).status_code == 200
    refused = [
        client.patch(at(owner), {"name": "X"}, format="json"),
        client.delete(at(owner)),
        client.post(at(owner, "/invitations"), {"email": "x@mail.example", "role": "owner"}, format="json"),
        client.patch(at(owner, f"/members/{member.user_id}"), {"role": "owner"}, format="json"),
        client.delete(at(owner, f"/members/{owner.user_id}")),
    ]
    assert {answer.status_code for answer in refused} == {403}


@pytest.mark.requirement(49)
def test_ids_of_two_teams_do_not_go_together(client, owner):
    other = MembershipFactory()
    theirs = Invitation.objects.create(
        team=other.team, email="x@mail.example", token_hash="x", expires_at=timezone.now() + timedelta(days=1)
    )
    MembershipFactory(team=other.team, user=owner.user, role="viewer")
    for answer in (
        client.patch(at(owner, f"/members/{other.user_id}"), {"role": "viewer"}, format="json"),
        client.delete(at(owner, f"/members/{other.user_id}")),
        client.delete(at(owner, f"/invitations/{theirs.pk}")),
        client.post(at(owner, f"/invitations/{theirs.pk}/resend")),
    ):
        assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_open


def test_a_key_manages_nobody(owner):
    key = api_keys.create(team=owner.team, by=owner.user, name="k", scopes=list(api_keys.SCOPES))
    client = as_user(owner.user)
    client.credentials(HTTP_X_API_KEY=key.key)
    assert client.get(at(owner, "/members")).status_code == 200
    assert client.get("/api/invitations").status_code == 403
    answer = client.post(at(owner, "/invitations"), {"email": "x@mail.example", "role": "owner"}, format="json")
    assert answer.status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_lists_of_people_ask_a_fixed_number_of_questions(client, owner, count, django_assert_max_num_queries):
    MembershipFactory.create_batch(count, team=owner.team)
    with django_assert_max_num_queries(8):
        assert len(client.get(at(owner, "/members")).json()["items"]) == count + 1
