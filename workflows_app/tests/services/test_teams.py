"""What belongs to a team: it keeps the team, and stays with it when a member goes."""

import pytest

from accounts.errors import TeamRefused
from accounts.models import Team
from accounts.services import members, teams
from accounts.tests.factories import MembershipFactory
from workflows_app.models import Workflow
from workflows_app.services import credentials, workflows
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def test_a_team_with_a_workflow_and_a_credential_is_not_deleted():
    workflow = WorkflowFactory()
    owner = workflow.created_by
    fields = {"name": "X-Token", "value": "secret-of-the-team"}
    credential = credentials.create(team=workflow.team, by=owner, name="C", type="httpHeaderAuth", fields=fields)
    with pytest.raises(TeamRefused, match=r"workflows \(1\), credentials \(1\)"):
        teams.delete(workflow.team, by=owner)

    workflows.delete(workflow, by=owner)
    credentials.delete(credential, by=owner)
    teams.delete(workflow.team, by=owner)
    assert not Team.objects.filter(pk=workflow.team_id).exists()


def test_what_a_leaving_member_kept_private_is_the_heirs_alone():
    owner = MembershipFactory()
    member, other = (MembershipFactory(team=owner.team, role="editor") for _ in range(2))
    kept = WorkflowFactory(team=owner.team, created_by=member.user, visibility="private")
    shown = WorkflowFactory(team=owner.team, created_by=member.user)

    members.remove(member, by=owner.user)

    assert set(Workflow.objects.visible_to(owner.user)) == {kept, shown}
    assert set(Workflow.objects.visible_to(other.user)) == {shown}
    assert not Workflow.objects.visible_to(member.user).exists()
