"""Whole runs in this process: from a queued row to its end, and on from where a worker died."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from executions_app import payload_codec
from executions_app.models import Execution, NodeRun
from executions_app.runner import execute as execute_module
from executions_app.runner.execute import seconds_left
from executions_app.runner.offload import Offloader, ProcessBudget
from executions_app.runner.versions import CompiledVersions
from executions_app.tests.factories import execution_of, version_of
from executions_app.tests.parts import Parts, elsewhere, expire
from workflows_app.engine import events
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Item
from workflows_app.engine.ports import CallSite
from workflows_app.engine.state import RunState
from workflows_app.models import WorkflowVersion
from workflows_app.tests.graphs import assign, chain, manual_set, node, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 1, 2, tzinfo=UTC)
URL = "https://api.example/charge"


def calling(*names: str):
    """Start -> one HTTP Request per name -> Last."""
    calls = [node(name, "httpRequest", 4.2, method="POST", url=URL, options={}) for name in names]
    return chain(node("Start", "manualTrigger"), *calls, node("Last", "set", 3.4, **assign(ok=True)))


def turns(execution: Execution) -> dict[str, str]:
    return dict(execution.node_runs.values_list("node", "status"))


def output_of(execution: Execution, name: str):
    return payload_codec.decode(NodeRun.objects.get(execution=execution, node=name).output)


def test_a_run_records_every_turn_and_its_end(parts: Parts) -> None:
    execution = parts.run(execution_of(manual_set(greeting="Hello")))
    assert (execution.status, execution.last_node) == ("success", "Variables")
    assert turns(execution) == {"Start": "success", "Variables": "success"}
    assert output_of(execution, "Variables")[0][0]["json"] == {"greeting": "Hello"}


def test_trigger_items_start_it(parts: Parts) -> None:
    execution = parts.run(execution_of(items=[{"json": {"n": 1}}, {"json": {"n": 2}}], mode="webhook"))
    assert [item["json"]["n"] for item in output_of(execution, "Variables")[0]] == [1, 2]


def test_many_runs_end_side_by_side(parts: Parts) -> None:
    first = execution_of()
    for _ in range(30):
        Execution.objects.create(
            team=first.team, workflow=first.workflow, version=first.version, mode="manual", start_node="Start"
        )
    parts.runner.drain()
    assert set(Execution.objects.values_list("status", flat=True)) == {"success"}


def test_an_outgoing_call_is_recorded_with_its_answer(parts: Parts) -> None:
    execution = parts.run(execution_of(calling("A")))
    assert [site.node for site, _ in parts.calls] == ["A"]
    assert turns(execution) == {"Start": "success", "A": "success", "Last": "success"}


def test_another_worker_goes_on_from_the_record(parts: Parts, until) -> None:
    execution = execution_of(calling("A", "B"))
    session = parts.open(execution)
    for order, name in enumerate(["Start", "A"]):
        session.record(events.NodeRunFinished(name, 0, order, NOW, 1.0, [[Item(json={"from": name})]], (None,)))
    session.record(events.NodeRunStarted("B", 0, 2, NOW, (1,)))
    session.barrier(CallSite("B", 0, 0, 0))
    session.lose()
    expire(execution)
    parts.runner.take(with_expired=True)
    until(lambda: Execution.objects.get(pk=execution.pk).status == "success")
    assert [(site.node, site.call) for site, _ in parts.calls] == [("B", 0)]
    execution.refresh_from_db()
    assert (execution.epoch, turns(execution)["B"]) == (2, "success")
    seqs = list(execution.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_worker_that_wakes_too_late_writes_nothing(parts: Parts, until) -> None:
    execution = execution_of(calling("A"))
    parts.gate.clear()
    parts.runner.take()
    until(lambda: len(parts.calls) == 1)
    (zombie,) = parts.runner.sessions
    elsewhere(execution)
    parts.gate.set()
    until(lambda: zombie.is_lost)
    execution.refresh_from_db()
    assert (execution.status, execution.epoch, turns(execution)) == (
        "running",
        99,
        {"Start": "success", "A": "started"},
    )


def test_a_run_that_cannot_begin_ends_with_an_error_that_says_why(parts: Parts) -> None:
    execution = parts.run(execution_of(manual_set(a=1), start_node="Nowhere"))
    assert (execution.status, execution.error_code) == ("error", "no_such_node")
    assert "Nowhere" in execution.error_text


def test_whatever_breaks_inside_ends_the_run_and_not_the_worker(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(execute_module, "plan_of", broken)
    execution = parts.run(execution_of())
    assert (execution.status, execution.error_code) == ("error", "unexpected_error")
    assert "secret" not in execution.error_text


def test_a_canceled_run_ends_canceled(parts: Parts) -> None:
    execution = execution_of(cancel_requested=True)
    assert parts.run(execution).status == "canceled"


def test_the_last_node_answers_the_caller(parts: Parts) -> None:
    hook = webhook_chain(mode="lastNode")
    execution = execution_of(hook, items=[{"json": {"body": {}}}], mode="webhook", start_node="Webhook")
    Execution.objects.update(response_mode="lastNode")
    execution = parts.run(execution)
    answer = payload_codec.decode(execution.response)
    assert (answer["status"], answer["body"]) == (200, '{"body":{},"ok":true}')


def test_a_file_of_the_last_node_answers_the_caller(parts: Parts) -> None:
    hook = webhook_chain(mode="lastNode")
    hook["nodes"][0]["parameters"]["responseData"] = "firstEntryBinary"
    hook["nodes"][1] = node("Shape", "convertToFile", 1.1, operation="toJson", options={})
    execution = execution_of(hook, items=[{"json": {"a": 1}}], mode="webhook", start_node="Webhook")
    Execution.objects.update(response_mode="lastNode")
    answer = payload_codec.decode(parts.run(execution).response)
    assert (answer["status"], answer["headers"][0][1]) == (200, "application/json")
    assert json.loads(answer["body"]) == [{"a": 1}]


def test_a_respond_node_answers_in_the_middle(parts: Parts) -> None:
    graph = chain(
        node("Webhook", "webhook", 2, httpMethod="POST", path="x", responseMode="responseNode"),
        node("Answer", "respondToWebhook", 1.1, respondWith="json", responseBody='{"hi":1}', options={}),
    )
    execution = execution_of(graph, items=[{"json": {}}], mode="webhook", start_node="Webhook")
    Execution.objects.update(response_mode="responseNode")
    execution = parts.run(execution)
    assert payload_codec.decode(execution.response)["body"] == '{"hi":1}'
    assert execution.status == "success"


def test_pinned_outputs_count_in_a_manual_run_alone(parts: Parts) -> None:
    graph = {**manual_set(a=1), "pinData": {"Variables": [{"json": {"pinned": True}}]}}
    manual, webhook = parts.run(execution_of(graph)), parts.run(execution_of(graph, mode="webhook"))
    assert output_of(manual, "Variables")[0][0]["json"] == {"pinned": True}
    assert output_of(webhook, "Variables")[0][0]["json"] == {"a": 1}


def test_a_destination_ends_the_run_there(parts: Parts) -> None:
    graph = chain(node("Start", "manualTrigger"), node("A", "noOp"), node("B", "noOp"))
    assert turns(parts.run(execution_of(graph, destination_node="A"))) == {"Start": "success", "A": "success"}


def test_compiled_versions_are_kept_and_dropped() -> None:
    versions = CompiledVersions(kept=1)
    one, two = version_of(manual_set(a=1)), version_of(manual_set(a=2))
    assert versions.get(one.pk) is versions.get(one.pk)
    kept = versions.get(one.pk)
    versions.get(two.pk)
    assert versions.get(one.pk) is not kept


def test_a_version_that_is_gone_is_the_authors_to_know() -> None:
    version = version_of(manual_set(a=1))
    key = version.pk
    WorkflowVersion.objects.all().delete()
    with pytest.raises(UserError, match="gone"):
        CompiledVersions().get(key)


def test_large_outputs_leave_memory_oldest_first(parts: Parts) -> None:
    state = RunState()
    session = parts.open(execution_of())
    offload = Offloader(session.claim, state, budget_bytes=150)
    for number in range(3):
        row = SimpleNamespace(node=f"N{number}", run_index=0, output_ref="sha256:" + "a" * 64, output_bytes=100)
        offload(SimpleNamespace(node_runs=[row], is_last=False))
    assert list(state.offloaded) == [("N0", 0), ("N1", 0)]


def test_what_all_runs_hold_is_bounded_too_and_the_newest_of_each_stays(parts: Parts) -> None:
    budget = ProcessBudget(limit_bytes=250)
    states = [RunState(), RunState()]
    session = parts.open(execution_of())
    runs = [Offloader(session.claim, state, process=budget) for state in states]
    for number in range(2):
        for run in runs:
            row = SimpleNamespace(node=f"N{number}", run_index=0, output_ref="sha256:" + "a" * 64, output_bytes=100)
            run(SimpleNamespace(node_runs=[row], is_last=False))
    assert [list(state.offloaded) for state in states] == [[("N0", 0)], [("N0", 0)]]


def test_runs_that_are_gone_hold_nothing(parts: Parts) -> None:
    budget, state = ProcessBudget(limit_bytes=150), RunState()
    session = parts.open(execution_of())
    row = SimpleNamespace(node="N", run_index=0, output_ref="sha256:" + "a" * 64, output_bytes=100)
    Offloader(session.claim, RunState(), process=budget)(SimpleNamespace(node_runs=[row], is_last=True))
    Offloader(session.claim, state, process=budget)(SimpleNamespace(node_runs=[row], is_last=False))
    assert not state.offloaded


def test_no_deadline_no_limit() -> None:
    assert seconds_left(None) is None
