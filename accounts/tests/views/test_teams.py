"""The pages of teams, as a person without scripts uses them."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Membership, Team, User
from accounts.services import invitations, team_hooks
from accounts.tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def owner():
    return MembershipFactory()


@pytest.fixture
def page(client, owner):
    client.force_login(owner.user)
    return client


def at(owner, rest=""):
    return f"/teams/{owner.team_id}{rest}"


def link():
    return re.search(r"/invitations/\S+", mail.outbox[-1].body)[0]


def invited(owner, email="new@mail.example", role="editor"):
    invitations.invite(owner.team, email=email, role=role, by=owner.user)
    return link()


def said(answer):
    return answer.content.decode()


def test_a_team_is_made_on_the_list_and_opens(page):
    answer = page.post("/teams", {"name": "Night shift"}, follow=True)
    assert answer.redirect_chain[0][0] == f"/teams/{Team.objects.get(name='Night shift').pk}"
    assert "You are owner here." in said(answer)
    assert "Night shift" in said(page.get("/teams"))


def test_a_name_that_does_not_do_is_kept_with_the_reason(page):
    answer = page.post("/teams", {"name": "See www.evil.example"})
    assert answer.status_code == 422
    assert "is no address of a page" in said(answer)
    assert 'value="See www.evil.example"' in said(answer)


def test_an_owner_invites_and_what_was_wrong_stays_typed(page, owner):
    answer = page.post(at(owner, "/invite"), {"email": "new@mail.example", "role": "operator"}, follow=True)
    assert "A link is on its way to new@mail.example." in said(answer)
    assert "new@mail.example" in said(page.get(at(owner)))

    again = page.post(at(owner, "/invite"), {"email": "new@mail.example", "role": "operator"})
    assert again.status_code == 422
    assert "new@mail.example is invited already." in said(again)
    assert '<option value="operator" selected>' in said(again)
    bad = page.post(at(owner, "/invite"), {"email": "not an address", "role": "operator"})
    assert 'value="not an address"' in said(bad)
    assert bad.status_code == 422


def test_an_invitation_is_sent_again_and_withdrawn(page, owner):
    invited(owner)
    row = Invitation.objects.get()
    answer = page.post(at(owner, f"/invitations/{row.pk}/resend"), follow=True)
    assert "A new link is on its way" in said(answer)
    page.post(at(owner, f"/invitations/{row.pk}/withdraw"))
    assert Client().get(link()).status_code == 404


def test_a_role_is_changed_and_a_member_removed(page, owner):
    member = MembershipFactory(team=owner.team, role="viewer")
    answer = page.post(at(owner, f"/members/{member.user_id}/role"), {"role": "editor"}, follow=True)
    assert f"{member.user.name} is now editor." in said(answer)
    member.refresh_from_db()
    assert member.role == "editor"
    assert "API keys of this team end" in said(page.get(at(owner, f"/members/{member.user_id}/removal")))
    page.post(at(owner, f"/members/{member.user_id}/remove"))
    assert not Membership.objects.filter(pk=member.pk).exists()
    theirs = Client()
    theirs.force_login(member.user)
    assert theirs.get(at(owner)).status_code == 404


@pytest.mark.parametrize("role", ["editor", "operator", "viewer"])
def test_other_members_read_the_page_and_find_no_buttons_of_owners(client, owner, role):
    member = MembershipFactory(team=owner.team, role=role)
    client.force_login(member.user)
    text = said(client.get(at(owner)))
    assert [part for part in ("invite-form", "name-form", "/remove") if part in text] == []
    answer = client.post(at(owner, "/invite"), {"email": "x@mail.example", "role": "owner"}, follow=True)
    assert "Only owners of the team may do that." in said(answer)
    assert not Invitation.objects.exists()
    client.post(at(owner, f"/members/{member.user_id}/role"), {"role": "owner"})
    asked = client.get(at(owner, f"/members/{owner.user_id}/removal"), follow=True)
    assert "Only owners of the team may do that." in said(asked)
    member.refresh_from_db()
    assert member.role == role


def test_what_a_team_has_is_counted_for_who_may_delete_it_alone(client, owner, monkeypatch):
    counted: list[Team] = []
    monkeypatch.setitem(team_hooks._holdings, "widgets", lambda team: counted.append(team) or 3)
    viewer = MembershipFactory(team=owner.team, role="viewer")
    personal = MembershipFactory(team__kind="personal")
    told = {}
    for member in (owner, viewer, personal):
        client.force_login(member.user)
        told[member] = "widgets (3)" in said(client.get(at(member)))
    assert (list(told.values()), counted) == ([True, False, False], [owner.team])


@pytest.mark.parametrize("rest", ["", "/name", "/delete", "/leave", "/invite"])
def test_a_stranger_finds_nothing(client, owner, rest):
    client.force_login(UserFactory())
    answer = client.post(at(owner, rest), {"name": "X"}) if rest else client.get(at(owner))
    assert answer.status_code == 404


def test_the_last_owner_is_told_why_not(page, owner):
    MembershipFactory(team=owner.team, role="viewer")
    answer = page.post(at(owner, "/leave"), follow=True)
    assert "A team needs an owner" in said(answer)
    assert Membership.objects.filter(pk=owner.pk).exists()


def test_renamed_left_and_deleted(page, owner):
    assert "Better name" in said(page.post(at(owner, "/name"), {"name": "Better name"}, follow=True))
    kept = page.post(at(owner, "/name"), {"name": "https://x.example"})
    assert (kept.status_code, 'value="https://x.example"' in said(kept)) == (422, True)
    answer = page.post(at(owner, "/delete"), follow=True)
    assert "is deleted" in said(answer)
    assert not Team.objects.filter(pk=owner.team_id).exists()


# the link ------------------------------------------------------------------------------------------------------------
def test_the_link_leaves_the_address_bar_and_says_what_it_is_about(client, owner):
    address = invited(owner)
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [("/invitation", 302)]
    text = said(answer)
    assert [part for part in (owner.team.name, owner.user.email, "new@mail.example") if part not in text] == []
    assert address.rsplit("/", 1)[1] not in text


@pytest.mark.requirement(44)
def test_who_has_no_account_makes_one_from_the_link_and_joins(client, owner, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.get(invited(owner))
    mail.outbox.clear()
    form = {"email": "new@mail.example", "password1": "correct horse battery", "next": "/invitation"}
    answer = client.post("/accounts/signup/", form, follow=True)
    assert answer.redirect_chain[-1][0] == "/invitation"
    user = User.objects.get(email="new@mail.example")
    assert EmailAddress.objects.get(user=user).verified
    assert mail.outbox == []  # the link itself showed that the mailbox is theirs

    answer = client.post(f"/invitations/{Invitation.objects.get().pk}/accept", follow=True)
    assert f"Welcome to “{owner.team.name}”." in said(answer)
    assert Membership.objects.get(user=user, team=owner.team).role == "editor"
    assert client.get("/invitation").status_code == 404


@pytest.mark.requirement(44)
def test_the_link_confirms_no_other_address(client, owner, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.get(invited(owner))
    form = {"email": "other@mail.example", "password1": "correct horse battery"}
    client.post("/accounts/signup/", form)
    user = User.objects.get(email="other@mail.example")
    assert not EmailAddress.objects.get(user=user).verified


def test_signed_in_with_another_address_one_is_told_so_and_does_not_join(client, owner):
    address = invited(owner)
    other = UserFactory()
    client.force_login(other)
    text = said(client.get(address, follow=True))
    assert f"You are signed in as {other.email}." in text
    assert "Join the team" not in text
    client.post(f"/invitations/{Invitation.objects.get().pk}/accept")
    assert not Membership.objects.filter(team=owner.team, user=other).exists()


@pytest.mark.requirement(44)
def test_a_link_works_once(client, owner):
    address = invited(owner)
    client.force_login(UserFactory(email="new@mail.example"))
    client.get(address)
    client.post(f"/invitations/{Invitation.objects.get().pk}/accept")
    assert client.get(address).status_code == 404


@pytest.mark.requirement(44)
def test_a_link_older_than_half_an_hour_gets_a_new_one_mailed(client, owner):
    address = invited(owner)
    Invitation.objects.update(link_until=timezone.now() - timedelta(seconds=1))
    old = client.get(address)
    assert (old.status_code, "too old" in said(old)) == (410, True)
    assert client.get("/invitation").status_code == 404

    assert "Look into your mailbox" in said(client.post(address))
    assert mail.outbox[-1].to == ["new@mail.example"]
    assert link() != address
    assert client.get(link()).status_code == 302


@pytest.mark.requirement(44)
def test_the_host_of_a_request_does_not_get_into_the_mail(page, owner, settings):
    settings.ALLOWED_HOSTS = ["*"]
    page.post(at(owner, "/invite"), {"email": "new@mail.example", "role": "viewer"}, HTTP_HOST="evil.example")
    assert "evil.example" not in mail.outbox[-1].body
    assert f"{settings.PUMPFLIX_PUBLIC_URL}/invitations/" in mail.outbox[-1].body


def test_a_word_that_was_never_a_link_is_over(client):
    assert client.get("/invitations/some-word").status_code == 404
    assert client.get("/invitation").status_code == 404


def test_a_confirmed_address_joins_from_the_list_of_teams(client, owner):
    invited(owner)
    user = UserFactory(email="new@mail.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True)
    client.force_login(user)
    assert "You are invited to" in said(client.get("/teams"))
    row = Invitation.objects.get()
    client.post(f"/invitations/{row.pk}/decline")
    assert not Membership.objects.filter(team=owner.team, user=user).exists()
    assert client.post(f"/invitations/{row.pk}/accept").status_code == 404


def test_where_sign_up_is_closed_the_invited_address_alone_may_sign_up(client, owner, settings):
    settings.PUMPFLIX_SIGN_UP_OPEN = False
    form = {"email": "new@mail.example", "password1": "correct horse battery", "next": "/invitation"}
    client.post("/accounts/signup/", form)
    assert not User.objects.filter(email="new@mail.example").exists()

    client.get(invited(owner))
    refused = client.post("/accounts/signup/", {**form, "email": "other@mail.example"})
    assert "The invitation went to new@mail.example." in said(refused)
    by_api = client.post(
        "/api/auth/register", {"email": "other@mail.example", "password": "correct horse battery"}, "application/json"
    )
    assert by_api.status_code == 403
    assert not User.objects.filter(email="other@mail.example").exists()
    client.post("/accounts/signup/", form)
    assert User.objects.filter(email="new@mail.example").exists()
