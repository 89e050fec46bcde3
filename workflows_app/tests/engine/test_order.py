"""In which order nodes run."""

import pytest

from workflows_app.tests.engine.world import order_of, world

pytestmark = pytest.mark.engine


class TestOrderV1:
    def test_a_chain_runs_from_the_trigger(self):
        assert order_of("Trigger -> A -> B") == ["Trigger", "A", "B"]

    def test_the_topmost_branch_runs_to_its_end_first(self):
        """
        Trigger ─┬─ C ── D     y = 300
                 └─ A ── B     y = 100
        """
        graph = "Trigger -> C -> D; Trigger -> A -> B"
        at = {"A": (100, 100), "C": (100, 300), "B": (200, 100), "D": (200, 300)}
        assert order_of(graph, at=at) == ["Trigger", "A", "B", "C", "D"]

    def test_on_one_height_the_leftmost_runs_first(self):
        at = {"A": (300, 0), "B": (100, 0), "C": (200, 0)}
        assert order_of("Trigger -> A; Trigger -> B; Trigger -> C", at=at) == ["Trigger", "B", "C", "A"]

    def test_position_counts_more_than_the_number_of_the_output(self):
        items = [{"go": True}, {"go": False}]
        at = {"A": (0, 500), "B": (0, 100)}
        assert order_of("Trigger -> If -> A; If.1 -> B", items, at=at) == ["Trigger", "If", "B", "A"]

    def test_a_branch_without_items_does_not_run(self):
        assert order_of("Trigger -> If -> A; If.1 -> B", [{"go": False}]) == ["Trigger", "If", "B"]

    def test_an_empty_output_feeds_no_input_at_all(self):
        """
        Trigger ── If ─┬─ true ──── Merge.1      nothing: the Merge never hears of it
                       └─ false ─── A
        """
        assert order_of("Trigger -> If -> Merge.1; If.1 -> A", [{"go": False}]) == ["Trigger", "If", "A"]

    def test_a_node_with_two_wires_into_one_input_runs_twice(self):
        graph = "Trigger -> A -> B; Trigger -> B"
        assert order_of(graph, at={"A": (100, 0), "B": (200, 100)}) == ["Trigger", "A", "B", "B"]

    def test_a_wire_into_a_higher_input_alone_still_runs_the_node(self):
        assert order_of("Trigger -> Merge.1", [{"a": 1}]) == ["Trigger", "Merge"]


class TestOrderV0:
    def test_branches_take_turns(self):
        """
        Trigger ─┬─ A ── B
                 └─ C ── D
        """
        assert order_of("Trigger -> A -> B; Trigger -> C -> D", order="v0") == ["Trigger", "A", "C", "B", "D"]

    def test_wires_count_in_their_stored_order_not_by_position(self):
        at = {"A": (0, 900), "B": (0, 100)}
        assert order_of("Trigger -> A; Trigger -> B", order="v0", at=at) == ["Trigger", "A", "B"]

    def test_the_missing_parent_of_a_join_is_made_to_run(self):
        """
        Trigger ── Merge.0
        Lonely ─── Merge.1       nothing triggers it
        """
        transcript = world("Trigger -> Merge; Lonely -> Merge.1", order="v0").run([{"a": 1}])
        assert transcript.order == ["Trigger", "Lonely", "Merge"]
        assert transcript.outputs("Merge") == [[{"a": 1}, {}]]

    def test_v1_leaves_that_parent_alone(self):
        assert order_of("Trigger -> Merge; Lonely -> Merge.1") == ["Trigger", "Merge"]

    def test_the_root_of_the_missing_branch_is_what_runs(self):
        transcript = world("Trigger -> Merge; Lonely -> B -> Merge.1", order="v0").run([{"a": 1}])
        assert transcript.order == ["Trigger", "Lonely", "B", "Merge"]

    def test_a_parent_that_already_ran_is_not_run_again(self):
        graph = "Trigger -> A -> Merge; Trigger -> B; B -> Merge.1"
        assert order_of(graph, order="v0").count("B") == 1

    def test_a_parent_that_is_on_the_list_is_not_added(self):
        graph = "Trigger -> A -> Merge.1; Trigger -> C -> B -> Merge"
        assert order_of(graph, order="v0") == ["Trigger", "A", "C", "B", "Merge"]

    def test_a_branch_that_got_nothing_is_not_forced(self):
        """
        Set ── If ─┬─ true ──┬── A ── Merge.0
                   │         └─────── Merge.1    an empty list arrives here
                   └─ false ─── B
        """
        graph = "Trigger -> If -> A -> Merge; If -> Merge.1; If.1 -> B"
        assert order_of(graph, [{"go": False}], order="v0") == ["Trigger", "If", "B"]

    def test_an_empty_list_goes_into_inputs_above_the_first(self):
        """
        Trigger ─┬─ If ── true ── Merge.1        empty
                 └─────────────── Merge.0
        """
        graph = "Trigger -> If -> Merge.1; Trigger -> Merge"
        transcript = world(graph, order="v0").run([{"go": False}])
        assert transcript.order == ["Trigger", "If", "Merge"]
        assert transcript.outputs("Merge") == [[{"go": False}]]

    def test_the_root_is_left_alone_when_the_node_in_front_had_nothing_for_it(self):
        graph = "Trigger -> If -> Merge.1; If -> A -> B -> Merge; If.1 -> C"
        assert "A" not in order_of(graph, [{"go": False}], order="v0")

    def test_waiting_nodes_run_at_the_end_whatever_they_require(self):
        graph = "Trigger -> If -> A -> Merge; If.1 -> B -> Merge.1"
        transcript = world(graph, order="v0", Merge={"params": {"value": 2}}).run([{"go": True}])
        assert transcript.order[-1] == "Merge"


def test_the_order_is_v0_unless_the_settings_say_v1():
    assert world("Trigger -> A", order="").compiled.is_v1 is False
