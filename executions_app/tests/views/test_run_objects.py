"""Pages on which runs are compared, forked, decided about, kept and taken away."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app import payload_codec
from executions_app.models import Execution, Job
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from executions_app.tests.selectors.runs import ended, items, turn, two_node_run
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)
    monkeypatch.setattr("executions_app.doorbell.ring_jobs", lambda _queue: None)
    cache.clear()


def sign_in(client: Any, execution: Execution) -> None:
    client.force_login(execution.workflow.created_by)


def fellow(execution: Execution, **fields: Any) -> Execution:
    over = {"started_at": execution.started_at, "finished_at": execution.finished_at}
    return ExecutionFactory(version=execution.version, **{"status": "success", **over, **fields})


def page(client: Any, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


# comparing -----------------------------------------------------------------------------------------------------------
def test_without_a_second_run_the_last_success_is_taken_and_named_in_the_address(client):
    base = two_node_run()
    failed = fellow(base, status="error", created_at=timezone.now() + timedelta(seconds=1))
    sign_in(client, base)
    answer = client.get(f"/executions/{failed.pk}/compare")
    assert answer["Location"] == f"/executions/{failed.pk}/compare?with={base.pk}"
    shown = page(client, answer["Location"].split("?")[0], **{"with": str(base.pk)})
    assert "Only in the other run: 2" in shown
    assert "Items of Variables" in shown


def test_a_run_that_is_alone_says_so(client):
    run = two_node_run()
    sign_in(client, run)
    assert "There is nothing to compare with yet" in page(client, f"/executions/{run.pk}/compare")


@pytest.mark.parametrize("wanted", ["nonsense", "0190b6a0-0000-7000-8000-000000000001"])
def test_a_run_of_another_workflow_is_no_match(client, wanted):
    run = two_node_run()
    sign_in(client, run)
    assert client.get(f"/executions/{run.pk}/compare", {"with": wanted}).status_code == 404
    assert client.get(f"/executions/{run.pk}/compare", {"with": two_node_run().pk}).status_code == 404


def test_a_stranger_compares_nothing(client):
    run = two_node_run()
    client.force_login(UserFactory())
    assert client.get(f"/executions/{run.pk}/compare").status_code == 404


def test_values_of_a_workflow_stay_text(client):
    base = ended()
    turn(base, "Start", 0, items({"<b>x": "<script>alert(1)</script>"}))
    other = fellow(base)
    turn(other, "Start", 0, items({"<b>x": "<script>alert(2)</script>"}))
    sign_in(client, base)
    shown = page(client, f"/executions/{other.pk}/compare", **{"with": str(base.pk)})
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(2)" in shown


# versions ------------------------------------------------------------------------------------------------------------
def test_a_version_tells_what_changed_since_the_one_before(client):
    first = VersionFactory(number=1)
    graph = chain(node("Start", "manualTrigger"), node("Added", "set", 3.4, **assign(a=1)))
    second = VersionFactory(workflow=first.workflow, number=2, graph=graph)
    client.force_login(first.workflow.created_by)
    address = f"/workflows/{first.workflow_id}/versions"
    assert "Added" in page(client, f"{address}/2")
    assert "What changed since version 1" in page(client, f"{address}/2")
    assert "There is no version before it" in page(client, f"{address}/1")
    assert "What the draft had otherwise" in page(client, f"{address}/{second.number}", **{"with": "draft"})
    assert client.get(f"{address}/2", {"with": "99"}).status_code == 404
    client.force_login(UserFactory())
    assert client.get(f"{address}/1").status_code == 404


# running again -------------------------------------------------------------------------------------------------------
def test_a_run_is_made_again_of_the_workflow_as_it_is_now(client):
    run = two_node_run()
    sign_in(client, run)
    client.post(f"/executions/{run.pk}/retry", {"draft": "on"})
    again = Execution.objects.get(retry_of=run)
    assert again.version.graph == run.workflow.graph
    assert AuditEntry.objects.get(action="execution.retry").object_id == str(run.pk)
    assert "Run again" in page(client, f"/executions/{again.pk}")
    assert f"/executions/{run.pk}" in page(client, f"/executions/{again.pk}")


def test_a_retry_from_what_failed_says_where_nothing_did(client):
    run = two_node_run()
    sign_in(client, run)
    answer = client.post(f"/executions/{run.pk}/retry", {"from": "failed"}, follow=True)
    assert b"No node of this run failed." in answer.content
    assert not Execution.objects.filter(retry_of=run).exists()


def test_a_failed_run_offers_to_go_on_from_there(client):
    run = ended(status="error", error_text="No")
    turn(run, "Start", 0, items({}))
    turn(run, "Variables", 1, status="error")
    sign_in(client, run)
    assert "run-retry-failed" in page(client, f"/executions/{run.pk}")
    client.post(f"/executions/{run.pk}/retry", {"from": "failed"})
    again = Execution.objects.get(retry_of=run)
    assert (again.fork["kind"], again.fork["node"]) == ("retry", "Variables")
    assert "Retried from Variables" in page(client, f"/executions/{again.pk}")


def test_items_can_be_put_in_the_place_of_what_a_node_would_put_out(client):
    run = two_node_run()
    sign_in(client, run)
    form = {"node": "Variables", "turn": "0", "edit": "output", "items": '[{"json": {"n": 9}}]'}
    client.post(f"/executions/{run.pk}/fork", form)
    again = Execution.objects.get(retry_of=run)
    assert payload_codec.decode(again.node_runs.get(node="Variables").output)[0] == [{"json": {"n": 9}}]
    assert AuditEntry.objects.get(action="execution.fork").details["node"] == "Variables"


@pytest.mark.parametrize(
    "text, told",
    [
        ("[" * 5000, "The items are not JSON"),
        ('[{"json": {}, "binary": [1]}]', "Item 0 is not an object"),
        ('[{"json": {}, "binary": {"a": 1}}]', "Item 0 is not an object"),
        ('[{"json": {}, "pairedItem": "x"}]', "of item 0 cannot be read"),
    ],
    ids=["nested without end", "a list of files", "a number for a file", "paired with a word"],
)
def test_items_that_are_none_start_nothing_and_are_kept_in_the_field(client, text, told):
    run = two_node_run()
    sign_in(client, run)
    form = {"node": "Variables", "turn": "0", "edit": "input", "items": text}
    shown = client.post(f"/executions/{run.pk}/fork", form, follow=True).content.decode()
    assert told in shown
    assert f"{html.escape(text)}</textarea>" in shown
    assert not Execution.objects.filter(retry_of=run).exists()


def test_the_draft_runs_up_to_a_node_on_the_data_of_a_run(client):
    run = two_node_run()
    sign_in(client, run)
    address = f"/workflows/{run.workflow_id}/run-to"
    client.post(address, {"base": str(run.pk), "node": "Variables"})
    again = Execution.objects.get(retry_of=run)
    assert (again.destination_node, again.fork["kind"]) == ("Variables", "to")
    client.force_login(UserFactory())
    assert client.post(address, {"node": "Variables"}).status_code == 404


# an unknown outcome --------------------------------------------------------------------------------------------------
@pytest.fixture
def undecided() -> Execution:
    run = ended(status="waiting", reason="outcome_unknown", resume_node="Variables", resume_run=0, finished_at=None)
    turn(run, "Start", 0, items({"n": 1}))
    source = {"node": "Start", "output": 0, "runIndex": 0}
    turn(run, "Variables", 1, status="started", finished_at=None, items_in=[1], sources=[source])
    return run


def test_the_page_explains_and_asks(client, undecided):
    sign_in(client, undecided)
    shown = page(client, f"/executions/{undecided.pk}")
    assert "Did Variables go through?" in shown
    assert all(f"decide-{word}" in shown for word in ("happened", "run", "skip"))
    assert "1 run waits for you to say what became of a call." in page(client, "/runs")
    assert f"run-row-{undecided.pk}" in page(client, "/runs", reason="outcome_unknown")


def test_refused_items_of_a_choice_are_still_there(client, undecided):
    sign_in(client, undecided)
    given = {"decision": "happened", "items": '[{"id": 7'}
    answer = client.post(f"/executions/{undecided.pk}/decide", given, follow=True)
    shown = answer.content.decode()
    assert "The items are not JSON" in shown
    assert "[{&quot;id&quot;: 7</textarea>" in shown


@pytest.mark.parametrize("decision", ["happened", "run", "skip"])
def test_the_choice_counts_and_is_in_the_audit_trail(client, undecided, decision):
    sign_in(client, undecided)
    client.post(f"/executions/{undecided.pk}/decide", {"decision": decision, "items": '[{"json": {"ok": true}}]'})
    undecided.refresh_from_db()
    answer = payload_codec.decode(undecided.resume_items)
    assert (undecided.status, answer["decision"]) == ("queued", decision)
    assert answer["items"] == ([{"json": {"ok": True}}] if decision == "happened" else None)
    entry = AuditEntry.objects.get(action="execution.decide")
    assert (entry.object_id, entry.details["decision"]) == (str(undecided.pk), decision)


def test_items_that_are_none_are_told_and_kept_in_the_field(client, undecided):
    sign_in(client, undecided)
    form = {"decision": "happened", "items": '[{"jsn": 1}]'}
    shown = client.post(f"/executions/{undecided.pk}/decide", form, follow=True).content.decode()
    assert "Item 0 is not an object" in shown
    undecided.refresh_from_db()
    assert undecided.status == "waiting"


def test_who_may_only_look_is_not_asked(client, undecided):
    client.force_login(MembershipFactory(team=undecided.team, role="viewer").user)
    assert "decide-run" not in page(client, f"/executions/{undecided.pk}")
    assert client.post(f"/executions/{undecided.pk}/decide", {"decision": "skip"}).status_code == 404


def test_any_other_word_decides_nothing(client, undecided):
    sign_in(client, undecided)
    assert client.post(f"/executions/{undecided.pk}/decide", {"decision": "guess"}).status_code == 400


def test_a_run_that_waits_says_for_what(client):
    until = timezone.now() + timedelta(hours=2)
    run = ended(status="waiting", reason="webhook", resume_node="Ask", resume_at=until, finished_at=None)
    sign_in(client, run)
    shown = page(client, f"/executions/{run.pk}")
    assert "Waiting in Ask." in shown
    assert "It goes on when its link is called." in shown


# lineage -------------------------------------------------------------------------------------------------------------
def test_an_item_leads_to_its_trail(client):
    run = ended()
    turn(run, "Start", 0, items({"n": 1}, {"n": 2}))
    source = {"node": "Start", "output": 0, "runIndex": 0}
    turn(run, "Variables", 1, [{"json": {}, "pairedItem": {"item": 1}}], sources=[source], items_in=[2])
    sign_in(client, run)
    shown = page(client, f"/executions/{run.pk}", node="Start", trace="Variables|0|0|0")
    assert "Trail of item 1 of Variables" in shown
    assert 'data-verdict="traced"' in shown
    assert shown.count('class="is-traced"') == 1
    assert "Trail of" not in page(client, f"/executions/{run.pk}", trace="Nowhere|0|0|0")


# many at once --------------------------------------------------------------------------------------------------------
def test_chosen_runs_are_deleted_told_and_brought_back(client):
    first = two_node_run()
    second = fellow(first)
    sign_in(client, first)
    form = {"action": "delete", "run": [str(first.pk), str(second.pk)], "status": "success"}
    answer = client.post("/runs/act", form)
    assert answer["Location"] == "/runs?status=success"
    shown = page(client, "/runs", status="success")
    assert "2 runs are deleted." in shown
    assert f"run-row-{first.pk}" not in shown
    assert "2 runs are deleted." not in page(client, "/runs")
    client.post("/runs/act", {"action": "restore", "run": [str(first.pk), str(second.pk)]})
    assert f"run-row-{first.pk}" in page(client, "/runs")


def test_what_could_not_be_done_is_told(client):
    run = two_node_run()
    sign_in(client, run)
    client.post("/runs/act", {"action": "cancel", "run": [str(run.pk)]})
    shown = page(client, "/runs")
    assert "Nothing was done." in shown
    assert "1 × It is over already." in shown


@pytest.mark.parametrize("form", [{}, {"action": "burn", "run": "x"}, {"action": "retry", "run": "nonsense"}])
def test_an_empty_choice_does_nothing(client, form):
    run = two_node_run()
    sign_in(client, run)
    assert b"Choose runs first." in client.post("/runs/act", form, follow=True).content


# retention -----------------------------------------------------------------------------------------------------------
def test_sizes_are_told_by_workflow_and_only_administrators_reclaim(client):
    run, other = two_node_run(created_at=timezone.now()), two_node_run()
    sign_in(client, run)
    shown = page(client, "/runs/retention")
    assert run.workflow.name in shown
    assert f"workflow={other.workflow_id}" not in shown
    assert 'data-testid="retention-reclaim"' not in shown
    assert client.post("/runs/retention/reclaim").status_code == 403
    assert not Job.objects.filter(kind="maintenance.reclaim").exists()


def test_an_administrator_starts_the_job_once(client):
    client.force_login(UserFactory(is_staff=True))
    for _twice in range(2):
        client.post("/runs/retention/reclaim")
    assert Job.objects.get(kind="maintenance.reclaim").status == "queued"
    assert "A worker is at it." in page(client, "/runs/retention")
    assert AuditEntry.objects.filter(action="runs.reclaim").exists()
