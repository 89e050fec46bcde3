"""The page on which a person says who sees a workflow, and moves it."""

import pytest

from accounts.tests.factories import MembershipFactory
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from workflows_app.errors import Unsuitable
from workflows_app.models import Workflow
from workflows_app.services import edits
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def workflow():
    return WorkflowFactory()


def at(workflow, rest="sharing"):
    return f"/workflows/{workflow.pk}/{rest}"


def said(answer):
    return answer.content.decode()


@pytest.mark.parametrize("wanted", ["private", "team", "public"])
def test_an_owner_and_author_chooses_who_sees_it(client, workflow, wanted):
    client.force_login(workflow.created_by)
    answer = client.post(at(workflow, "visibility"), {"visibility": wanted}, follow=True)
    workflow.refresh_from_db()
    assert workflow.visibility == wanted
    assert "Saved." in said(answer)
    assert f'value="{wanted}" checked' in said(answer)


def test_an_editor_neither_publishes_it_to_everybody_nor_hides_it(client, workflow):
    editor = MembershipFactory(team=workflow.team, role="editor").user
    client.force_login(editor)
    assert said(client.get(at(workflow))).count("disabled") == 2
    for wanted in ("public", "private"):
        answer = client.post(at(workflow, "visibility"), {"visibility": wanted}, follow=True)
        assert "Only" in said(answer)
    workflow.refresh_from_db()
    assert workflow.visibility == "team"
    with pytest.raises(Unsuitable):
        edits.update(workflow, edits.Changes(visibility="private"), by=editor)


def test_what_is_none_of_the_three_is_refused(client, workflow):
    client.force_login(workflow.created_by)
    assert "Choose one of the three." in said(client.post(at(workflow, "visibility"), {"visibility": "x"}, follow=True))


def test_a_viewer_reads_it_and_has_no_buttons(client, workflow):
    client.force_login(MembershipFactory(team=workflow.team, role="viewer").user)
    text = said(client.get(at(workflow)))
    assert "Everybody in the team" in text
    assert "<form" not in text.partition("<main")[2].partition("</main>")[0]
    for rest in ("visibility", "move"):
        assert client.post(at(workflow, rest), {"visibility": "public"}).status_code == 404


def test_what_goes_along_is_said_before_it_is_moved(client, workflow):
    target = MembershipFactory(user=workflow.created_by, role="editor").team
    version = VersionFactory(workflow=workflow)
    ExecutionFactory(version=version, status="success", finished_at="2026-01-01T00:00:00Z")
    client.force_login(workflow.created_by)
    text = said(client.get(f"{at(workflow)}?to={target.pk}"))
    assert "1 run, 1 version, 0 alerts" in text

    answer = client.post(at(workflow, "move"), {"team": str(target.pk)}, follow=True)
    assert f"It belongs to “{target.name}” now." in said(answer)
    assert Workflow.objects.get(pk=workflow.pk).team == target


def test_a_run_under_way_keeps_it_where_it_is(client, workflow):
    target = MembershipFactory(user=workflow.created_by, role="editor").team
    ExecutionFactory(version=VersionFactory(workflow=workflow), status="waiting")
    client.force_login(workflow.created_by)
    assert "1 run is not over." in said(client.get(f"{at(workflow)}?to={target.pk}"))
    answer = client.post(at(workflow, "move"), {"team": str(target.pk)}, follow=True)
    assert "Runs of it are not over: 1." in said(answer)


def test_it_moves_into_no_team_of_others(client, workflow):
    client.force_login(workflow.created_by)
    strange = MembershipFactory().team
    assert client.post(at(workflow, "move"), {"team": str(strange.pk)}).status_code == 404
    assert "move-report" not in said(client.get(f"{at(workflow)}?to={strange.pk}"))


@pytest.mark.parametrize(
    "role,offered", [("viewer", []), ("operator", ["wf-run"]), ("editor", ["wf-run", "wf-delete", "wf-sharing"])]
)
def test_the_page_of_a_workflow_offers_what_the_role_may(client, workflow, role, offered):
    client.force_login(MembershipFactory(team=workflow.team, role=role).user)
    text = said(client.get(f"/workflows/{workflow.pk}"))
    assert [button for button in ("wf-run", "wf-delete", "wf-sharing") if button in text] == offered
