"""A workflow that its author keeps private is the author's alone: its runs and mails too, for every verb."""

import pytest

from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from executions_app.models import Execution, OutboxMessage
from executions_app.selectors.outbox import messages_for
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(48, 50)]


@pytest.fixture
def kept():
    return WorkflowFactory(visibility="private")


@pytest.fixture
def colleague(kept):
    """Another owner of the same team."""
    return MembershipFactory(team=kept.team, role="owner").user


def test_a_colleague_neither_sees_nor_changes_nor_runs_it(kept, colleague):
    for rows in (Workflow.objects.visible_to, Workflow.objects.editable_by, Workflow.objects.runnable_by):
        assert not rows(colleague).exists()
        assert rows(kept.created_by).get() == kept


@pytest.mark.parametrize("verb", ["publish", "run", "delete", "duplicate", "tags", "listen", "setup"])
def test_pages_answer_a_colleague_with_404(client, kept, colleague, verb):
    client.force_login(colleague)
    assert client.post(f"/workflows/{kept.pk}/{verb}", {"live": "on"}).status_code == 404
    kept.refresh_from_db()
    assert (kept.deleted_at, kept.live_version_id) == (None, None)


def test_its_runs_and_mails_are_not_shown_to_a_colleague(kept, colleague):
    run = ExecutionFactory(version=VersionFactory(workflow=kept))
    OutboxMessage.objects.create(
        team=kept.team, execution=run, node="Mail", message_id="<1@x>", sender="a@mail.example", recipients={}
    )
    assert not Execution.objects.visible_to(colleague).exists()
    assert not Execution.objects.runnable_by(colleague).exists()
    assert not messages_for(colleague).exists()
    assert as_user(colleague).get(f"/api/executions/{run.pk}").status_code == 404
    assert Execution.objects.visible_to(kept.created_by).get() == run
    assert messages_for(kept.created_by).count() == 1


def test_shown_to_the_team_its_runs_are_the_teams(kept, colleague):
    run = ExecutionFactory(version=VersionFactory(workflow=kept))
    Workflow.objects.filter(pk=kept.pk).update(visibility="team")
    assert Execution.objects.visible_to(colleague).get() == run
