"""Executions by REST: starting, reading, stopping, counting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from executions_app import payload_codec
from executions_app.api import once
from executions_app.models import DailyAnalytics, Execution, ExecutionEvent, NodeRun
from executions_app.selectors import executions
from executions_app.services import analytics
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from executions_app.tests.selectors.runs import event
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch) -> None:
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


@pytest.fixture
def workflow() -> Workflow:
    return WorkflowFactory()


@pytest.fixture
def client(workflow: Workflow) -> APIClient:
    return as_user(workflow.created_by)


@pytest.fixture
def run(workflow: Workflow) -> Any:
    """Makes runs of the workflow, of one version."""
    version = VersionFactory(workflow=workflow)

    def make(status: str = "success", **fields: Any) -> Execution:
        over = {"started_at": NOW, "finished_at": NOW} if status in ("success", "error", "canceled", "crashed") else {}
        return ExecutionFactory(version=version, status=status, **{**over, **fields})

    return make


def execute(client: APIClient, workflow: Workflow, **body: Any) -> Any:
    return client.post(f"/api/workflows/{workflow.pk}/execute", body, format="json")


# starting ------------------------------------------------------------------------------------------------------------
def test_executing_stores_a_queued_run_and_answers_at_once(workflow, client):
    answer = execute(client, workflow, input={"name": "Ada"})
    row = Execution.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"executionId": str(row.pk), "status": "queued"})
    assert (row.mode, row.started_by, row.start_node) == ("api", workflow.created_by, "Start")
    assert payload_codec.decode(row.trigger_items) == [{"json": {"name": "Ada"}}]


def test_several_items_and_a_node_to_stop_at(workflow, client):
    execute(client, workflow, items=[{"json": {"n": 1}}, {"json": {"n": 2}}], destinationNode="Variables")
    row = Execution.objects.get()
    assert (len(payload_codec.decode(row.trigger_items)), row.destination_node) == (2, "Variables")


def test_a_node_that_is_not_there(workflow, client):
    assert execute(client, workflow, destinationNode="Nowhere").status_code == 422
    assert not Execution.objects.exists()


def test_one_call_with_a_key_starts_one_run(workflow, client):
    call = {"path": f"/api/workflows/{workflow.pk}/execute", "data": {}, "format": "json", "HTTP_IDEMPOTENCY_KEY": "k"}
    assert client.post(**call).json() == client.post(**call).json()
    assert Execution.objects.count() == 1


def test_a_call_whose_answer_could_not_be_kept_started_nothing(workflow, client, monkeypatch):
    """The process died between the run and its answer: the caller asks again, and there is one run."""
    call = {"path": f"/api/workflows/{workflow.pk}/execute", "data": {}, "format": "json", "HTTP_IDEMPOTENCY_KEY": "k"}

    def dies(_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(once, "kept_of", dies)
        with pytest.raises(SystemExit):
            client.post(**call)
    assert not Execution.objects.exists()
    assert client.post(**call).status_code == 202
    assert Execution.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_call_while_the_first_is_answered_is_told_to_wait(workflow, client, monkeypatch):
    call = {"path": f"/api/workflows/{workflow.pk}/execute", "data": {}, "format": "json", "HTTP_IDEMPOTENCY_KEY": "k"}
    meanwhile = []

    def slow(response):
        with ThreadPoolExecutor(1) as other:
            meanwhile.append(other.submit(second).result())
        return kept_of(response)

    def second():
        try:
            return client.post(**call).status_code
        finally:
            connection.close()

    kept_of = once.kept_of
    monkeypatch.setattr(once, "kept_of", slow)
    assert (client.post(**call).status_code, meanwhile) == (202, [409])
    assert Execution.objects.count() == 1


@pytest.mark.parametrize("role,status", [("owner", 202), ("editor", 202), ("operator", 202), ("viewer", 403)])
def test_all_but_viewers_run(workflow, role, status):
    mate = as_user(MembershipFactory(team=workflow.team, role=role).user)
    assert execute(mate, workflow).status_code == status
    assert Execution.objects.count() == (status == 202)


# reading -------------------------------------------------------------------------------------------------------------
def listed(client: APIClient, query: str = "") -> set[str]:
    return {row["id"] for row in client.get(f"/api/executions?{query}").json()["items"]}


def test_lists_are_narrowed(workflow, client, run):
    failed, crashed, done = run("error", error_text="No luck"), run("crashed"), run("success", mode="webhook")
    Execution.objects.filter(pk=done.pk).update(created_at=NOW - timedelta(days=2))
    elsewhere = ExecutionFactory()
    assert listed(client) == {str(row.pk) for row in (failed, crashed, done)}
    assert listed(client, "status=error,crashed") == {str(failed.pk), str(crashed.pk)}
    assert listed(client, "mode=webhook") == {str(done.pk)}
    assert listed(client, "search=luck") == {str(failed.pk)}
    assert listed(client, f"workflowId={elsewhere.workflow_id}") == set()
    yesterday = (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert listed(client, f"until={yesterday}") == {str(done.pk)}
    assert listed(client, f"since={yesterday}") == {str(failed.pk), str(crashed.pk)}


@pytest.mark.parametrize("count", [1, 50])
def test_a_list_asks_as_often_for_fifty_rows_as_for_one(workflow, client, run, count, django_assert_max_num_queries):
    for _ in range(count):
        run()
    with django_assert_max_num_queries(4):
        page = client.get("/api/executions?limit=100").json()
    assert (len(page["items"]), page["total"]) == (count, count)


def test_a_run_is_told_with_its_turns_and_its_error(workflow, client, run):
    row = run("error", error_code="node_failed", error_text="No.", last_node="Variables")
    NodeRun.objects.create(
        execution=row, node="Start", run_index=0, order=0, epoch=1, status="success", started_at=NOW, items_out=[2]
    )
    body = client.get(f"/api/executions/{row.pk}").json()
    assert body["error"] == {"code": "node_failed", "message": "No.", "node": "Variables"}
    assert [(turn["node"], turn["itemsOut"]) for turn in body["nodeRuns"]] == [("Start", [2])]


@pytest.mark.parametrize("status, is_told", [("waiting", True), ("queued", False)])
def test_when_it_goes_on_is_told_while_it_waits(workflow, client, run, status, is_told):
    row = run(status, resume_at=NOW)
    assert (client.get(f"/api/executions/{row.pk}").json()["resumeAt"] is not None) == is_told


def test_data_is_read_by_the_page(workflow, client, run):
    row = run()
    items = [[], [{"json": {"n": number}} for number in range(5)]]
    NodeRun.objects.create(
        execution=row, node="Start", run_index=0, order=0, epoch=1, status="success", started_at=NOW,
        items_out=[0, 5], output=payload_codec.encode(items),
    )  # fmt: skip
    body = client.get(f"/api/executions/{row.pk}/data?skip=3&limit=1").json()
    assert (body["node"], body["output"], body["outputs"], body["total"]) == ("Start", 1, [0, 5], 5)
    assert body["items"] == [{"json": {"n": 3}}]
    assert client.get(f"/api/executions/{row.pk}/data?node=Other").status_code == 404


def test_the_log_goes_on_where_the_reader_is(workflow, client, run):
    row = run("running", lease_until=NOW)
    for seq, level in enumerate(("info", "debug", "error"), 1):
        body = b'{"type":"log_written","level":"%s","text":"Line %d"}' % (level.encode(), seq)
        ExecutionEvent.objects.create(
            execution=row, seq=seq, at=NOW, type="log_written", node="A", level=level, body=body
        )

    def lines(query: str) -> list[str]:
        return [line["text"] for line in client.get(f"/api/executions/{row.pk}/logs?{query}").json()["items"]]

    assert lines("") == ["Line 1", "Line 2", "Line 3"]
    assert lines("after=1") == ["Line 2", "Line 3"]
    assert lines("level=info") == ["Line 1", "Line 3"]
    assert lines("limit=1") == ["Line 1"]
    events = client.get(f"/api/executions/{row.pk}/events?after=2").json()
    assert ([event["seq"] for event in events["events"]], events["last"]) == ([3], 3)


def test_a_failure_behind_thousands_of_lines_is_found(workflow, client, run, monkeypatch):
    monkeypatch.setattr(executions, "MOST_EVENTS", 2)
    monkeypatch.setattr(executions, "READ_AT_ONCE", 3)
    row = run("error")
    for seq in range(1, 21):
        event(row, seq, "log_written", "A", level="info", text=f"Line {seq}")
    event(row, 21, "node_run_failed", "A", text="Out of paper")

    def asked(query: str) -> tuple[list[str], int]:
        body = client.get(f"/api/executions/{row.pk}/logs?{query}").json()
        return [line["text"] for line in body["items"]], body["last"]

    assert asked("level=error&limit=1") == (["Out of paper"], 21)
    assert asked("limit=2") == (["Line 1", "Line 2"], 2)
    assert asked("after=20&level=warn") == (["Out of paper"], 21)


def test_who_asks_for_errors_alone_does_not_read_the_same_lines_again(workflow, client, run):
    row = run("running", lease_until=NOW)
    for seq in range(1, 4):
        event(row, seq, "log_written", "A", level="info", text=f"Line {seq}")
    body = client.get(f"/api/executions/{row.pk}/logs?level=error").json()
    assert (body["items"], body["last"]) == ([], 3)


# stopping and running again ------------------------------------------------------------------------------------------
def test_canceling_ends_a_queued_run_and_asks_a_running_one(workflow, client, run):
    queued, running = run("queued"), run("running", lease_until=NOW)
    for row in (queued, running):
        assert client.post(f"/api/executions/{row.pk}/cancel").status_code == 200
        row.refresh_from_db()
    assert (queued.status, running.cancel_requested) == ("canceled", True)


def test_retrying_makes_a_run_of_the_same_version(workflow, client, run):
    failed = run("error", trigger_items=payload_codec.encode([{"json": {"n": 1}}]))
    answer = client.post(f"/api/executions/{failed.pk}/retry").json()
    again = Execution.objects.get(pk=answer["executionId"])
    assert (again.retry_of_id, again.version_id) == (failed.pk, failed.version_id)


def test_what_is_not_over_is_not_retried(workflow, client, run):
    answer = client.post(f"/api/executions/{run('queued').pk}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_over")
    assert Execution.objects.count() == 1


# counting ------------------------------------------------------------------------------------------------------------
def test_statistics_are_counted_by_day(workflow, client, run):
    for status, seconds in (("success", 1), ("success", 3), ("error", 2), ("canceled", 2)):
        run(status, started_at=NOW - timedelta(seconds=seconds), finished_at=NOW)
    run("success", mode="sample")
    run("queued")
    body = client.get(f"/api/workflows/{workflow.pk}/stats?days=7").json()
    assert (body["executions"], body["success"], body["error"], body["canceled"]) == (4, 2, 1, 1)
    assert (body["successRate"], body["running"]) == (0.6667, 1)
    assert body["averageDurationMs"] == pytest.approx(2_000)
    assert 3_000 <= body["p95DurationMs"] <= 6_000
    row = DailyAnalytics.objects.get(workflow=workflow)
    assert (row.executions, row.day) == (4, NOW.date())


def test_counting_again_changes_nothing_and_a_day_never_shrinks(workflow, run):
    row = run()
    assert analytics.roll_up() == 1
    analytics.roll_up()
    row.delete()
    analytics.roll_up()
    run("error")
    analytics.roll_up()
    kept = DailyAnalytics.objects.get(workflow=workflow)
    assert (kept.executions, kept.success + kept.error) == (1, 1)


def test_a_workflow_that_never_ran_has_statistics_too(workflow, client):
    body = client.get(f"/api/workflows/{workflow.pk}/stats").json()
    assert (body["executions"], body["successRate"], body["lastExecution"], body["days"]) == (0, None, None, [])
