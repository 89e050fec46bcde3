import pytest

from workflows_app.selectors.scenes import RunMarks, output_label_of, scene_of
from workflows_app.tests.graphs import chain, node


def test_notes_are_not_drawn():
    scene = scene_of(chain(node("Start", "manualTrigger"), node("Read me", "stickyNote")))
    assert [drawn.label for drawn in scene.nodes] == ["Start"]
    assert scene.wires == ()


def test_a_node_looks_as_its_type_says():
    (start, step) = scene_of(chain(node("Start", "manualTrigger"), node("If", "if", 2))).nodes
    assert (start.icon, start.role) == ("n-manual", "trigger")
    assert (step.icon, step.role) == ("n-if", "choice")


def test_an_unknown_type_is_a_placeholder_with_a_guessed_look():
    (drawn,) = scene_of(chain(node("Mystery", "some.package.thingTrigger"))).nodes
    assert drawn.is_placeholder
    assert drawn.role == "trigger"


def test_a_disabled_node_is_marked():
    (drawn,) = scene_of(chain({**node("Start", "manualTrigger"), "disabled": True})).nodes
    assert drawn.is_disabled


def test_ids_that_repeat_give_way_to_names():
    first, second = node("A", "set"), node("B", "set")
    second["id"] = first["id"]
    assert [drawn.id for drawn in scene_of(chain(first, second)).nodes] == ["A", "B"]


def test_wires_know_the_output_they_leave_and_the_items_on_it():
    graph = chain(node("If", "if", 2), node("Yes", "set"))
    graph["connections"]["If"]["main"].append([{"node": "Yes", "type": "main", "index": 0}])
    marks = RunMarks({"If": "success"}, {"If": [4]})
    yes, no = scene_of(graph, marks).wires
    assert (yes.label, yes.count) == ("true", 4)
    assert (no.label, no.count) == ("false", 0)


def test_before_a_run_no_wire_has_a_count():
    (wire,) = scene_of(chain(node("A", "set"), node("B", "set"))).wires
    assert wire.count is None


@pytest.mark.parametrize(
    "kind, extra, output, label",
    [
        ("if", {}, 0, "true"),
        ("set", {}, 0, ""),
        ("set", {"onError": "continueErrorOutput"}, 1, "error"),
        ("set", {}, 1, ""),
        ("neverHeardOf", {}, 0, ""),
    ],
)
def test_names_of_outputs(kind, extra, output, label):
    graph = chain({**node("N", kind, 2 if kind == "if" else 3.4), **extra})
    assert output_label_of(graph, "N", output) == label


def test_a_node_that_is_gone_has_no_outputs():
    assert output_label_of(chain(node("A", "set")), "B", 0) == ""
