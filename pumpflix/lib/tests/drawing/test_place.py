import pytest

from pumpflix.lib.drawing.place import Box, as_placed, horizon, in_columns, radius_for
from pumpflix.lib.tests.drawing.scenes import scene

BOX = Box(10, 20, 200, 100)


def test_more_items_stand_higher():
    places = horizon(scene("A:1 -> B:42 -> C:9"), BOX, 10)
    assert places["B"].y < places["C"].y < places["A"].y


def test_the_highest_and_the_lowest_touch_the_box():
    places = horizon(scene("A:1 -> B:1000"), BOX, 10)
    assert (places["A"].y, places["B"].y) == (120, 20)


def test_equal_counts_make_a_level_line_in_the_middle():
    places = horizon(scene("A:3 -> B:3"), BOX, 10)
    assert {point.y for point in places.values()} == {70}


def test_a_node_that_has_not_run_counts_as_one_item():
    places = horizon(scene("A -> B:1 -> C:50"), BOX, 10)
    assert places["A"].y == places["B"].y


def test_columns_spread_over_the_width():
    places = horizon(scene("A -> B -> C"), BOX, 10)
    assert [places[name].x for name in "ABC"] == [10, 110, 210]


def test_a_lone_node_stands_in_the_middle():
    assert horizon(scene("A"), BOX, 10)["A"].x == 110


def test_branches_keep_a_gap_and_stay_inside():
    places = horizon(scene("A:5 -> B:5; A -> C:5; A -> D:5"), BOX, 10)
    heights = [places[name].y for name in "BCD"]
    assert heights == sorted(heights)
    assert heights[1] - heights[0] == pytest.approx(27.5)
    assert BOX.y <= heights[0]
    assert heights[-1] <= BOX.y + BOX.height


def test_a_crowded_column_makes_nodes_smaller():
    crowd = "; ".join(f"A -> B{number}" for number in range(20))
    assert radius_for(scene(crowd), BOX, 180) < radius_for(scene("A -> B"), BOX, 180)


def test_in_columns_centres_the_short_ones():
    places = in_columns(scene("A -> B; A -> C; A -> D"), step_x=10, step_y=10)
    assert places["A"].y == places["C"].y == 10


def at(x, y):
    return {"x": x, "y": y}


def test_the_authors_positions_are_scaled():
    drawn = scene("A -> B", A=at(0.0, 0.0), B=at(220.0, 160.0))
    places = as_placed(drawn, step_x=150, step_y=128, clear=50)
    assert places is not None
    assert (places["B"].x, places["B"].y) == (150, 128)


@pytest.mark.parametrize(
    "second",
    [at(None, None), at(4.0, 4.0), at(900_000.0, 0.0), at(float("nan"), 0.0), at(0.0, float("inf"))],
    ids=["missing", "on top of each other", "lost far away", "not a number", "infinite"],
)
def test_unusable_positions_are_refused(second):
    drawn = scene("A -> B", A=at(0.0, 0.0), B=second)
    assert as_placed(drawn, step_x=150, step_y=128, clear=50) is None


def test_no_nodes_need_no_places():
    from pumpflix.lib.drawing import Scene

    assert as_placed(Scene(()), step_x=1, step_y=1, clear=1) == {}
