"""Shared teams and who is in them."""

import threading

import pytest
from django.db import connection

from accounts.errors import RoleTooLow, TeamRefused, TeamUnknown
from accounts.models import AuditEntry, Membership, Notification, Team
from accounts.services import api_keys, invitations, members, team_hooks, teams
from accounts.services.sockets import identify
from accounts.tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def joined(team, role):
    return MembershipFactory(team=team, role=role)


def actions(team):
    return list(AuditEntry.objects.filter(team=team).order_by("at", "id").values_list("action", flat=True))


def test_who_makes_a_team_owns_it():
    user = UserFactory()
    team = teams.create(name="  Night   shift ", by=user)

    assert (team.name, team.kind) == ("Night shift", "shared")
    assert team.memberships.get().role == "owner"
    assert actions(team) == ["team.create"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b", "Prize: https://evil.example", "www.evil.example"])
def test_a_name_is_one_short_line_without_an_address(name):
    with pytest.raises(TeamRefused) as refused:
        teams.create(name=name, by=UserFactory())
    assert refused.value.code == "team_name"
    assert not Team.objects.filter(kind="shared").exists()


def test_an_owner_renames_and_others_do_not():
    owner = MembershipFactory()
    teams.rename(owner.team, name="Second", by=owner.user)
    assert Team.objects.get(pk=owner.team_id).name == "Second"
    with pytest.raises(RoleTooLow):
        teams.rename(owner.team, name="Third", by=joined(owner.team, "editor").user)
    with pytest.raises(TeamUnknown):
        teams.rename(owner.team, name="Third", by=UserFactory())


def test_a_role_changes_and_the_member_is_told():
    owner = MembershipFactory()
    member = joined(owner.team, "viewer")

    members.change_role(member, role="editor", by=owner.user)

    member.refresh_from_db()
    assert member.role == "editor"
    assert actions(owner.team) == ["team.change_role"]
    assert "editor" in Notification.objects.get(user=member.user).title


@pytest.mark.parametrize("role", ["viewer", "operator", "editor"])
def test_nobody_but_an_owner_manages_members(role):
    owner = MembershipFactory()
    by = joined(owner.team, role).user
    other = joined(owner.team, "viewer")
    for act in (
        lambda: members.change_role(other, role="owner", by=by),
        lambda: members.remove(other, by=by),
        lambda: invitations.invite(owner.team, email="new@mail.example", role="owner", by=by),
        lambda: teams.delete(owner.team, by=by),
    ):
        with pytest.raises(RoleTooLow):
            act()
    assert owner.team.memberships.count() == 3


def test_the_last_owner_stays_one():
    owner = MembershipFactory()
    joined(owner.team, "editor")
    for act in (
        lambda: members.change_role(owner, role="editor", by=owner.user),
        lambda: members.leave(owner.team, by=owner.user),
        lambda: members.remove(owner, by=owner.user),
    ):
        with pytest.raises(TeamRefused) as refused:
            act()
        assert refused.value.code == "last_owner"
    assert Membership.objects.get(pk=owner.pk).role == "owner"


def test_an_owner_whose_account_is_closed_does_not_count():
    owner = MembershipFactory()
    MembershipFactory(team=owner.team, user=UserFactory(is_active=False))
    with pytest.raises(TeamRefused):
        members.leave(owner.team, by=owner.user)


def test_one_of_two_owners_may_go():
    owner = MembershipFactory()
    second = joined(owner.team, "owner")
    members.leave(owner.team, by=owner.user)
    assert list(owner.team.memberships.all()) == [second]
    assert actions(owner.team) == ["team.leave"]


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_go_at_once_one_stays():
    owner = MembershipFactory()
    second = joined(owner.team, "owner")
    barrier = threading.Barrier(2)

    def go(member):
        barrier.wait()
        try:
            members.leave(member.team, by=member.user)
        except TeamRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[member]) for member in (owner, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert owner.team.memberships.filter(role="owner").count() == 1


def test_with_the_membership_end_keys_sockets_and_invitations():
    owner = MembershipFactory()
    member = joined(owner.team, "owner")
    key = api_keys.create(team=owner.team, by=member.user, name="k", scopes=["read"])
    elsewhere = api_keys.create(
        team=MembershipFactory(user=member.user).team, by=member.user, name="k", scopes=["read"]
    )
    socket = identify(token=key.key)
    invited = invitations.invite(owner.team, email="friend@mail.example", role="owner", by=member.user)

    members.remove(member, by=owner.user)

    assert not socket.is_good()
    assert api_keys.read(elsewhere.key)
    invited.refresh_from_db()
    assert not invited.is_open
    assert actions(owner.team)[-1] == "team.remove_member"
    # Who comes back later starts anew: the key of before stays ended.
    Membership.objects.create(team=owner.team, user=member.user, role="viewer")
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(key.key)


def test_what_was_theirs_alone_goes_to_who_removed_them(monkeypatch):
    told = []
    monkeypatch.setattr(team_hooks, "_handing_on", [lambda *given: told.append(given)])
    owner = MembershipFactory()
    member = joined(owner.team, "editor")
    members.remove(member, by=owner.user)
    assert told == [(owner.team, member.user, owner.user)]


def test_an_empty_team_is_deleted_and_the_trail_says_so():
    owner = MembershipFactory()
    key = api_keys.create(team=owner.team, by=owner.user, name="k", scopes=["read"])
    teams.delete(owner.team, by=owner.user)
    assert not Team.objects.filter(pk=owner.team_id).exists()
    entry = AuditEntry.objects.get(action="team.delete")
    assert (entry.object_id, entry.details) == (str(owner.team_id), {"name": owner.team.name})
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.read(key.key)


def test_a_team_that_has_something_is_kept(monkeypatch):
    monkeypatch.setattr(team_hooks, "_holdings", {"workflows": lambda _: 2, "files": lambda _: 0})
    owner = MembershipFactory()
    with pytest.raises(TeamRefused, match=r"The team still has: workflows \(2\)") as refused:
        teams.delete(owner.team, by=owner.user)
    assert refused.value.code == "team_not_empty"
    assert Team.objects.filter(pk=owner.team_id).exists()


def test_a_personal_team_is_not_shared_left_or_deleted():
    user = UserFactory()
    team = teams.personal_team(user)
    for act in (
        lambda: invitations.invite(team, email="new@mail.example", role="viewer", by=user),
        lambda: members.leave(team, by=user),
        lambda: teams.delete(team, by=user),
    ):
        with pytest.raises(TeamRefused) as refused:
            act()
        assert refused.value.code == "team_personal"
