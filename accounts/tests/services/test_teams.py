import pytest

from accounts.models import Team
from accounts.services import audit
from accounts.services.teams import personal_team, system_team
from accounts.tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def test_everyone_gets_one_personal_team():
    user = UserFactory()
    first = personal_team(user)

    assert personal_team(user) == first
    assert first.memberships.get().role == "owner"
    assert Team.objects.filter(kind="personal").count() == 1


def test_a_shared_team_is_not_mistaken_for_the_personal_one():
    member = MembershipFactory()
    assert personal_team(member.user) != member.team


def test_there_is_one_system_team_without_members():
    assert system_team() == system_team()
    assert not system_team().memberships.exists()


def test_audit_entries_are_chained():
    member = MembershipFactory()
    first = audit.record("team.rename", actor=member.user, team=member.team, target=member.team, before="a", after="b")
    second = audit.record("team.delete", actor=member.user, team=member.team)

    assert first.object_type == "team"
    assert second.chain == audit.digest(second, first.chain)


def test_a_changed_audit_entry_breaks_the_chain():
    member = MembershipFactory()
    first = audit.record("team.rename", actor=member.user, team=member.team)
    second = audit.record("team.delete", actor=member.user, team=member.team)

    first.refresh_from_db()
    assert audit.digest(first, "") == first.chain
    first.action = "team.create"

    assert audit.digest(first, "") != first.chain
    assert audit.digest(second, first.chain) == second.chain
