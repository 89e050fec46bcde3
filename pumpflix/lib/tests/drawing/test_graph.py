import xml.etree.ElementTree as ET

import pytest

from pumpflix.lib.drawing import DrawnNode, Scene, Wire, graph
from pumpflix.lib.tests.drawing.scenes import scene

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script>&'


def parsed(drawn: Scene, **options) -> ET.Element:
    return ET.fromstring(graph(drawn, title="A graph", **options))


def parts(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if element.get("class") == name]


def test_each_node_can_be_found_by_id_name_and_status():
    root = parsed(scene("A -> B", B={"status": "error", "role": "choice"}))
    node = parts(root, "node")[1]
    assert node.get("data-testid") == "node-B"
    assert (node.get("data-node"), node.get("data-label")) == ("B", "B")
    assert (node.get("data-status"), node.get("data-role")) == ("error", "choice")


def test_nodes_come_in_the_order_of_the_run():
    root = parsed(scene("C -> B -> A"))
    assert [node.get("data-node") for node in parts(root, "node")] == ["C", "B", "A"]


def test_with_an_address_each_node_is_a_link_that_says_its_status():
    root = parsed(scene("A", A={"status": "success"}), href=lambda node: f"?node={node.label}")
    link = next(iter(root.iter(f"{SVG}a")))
    assert link.get("href") == "?node=A"
    assert link.get("aria-label") == "A, Succeeded"


def test_without_an_address_there_is_no_link():
    assert not list(parsed(scene("A")).iter(f"{SVG}a"))


def test_names_are_broken_below_the_node_and_whole_in_the_title():
    name = "Work out how many days each invoice is late"
    root = parsed(Scene((DrawnNode("a", name),)))
    lines = ["".join(line.itertext()) for line in root.iter(f"{SVG}tspan")]
    assert lines == ["Work out how many", "days each invoice…"]
    assert next(iter(root.iter(f"{SVG}title"))).text == name


def test_what_authors_write_is_escaped():
    hostile = Scene((DrawnNode(HOSTILE, HOSTILE), DrawnNode("b", "b")), (Wire(HOSTILE, "b", label=HOSTILE),))
    svg = graph(hostile, title=HOSTILE, href=lambda node: node.label)
    ET.fromstring(svg)
    assert "<script>" not in svg


def test_nothing_needs_an_inline_style_or_handler():
    svg = graph(scene("A:1 -> B:2 -> A"), title="", href=lambda node: "#")
    assert " style=" not in svg
    assert " on" not in svg.replace(" one", "")


def test_chips_name_the_output_and_its_items():
    two = Scene(
        (DrawnNode("If", "If"), DrawnNode("Yes", "Yes"), DrawnNode("No", "No")),
        (Wire("If", "Yes", 0, "true", 4), Wire("If", "No", 1, "false")),
    )
    yes, no = parts(parsed(two), "chip")
    assert ("".join(yes.itertext()), yes.get("data-status")) == ("true 4", "success")
    assert ("".join(no.itertext()), no.get("data-status")) == ("false", None)


@pytest.mark.parametrize("names,shown", [(("true", "false"), ["true", "false"]), (("final", "polite"), ["", ""])])
def test_a_horizon_has_room_for_short_names_of_outputs_alone(names, shown):
    drawn = Scene(
        tuple(DrawnNode(name, name) for name in ("If", "A", "B")),
        tuple(Wire("If", target, output, names[output]) for output, target in enumerate("AB")),
    )
    chips = parts(parsed(drawn, layout="horizon"), "chip")
    assert ["".join(chip.itertext()) for chip in chips] == shown


def test_a_chip_without_words_waits_hidden():
    (chip,) = parts(parsed(scene("A -> B")), "chip")
    assert chip.get("data-empty") == ""


def test_disabled_and_unknown_nodes_are_marked():
    first, second = parts(parsed(scene("A -> B", A={"is_disabled": True}, B={"is_placeholder": True})), "node")
    assert first.get("data-disabled") == ""
    assert second.get("data-placeholder") == ""


def test_a_loop_makes_room_below():
    line, ring = parsed(scene("A -> B")), parsed(scene("A -> B -> A"))
    assert float(ring.get("height", 0)) > float(line.get("height", 0))


@pytest.mark.parametrize("layout", ["placed", "columns", "horizon"])
def test_everything_stands_inside_the_picture(layout):
    drawn = scene("A:1 -> B:900 -> C:3; A -> D", A={"x": -500.0, "y": -900.0}, B={"x": 0.0, "y": 0.0})
    root = parsed(drawn, layout=layout)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for node in parts(root, "node"):
        x, y = (float(value) for value in (node.get("transform") or "")[10:-1].split())
        assert 40 < x < width - 40
        assert 40 < y < height - 40


def test_the_horizon_is_filled_and_the_plain_graph_is_not():
    assert "graph-ridge" in graph(scene("A:1 -> B:5"), title="", layout="horizon")
    assert "graph-ridge" not in graph(scene("A:1 -> B:5"), title="")


def test_an_empty_graph_is_drawn():
    for layout in ("placed", "columns", "horizon"):
        ET.fromstring(graph(Scene(()), title="", layout=layout))


def test_a_wire_to_the_left_that_is_no_loop_goes_around():
    drawn = scene("A -> B", A={"x": 800.0, "y": 0.0}, B={"x": 0.0, "y": 0.0})
    (wire,) = parts(parsed(drawn), "wire")
    assert (wire.get("d") or "").count("L") == 9
