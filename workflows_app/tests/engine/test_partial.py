"""Which turns of a former run a new one takes over, and that a run goes on from them as if it had made them."""

from collections.abc import Mapping
from typing import Any

import pytest

from workflows_app.engine import partial
from workflows_app.engine.errors import UserError
from workflows_app.engine.events import ExecutionStarted, NodeRunFailed, NodeRunFinished
from workflows_app.engine.items import Item
from workflows_app.engine.partial import Ran, Takeover, changed_nodes
from workflows_app.engine.plan import compile_workflow
from workflows_app.engine.state import RecordedRun, RunState
from workflows_app.tests.engine.world import Transcript, World, registry, workflow, world

pytestmark = pytest.mark.engine

CHAIN = "Trigger -> A -> B -> C"
FORKED = "Trigger -> If -> A -> Merge; If.1 -> B -> Merge.1; Merge -> C"
LOOP = "Trigger -> Loop; Loop.1 -> A -> Loop; Loop -> Z"


def ran_of(transcript: Transcript) -> tuple[Ran, ...]:
    done = [
        Ran(one.node, one.run_index, one.order, tuple(len(items) for items in one.outputs or ()))
        for one in transcript.of(NodeRunFinished)
    ]
    failed = [Ran(one.node, one.run_index, one.order, failed=True) for one in transcript.of(NodeRunFailed)]
    return tuple(done + failed)


def taken(transcript: Transcript, takeover: Takeover) -> RunState:
    """The state of a run that takes these turns over."""
    wanted = {(one.node, one.run_index) for one in takeover.taken}
    recorded = {
        (one.node, one.run_index): RecordedRun(
            one.node, one.run_index, one.order, lambda made=one: made.outputs, one.sources, context=one.context
        )
        for one in transcript.of(NodeRunFinished)
        if (one.node, one.run_index) in wanted
    }
    return RunState(recorded=recorded, begins=True)


def again(made: World, before: Transcript, takeover: Takeover, **given: Any) -> Transcript:
    return made.run([{"n": 1}], state=taken(before, takeover), allowed=takeover.allowed, **given)


class TestUpTo:
    def test_only_the_destination_runs_when_nothing_changed(self):
        made = world(CHAIN)
        before = made.run([{"n": 1}])
        takeover = partial.up_to(made.compiled, "B", ran_of(before), (), "Trigger")
        assert [one.node for one in takeover.taken] == ["Trigger", "A"]
        assert takeover.live == {"B"}
        after = again(made, before, takeover, destination="B")
        assert after.order == ["B"]
        assert after.outputs("B") == [[{"n": 1}]]

    def test_it_begins_with_a_word_that_it_does(self):
        made = world(CHAIN)
        before = made.run([{"n": 1}])
        takeover = partial.up_to(made.compiled, "B", ran_of(before), (), "Trigger")
        assert len(again(made, before, takeover, destination="B").of(ExecutionStarted)) == 1

    def test_what_changed_runs_again_with_all_that_follows(self):
        made = world(CHAIN, A={"params": {"value": 1}})
        before = made.run([{"n": 1}])
        takeover = partial.up_to(made.compiled, "C", ran_of(before), {"A"}, "Trigger")
        assert again(made, before, takeover, destination="C").order == ["A", "B", "C"]

    def test_what_never_ran_runs_now(self):
        made = world(CHAIN)
        before = made.run([{"n": 1}], destination="A")
        takeover = partial.up_to(made.compiled, "C", ran_of(before), (), "Trigger")
        assert again(made, before, takeover, destination="C").order == ["B", "C"]

    def test_a_branch_that_got_nothing_makes_nothing_stale(self):
        made = world(FORKED)
        before = made.run([{"go": True}])
        assert "B" not in before.order
        takeover = partial.up_to(made.compiled, "C", ran_of(before), (), "Trigger")
        assert again(made, before, takeover, destination="C").order == ["C"]

    def test_a_join_gets_what_is_new_beside_what_is_known(self):
        made = world(FORKED)
        before = made.run([{"go": True}, {"go": False}])
        takeover = partial.up_to(made.compiled, "Merge", ran_of(before), {"B"}, "Trigger")
        after = made.run([{"go": True}, {"go": False}], state=taken(before, takeover), destination="Merge")
        assert after.order == ["B", "Merge"]
        assert after.outputs("Merge") == [[{"go": True}, {"go": False}]]

    def test_a_node_of_a_loop_takes_the_whole_loop_along(self):
        made = world(LOOP)
        before = made.run([{"n": 1}, {"n": 2}])
        takeover = partial.up_to(made.compiled, "A", ran_of(before), (), "Trigger")
        assert [one.node for one in takeover.taken] == ["Trigger"]

    def test_a_failed_node_runs_again(self):
        made = world("Trigger -> Fail -> C", Fail={"params": {"fails": 1}})
        before = made.run([{"n": 1}])
        takeover = partial.up_to(made.compiled, "C", ran_of(before), (), "Trigger")
        assert again(made, before, takeover, destination="C").order == ["Fail", "C"]

    def test_a_node_that_is_not_there_is_named(self):
        with pytest.raises(UserError, match="no node named 'Nope'"):
            partial.up_to(world(CHAIN).compiled, "Nope", (), (), "Trigger")


class TestAlone:
    def test_the_node_runs_on_stale_data_and_nothing_else_does(self):
        made = world(CHAIN)
        before = made.run([{"n": 1}])
        takeover = partial.alone(made.compiled, "C", ran_of(before), {"A"})
        assert takeover.stale == {"A", "B"}
        assert again(made, before, takeover, destination="C").order == ["C"]

    def test_without_data_going_in_there_is_a_word_what_to_do(self):
        made = world(CHAIN)
        before = made.run([{"n": 1}], destination="A")
        with pytest.raises(UserError, match="what goes into 'C'") as caught:
            partial.alone(made.compiled, "C", ran_of(before), ())
        assert caught.value.instance_code == "input_missing"

    def test_a_node_of_a_loop_runs_once(self):
        made = world(LOOP)
        before = made.run([{"n": 1}, {"n": 2}])
        takeover = partial.alone(made.compiled, "A", ran_of(before), ())
        after = made.run([{"n": 1}, {"n": 2}], state=taken(before, takeover), allowed=takeover.allowed, destination="A")
        assert after.order == ["A"]
        assert after.outputs("A") == [[{"n": 1}]]

    def test_the_start_needs_nothing(self):
        made = world(CHAIN)
        assert partial.alone(made.compiled, "Trigger", (), ()).allowed == {"Trigger"}


class TestAfterFailure:
    def test_it_goes_on_where_it_failed_in_the_middle_of_a_loop(self):
        def work(run):
            if run.items[0].json["n"] == 2 and not fixed:
                raise ValueError
            return [run.items]

        fixed: list[bool] = []
        made = world("Trigger -> Loop; Loop.1 -> Do -> Loop; Loop -> Z", functions={"Do": work})
        before = made.run([{"n": 1}, {"n": 2}, {"n": 3}])
        assert before.status == "error"
        fixed.append(True)
        takeover = partial.after_failure(made.compiled, ran_of(before), ())
        after = made.run([{"n": 1}, {"n": 2}, {"n": 3}], state=taken(before, takeover))
        assert after.order == ["Do", "Loop", "Do", "Loop", "Z"]
        assert after.outputs("Z") == [[{"n": 1}, {"n": 2}, {"n": 3}]]

    def test_nodes_that_changed_before_the_failure_run_again(self):
        made = world("Trigger -> A -> Fail", Fail={"params": {"fails": 1}})
        before = made.run([{"n": 1}])
        takeover = partial.after_failure(made.compiled, ran_of(before), {"A", "gone"})
        assert again(made, before, takeover).order == ["A", "Fail"]

    def test_a_run_that_succeeded_has_nothing_to_go_on_from(self):
        made = world(CHAIN)
        with pytest.raises(UserError, match="No node of this run failed"):
            partial.after_failure(made.compiled, ran_of(made.run()), ())


class TestFork:
    def test_other_branches_are_taken_over_whole(self):
        made = world("Trigger -> A -> C; Trigger -> B -> D")
        before = made.run([{"n": 1}])
        takeover = partial.from_turn(made.compiled, ("A", 0), ran_of(before), ())
        after = again(made, before, takeover, edited={("A", 0): [Item(json={"n": 9})]})
        assert after.order == ["A", "C"]
        assert after.outputs("C") == [[{"n": 9}]]
        assert after.pairs("A") == [[(0, 0)]]

    def test_in_a_loop_what_came_before_the_turn_stands(self):
        made = world(LOOP)
        items = [{"n": 1}, {"n": 2}, {"n": 3}]
        before = made.run(items)
        takeover = partial.from_turn(made.compiled, ("A", 1), ran_of(before), ())
        after = made.run(items, state=taken(before, takeover), edited={("A", 1): [Item(json={"n": 9})]})
        assert after.order == ["A", "Loop", "A", "Loop", "Z"]
        assert after.outputs("Z") == [[{"n": 1}, {"n": 9}, {"n": 3}]]

    @pytest.mark.parametrize("at", [("A", 5), ("Nope", 0)])
    def test_a_turn_that_never_was_is_refused(self, at: tuple[str, int]):
        made = world(CHAIN)
        with pytest.raises(UserError, match=f"no turn {at[1]} of '{at[0]}'"):
            partial.from_turn(made.compiled, at, ran_of(made.run()), ())


BASIC: Mapping[str, Any] = {"A": {"params": {"value": 1}}, "pinData": {"C": [{"x": 1}]}}


@pytest.mark.parametrize(
    "text, changes, changed",
    [
        (CHAIN, {}, set()),
        (CHAIN, {"at": {"A": (9, 9)}}, set()),
        (CHAIN, {"A": {"params": {"value": 1}, "notes": "read me"}}, set()),
        (CHAIN, {"A": {"params": {"value": 2}}}, {"A"}),
        (CHAIN, {"A": {"params": {"value": 1}, "disabled": True}}, {"A"}),
        (CHAIN, {"pinData": {"C": [{"x": 2}]}}, {"C"}),
        ("Trigger -> A -> B -> C; Trigger -> C", {}, {"C"}),
        ("Trigger -> A -> B -> C -> D", {}, {"D"}),
        (CHAIN, {"order": "v0"}, {"Trigger", "A", "B", "C"}),
    ],
)
def test_a_node_has_changed_if_its_output_may_be_another(text: str, changes: dict[str, Any], changed: set[str]):
    now = workflow(text, **{**BASIC, **changes})
    assert changed_nodes(workflow(CHAIN, **BASIC), now) == changed


def test_pinned_output_says_so():
    made = World(compile_workflow(workflow(CHAIN), registry()))
    transcript = made.run(pinned={"A": [Item(json={"p": 1})]})
    assert {one.node: one.origin for one in transcript.of(NodeRunFinished)} == {
        "Trigger": "", "A": "pinned", "B": "", "C": ""
    }  # fmt: skip
