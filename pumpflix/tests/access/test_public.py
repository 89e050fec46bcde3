"""What a public workflow and a published title show to those who are not in the team: their definition."""

from typing import Any

import pytest

from accounts.services.teams import personal_team
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app.models import Alert
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(52)]

CANARY = "canary-9c41f7"
KEY = "sk-live-5f3a9c41f7e2b8d06a1c"
ADDRESS = "ines.baum@mail.example"


def graph() -> dict[str, Any]:
    """As an export of another instance has it, with everything beside the definition that ought to stay at home."""
    return {
        "name": "Greet",
        "nodes": [
            {"id": "a", "name": "Start", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "position": [0, 0],
             "parameters": {}},
            {"id": "b", "name": "Call", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.2, "position": [220, 0],
             "parameters": {"url": "https://api.example.com", "sendHeaders": True, "headerParameters": {"parameters": [
                 {"name": "Authorization", "value": f"Bearer {KEY}"}]}},
             "credentials": {"httpHeaderAuth": {"id": CANARY, "name": f"Header of {CANARY}"}}},
        ],
        "connections": {"Start": {"main": [[{"node": "Call", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
        "pinData": {"Start": [{"json": {"note": CANARY}}]},
        "staticData": {"node:Start": {"last": CANARY}},
        "shared": [{"role": "workflow:owner", "project": {"name": f"Ines <{ADDRESS}>"}}],
        "homeProject": {"name": ADDRESS},
    }  # fmt: skip


@pytest.fixture
def public() -> Workflow:
    author = UserFactory(name="", email=ADDRESS)
    workflow = WorkflowFactory(
        team=personal_team(author), membership=None, created_by=author, visibility="public", graph=graph()
    )
    version = VersionFactory(workflow=workflow, number=1, note=CANARY)
    ExecutionFactory(version=version, error_text=CANARY)
    Alert.objects.create(workflow=workflow, channel="email", hint=ADDRESS, sealed=b"x")
    return workflow


@pytest.fixture
def stranger():
    return as_user(MembershipFactory().user)


@pytest.mark.parametrize("path", ["/api/workflows/{id}", "/api/workflows/public"])
def test_it_shows_its_definition_and_nothing_else(public, stranger, path):
    shown = stranger.get(path.format(id=public.pk))
    assert shown.status_code == 200
    assert public.name in shown.content.decode()
    for secret in (CANARY, KEY, ADDRESS, "ines.baum"):
        assert secret not in shown.content.decode()


def test_its_definition_is_whole(public, stranger):
    shown = stranger.get(f"/api/workflows/{public.pk}").json()["graph"]
    assert set(shown) == {"name", "nodes", "connections", "settings", "pinData"}
    assert [node["name"] for node in shown["nodes"]] == ["Start", "Call"]
    assert shown["nodes"][1]["credentials"] == {"httpHeaderAuth": {"id": None, "name": ""}}
    assert shown["connections"] == graph()["connections"]


def test_a_copy_of_it_has_no_more_than_was_shown(public, stranger):
    copied = stranger.post(f"/api/workflows/{public.pk}/duplicate", {}, format="json")
    assert copied.status_code == 201
    kept = str(Workflow.objects.get(pk=copied.json()["id"]).graph)
    assert not [secret for secret in (CANARY, KEY, ADDRESS) if secret in kept]


@pytest.mark.parametrize(
    "part", ["versions", "versions/1", "stats", "alerts", "variables", "export", "run-to?node=Call"]
)
def test_what_hangs_on_it_is_not_there(public, stranger, part):
    assert stranger.get(f"/api/workflows/{public.pk}/{part}").status_code == 404


def test_its_runs_are_in_no_list_of_a_stranger(public, stranger):
    assert stranger.get("/api/executions").json()["items"] == []
    assert stranger.get(f"/api/executions?workflowId={public.pk}").json()["items"] == []
    assert stranger.get("/api/webhooks").json()["items"] == []


def test_its_author_sees_all_of_it(public):
    shown = as_user(public.created_by).get(f"/api/workflows/{public.pk}").json()
    assert shown["graph"] == graph()
