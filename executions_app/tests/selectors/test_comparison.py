"""Two runs side by side."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from executions_app.models import Execution
from executions_app.selectors.comparison import choices, compare, last_success
from executions_app.selectors.run_words import delta_text
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from executions_app.tests.selectors.runs import BEGUN, ended, items, turn
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

START = node("Start", "manualTrigger")


def shape(name: str, **values: Any) -> dict[str, Any]:
    return node(name, "set", 3.4, **assign(**values))


GRAPH = chain(START, shape("A", a=1), shape("B", b=1))


def fellow(execution: Execution, graph: dict[str, Any] | None = None, **fields: Any) -> Execution:
    """Another run of the workflow, of the same version or of a new one with that graph."""
    version = execution.version if graph is None else VersionFactory(workflow=execution.workflow, graph=graph)
    times = {"started_at": BEGUN, "finished_at": BEGUN + timedelta(milliseconds=250)}
    return ExecutionFactory(version=version, **{"status": "success", **times, **fields})


@pytest.fixture
def base() -> Execution:
    execution = ended()
    execution.version.graph = GRAPH
    execution.version.save()
    turn(execution, "Start", 0, items({}))
    turn(execution, "A", 1, items({"n": 1, "name": "Ada"}, {"n": 2, "name": "Bob"}))
    return execution


def verdicts(comparison: Any) -> dict[str, str]:
    return {one.name: one.verdict for one in comparison.nodes}


def test_nodes_are_the_same_changed_or_in_one_run_alone(base):
    turn(base, "B", 2, items({"b": 1}))
    other = fellow(base)
    turn(other, "Start", 0, items({}))
    turn(other, "A", 1, items({"n": 1, "name": "Ada"}, {"n": 3, "name": "Bob"}))
    found = compare(other, base)
    assert verdicts(found) == {"Start": "same", "A": "changed", "B": "only-there"}
    assert verdicts(compare(base, other))["B"] == "only-here"
    assert found.counts == {"same": 1, "changed": 1, "only-here": 0, "only-there": 1}
    assert 'data-status="only-there"' in found.svg


def test_items_differ_place_by_place(base):
    other = fellow(base)
    turn(other, "Start", 0, items({}))
    turn(other, "A", 1, items({"n": 1, "name": "Ada"}, {"n": 3, "name": "Bob"}, {"n": 4}))
    found = compare(other, base)
    assert found.node == "A"
    assert (found.opened.totals, found.opened.same, found.opened.different) == ((2, 3), 1, 2)
    changed, added = found.opened.items
    assert [(cell.path, cell.before, cell.after) for cell in changed.cells] == [("n", "2", "3")]
    assert (added.number, added.kind, added.cells[0].after) == (3, "only-here", '{"n":4}')


def test_the_node_that_ended_otherwise_is_opened_first(base):
    other = fellow(base, status="error")
    turn(other, "Start", 0, items({"at": "now"}))
    turn(other, "A", 1, status="error", error=b'j{"message":"No route"}')
    found = compare(other, base)
    assert (found.node, found.opened.errors) == ("A", ("", "No route"))
    (failed,) = [one for one in found.nodes if one.name == "A"]
    assert (failed.statuses, failed.reasons) == (("success", "error"), ["status", "items"])


def test_what_the_versions_define_otherwise_is_told(base):
    other = fellow(base, chain(START, shape("A", a=2), shape("New", c=1)))
    turn(other, "Start", 0, items({}))
    turn(other, "A", 1, items({"n": 1}))
    turn(other, "New", 2, items({"c": 1}))
    found = compare(other, base)
    assert {one.node: one.change for one in found.definition.nodes} == {"A": "changed", "New": "added", "B": "removed"}
    assert found.redefined == ["A", "New", "B"]
    assert all(f'data-label="{name}"' in found.svg for name in ("Start", "A", "B", "New"))
    assert compare(base, base).definition is None


def test_a_long_text_is_shown_where_it_comes_apart(base):
    other = fellow(base)
    text = "x" * 2_000
    turn(base, "B", 2, items({"text": f"{text} one {text}"}))
    turn(other, "B", 0, items({"text": f"{text} two {text}"}))
    cell = compare(other, base, node="B").opened.items[0].cells[0]
    assert " one " in cell.before
    assert " two " in cell.after
    assert len(cell.before) < 400


def test_durations_are_told_with_a_sign_and_a_factor():
    assert delta_text(100.0, 100.5) == "±0"
    assert delta_text(1_000.0, 1_400.0) == "+400 ms"
    assert delta_text(1_000.0, 3_100.0) == "+2.1 s (×3.1)"
    assert delta_text(2_000.0, 500.0) == "−1.5 s (×0.2)"
    assert delta_text(None, 500.0) == ""


def test_the_last_success_before_a_run_is_what_it_is_compared_with(base):
    now = timezone.now()
    ages = {"old": 50, "before": 30, "here": 20, "failed": 25, "after": 10}
    runs = {
        name: fellow(
            base, status="error" if name in ("here", "failed") else "success", created_at=now - timedelta(minutes=age)
        )
        for name, age in ages.items()
    }
    Execution.objects.filter(pk=base.pk).delete()
    assert last_success(runs["here"]) == runs["before"]
    assert last_success(runs["old"]) == runs["after"]
    assert {one.id for one in choices(runs["here"])} == {run.pk for name, run in runs.items() if name != "here"}


def test_deleted_runs_and_samples_are_not_offered(base):
    fellow(base, deleted_at=timezone.now())
    fellow(base, mode="sample")
    assert choices(base) == []
    assert last_success(base) is None
