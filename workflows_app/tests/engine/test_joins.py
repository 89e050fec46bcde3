"""Nodes with several inputs: when they run, and with what."""

import pytest

from workflows_app.engine.joins import Waiting
from workflows_app.tests.engine.world import order_of, world

pytestmark = pytest.mark.engine

BOTH = {"Merge": {"params": {"value": 2}}}


def test_a_join_runs_once_when_both_inputs_are_there():
    """
    Trigger ─┬─ A ── Merge.0
             └─ B ── Merge.1
    """
    transcript = world("Trigger -> A -> Merge; Trigger -> B -> Merge.1").run([{"n": 1}])
    assert transcript.order == ["Trigger", "A", "B", "Merge"]
    assert transcript.outputs("Merge") == [[{"n": 1}, {"n": 1}]]


def test_what_is_behind_a_join_runs_after_it():
    graph = "Trigger -> A -> Merge -> C; Trigger -> B -> Merge.1"
    assert order_of(graph) == ["Trigger", "A", "B", "Merge", "C"]


def test_a_missing_input_becomes_an_empty_list_at_the_end():
    """
    Trigger ── If ─┬─ true ─── A ── Merge.0      nothing comes along here
                   └─ false ── B ── Merge.1
    """
    transcript = world("Trigger -> If -> A -> Merge; If.1 -> B -> Merge.1").run([{"go": False}])
    assert transcript.order == ["Trigger", "If", "B", "Merge"]
    assert transcript.outputs("Merge") == [[{"go": False}]]
    assert transcript.finished("Merge").sources[0] is None


def test_a_join_that_requires_both_inputs_does_not_run_with_one():
    graph = "Trigger -> If -> A -> Merge; If.1 -> B -> Merge.1"
    assert order_of(graph, [{"go": False}], **BOTH) == ["Trigger", "If", "B"]


@pytest.mark.parametrize("required,runs", [([1], True), ([0], False), ([0, 1], False)], ids=str)
def test_a_join_may_require_a_certain_input(required, runs):
    graph = "Trigger -> If -> Merge; If.1 -> Merge.1"
    order = order_of(graph, [{"go": False}], Merge={"params": {"value": required}})
    assert ("Merge" in order) is runs


def test_waiting_joins_run_one_at_a_time_parents_first():
    """
    Trigger ── If ── false ─┬─ Merge1.0 ──── Merge2.0
                            └─ C ─────────── Merge2.1
    Merge1.1 never gets anything, so Merge2 waits for Merge1.
    """
    graph = "Trigger -> If; If.1 -> Merge1 -> Merge2; If.1 -> C -> Merge2.1; If -> Merge1.1"
    assert order_of(graph, [{"go": False}]) == ["Trigger", "If", "C", "Merge1", "Merge2"]


def test_new_data_fills_the_first_set_that_lacks_it_or_opens_another():
    """
    Trigger ── Loop ── loop ── A ─┬─ Merge.0
                                  └─ Loop        three rounds
    Trigger ────────────────────── Merge.1       once
    """
    graph = "Trigger -> Loop; Loop.1 -> A -> Merge; A -> Loop; Trigger -> Merge.1"
    transcript = world(
        graph, at={"Loop": (0, 0), "Merge": (0, 900), "A": (0, 100)}, Trigger={"params": {"items": [{}] * 3}}
    ).run()
    assert transcript.order.count("Merge") == 3
    assert len(transcript.outputs("Merge", 0)[0]) == 4
    assert len(transcript.outputs("Merge", 2)[0]) == 1


def test_a_set_without_a_single_item_is_dropped():
    """In order v0 empty lists arrive; nothing but empty lists is no reason to run."""
    graph = "Trigger -> If; If -> Merge.1; If -> Merge2.1; If.1 -> A"
    assert order_of(graph, [{"go": False}], order="v0") == ["Trigger", "If", "A"]


def test_two_wires_into_one_input_of_a_join_make_two_turns():
    graph = "Trigger -> A -> Merge; Trigger -> B -> Merge; Trigger -> C -> Merge.1"
    transcript = world(graph).run([{}])
    assert transcript.order.count("Merge") == 2
    assert [len(transcript.outputs("Merge", turn)[0]) for turn in (0, 1)] == [2, 1]


def test_a_node_sees_as_many_inputs_as_its_type_has():
    seen = []
    made = world(
        "Trigger -> Merge", functions={"Merge": lambda run: seen.append(run.inputs)}, Merge={"type": "test.do"}
    )
    made.run()
    two = world("Trigger -> Merge")
    two.compiled.nodes["Merge"].type.execute = lambda run: seen.append(run.inputs)
    two.run()
    assert [len(inputs) for inputs in seen] == [1, 2]


class TestWaiting:
    def test_a_complete_set_is_taken_out(self):
        waiting = Waiting()
        assert waiting.put("M", 2, 0, [], None) is None
        complete = waiting.put("M", 2, 1, [], None)
        assert complete is not None
        assert "M" not in waiting

    def test_sets_are_kept_oldest_first(self):
        waiting = Waiting()
        waiting.put("M", 2, 0, ["first"], None)
        waiting.put("M", 2, 0, ["second"], None)
        assert waiting.put("M", 2, 1, [], None).inputs[0] == ["first"]
        assert waiting.take("M").inputs[0] == ["second"]
        assert list(waiting) == []

    def test_an_empty_list_counts_as_received(self):
        waiting = Waiting()
        waiting.put("M", 2, 1, [], None)
        assert waiting.first("M").received == [1]
        assert not waiting.first("M").has_items
