"""Where an item came from and what became of it."""

from typing import Any

import pytest

from executions_app.models import Execution
from executions_app.selectors.lineage import Slot, Spot, lineage, spot_in, spot_text
from executions_app.selectors.lineage_view import lineage_view, trace_base
from executions_app.selectors.node_panel import Opened, opened_node
from executions_app.tests.selectors.runs import ended, turn

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def source(node: str, output: int = 0, run: int = 0) -> dict[str, Any]:
    return {"node": node, "output": output, "runIndex": run}


def paired(*links: Any) -> list[dict[str, Any]]:
    """Items with those links; None for one without."""
    return [
        {"json": {"n": place}, **({} if link is None else {"pairedItem": link})} for place, link in enumerate(links)
    ]


@pytest.fixture
def run() -> Execution:
    """Start (3) -> Split (true: 0 and 2, false: 1) -> Sum of the true ones; Split false -> Mail."""
    execution = ended()
    turn(execution, "Start", 0, paired(None, None, None))
    turn(execution, "Split", 1, paired({"item": 0}, {"item": 2}), paired({"item": 1}), sources=[source("Start")])
    turn(execution, "Sum", 2, paired([{"item": 0}, {"item": 1}]), sources=[source("Split")])
    turn(execution, "Mail", 3, paired(0), sources=[source("Split", 1)])
    return execution


def reached(execution: Execution, node: str, item: int, output: int = 0) -> dict[tuple[str, int], set[int]]:
    found = lineage(execution, Spot(Slot(node, 0, output), item))
    return {(slot.node, slot.output): items for slot, items in found.reached.items()}


def test_an_item_is_followed_to_its_end(run):
    assert reached(run, "Start", 2) == {("Start", 0): {2}, ("Split", 0): {1}, ("Sum", 0): {0}}


def test_and_back_to_where_it_began(run):
    assert reached(run, "Sum", 0) == {("Sum", 0): {0}, ("Split", 0): {0, 1}, ("Start", 0): {0, 2}}


def test_both_ways_from_the_middle_along_one_output(run):
    assert reached(run, "Split", 0, output=1) == {("Split", 1): {0}, ("Start", 0): {1}, ("Mail", 0): {0}}


def test_a_link_that_is_missing_names_the_node():
    execution = ended()
    turn(execution, "Start", 0, paired(None))
    turn(execution, "Code", 1, paired(None), sources=[source("Start")])
    turn(execution, "End", 2, paired({"item": 0}), sources=[source("Code")])
    assert lineage(execution, Spot(Slot("End", 0, 0), 0)).broken == ["Code"]
    assert lineage(execution, Spot(Slot("Start", 0, 0), 0)).broken == ["Code"]


def test_a_link_that_leads_nowhere_names_the_node():
    execution = ended()
    turn(execution, "Start", 0, paired(None))
    turn(execution, "Odd", 1, paired({"item": 7}, {"item": 0, "input": 3}), sources=[source("Start")])
    assert lineage(execution, Spot(Slot("Odd", 0, 0), 0)).broken == ["Odd"]
    assert lineage(execution, Spot(Slot("Odd", 0, 0), 1)).broken == ["Odd"]


def test_two_inputs_are_told_apart():
    execution = ended()
    turn(execution, "Left", 0, paired(None))
    turn(execution, "Right", 1, paired(None))
    turn(execution, "Merge", 2, paired({"item": 0}, {"item": 0, "input": 1}), sources=[source("Left"), source("Right")])
    assert set(reached(execution, "Merge", 1)) == {("Merge", 0), ("Right", 0)}
    assert set(reached(execution, "Left", 0)) == {("Left", 0), ("Merge", 0)}


def test_a_loop_is_followed_turn_by_turn():
    execution = ended()
    turn(execution, "Start", 0, paired(None, None))
    turn(execution, "Step", 1, paired({"item": 1}), sources=[source("Start")])
    turn(execution, "Step", 2, paired({"item": 0}), run_index=1, sources=[source("Step")])
    found = lineage(execution, Spot(Slot("Start", 0, 0), 1))
    assert {(slot.node, slot.run) for slot in found.reached} == {("Start", 0), ("Step", 0), ("Step", 1)}


@pytest.mark.parametrize("spot", [("Nowhere", 0, 0, 0), ("Start", 4, 0, 0), ("Start", 0, 3, 0), ("Start", 0, 0, 99)])
def test_an_item_that_is_not_there_has_none(run, spot):
    assert lineage(run, Spot(Slot(*spot[:3]), spot[3])) is None


def test_an_address_names_a_spot_whatever_its_node_is_called():
    spot = Spot(Slot("A|B | C", 1, 0), 12)
    assert spot_in(spot_text(spot)) == spot
    assert [spot_in(text) for text in ("", "A", "A|1|2", "A|x|0|0", "A|0|0|-1")] == [None] * 5


def test_the_page_marks_items_of_the_opened_table_and_leads_to_the_others(run):
    panel = opened_node(run, Opened(node="Split", side="output", output=0))
    assert trace_base(run, panel) == "Split|0|0|"
    view = lineage_view(run, trace="Sum|0|0|0", keep={}, panel=panel)
    assert (view.marked, view.nodes) == ({1, 2}, {"Start", "Split", "Sum"})
    assert [(row.node, row.relation, [link.number for link in row.links]) for row in view.rows] == [
        ("Start", "before", [1, 3]),
        ("Split", "before", [1, 2]),
        ("Sum", "here", [1]),
    ]
    assert "node=Start" in view.rows[0].links[0].href


def test_items_of_an_input_are_those_of_the_node_before(run):
    panel = opened_node(run, Opened(node="Mail", side="input"))
    assert trace_base(run, panel) == "Split|0|1|"
