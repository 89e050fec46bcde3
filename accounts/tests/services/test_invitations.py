"""Invitations: for one address, by a link that works once and for half an hour."""

import re
import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.errors import TeamRefused
from accounts.models import AuditEntry, Invitation, Membership, Notification
from accounts.services import invitations, members
from accounts.tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def link_of(message):
    return re.search(r"/invitations/(\S+)", message.body)[1]


@pytest.fixture
def owner():
    return MembershipFactory()


def invited(owner, email="new@mail.example", role="editor"):
    made = invitations.invite(owner.team, email=email, role=role, by=owner.user)
    return made, link_of(mail.outbox[-1])


def confirmed(email="new@mail.example"):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def test_the_mail_says_who_invites_where_and_as_what(owner, settings):
    settings.PUMPFLIX_PUBLIC_URL = "https://flows.example.org"
    made, token = invited(owner)
    said = mail.outbox[0]
    assert said.to == ["new@mail.example"]
    assert owner.team.name in said.subject
    assert f"{owner.user.email} invites you to the team “{owner.team.name}” as editor" in said.body
    assert f"https://flows.example.org/invitations/{token}" in said.body
    assert made.expires_at - timezone.now() <= timedelta(days=7)
    assert made.link_until - timezone.now() <= timedelta(minutes=30)


def test_the_token_is_long_and_stored_as_a_digest_alone(owner):
    made, token = invited(owner)
    assert len(token) >= 43  # 256 bits
    assert made.token_hash == invitations.hash_of(token)
    assert token not in str(Invitation.objects.values().get())
    assert token not in str(list(AuditEntry.objects.values()))


def test_who_was_invited_joins_with_that_role_once(owner):
    made, token = invited(owner)
    user = confirmed()
    assert invitations.opened(token) == made

    member = invitations.accept(made, by=user)

    assert (member.team, member.role) == (owner.team, "editor")
    assert invitations.opened(token) is None
    with pytest.raises(TeamRefused) as refused:
        invitations.accept(made, by=user)
    assert refused.value.code == "invitation_over"
    trail = AuditEntry.objects.filter(team=owner.team).order_by("at", "id")
    assert [entry.action for entry in trail] == ["invitation.create", "invitation.accept"]
    assert "joined" in Notification.objects.get(user=owner.user).title


@pytest.mark.parametrize("has_link", [True, False])
def test_another_address_is_refused_even_with_the_link(owner, has_link):
    made, _ = invited(owner)
    other = confirmed("other@mail.example")
    with pytest.raises(TeamRefused, match="went to another address") as refused:
        invitations.accept(made, by=other, has_link=has_link)
    assert (refused.value.code, "other@mail.example" in refused.value.hint) == ("invitation_for_another", True)
    with pytest.raises(TeamRefused):
        invitations.decline(made, by=other, has_link=has_link)
    assert not Membership.objects.filter(user=other, team=owner.team).exists()


def test_an_address_that_is_not_confirmed_needs_the_link(owner):
    made, _ = invited(owner)
    user = UserFactory(email="new@mail.example")
    with pytest.raises(TeamRefused) as refused:
        invitations.accept(made, by=user)
    assert refused.value.code == "address_not_confirmed"

    invitations.accept(made, by=user, has_link=True)
    assert EmailAddress.objects.get(user=user).verified


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_invitation_one_joins(owner):
    made, _ = invited(owner)
    users = [confirmed("new@mail.example"), UserFactory()]
    EmailAddress.objects.filter(user=users[0]).update(verified=False)
    barrier, results = threading.Barrier(2), []

    def take():
        barrier.wait()
        try:
            results.append(invitations.accept(made, by=users[0], has_link=True))
        except TeamRefused as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("invitation_over") == 1
    assert Membership.objects.filter(user=users[0], team=owner.team).count() == 1


def test_sent_again_only_the_newest_link_works(owner):
    made, first = invited(owner)
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(days=1))
    invitations.resend(made, by=owner.user)
    second = link_of(mail.outbox[-1])
    assert invitations.opened(first) is None
    assert invitations.opened(second) == made


def test_an_old_link_gets_a_new_one_mailed_while_the_invitation_is_open(owner):
    made, _ = invited(owner)
    Invitation.objects.filter(pk=made.pk).update(link_until=timezone.now() - timedelta(seconds=1))
    ends = Invitation.objects.get(pk=made.pk).expires_at

    invitations.send_new_link(made)

    made.refresh_from_db()
    assert mail.outbox[-1].to == ["new@mail.example"]
    assert made.link_until > timezone.now()
    assert made.expires_at == ends
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(TeamRefused):
        invitations.send_new_link(Invitation.objects.get(pk=made.pk))


def test_withdrawn_it_is_over(owner):
    made, token = invited(owner)
    invitations.withdraw(made, by=owner.user)
    assert invitations.opened(token) is None
    with pytest.raises(TeamRefused):
        invitations.accept(made, by=confirmed(), has_link=True)
    with pytest.raises(TeamRefused):
        invitations.resend(made, by=owner.user)


def test_who_was_invited_may_decline(owner):
    made, token = invited(owner)
    invitations.decline(made, by=confirmed())
    assert invitations.opened(token) is None
    assert AuditEntry.objects.filter(action="invitation.decline").count() == 1


def test_after_a_week_it_is_over(owner):
    made, token = invited(owner)
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert invitations.opened(token) is None
    # and the address can be invited anew
    invitations.invite(owner.team, email="NEW@mail.example", role="viewer", by=owner.user)


def test_a_member_and_an_invited_address_are_not_invited_again(owner):
    invited(owner)
    for email, code in ((owner.user.email, "member_already"), ("New@Mail.example", "invited_already")):
        with pytest.raises(TeamRefused) as refused:
            invitations.invite(owner.team, email=email, role="viewer", by=owner.user)
        assert refused.value.code == code


def test_a_mailbox_is_not_flooded(owner, monkeypatch):
    monkeypatch.setattr(invitations, "PER_ADDRESS", "2/1 hour")
    made, _ = invited(owner, email=f"quiet-{owner.pk}@mail.example")
    invitations.resend(made, by=owner.user)
    with pytest.raises(TeamRefused) as refused:
        invitations.resend(made, by=owner.user)
    assert refused.value.code == "invitations_too_fast"
    assert refused.value.retry_after_s > 0
    assert len(mail.outbox) == 2


def test_many_teams_are_no_way_round_the_limit_of_a_person(owner, monkeypatch):
    monkeypatch.setattr(invitations, "PER_SENDER", "2/1 hour")
    for number in range(2):
        team = MembershipFactory(user=owner.user).team
        invitations.invite(team, email=f"{number}-{owner.pk}@mail.example", role="viewer", by=owner.user)
    with pytest.raises(TeamRefused) as refused:
        invitations.invite(owner.team, email=f"x-{owner.pk}@mail.example", role="viewer", by=owner.user)
    assert refused.value.code == "invitations_too_fast"
    assert len(mail.outbox) == 2


def test_an_invitation_stands_though_its_mail_did_not_leave(owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(invitations.MailNotSent):
        invitations.invite(owner.team, email="new@mail.example", role="viewer", by=owner.user)
    assert owner.team.invitations.open().count() == 1


def test_invitations_of_a_demoted_owner_end(owner):
    second = MembershipFactory(team=owner.team)
    made = invitations.invite(owner.team, email="friend@mail.example", role="owner", by=second.user)
    members.change_role(second, role="viewer", by=owner.user)
    assert not Invitation.objects.get(pk=made.pk).is_open
