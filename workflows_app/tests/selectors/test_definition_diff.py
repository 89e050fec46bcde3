"""How two graphs of one workflow differ."""

import copy
from typing import Any

import pytest

from workflows_app.selectors.definition_diff import DefinitionDiff, definition_diff
from workflows_app.tests.graphs import assign, chain, node

pytestmark = pytest.mark.app

START = node("Start", "manualTrigger")


def shape(name: str, **values: Any) -> dict[str, Any]:
    return node(name, "set", 3.4, **assign(**values))


def changes(diff: DefinitionDiff) -> dict[str, str]:
    return {one.node: one.change for one in diff.nodes}


def test_the_same_graph_differs_in_nothing():
    graph = chain(START, shape("A", a=1))
    assert definition_diff(graph, copy.deepcopy(graph)).is_empty


def test_nodes_come_go_and_change():
    before = chain(START, shape("A", a=1), shape("Gone", b=1))
    after = chain(START, shape("New", c=1), shape("A", a=2))
    diff = definition_diff(before, after)
    assert changes(diff) == {"New": "added", "A": "changed", "Gone": "removed"}
    (place,) = diff.of("A").places
    assert (place.path, place.before, place.after) == ("parameters.assignments.assignments[0].value", 1, 2)
    assert {(wire.path, wire.kind) for wire in diff.wires} == {
        ("Start → A", "removed"),
        ("A → Gone", "removed"),
        ("Start → New", "added"),
        ("New → A", "added"),
    }


def test_what_only_looks_otherwise_is_told_apart():
    before, after = chain(START, shape("A", a=1)), chain(START, shape("A", a=1))
    after["nodes"][1]["position"] = [400, 80]
    diff = definition_diff(before, after)
    assert changes(diff) == {"A": "moved"}
    assert diff.working == []


def test_settings_and_pinned_data_count():
    before = chain(START)
    after = chain(START, pinData={"Start": [{"json": {"n": 1}}]})
    after["settings"] = {"executionOrder": "v1", "timezone": "Europe/Berlin"}
    diff = definition_diff(before, after)
    assert [(place.path, place.kind) for place in diff.settings] == [
        ("timezone", "added"),
        ("pinData.Start", "added"),
    ]
