"""Who sees what: the owner can, the stranger cannot, a visitor sees nothing."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from accounts.models import ApiKey, Team, User
from accounts.tests.factories import MembershipFactory, TeamFactory, UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def team_key():
    member = MembershipFactory(role="viewer")
    return ApiKey.objects.create(team=member.team, user=member.user, name="ci", prefix="abc", secret_hash="0")


def test_a_member_sees_the_rows_of_the_team(team_key):
    assert list(ApiKey.objects.visible_to(team_key.user)) == [team_key]


def test_a_stranger_sees_nothing(team_key):
    assert not ApiKey.objects.visible_to(MembershipFactory().user).exists()


def test_a_visitor_sees_nothing(team_key):
    assert not ApiKey.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize(
    "role,may_edit,may_run",
    [("owner", True, True), ("editor", True, True), ("operator", False, True), ("viewer", False, False)],
)
def test_roles_decide_who_changes_and_who_runs(role, may_edit, may_run):
    member = MembershipFactory(role=role)
    key = ApiKey.objects.create(team=member.team, user=member.user, name="k", prefix=role, secret_hash="0")

    assert ApiKey.objects.editable_by(member.user).filter(pk=key.pk).exists() is may_edit
    assert ApiKey.objects.runnable_by(member.user).filter(pk=key.pk).exists() is may_run


def test_a_visitor_may_neither_change_nor_run(team_key):
    assert not ApiKey.objects.editable_by(AnonymousUser()).exists()
    assert not ApiKey.objects.runnable_by(AnonymousUser()).exists()


def test_teams_are_seen_by_their_members_only():
    mine, _other = MembershipFactory(), TeamFactory()
    assert list(Team.objects.visible_to(mine.user)) == [mine.team]


def test_people_see_themselves_and_their_team_mates():
    me = MembershipFactory()
    mate = MembershipFactory(team=me.team, role="viewer")
    MembershipFactory()

    assert set(User.objects.visible_to(me.user)) == {me.user, mate.user}
    assert not User.objects.visible_to(AnonymousUser()).exists()


def test_own_notifications_and_tokens_only():
    user = UserFactory()
    user.notifications.create(kind="run.failed", title="It failed")
    stranger = UserFactory()

    assert type(user.notifications.first()).objects.visible_to(user).count() == 1
    assert type(user.notifications.first()).objects.visible_to(stranger).count() == 0


def test_an_address_counts_once_whatever_its_case():
    User.objects.create_user("Ada@Engine.Example", "correct horse battery")
    with pytest.raises(IntegrityError):
        User.objects.create_user("ADA@engine.example", "another long password")


def test_signing_in_ignores_the_case_of_the_address():
    user = User.objects.create_user("Ada@Engine.Example", "correct horse battery")
    assert User.objects.get_by_natural_key("ADA@ENGINE.EXAMPLE") == user


@pytest.mark.parametrize(
    "name,email,initials",
    [("Maya Okafor", "m@x.example", "MO"), ("", "ines.b@x.example", "IB"), ("Bo", "b@x.example", "B")],
)
def test_the_avatar_shows_at_most_two_letters(name, email, initials):
    assert User(name=name, email=email).initials == initials
