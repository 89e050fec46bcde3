import pytest

from pumpflix.lib.drawing import DrawnNode, Scene, Wire
from pumpflix.lib.tests.drawing.scenes import scene


def columns(text: str) -> list[list[str]]:
    return [[node.id for node in column] for column in scene(text).columns]


def test_depth_is_the_longest_way_from_a_start():
    assert columns("A -> B -> C -> D; A -> D") == [["A"], ["B"], ["C"], ["D"]]


def test_branches_share_a_column_in_the_authors_order():
    assert columns("A -> Upper -> Z; A -> Lower -> Z") == [["A"], ["Upper", "Lower"], ["Z"]]


def test_positions_decide_the_order_inside_a_column():
    drawn = scene("A -> First; A -> Second", First={"y": 300.0}, Second={"y": -20.0})
    assert [node.id for node in drawn.columns[1]] == ["Second", "First"]


def test_a_wire_back_closes_a_loop_and_does_not_deepen():
    drawn = scene("Start -> Loop -> Work -> Loop; Loop.1 -> Done")
    assert {(wire.source, wire.target) for wire in drawn.back_wires} == {("Work", "Loop")}
    assert drawn.depth == {"Start": 0, "Loop": 1, "Work": 2, "Done": 2}


def test_a_node_wired_to_itself_is_a_loop():
    assert [wire.target for wire in scene("A -> B -> B").back_wires] == ["B"]


def test_a_ring_without_a_start_is_still_ordered():
    assert columns("A -> B -> C -> A") == [["A"], ["B"], ["C"]]


def test_the_ring_opens_at_its_trigger():
    drawn = scene("A -> B -> C -> A", B={"role": "trigger"})
    assert [[node.id for node in column] for column in drawn.columns] == [["B"], ["C"], ["A"]]


def test_thousands_of_nodes_in_a_row_need_no_recursion():
    names = [f"N{number}" for number in range(5_000)]
    assert len(scene(" -> ".join(names)).columns) == 5_000


def test_wires_to_nowhere_are_left_out():
    drawn = Scene((DrawnNode("A", "A"),), (Wire("A", "Gone"), Wire("Gone", "A")))
    assert drawn.known_wires == ()


def test_trails_stop_at_the_number_asked_for():
    wide = scene("A -> B; A -> C; A -> D; B -> E; C -> E; D -> E")
    assert list(wide.trails(most=2)) == [["A", "B", "E"], ["A", "C", "E"]]


@pytest.mark.parametrize("most", [0, 1])
def test_no_more_trails_than_wanted(most):
    assert len(list(scene("A -> B").trails(most=most))) == most


def test_an_empty_scene_has_one_empty_column():
    assert Scene(()).columns == [[]]
