"""The page of a workflow's alerts, and what programs can do with them."""

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Membership
from accounts.tests.clients import as_user
from accounts.tests.factories import UserFactory
from executions_app.models import Alert, Incident
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, manual_set, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

NEW = {"channel": "email", "target": "ops@example.org", "after_failures": "3", "on_recovery": "on"}


@pytest.fixture
def workflow(client) -> Workflow:
    made = WorkflowFactory(name="Night job", graph=manual_set(greeting="Hello"))
    client.force_login(made.created_by)
    return made


def page(client, workflow) -> str:
    return client.get(f"/workflows/{workflow.pk}/alerts").content.decode()


def add(client, workflow, **fields):
    return client.post(f"/workflows/{workflow.pk}/alerts/add", {**NEW, **fields}, follow=True)


def test_the_workflow_leads_to_its_alerts(client, workflow):
    assert f"/workflows/{workflow.pk}/alerts" in client.get(f"/workflows/{workflow.pk}").content.decode()
    assert "Nobody yet." in page(client, workflow)


def test_an_alert_is_added_tried_switched_off_and_removed(client, workflow):
    shown = add(client, workflow).content.decode()
    assert "ops@example.org" in shown
    assert "3 runs in a row fail" in shown
    alert = Alert.objects.get()
    shown = client.post(f"/alerts/{alert.pk}/test", follow=True).content.decode()
    assert "The answer: The mail server took it for ops@example.org." in shown
    assert mail.outbox[0].subject == "Test alert of Night job"
    client.post(f"/alerts/{alert.pk}/switch", {"enabled": "off"})
    assert not Alert.objects.get().enabled
    assert "is removed" in client.post(f"/alerts/{alert.pk}/delete", follow=True).content.decode()


@pytest.mark.parametrize(
    "fields", [{"target": "nobody"}, {"target": ""}, {"after_failures": "0"}, {"channel": "pigeon"}], ids=str
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_lost(client, workflow, fields):
    answer = add(client, workflow, **fields)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not Alert.objects.exists()


def test_a_url_is_never_shown_again(client, workflow):
    add(client, workflow, channel="webhook", target="https://hooks.example.org/T0/very-secret", secret="s3cret")
    shown = page(client, workflow)
    assert "hooks.example.org" in shown
    assert "very-secret" not in shown
    assert "s3cret" not in shown


def test_incidents_are_told(client, workflow):
    now = timezone.now()
    Incident.objects.create(
        workflow=workflow, kind="failure", failures=4, last_text="out of paper", opened_at=now, last_at=now
    )
    shown = page(client, workflow)
    assert "4 failures in a row" in shown
    assert "out of paper" in shown


def test_an_error_workflow_is_chosen_and_counts_at_once(client, workflow):
    graph = chain(node("Failed", "errorTrigger"), node("End", "noOp"))
    catcher = WorkflowFactory(
        name="Catcher", team=workflow.team, graph=graph, node_types=["n8n-nodes-base.errorTrigger"]
    )
    assert "Nothing runs when it fails." in page(client, workflow)
    address = f"/workflows/{workflow.pk}/error-workflow"
    shown = client.post(address, {"error_workflow": str(catcher.pk), "on_manual": "on"}, follow=True).content.decode()
    assert "is told what happened" in shown
    workflow.refresh_from_db()
    assert workflow.graph["settings"]["errorWorkflow"] == str(catcher.pk)
    assert workflow.graph["settings"]["executionOrder"] == "v1"
    other = WorkflowFactory(graph=graph, node_types=["n8n-nodes-base.errorTrigger"])
    assert client.post(address, {"error_workflow": str(other.pk)}).status_code == 404
    client.post(address, {"error_workflow": ""})
    workflow.refresh_from_db()
    assert "errorWorkflow" not in workflow.graph["settings"]


def test_a_viewer_sees_them_and_changes_nothing(client, workflow):
    add(client, workflow)
    viewer = UserFactory()
    Membership.objects.create(user=viewer, team=workflow.team, role="viewer")
    client.force_login(viewer)
    shown = page(client, workflow)
    assert "ops@example.org" in shown
    assert "alert-form" not in shown
    assert add(client, workflow).status_code == 404
    assert client.post(f"/alerts/{Alert.objects.get().pk}/test").status_code == 404


def test_a_stranger_finds_nothing(client, workflow):
    add(client, workflow)
    client.force_login(UserFactory())
    assert client.get(f"/workflows/{workflow.pk}/alerts").status_code == 404
    assert client.post(f"/alerts/{Alert.objects.get().pk}/delete").status_code == 404
    stranger = as_user(UserFactory())
    assert stranger.get(f"/api/alerts/{Alert.objects.get().pk}").status_code == 404
    assert stranger.get(f"/api/workflows/{workflow.pk}/alerts").status_code == 404


def test_programs_add_try_and_change_them(workflow):
    api = as_user(workflow.created_by)
    body = {"channel": "email", "target": "ops@example.org", "stuckAfterMin": 30}
    made = api.post(f"/api/workflows/{workflow.pk}/alerts", body, format="json").json()
    assert (made["afterFailures"], made["stuckAfterMin"], made["targetHint"]) == (1, 30, "ops@example.org")
    told = api.post(f"/api/alerts/{made['id']}/test").json()
    assert (told["event"], told["status"]) == ("test", "sent")
    changed = api.patch(f"/api/alerts/{made['id']}", {"stuckAfterMin": None}, format="json").json()
    assert (changed["stuckAfterMin"], changed["afterFailures"]) == (None, 1)
    assert [one["event"] for one in api.get(f"/api/alerts/{made['id']}/sent").json()["items"]] == ["test"]
    wrong = api.post(f"/api/workflows/{workflow.pk}/alerts", {**body, "target": "x"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "alert_target_invalid")
