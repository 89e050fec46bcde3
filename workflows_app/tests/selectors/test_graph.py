import pytest

from workflows_app.selectors import graph
from workflows_app.tests.graphs import chain, manual_set, node, webhook_chain

pytestmark = pytest.mark.app

READER = node("Read", "extractFromFile", 1, operation="csv", binaryPropertyName="upload")


def test_a_manual_run_of_a_file_reader_wants_that_file():
    assert graph.file_input(chain(node("Start", "manualTrigger"), READER)) == "upload"


def test_the_file_is_called_data_where_the_node_does_not_say():
    assert graph.file_input(chain(node("Start", "manualTrigger"), node("Read", "extractFromFile"))) == "data"


@pytest.mark.parametrize(
    "built", [manual_set(a=1), chain(node("Hook", "webhook", 2), READER)], ids=["no reader", "no manual trigger"]
)
def test_other_workflows_want_no_file(built):
    assert graph.file_input(built) is None


def test_variables_come_with_their_current_values():
    built = manual_set(limit=5, on=True, odd={"a": 1})
    built["meta"] = {"pumpflix": {"variables": [{"name": "limit", "label": "Limit", "type": "number"}]}}
    first, second, third = graph.variables(built)
    assert (first["label"], first["value"]) == ("Limit", 5)
    assert (second["label"], second["type"]) == ("on", "boolean")
    assert third["type"] == "json"


def test_a_workflow_without_a_variables_node_has_none():
    assert graph.variables(chain(node("Start", "manualTrigger"))) == []


def test_enabled_triggers_are_named():
    disabled = {**node("Old", "scheduleTrigger"), "disabled": True}
    assert graph.triggers({**webhook_chain(), "nodes": [*webhook_chain()["nodes"], disabled]}) == ["webhook"]
