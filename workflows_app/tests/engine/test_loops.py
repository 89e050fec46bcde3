"""Loops, and the state a node keeps from turn to turn."""

import pytest

from workflows_app.engine.errors import NodeFailed
from workflows_app.engine.events import NodeRunFinished
from workflows_app.engine.items import Item, PairedItem
from workflows_app.tests.engine.world import world

pytestmark = pytest.mark.engine

GRAPH = "Trigger -> Loop; Loop.1 -> A -> Loop; Loop -> End"
"""
Trigger ── Loop ─┬─ done ── End
                 └─ loop ── A ── (back to Loop)
"""


def test_a_loop_runs_its_body_for_each_item_and_then_what_is_done():
    transcript = world(GRAPH).run([{"n": 1}, {"n": 2}])
    assert transcript.order == ["Trigger", "Loop", "A", "Loop", "A", "Loop", "End"]
    assert transcript.outputs("End") == [[{"n": 1}, {"n": 2}]]


def test_turns_are_counted_per_node_and_in_all():
    finished = world(GRAPH).run([{"n": 1}, {"n": 2}]).of(NodeRunFinished)
    assert [one.run_index for one in finished if one.node == "Loop"] == [0, 1, 2]
    assert [one.order for one in finished] == list(range(7))


def test_each_event_carries_the_state_as_it_was_then():
    finished = world(GRAPH).run([{"n": 1}, {"n": 2}]).of(NodeRunFinished)
    assert [one.context["at"] for one in finished if one.node == "Loop"] == [1, 2, 2]


def test_a_node_without_state_has_none_in_its_event():
    assert world(GRAPH).run([{}]).finished("A").context is None


def test_sources_name_the_turn_they_came_from():
    transcript = world(GRAPH).run([{"n": 1}, {"n": 2}])
    second = transcript.finished("A", 1).sources[0]
    assert (second.node, second.output, second.run_index) == ("Loop", 1, 1)


def test_a_failed_try_leaves_no_trace_in_the_state():
    tries = []

    def work(run):
        tries.append(dict(run.context))
        run.context["touched"] = True
        if len(tries) < 3:
            raise NodeFailed("not yet")
        return [run.items]

    transcript = world("Trigger -> Do", functions={"Do": work}, Do={"retryOnFail": True}).run()
    assert tries == [{}, {}, {}]
    assert transcript.finished("Do").context == {"touched": True}


class TestEarlierInput:
    """A loop may look at what it received in an earlier turn, and put that out again."""

    GRAPH = "Trigger -> A -> Do; Do.1 -> B -> Do; Do -> End"

    def loop(self, run):
        """The first turn hands out nothing but a token; the second puts out what the first received."""
        if run.run_index == 0:
            return [[], [Item({"token": True})]]
        items, number = run.earlier_input(0)
        again = [Item(item.json, paired=(PairedItem(place, number),)) for place, item in enumerate(items)]
        return [again, []]

    def test_its_items_come_out_again(self):
        transcript = world(self.GRAPH, functions={"Do": self.loop}).run([{"n": 1}, {"n": 2}])
        assert transcript.outputs("End") == [[{"n": 1}, {"n": 2}]]

    def test_and_can_be_followed_back_past_the_loop(self):
        end = {"params": {"value": "={{ $('Trigger').item.json.n }}"}}
        made = world(self.GRAPH.replace("End", "A2"), functions={"Do": self.loop}, A2=end)
        assert made.run([{"n": 1}, {"n": 2}]).outputs("A2") == [[{"n": 1, "A2": 1}, {"n": 2, "A2": 2}]]

    def test_the_start_looks_at_what_the_run_began_with(self):
        seen = []
        functions = {"Do": lambda run: seen.append(run.earlier_input(0)) or [run.items]}
        world("Do -> A", functions=functions).run([{"n": 1}], start="Do")
        assert [([item.json for item in items], number) for items, number in seen] == [([{"n": 1}], 0)]

    def test_a_turn_that_was_never_made_has_none(self):
        seen = []
        world("Trigger -> Do", functions={"Do": lambda run: seen.append(run.earlier_input(5)) or [run.items]}).run()
        assert seen == [([], 0)]
