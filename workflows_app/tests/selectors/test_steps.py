"""Steps in words."""

import pytest

from workflows_app.selectors.steps import steps_of
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.nodes
GRAPH = chain(node("Start", "manualTrigger"), node("Odd", "nobody.odd"), node("Note", "stickyNote"))


def test_every_node_but_notes_is_told_in_the_order_of_a_run():
    told = [(step.node, step.text) for step in steps_of(GRAPH)]
    assert told == [
        ("Start", "Start when someone presses Run."),
        ("Odd", "nobody.odd, which this instance does not know."),
    ]


def test_an_order_that_is_known_is_kept():
    assert [step.node for step in steps_of(GRAPH, ["Odd", "gone", "Start"])] == ["Odd", "Start"]
