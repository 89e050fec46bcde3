"""What an open socket may follow is asked again: who was removed from the team is told nothing more."""

import pytest

from accounts.services import members
from accounts.tests.factories import MembershipFactory
from executions_app.socket_access import may_follow_execution, may_follow_workflow
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(42)]


def test_a_removed_member_follows_nothing_of_the_team():
    workflow = WorkflowFactory()
    run = ExecutionFactory(version=VersionFactory(workflow=workflow))
    member = MembershipFactory(team=workflow.team, role="viewer")
    user = member.user
    assert may_follow_execution(user, run.pk)
    assert may_follow_workflow(user, workflow.pk)

    members.remove(member, by=workflow.created_by)

    assert not may_follow_execution(user, run.pk)
    assert not may_follow_workflow(user, workflow.pk)
