"""The way back from an item to the node an expression names."""

import pytest

from workflows_app.engine.errors import ExpressionError
from workflows_app.engine.events import Source
from workflows_app.engine.history import History, RunData
from workflows_app.engine.items import Item, PairedItem
from workflows_app.engine.pairing import Walk

pytestmark = pytest.mark.engine


def item(name: str, *pairs: tuple[int, int] | int) -> Item:
    """`pairs` are places in input 0, or (input, place)."""
    links = tuple(PairedItem(one[1], one[0]) if isinstance(one, tuple) else PairedItem(one) for one in pairs)
    return Item({"name": name}, paired=links or None)


def history(**nodes: tuple[list[Source | None], list[list[Item]]]) -> History:
    found = History()
    for name, (sources, outputs) in nodes.items():
        found.add(name, RunData(tuple(sources), outputs))
    return found


def walk(found: History, *sources: Source | None, items: list[Item] | None = None) -> Walk:
    return Walk(found, "Here", items if items is not None else [item("here", 0)], sources)


def problem(found: Walk, target: str = "A", place: int = 0) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        found.find(target, place)
    return caught.value


A: tuple[list[Source | None], list[list[Item]]] = ([], [[item("a0"), item("a1")]])


def test_the_node_in_front_is_one_step_away():
    found = walk(history(A=A), Source("A"), items=[item("here", 1)])
    assert found.item("A", 0).json == {"name": "a1"}


def test_links_are_followed_through_the_nodes_between():
    """A ── B ── Here: B swapped the items."""
    middle = ([Source("A")], [[item("b0", 1), item("b1", 0)]])
    assert walk(history(A=A, B=middle), Source("B")).item("A", 0).json == {"name": "a1"}


def test_output_and_turn_are_those_the_items_really_came_from():
    found = history(A=([], [[item("wrong")], [item("right")]]))
    found.add("A", RunData((), [[item("also wrong")]]))
    assert walk(found, Source("A", output=1, run_index=0)).item("A", 0).json == {"name": "right"}


def test_an_item_of_the_second_input_goes_back_along_the_second_input():
    other = ([], [[item("other")]])
    found = walk(history(A=A, B=other), Source("A"), Source("B"), items=[item("here", (1, 0))])
    assert found.item("B", 0).json == {"name": "other"}


def test_several_links_to_one_item_are_no_problem():
    """
    A ─┬─ B ─┐
       └─ C ─┴─ Here      both come from a0
    """
    found = history(A=A, B=([Source("A")], [[item("b", 0)]]), C=([Source("A")], [[item("c", 0)]]))
    assert walk(found, Source("B"), Source("C"), items=[item("here", (0, 0), (1, 0))]).item("A", 0).json["name"] == "a0"


def test_several_links_to_different_items_are_not_clear():
    error = problem(walk(history(A=A), Source("A"), items=[item("here", 0, 1)]))
    assert error.data["type"] == "paired_item_multiple_matches"
    assert "'.item' is not clear" in error.hint


def test_a_link_that_leads_elsewhere_is_ignored_if_another_arrives():
    found = history(A=A, B=([], [[item("b")]]))
    assert walk(found, Source("A"), Source("B"), items=[item("here", (1, 0), (0, 1))]).item("A", 0).json["name"] == "a1"


def test_a_long_way_is_no_problem():
    found = history(A=A)
    for number in range(3000):
        found.add("Loop", RunData((Source("Loop", 0, number - 1) if number else Source("A"),), [[item("x", 0, 0)]]))
    assert walk(found, Source("Loop", 0, 2999)).item("A", 0).json == {"name": "a0"}


class TestBroken:
    def test_a_node_that_has_not_run(self):
        error = problem(walk(history(A=A), Source("A")), target="B")
        assert error.message == "Node 'B' hasn't been executed"

    def test_the_node_that_broke_the_chain_is_named(self):
        found = history(A=A, B=([Source("A")], [[item("b0")]]), C=([Source("B")], [[item("c0", 0)]]))
        error = problem(walk(found, Source("C")))
        assert (error.data["type"], error.data["nodeCause"]) == ("paired_item_no_info", "B")
        assert "'B'" in error.message
        assert ".first()" in error.hint

    def test_an_item_with_an_empty_list_of_links(self):
        found = history(A=A, B=([Source("A")], [[Item({}, paired=())]]))
        assert problem(walk(found, Source("B"))).data["nodeCause"] == "B"

    def test_the_current_item_itself_may_have_no_link(self):
        error = problem(walk(history(A=A), Source("A"), items=[Item({}, paired=())]))
        assert error.data["nodeCause"] == "Here"

    def test_a_link_to_an_item_that_is_not_there(self):
        error = problem(walk(history(A=A), Source("A"), items=[item("here", 9)]))
        assert (error.data["type"], error.data["nodeCause"]) == ("paired_item_invalid_info", "A")

    def test_no_way_leads_there(self):
        found = history(A=A, B=([], [[item("b0", 0)]]))
        error = problem(walk(found, Source("B")))
        assert (error.data["type"], error.data["nodeCause"]) == ("paired_item_no_connection", "B")

    def test_an_input_that_received_nothing(self):
        assert problem(walk(history(A=A), None)).data["type"] == "paired_item_no_info"

    def test_a_link_to_an_input_that_is_not_there(self):
        error = problem(walk(history(A=A), Source("A"), items=[item("here", (4, 0))]))
        assert error.data["type"] == "paired_item_no_info"

    def test_beyond_the_last_item_the_place_itself_counts(self):
        assert walk(history(A=A), Source("A"), items=[]).item("A", 1).json == {"name": "a1"}
