"""Many executions at once, two side by side, one item through its nodes, and how much room they take."""

from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app.models import Execution
from executions_app.tests.factories import ExecutionFactory
from executions_app.tests.selectors.runs import ended, items, turn, two_node_run

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)
    cache.clear()


def client_of(execution: Execution) -> APIClient:
    return as_user(execution.workflow.created_by)


def bulk(client: APIClient, action: str, *executions: Execution, **more: Any) -> Any:
    body = {"action": action, "ids": [str(one.pk) for one in executions], **more}
    return client.post("/api/executions/bulk", body, format="json")


def test_what_is_deleted_is_gone_and_what_is_restored_is_back():
    run = ended()
    client = client_of(run)
    answer = bulk(client, "delete", run).json()
    assert (answer["done"], answer["undo"], answer["undoIds"]) == ([str(run.pk)], "restore", [str(run.pk)])
    assert client.get(f"/api/executions/{run.pk}").status_code == 404
    assert client.get("/api/executions").json()["items"] == []
    bulk(client, "restore", run)
    assert client.get(f"/api/executions/{run.pk}").status_code == 200
    assert Execution.objects.get(pk=run.pk).deleted_at is None


def test_retries_start_and_what_cannot_is_told():
    run = ended(status="error")
    open_one = ExecutionFactory(version=run.version)
    answer = bulk(client_of(run), "retry", run, open_one).json()
    assert [str(row.pk) for row in Execution.objects.filter(retry_of=run)] == answer["started"]
    assert [(refused["id"], refused["code"]) for refused in answer["refused"]] == [(str(open_one.pk), "not_over")]


def test_a_stranger_and_a_viewer_change_nothing():
    run = ended()
    viewer = MembershipFactory(team=run.team, role="viewer").user
    for user in (UserFactory(), viewer):
        assert bulk(as_user(user), "delete", run).json()["done"] == []
    assert Execution.objects.get(pk=run.pk).deleted_at is None


@pytest.mark.parametrize("body", [{}, {"action": "burn", "ids": ["x"]}, {"action": "retry", "ids": []}])
def test_a_body_that_says_too_little_is_refused(body):
    answer = client_of(ended()).post("/api/executions/bulk", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_comparison_tells_what_differs():
    base = two_node_run()
    other = ended_like(base)
    turn(other, "Start", 0, items({}))
    turn(other, "Variables", 1, items({"n": 1}, {"n": 5}))
    answer = client_of(base).get(f"/api/executions/{other.pk}/compare?with={base.pk}").json()
    assert [(node["node"], node["verdict"]) for node in answer["nodes"]] == [
        ("Start", "same"),
        ("Variables", "changed"),
    ]
    assert (answer["here"]["id"], answer["there"]["id"]) == (str(other.pk), str(base.pk))
    (item,) = answer["items"]["items"]
    assert item == {
        "number": 2,
        "kind": "changed",
        "places": [{"path": "n", "kind": "changed", "before": "2", "after": "5"}],
    }


def ended_like(base: Execution, **fields: Any) -> Execution:
    times = {"started_at": base.started_at, "finished_at": base.finished_at}
    return ExecutionFactory(version=base.version, status="success", **{**times, **fields})


def test_without_another_run_there_is_nothing_to_compare():
    run = two_node_run()
    client = client_of(run)
    assert client.get(f"/api/executions/{run.pk}/compare").status_code == 404
    assert client.get(f"/api/executions/{run.pk}/compare?with={two_node_run().pk}").status_code == 404
    assert as_user(UserFactory()).get(f"/api/executions/{run.pk}/compare").status_code == 404


def test_an_item_is_followed():
    run = ended()
    turn(run, "Start", 0, items({}))
    source = {"node": "Start", "output": 0, "runIndex": 0}
    turn(run, "Variables", 1, [{"json": {}, "pairedItem": {"item": 0}}], sources=[source])
    address = f"/api/executions/{run.pk}/lineage"
    answer = client_of(run).get(f"{address}?node=Variables").json()
    assert answer == {
        "items": [
            {"node": "Start", "runIndex": 0, "output": 0, "items": [0]},
            {"node": "Variables", "runIndex": 0, "output": 0, "items": [0]},
        ],
        "broken": [],
        "isCut": False,
    }
    assert client_of(run).get(f"{address}?node=Variables&item=5").status_code == 404
    assert as_user(UserFactory()).get(f"{address}?node=Variables").status_code == 404


def test_retention_tells_sizes_of_ones_own_workflows():
    run, other = two_node_run(created_at=timezone.now()), two_node_run()
    answer = client_of(run).get("/api/executions/retention").json()
    (row,) = answer["workflows"]
    assert (row["id"], row["runs"], row["sizeBytes"] > 0) == (str(run.workflow_id), 1, True)
    assert str(other.workflow_id) not in str(answer)
    assert set(answer["rules"]) == {"days", "runs"}
