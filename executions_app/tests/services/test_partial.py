"""Runs that take over turns of another, on real rows: what runs again, what is taken, and what they say about it."""

import random
from typing import Any

import orjson
import pytest

from executions_app import payload_codec
from executions_app.models import Execution, ExecutionEvent, NodeRun, PayloadUse
from executions_app.selectors.node_panel import Opened, opened_node
from executions_app.services import fork, preview, retry, retry_from_failed, run_to, start_manual_run
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, expire
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

START = node("Start", "manualTrigger")


def shape(name: str, **values: Any) -> dict[str, Any]:
    return node(name, "set", 3.4, **assign(**values))


def fails(is_on: bool = True) -> dict[str, Any]:
    return node("Fails", "stopAndError", errorMessage="No") if is_on else shape("Fails", fixed=True)


def workflow_of(*nodes: dict[str, Any], **extra: Any) -> Workflow:
    return WorkflowFactory(graph=chain(START, *nodes, **extra))


def change(workflow: Workflow, *nodes: dict[str, Any], **extra: Any) -> Workflow:
    workflow.refresh_from_db()
    graph = chain(START, *nodes, **extra)
    return workflows.save_draft(workflow, graph=graph, by=workflow.created_by, lock_version=workflow.lock_version)


def whole(parts: Parts, workflow: Workflow, **given: Any) -> Execution:
    return parts.run(start_manual_run(workflow, by=workflow.created_by, **given))


def origins(execution: Execution) -> dict[str, str]:
    return dict(NodeRun.objects.filter(execution=execution).order_by("order").values_list("node", "origin"))


def output(execution: Execution, name: str) -> list[Any]:
    row = NodeRun.objects.get(execution=execution, node=name)
    return [item["json"] for item in payload_codec.decode(row.output)[0]]


def events(execution: Execution) -> list[dict[str, Any]]:
    rows = ExecutionEvent.objects.filter(execution=execution).order_by("seq")
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    return [orjson.loads(bytes(row.body)) for row in rows]


@pytest.fixture
def abc() -> Workflow:
    return workflow_of(shape("A", a=1), shape("B", b=1), shape("C", c=1))


class TestRunTo:
    def test_without_a_former_run_it_runs_everything_before_the_node(self, parts: Parts, abc: Workflow) -> None:
        execution = parts.run(run_to(abc, by=abc.created_by, node="B"))
        assert (execution.status, origins(execution)) == ("success", {"Start": "", "A": "", "B": ""})

    def test_what_is_known_is_taken_and_says_from_where(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc, items=[{"json": {"n": 1}}])
        execution = parts.run(run_to(abc, by=abc.created_by, node="B"))
        assert origins(execution) == {"Start": "run", "A": "run", "B": ""}
        assert output(execution, "B") == [{"n": 1, "a": 1, "b": 1}]
        assert (execution.retry_of, execution.mode) == (base, "manual")
        told = events(execution)
        assert [event["type"] for event in told[:3]] == ["node_run_finished"] * 2 + ["execution_started"]
        assert [(event.get("origin"), event.get("from")) for event in told[:2]] == [("run", str(base.pk))] * 2

    def test_the_panel_of_a_node_says_so_too(self, parts: Parts, abc: Workflow) -> None:
        whole(parts, abc)
        execution = parts.run(run_to(abc, by=abc.created_by, node="B"))
        panels = [opened_node(execution, Opened(node=name)) for name in ("A", "B")]
        assert [panel and panel.origin for panel in panels] == ["Output of an earlier run", ""]

    def test_what_changed_since_runs_again(self, parts: Parts, abc: Workflow) -> None:
        whole(parts, abc)
        change(abc, shape("A", a=1), shape("B", b=2), shape("C", c=1))
        execution = parts.run(run_to(abc, by=abc.created_by, node="C"))
        assert origins(execution) == {"Start": "run", "A": "run", "B": "", "C": ""}
        assert output(execution, "C") == [{"a": 1, "b": 2, "c": 1}]

    def test_dirty_nodes_run_again(self, parts: Parts, abc: Workflow) -> None:
        whole(parts, abc)
        execution = parts.run(run_to(abc, by=abc.created_by, node="C", dirty=["A"]))
        assert origins(execution) == {"Start": "run", "A": "", "B": "", "C": ""}

    def test_a_pinned_node_counts_and_says_so(self, parts: Parts, abc: Workflow) -> None:
        whole(parts, abc)
        nodes = shape("A", a=1), shape("B", b=1), shape("C", c=1)
        change(abc, *nodes, pinData={"B": [{"json": {"pinned": True}}]})
        execution = parts.run(run_to(abc, by=abc.created_by, node="C"))
        assert origins(execution) == {"Start": "run", "A": "run", "B": "pinned", "C": ""}
        assert output(execution, "C") == [{"pinned": True, "c": 1}]
        later = parts.run(run_to(abc, by=abc.created_by, node="C"))
        assert origins(later)["B"] == "pinned"

    def test_one_node_alone_runs_on_what_is_there_be_it_stale(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc)
        change(abc, shape("A", a=5), shape("B", b=1), shape("C", c=2))
        execution = parts.run(run_to(abc, by=abc.created_by, node="C", only=True, base=base))
        assert origins(execution) == {"Start": "run", "A": "stale", "B": "stale", "C": ""}
        assert output(execution, "C") == [{"a": 1, "b": 1, "c": 2}]

    def test_a_preview_says_the_same_beforehand(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc)
        change(abc, shape("A", a=1), shape("B", b=2), shape("C", c=1), pinData={"C": [{"x": 1}]})
        seen = preview(abc, node="C")
        assert (seen.base, seen.live, seen.pinned, seen.taken) == (base.pk, ["B"], ["C"], ["Start", "A"])
        alone = preview(abc, node="C", only=True)
        assert (alone.stale, alone.taken) == (["B"], ["Start", "A"])

    @pytest.mark.parametrize("name, code", [("Nope", "no_such_node"), ("C", "input_missing")])
    def test_what_cannot_be_is_refused(self, parts: Parts, abc: Workflow, name: str, code: str) -> None:
        parts.run(start_manual_run(abc, by=abc.created_by, destination="A"))
        with pytest.raises(UserError) as caught:
            run_to(abc, by=abc.created_by, node=name, only=True)
        assert caught.value.instance_code == code

    def test_a_worker_that_dies_goes_on_with_what_was_taken(self, parts: Parts, abc: Workflow, until: Any) -> None:
        whole(parts, abc)
        execution = run_to(abc, by=abc.created_by, node="B")
        parts.open(execution).lose()
        expire(execution)
        parts.runner.take(with_expired=True)
        until(lambda: Execution.objects.get(pk=execution.pk).status == "success")
        assert origins(execution) == {"Start": "run", "A": "run", "B": ""}


class TestRetryFromFailed:
    def test_what_succeeded_is_not_run_again(self, parts: Parts) -> None:
        workflow = workflow_of(shape("A", a=1), fails(), shape("C", c=1))
        base = whole(parts, workflow, items=[{"json": {"n": 1}}])
        assert base.status == "error"
        change(workflow, shape("A", a=1), fails(False), shape("C", c=1))
        execution = parts.run(retry_from_failed(base, by=workflow.created_by, draft=True))
        assert origins(execution) == {"Start": "run", "A": "run", "Fails": "", "C": ""}
        assert output(execution, "C") == [{"n": 1, "a": 1, "fixed": True, "c": 1}]

    def test_the_same_version_fails_again(self, parts: Parts) -> None:
        workflow = workflow_of(shape("A", a=1), fails())
        base = whole(parts, workflow)
        execution = parts.run(retry_from_failed(base, by=workflow.created_by))
        assert (execution.status, execution.version, origins(execution)["A"]) == ("error", base.version, "run")

    def test_a_run_that_succeeded_is_refused(self, parts: Parts, abc: Workflow) -> None:
        with pytest.raises(UserError, match="No node of this run failed"):
            retry_from_failed(whole(parts, abc), by=abc.created_by)

    def test_a_run_that_is_not_over_is_refused(self) -> None:
        execution = execution_of()
        with pytest.raises(UserError, match="not over"):
            retry_from_failed(execution, by=execution.workflow.created_by)


class TestFork:
    def test_with_other_items_going_in(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc)
        execution = parts.run(fork(base, by=abc.created_by, node="B", items=[{"json": {"mine": 1}}]))
        assert origins(execution) == {"Start": "run", "A": "run", "B": "", "C": ""}
        assert output(execution, "C") == [{"mine": 1, "b": 1, "c": 1}]
        assert execution.fork["kind"] == "fork"

    def test_with_other_items_coming_out(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc)
        items = [{"json": {"mine": 1}}, {"json": {"mine": 2}}]
        execution = parts.run(fork(base, by=abc.created_by, node="B", items=items, edit="output"))
        assert origins(execution) == {"Start": "run", "A": "run", "B": "edited", "C": ""}
        assert output(execution, "C") == [{"mine": 1, "c": 1}, {"mine": 2, "c": 1}]

    def test_large_items_and_files_go_by_reference(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc)
        text = random.Random(1).randbytes(100_000).hex()
        file = {"data": "aGk=", "mimeType": "text/plain", "fileName": "a.txt"}
        items = [{"json": {"text": text}, "binary": {"data": file}}]
        for edit in ("input", "output"):
            execution = parts.run(fork(base, by=abc.created_by, node="A", items=items, edit=edit))
            assert execution.status == "success"
            assert PayloadUse.objects.filter(execution=execution).count() >= 2
            row = NodeRun.objects.get(execution=execution, node="C")
            assert row.output_ref or row.output

    def test_the_trigger_can_be_forked(self, parts: Parts, abc: Workflow) -> None:
        base = whole(parts, abc)
        execution = parts.run(fork(base, by=abc.created_by, node="Start", items=[{"json": {"n": 5}}]))
        assert output(execution, "C")[0]["n"] == 5

    @pytest.mark.parametrize("items", [["x"], [{"json": 1}], [{"no": {}}]])
    def test_what_is_no_item_is_refused(self, parts: Parts, abc: Workflow, items: list[Any]) -> None:
        base = whole(parts, abc)
        with pytest.raises(UserError, match="Item 0 is not an object"):
            fork(base, by=abc.created_by, node="A", items=items)

    def test_a_fork_of_a_fork_takes_over_what_was_taken(self, parts: Parts, abc: Workflow) -> None:
        first = parts.run(fork(whole(parts, abc), by=abc.created_by, node="B"))
        second = parts.run(fork(first, by=abc.created_by, node="C"))
        assert origins(second) == {"Start": "run", "A": "run", "B": "run", "C": ""}


def test_a_retry_of_the_draft_needs_the_node_it_started_at(parts: Parts, abc: Workflow) -> None:
    base = whole(parts, abc)
    workflow = change(abc, shape("A", a=7))
    assert output(parts.run(retry(base, by=abc.created_by, draft=True)), "A") == [{"a": 7}]
    graph = chain(node("Other", "manualTrigger"))
    workflows.save_draft(workflow, graph=graph, by=abc.created_by, lock_version=workflow.lock_version)
    with pytest.raises(UserError, match="no longer has the node 'Start'"):
        retry(Execution.objects.get(pk=base.pk), by=abc.created_by, draft=True)
