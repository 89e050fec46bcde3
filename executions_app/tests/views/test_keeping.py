"""Tags, copies, deleting and bringing back, older versions."""

import pytest

from accounts.tests.factories import UserFactory
from workflows_app.models import Workflow
from workflows_app.services import versions
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def workflow(client):
    made = WorkflowFactory(name="Mine", graph=manual_set(greeting="Hello"))
    client.force_login(made.created_by)
    return made


def test_a_deleted_workflow_can_be_brought_back_from_the_list(client, workflow):
    answer = client.post(f"/workflows/{workflow.pk}/delete", follow=True)
    assert "is deleted" in answer.content.decode()
    assert client.get(f"/workflows/{workflow.pk}").status_code == 404
    client.post(f"/workflows/{workflow.pk}/undelete")
    assert client.get(f"/workflows/{workflow.pk}").status_code == 200


def test_a_copy_has_a_name_of_its_own(client, workflow):
    client.post(f"/workflows/{workflow.pk}/duplicate")
    assert sorted(Workflow.objects.values_list("name", flat=True)) == ["Mine", "Mine (2)"]


def test_tags_are_kept_and_filter_the_list(client, workflow):
    client.post(f"/workflows/{workflow.pk}/tags", {"tags": "night, money"})
    assert "Mine" in client.get("/workflows?tag=night").content.decode()
    assert "No workflow fits" in client.get("/workflows?tag=day").content.decode()


@pytest.mark.parametrize("status,is_there", [("draft", True), ("live", False), ("setup", False)])
def test_the_list_is_filtered_by_state(client, workflow, status, is_there):
    assert (">Mine<" in client.get(f"/workflows?status={status}").content.decode()) is is_there


def test_an_older_version_becomes_the_draft_again(client, workflow):
    versions.snapshot(workflow, reason="save")
    Workflow.objects.filter(pk=workflow.pk).update(graph=manual_set(greeting="Changed"))
    client.post(f"/workflows/{workflow.pk}/versions/1/restore")
    workflow.refresh_from_db()
    assert workflow.graph == manual_set(greeting="Hello")
    assert workflow.versions.count() == 2


@pytest.mark.parametrize("what", ["delete", "undelete", "duplicate", "tags", "versions/1/restore"])
def test_a_stranger_finds_nothing_to_change(client, workflow, what):
    client.force_login(UserFactory())
    assert client.post(f"/workflows/{workflow.pk}/{what}").status_code == 404
