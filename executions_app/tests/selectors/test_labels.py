"""Labels that a workflow noted: stored with the run, and a way to find it."""

import pytest

from executions_app.models import Execution
from executions_app.selectors.lists import labels_of, run_page
from executions_app.selectors.run_filter import RunFilter
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def noting(**labels: str) -> Execution:
    values = [{"key": key, "value": value} for key, value in labels.items()]
    graph = chain(node("Start", "manualTrigger"), node("Note", "executionData", 1, dataToSave={"values": values}))
    return execution_of(graph, items=[{"json": {"name": "Ada\x00"}}])


@pytest.fixture
def execution(parts: Parts) -> Execution:
    return parts.run(noting(order="A-17", customer="={{ $json.name }}"))


def found(execution: Execution, label: str) -> bool:
    return bool(run_page(execution.workflow.created_by, RunFilter(label=label)).rows)


def test_they_are_stored_with_the_run(execution: Execution) -> None:
    assert execution.status == "success"
    assert labels_of(execution) == {"customer": "Ada\ufffd", "order": "A-17"}


@pytest.mark.parametrize(
    "label, is_found",
    [("order=A-17", True), ("order", True), ("order=A-18", False), ("other", False), ("customer=Ada\x00", True)],
)
def test_runs_are_found_by_them(execution: Execution, label: str, is_found: bool) -> None:
    assert found(execution, label) == is_found


def test_a_stranger_finds_nothing(execution: Execution) -> None:
    stranger = execution_of().workflow.created_by
    assert run_page(stranger, RunFilter(label="order=A-17")).rows == []


def test_one_query_finds_them_beside_that_for_the_teams(execution: Execution, django_assert_num_queries) -> None:
    author = execution.workflow.created_by
    with django_assert_num_queries(2):
        run_page(author, RunFilter(label="order=A-17"))
