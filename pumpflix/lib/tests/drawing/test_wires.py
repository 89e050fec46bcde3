from pumpflix.lib.drawing.place import Point
from pumpflix.lib.drawing.wires import along, loop_path, ridge_path, wire_path


def test_a_level_wire_is_one_line():
    assert wire_path(Point(0, 10), Point(50, 10)) == "M0 10H50"


def test_a_wire_leads_slopes_and_leads():
    assert wire_path(Point(0, 0), Point(100, 40)) == "M0 0h30L70 40H100"


def test_a_steep_wire_keeps_its_leads():
    assert wire_path(Point(0, 0), Point(100, 900), lead=20) == "M0 0h20L80 900H100"


def test_a_loop_goes_back_below():
    path = loop_path(Point(100, 10), Point(20, 10), below=80, lead=10)
    assert path.startswith("M100 10L110 10")
    assert path.endswith("L20 10")
    assert "L110 80L10 80" in path


def test_a_ridge_closes_at_the_ground():
    assert ridge_path([Point(10, 50), Point(40, 50)], 60, 100) == "M0 50H10H40H60V100H0Z"


def test_along_a_wire():
    assert along(Point(0, 0), Point(10, 20), 0.5) == Point(5, 10)
