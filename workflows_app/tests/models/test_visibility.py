"""What a caller who came with an API key sees: the workflows of the key's team alone."""

import pytest

from accounts.services import api_keys
from accounts.tests.factories import MembershipFactory
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def test_a_key_sees_its_team_alone():
    member = MembershipFactory(role="editor")
    made = api_keys.create(team=member.team, by=member.user, name="ci", scopes=["read"])
    here = WorkflowFactory(membership=member)
    WorkflowFactory(membership=MembershipFactory(user=member.user))
    assert Workflow.objects.visible_to(member.user).count() == 2
    assert list(Workflow.objects.visible_to(api_keys.read(made.key).user)) == [here]
