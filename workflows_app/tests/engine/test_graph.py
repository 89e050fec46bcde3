"""Questions about wires."""

import pytest

from workflows_app.engine.graph import Graph
from workflows_app.tests.engine.world import workflow

pytestmark = pytest.mark.engine

DIAMOND = "Trigger -> A -> Merge -> End; Trigger -> B -> Merge.1"
"""
Trigger ─┬─ A ─┬─ Merge ── End
         └─ B ─┘
"""
LOOP = "Trigger -> Loop; Loop.1 -> A -> B -> Loop; Loop -> End"


def graph(text: str, **given) -> Graph:
    return Graph.of(workflow(text, **given))


def test_neighbours():
    assert graph(DIAMOND).successors("Trigger") == ["A", "B"]
    assert graph(DIAMOND).parents("Merge") == ["A", "B"]


def test_everything_upstream_nearest_first():
    assert graph(DIAMOND).ancestors("End") == ["Merge", "A", "B", "Trigger"]


def test_everything_downstream_nearest_first():
    assert graph(DIAMOND).reachable("A") == ["Merge", "End"]


def test_a_node_in_a_loop_is_upstream_of_itself():
    assert "Loop" in graph(LOOP).ancestors("Loop")
    assert "End" not in graph(LOOP).ancestors("Loop")


def test_joins_have_wires_into_more_than_one_input():
    assert graph(DIAMOND).joins() == ["Merge"]


def test_roots_have_no_wire_into_them():
    assert graph("Trigger -> A; Note").roots() == ["Trigger", "Note"]


@pytest.mark.parametrize(
    "text,cycles",
    [
        (DIAMOND, []),
        (LOOP, [["Loop", "A", "B"]]),
        ("A -> A; B -> C -> B", [["A"], ["B", "C"]]),
        ("A -> B -> C -> A; C -> D -> E -> D; B -> F", [["A", "B", "C"], ["D", "E"]]),
    ],
    ids=["none", "one", "two", "one behind the other"],
)
def test_loops(text, cycles):
    assert graph(text).cycles() == cycles


def test_two_thousand_nodes_are_no_problem():
    chain = " -> ".join(f"A{number}" for number in range(2000))
    assert len(graph(f"{chain} -> A0").cycles()[0]) == 2000


def test_the_output_that_leads_somewhere():
    assert graph(LOOP).output_towards("Loop", "B") == 1
    assert graph(LOOP).output_towards("Loop", "End") == 0
    assert graph(LOOP).output_towards("End", "Loop") is None


def test_inputs_between_others_may_be_empty():
    assert [len(wires) for wires in graph("A -> Merge.2").incoming["Merge"]] == [0, 0, 1]


def test_reading_order_is_depth_first_topmost_first():
    at = {"Trigger": (0, 0), "A": (1, 500), "B": (1, 100), "Merge": (2, 0), "End": (3, 0)}
    assert graph(DIAMOND, at=at).display_order() == ["Trigger", "B", "Merge", "End", "A"]


def test_reading_order_from_a_start_still_names_every_node():
    assert graph("A -> B; C -> D").display_order("C") == ["C", "D", "A", "B"]


def test_attachments_are_not_followed():
    made = workflow("Model; Agent")
    raw = made.to_n8n()
    raw["connections"] = {"Model": {"ai_languageModel": [[{"node": "Agent", "type": "ai_languageModel", "index": 0}]]}}
    assert Graph.of(type(made).from_n8n(raw)).successors("Model") == []
