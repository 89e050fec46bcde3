from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from accounts.tests.factories import UserFactory
from executions_app import sample_access
from executions_app.models import Execution, Payload
from executions_app.payloads import as_row, pack
from executions_app.selectors import executions
from executions_app.tests.factories import ExecutionFactory, execution_of
from executions_app.tests.selectors.runs import ended, event, turn, two_node_run

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch):
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


def sign_in(client, execution: Execution) -> None:
    client.force_login(execution.workflow.created_by)


@pytest.mark.parametrize("tail,told", [("", 302), ("/events", 404), ("/file?node=Start&ref=x", 404)])
def test_a_stranger_gets_404_and_a_visitor_may_sign_in_to_see_the_page(client, tail, told):
    address = f"/executions/{two_node_run().pk}{tail}"
    answer = client.get(address)
    assert answer.status_code == told
    assert told == 404 or answer["Location"] == f"/accounts/login/?next={address}"
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("tail", ["cancel", "retry"])
def test_a_stranger_can_neither_cancel_nor_repeat(client, tail):
    execution = execution_of()
    client.force_login(UserFactory())
    assert client.post(f"/executions/{execution.pk}/{tail}").status_code == 404


def test_the_list_shows_only_ones_own(client):
    mine, other = two_node_run(), two_node_run()
    sign_in(client, mine)
    shown = client.get("/runs").content.decode()
    assert f"run-row-{mine.pk}" in shown
    assert f"run-row-{other.pk}" not in shown


def test_filters_are_in_the_address(client):
    failed = ended(status="error", error_text="No such column")
    ExecutionFactory(version=failed.version)
    sign_in(client, failed)
    shown = client.get(f"/runs?status=error&workflow={failed.workflow_id}").content.decode()
    assert shown.count('data-testid="run-row-') == 1
    assert "No such column" in shown
    assert "No run fits this filter" in client.get("/runs?status=crashed").content.decode()


@pytest.mark.parametrize("query", ["status=nonsense", "workflow=nonsense", "before=nonsense", "before=2026_x"])
def test_an_address_nobody_wrote_shows_the_list(client, query):
    execution = two_node_run()
    sign_in(client, execution)
    assert f"run-row-{execution.pk}" in client.get(f"/runs?{query}").content.decode()


def test_an_empty_list_says_what_to_do(client):
    client.force_login(UserFactory())
    assert b"Nothing has run yet" in client.get("/runs").content


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_needs_as_many_queries_for_one_as_for_many(client, count, django_assert_max_num_queries):
    first = two_node_run()
    ExecutionFactory.create_batch(count - 1, version=first.version)
    sign_in(client, first)
    with django_assert_max_num_queries(10):
        client.get("/runs")


def test_pages_follow_each_other_without_a_row_twice(client):
    first = execution_of()
    made = ExecutionFactory.create_batch(54, version=first.version)
    now = timezone.now()
    for age, execution in enumerate([first, *made]):
        Execution.objects.filter(pk=execution.pk).update(created_at=now - timedelta(seconds=age // 3))
    sign_in(client, first)
    page = client.get("/runs")
    older = client.get("/runs", {"before": page.context["older"]})
    ids = [row.id for row in [*page.context["rows"], *older.context["rows"]]]
    assert len(ids) == len(set(ids)) == 55
    assert older.context["older"] == ""


def test_a_run_shows_its_worker_and_can_be_repeated(client):
    execution = two_node_run(worker_pid=4711, owner="worker-1")
    sign_in(client, execution)
    shown = client.get(f"/executions/{execution.pk}").content.decode()
    assert "4711" in shown
    assert "run-retry" in shown
    answer = client.post(f"/executions/{execution.pk}/retry")
    again = Execution.objects.get(retry_of=execution)
    assert answer["Location"] == f"/executions/{again.pk}"


def test_a_queued_run_can_be_cancelled(client):
    execution = execution_of()
    sign_in(client, execution)
    assert b"Cancel run" in client.get(f"/executions/{execution.pk}").content
    client.post(f"/executions/{execution.pk}/cancel")
    execution.refresh_from_db()
    assert execution.status == "canceled"


def test_events_go_on_after_the_last_one_seen(client):
    execution = two_node_run()
    sign_in(client, execution)
    body = client.get(f"/executions/{execution.pk}/events?after=2").json()
    assert body["status"] == "success"
    assert [entry["seq"] for entry in body["events"]] == [3, 4]
    assert body["events"][0]["event"]["node"] == "Variables"
    assert body["last"] == 4


def test_events_after_the_last_are_none(client):
    execution = two_node_run()
    sign_in(client, execution)
    body = client.get(f"/executions/{execution.pk}/events?after=nonsense").json()
    assert len(body["events"]) == 4
    assert client.get(f"/executions/{execution.pk}/events?after=4").json()["last"] == 4


def test_the_log_is_downloaded_to_its_end(client, monkeypatch):
    monkeypatch.setattr(executions, "MOST_EVENTS", 2)
    execution = ended(status="error")
    for seq in range(1, 21):
        event(execution, seq, "log_written", "Loop", level="info", text=f"Line {seq}")
    event(execution, 21, "node_run_failed", "Loop", text="Out of paper")
    sign_in(client, execution)
    lines = client.get(f"/executions/{execution.pk}/log").content.decode().splitlines()
    assert (len(lines), lines[-1].split("\t")[1:]) == (21, ["error", "Loop", "Out of paper"])


def test_the_browser_that_started_a_sample_sees_it(client):
    execution = two_node_run(mode="sample")
    client.cookies[sample_access.COOKIE] = signing.dumps([str(execution.pk)], salt=sample_access.SALT)
    shown = client.get(f"/executions/{execution.pk}")
    assert shown.status_code == 200
    assert b"Open workflow" not in shown.content


def test_a_file_comes_as_a_download_whatever_it_is(client):
    execution = ended()
    stored = pack(execution.team_id, b"<script>alert(1)</script>")
    Payload(**as_row(stored)).save()
    file = {"id": stored.ref, "fileName": 'odd "name".html', "mimeType": "text/html"}
    turn(execution, "Start", 0, [{"json": {}, "binary": {"data": file}}])
    sign_in(client, execution)
    answer = client.get(f"/executions/{execution.pk}/file", {"node": "Start", "ref": stored.ref})
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_what_a_workflow_put_out_stays_text(client):
    execution = ended()
    turn(execution, "Start", 0, [{"json": {"<b>": "<script>alert(1)</script>"}}])
    sign_in(client, execution)
    shown = client.get(f"/executions/{execution.pk}").content.decode()
    assert "<script>alert" not in shown
