"""Switches a node has: disabled, pinned, once only, output in any case."""

import pytest

from workflows_app.engine.items import Item, PairedItem
from workflows_app.tests.engine.world import order_of, world

pytestmark = pytest.mark.engine

TWO = [{"n": 1}, {"n": 2}]


class TestDisabled:
    def test_items_pass_through(self):
        transcript = world("Trigger -> Fail -> A", Fail={"disabled": True, "params": {"fails": -1}}).run(TWO)
        assert transcript.outputs("A") == [TWO]
        assert transcript.finished("Fail").skipped

    def test_only_the_first_input_does(self):
        graph = "Trigger -> A -> Merge; Trigger -> B -> Merge.1"
        transcript = world(graph, Merge={"disabled": True}).run(TWO)
        assert transcript.outputs("Merge") == [TWO]


class TestPinned:
    def test_pinned_items_take_the_place_of_the_node(self):
        pinned = {"Fail": [Item(json={"pinned": True})]}
        transcript = world("Trigger -> Fail -> A", Fail={"params": {"fails": -1}}).run(TWO, pinned=pinned)
        assert transcript.outputs("A") == [[{"pinned": True}]]

    def test_they_are_paired_where_that_is_certain(self):
        pinned = {"A": [Item(json={}), Item(json={})]}
        assert world("Trigger -> A").run([{}], pinned=pinned).pairs("A") == [[(0, 0)], [(0, 0)]]

    def test_a_disabled_node_is_not_pinned(self):
        pinned = {"A": [Item(json={"pinned": True})]}
        assert world("Trigger -> A", A={"disabled": True}).run(TWO, pinned=pinned).outputs("A") == [TWO]

    def test_an_unknown_type_may_be_pinned(self):
        pinned = {"A": [Item(json={"pinned": True})]}
        assert world("Trigger -> A", A={"type": "vendor.gone"}).run(pinned=pinned).status == "success"


class TestExecuteOnce:
    def test_the_node_sees_one_item_of_each_input(self):
        assert world("Trigger -> A", A={"executeOnce": True}).run(TWO).outputs("A") == [[{"n": 1}]]

    def test_expressions_see_it_too(self):
        made = world(
            "Trigger -> A", code={"$input.all().length": lambda call, _: call.data.count(b'"n":')},
            A={"executeOnce": True, "params": {"value": "={{ $input.all().length }}"}},
        )  # fmt: skip
        assert made.run(TWO).outputs("A") == [[{"n": 1, "A": 1}]]


class TestAlwaysOutputData:
    ALWAYS = {"alwaysOutputData": True}

    def test_an_empty_output_becomes_one_empty_item_paired_with_all_input(self):
        transcript = world("Trigger -> If -> A", If=self.ALWAYS).run([{"go": False}, {"go": False}])
        assert transcript.outputs("If")[0] == [{}]
        assert transcript.pairs("If") == [[(0, 0), (0, 1)]]
        assert transcript.order == ["Trigger", "If", "A"]

    def test_other_outputs_keep_what_they_have(self):
        transcript = world("Trigger -> If -> A; If.1 -> B", If=self.ALWAYS).run([{"go": False}])
        assert transcript.outputs("If") == [[{}], [{"go": False}]]

    def test_an_output_with_items_stays_as_it_is(self):
        assert world("Trigger -> A", A=self.ALWAYS).run(TWO).outputs("A") == [TWO]

    def test_a_node_that_returns_nothing_gives_the_empty_item_too(self):
        made = world("Trigger -> Do -> A", functions={"Do": lambda _: None}, Do=self.ALWAYS)
        assert made.run(TWO).outputs("A") == [[{}]]

    def test_an_empty_pinned_output_does_too(self):
        assert world("Trigger -> A", A=self.ALWAYS).run(TWO, pinned={"A": []}).outputs("A") == [[{}]]


class TestNothing:
    def test_a_node_that_returns_nothing_leaves_no_data_and_ends_its_branch(self):
        transcript = world("Trigger -> Do -> A", functions={"Do": lambda _: None}).run()
        assert transcript.order == ["Trigger", "Do"]
        assert transcript.outputs("Do") is None
        assert transcript.status == "success"

    def test_a_node_without_input_items_does_not_run(self):
        """In order v0 the first input of a join may stay empty: then there is nothing to run on."""
        graph = "Trigger -> If -> Merge; Trigger -> A -> Merge.1"
        transcript = world(graph, order="v0", If={"alwaysOutputData": False}).run([{"go": False}])
        assert transcript.order[-1] == "Merge"
        assert transcript.outputs("Merge") is None

    def test_joins_still_run_when_the_last_node_returned_nothing(self):
        graph = "Trigger -> Do; Trigger -> A -> Merge; B -> Merge.1"
        order = order_of(graph, functions={"Do": lambda _: None}, at={"A": (0, 0), "Do": (0, 900), "Merge": (0, 0)})
        assert order == ["Trigger", "A", "Do", "Merge"]


class TestPairing:
    def test_inputs_are_renumbered_before_every_node(self):
        functions = {"Do": lambda run: [run.items[1:]], "Do2": lambda run: [run.items]}
        transcript = world("Trigger -> Do -> Do2", functions=functions).run(TWO)
        assert transcript.pairs("Do") == [[(0, 1)]]
        assert transcript.pairs("Do2") == [[(0, 0)]]

    def test_the_second_input_is_named(self):
        transcript = world("Trigger -> A -> Merge; Trigger -> B -> Merge.1").run([{}])
        assert transcript.pairs("Merge") == [[(0, 0)], [(1, 0)]]

    def test_new_items_of_a_single_input_item_all_come_from_it(self):
        transcript = world("Trigger -> Do", functions={"Do": lambda _: [[Item({}), Item({})], [Item({})]]}).run([{}])
        assert transcript.pairs("Do") == [[(0, 0)], [(0, 0)]]
        assert transcript.pairs("Do", output=1) == [[(0, 0)]]

    def test_as_many_new_items_as_input_items_are_paired_by_place(self):
        transcript = world("Trigger -> Do", functions={"Do": lambda _: [[Item({}), Item({})]]}).run(TWO)
        assert transcript.pairs("Do") == [[(0, 0)], [(0, 1)]]

    @pytest.mark.parametrize("made", [[[Item({})]], [[Item({}), Item({})], []]], ids=["other count", "several outputs"])
    def test_otherwise_the_link_is_not_known(self, made):
        transcript = world("Trigger -> Do", functions={"Do": lambda _: made}).run(TWO)
        assert transcript.pairs("Do") == [None] * len(made[0])

    def test_links_a_node_gives_are_kept(self):
        made = [[Item({}, paired=(PairedItem(1),)), Item({})]]
        transcript = world("Trigger -> Do", functions={"Do": lambda _: made}).run(TWO)
        assert transcript.pairs("Do") == [[(0, 1)], [(0, 1)]]

    def test_places_beyond_the_cached_ones_are_right_too(self):
        many = [{"n": n} for n in range(2500)]
        assert world("Trigger -> A").run(many).pairs("A")[2400] == [(0, 2400)]
