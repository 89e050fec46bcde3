"""A run that stopped in the middle goes on: what is on record is replayed, not run again."""

import pytest

from workflows_app.engine.errors import Canceled
from workflows_app.engine.events import (
    ExecutionFinished,
    ExecutionStarted,
    ExecutionWaiting,
    NodeRunFailed,
    NodeRunFinished,
    NodeRunStarted,
)
from workflows_app.engine.items import Item, outputs_from_json, outputs_to_json
from workflows_app.engine.node_type import Pause
from workflows_app.engine.run import run
from workflows_app.engine.state import RecordedRun, Resume, RunState
from workflows_app.tests.engine.world import START, Transcript, world

pytestmark = pytest.mark.engine

LOOP = "Trigger -> Loop; Loop.1 -> A -> Loop; Loop -> End"
JOIN = "Trigger -> If -> A -> Merge; If.1 -> B -> Merge.1; Merge -> End"


def record(events, *, counts=False, loads=None) -> dict[tuple[str, int], RecordedRun]:
    """What a recorder keeps of the events, outputs as JSON; `loads` gathers what is loaded again."""
    found = {}
    for event in events:
        if isinstance(event, NodeRunFinished):
            raw = outputs_to_json(event.outputs)

            def load(raw=raw, node=event.node):
                if loads is not None:
                    loads.append(node)
                return outputs_from_json(raw)

            found[event.node, event.run_index] = RecordedRun(
                node=event.node,
                run_index=event.run_index,
                order=event.order,
                load=load,
                sources=event.sources,
                error=event.error,
                context=event.context,
                counts=tuple(len(items) for items in event.outputs) if counts and event.outputs is not None else None,
            )
        elif isinstance(event, NodeRunFailed):
            found[event.node, event.run_index] = RecordedRun(
                event.node, event.run_index, event.order, lambda: None, event.sources, event.error, failed=True
            )
    return found


def until(made, stop: int, items):
    """The first `stop` finished turns of a run, as a crash would leave them."""
    kept = []
    for event in run(made.plan(items), made.all_ports()):
        if isinstance(event, NodeRunFinished):
            kept.append(event)
        if len(kept) == stop:
            break
    return kept


@pytest.mark.parametrize("counts", [False, True], ids=["plain", "with counts"])
@pytest.mark.parametrize("graph", [LOOP, JOIN], ids=["loop", "join"])
@pytest.mark.parametrize("order", ["v0", "v1"])
@pytest.mark.parametrize("stop", range(1, 8))
def test_after_a_crash_at_any_point_the_rest_is_as_if_nothing_had_happened(graph, order, stop, counts):
    items = [{"n": 1}, {"n": 2, "go": False}]
    whole = world(graph, order=order).run(items)
    made = world(graph, order=order)
    state = RunState(recorded=record(until(made, stop, items), counts=counts))
    rest = made.run(items, state=state)
    turns = lambda transcript: [(e.node, e.run_index, e.order) for e in transcript.of(NodeRunFinished)]  # noqa: E731
    assert turns(rest) == turns(whole)[stop:]
    assert rest.events[-1].outputs == whole.events[-1].outputs
    assert rest.outputs("End") == whole.outputs("End") if stop < len(turns(whole)) else True


def test_what_is_replayed_makes_no_event():
    made = world("Trigger -> A -> B")
    rest = made.run([{}], state=RunState(recorded=record(until(made, 2, [{}]))))
    assert rest.kinds == ["NodeRunStarted", "NodeRunFinished", "ExecutionFinished"]


def test_nothing_is_loaded_just_to_find_the_next_node():
    loads = []
    made = world("Trigger -> A -> B -> C")
    recorded = record(until(made, 3, [{"n": 1}]), counts=True, loads=loads)
    rest = made.run([{"n": 1}], state=RunState(recorded=recorded))
    assert rest.outputs("C") == [[{"n": 1}]]
    assert loads == ["B"]


def test_expressions_load_what_they_read():
    loads = []
    made = world("Trigger -> A -> B -> C", C={"params": {"value": "={{ $('A').item.json.n }}"}})
    recorded = record(until(made, 3, [{"n": 1}]), counts=True, loads=loads)
    rest = made.run([{"n": 1}], state=RunState(recorded=recorded))
    assert rest.outputs("C") == [[{"n": 1, "C": 1}]]
    assert loads == ["B", "A"]


def test_a_turn_without_data_is_replayed_as_such():
    made = world("Trigger -> Do -> A; Trigger -> B", functions={"Do": lambda _: None}, at={"Do": (0, 0)})
    rest = made.run([{}], state=RunState(recorded=record(until(made, 2, [{}]))))
    assert rest.order == ["B"]


def test_a_recorded_failure_only_has_its_end_left_to_say():
    made = world("Trigger -> Fail", Fail={"params": {"fails": -1}})
    first = made.run([{}])
    rest = made.run([{}], state=RunState(recorded=record(first.events)))
    assert rest.kinds == ["ExecutionFinished"]
    assert (rest.status, rest.error["message"], rest.events[0].last_node) == ("error", "it failed", "Fail")


def test_a_recorded_error_that_was_passed_over_still_decides_the_end():
    made = world("Trigger -> Fail", Fail={"params": {"fails": -1}, "onError": "continueRegularOutput"})
    rest = made.run([{}], state=RunState(recorded=record(made.run([{}]).events)))
    assert rest.status == "error"


def test_a_run_that_had_finished_says_its_end_again():
    made = world("Trigger -> A")
    whole = made.run([{"n": 1}])
    rest = made.run([{"n": 1}], state=RunState(recorded=record(whole.events)))
    assert rest.events == [whole.events[-1]]


class TestWaiting:
    def pausing(self, **given):
        def work(run):
            if run.is_resumed:
                return [run.resumed_with if run.resumed_with is not None else run.items]
            return Pause("time", resume_at=START)

        return world("Trigger -> A -> Do -> B", functions={"Do": work}, **given)

    def test_a_pause_ends_the_pulling(self):
        transcript = self.pausing().run([{"n": 1}])
        waiting = transcript.events[-1]
        assert isinstance(waiting, ExecutionWaiting)
        assert (waiting.node, waiting.run_index, waiting.order, waiting.reason) == ("Do", 0, 2, "time")
        assert waiting.resume_at == START

    def test_it_goes_on_where_it_waited(self):
        made = self.pausing()
        recorded = record(made.run([{"n": 1}]).events)
        rest = made.run([{"n": 1}], state=RunState(recorded, resume=Resume("Do", 0, START)))
        assert rest.order == ["Do", "B"]
        assert rest.of(NodeRunStarted)[0].order == 2
        assert rest.outputs("B") == [[{"n": 1}]]

    def test_items_may_come_with_the_call_that_ends_the_wait(self):
        made = self.pausing()
        recorded = record(made.run([{"n": 1}]).events)
        resume = Resume("Do", 0, START, items=[Item({"answer": "yes"})])
        assert made.run([{"n": 1}], state=RunState(recorded, resume=resume)).outputs("B") == [[{"answer": "yes"}]]

    def test_another_turn_of_the_node_is_not_resumed(self):
        made = self.pausing()
        rest = made.run([{}], state=RunState(record(until(made, 2, [{}])), resume=Resume("Do", 4, START)))
        assert rest.status == "waiting"


class TestUnknownOutcome:
    """The worker died while a turn was out in the world."""

    STOP = {"pumpflix": {"onCrash": "stop"}}

    def state(self, made, **given):
        return RunState(record(until(made, 1, [{"n": 1}])), unknown=frozenset({("A", 0)}), **given)

    def test_by_default_the_turn_is_made_again(self):
        made = world("Trigger -> A -> B")
        assert made.run([{"n": 1}], state=self.state(made)).order == ["A", "B"]

    def test_a_node_set_to_stop_waits_for_a_decision(self):
        made = world("Trigger -> A -> B", A=self.STOP)
        waiting = made.run([{"n": 1}], state=self.state(made)).events[-1]
        assert (waiting.reason, waiting.node) == ("outcome_unknown", "A")
        assert (waiting.resume_at - START).days == 30

    @pytest.mark.parametrize(
        "decision,items,expected,skipped",
        [
            ("run", None, {"n": 1, "A": "ran"}, False),
            ("happened", None, {"n": 1}, False),
            ("happened", [Item({"sent": True})], {"sent": True}, False),
            ("skip", None, {"n": 1}, True),
        ],
        ids=["run", "happened", "happened with items", "skip"],
    )
    def test_the_decision_is_followed(self, decision, items, expected, skipped):
        made = world("Trigger -> A -> B", A={**self.STOP, "params": {"value": "ran"}})
        resume = Resume("A", 0, START, items=items, decision=decision)
        rest = made.run([{"n": 1}], state=self.state(made, resume=resume))
        assert rest.outputs("B") == [[expected]]
        assert rest.finished("A").skipped is skipped


class TestOffload:
    def test_committed_outputs_leave_memory_and_are_loaded_when_read(self):
        made = world("Trigger -> A -> B -> C", C={"params": {"value": "={{ $('A').first().json.n }}"}})
        state, loads, events = RunState(), [], []
        for event in run(made.plan([{"n": 1}]), made.all_ports(), state):
            events.append(event)
            if isinstance(event, NodeRunFinished) and event.node == "A":
                state.offloaded["A", 0] = lambda: loads.append("A") or [[Item({"n": 1})]]
                state.offloaded["gone", 0] = lambda: None
        assert Transcript(events).outputs("C") == [[{"n": 1, "C": 1}]]
        assert loads == ["A"]
        assert state.offloaded == {}


class TestCancel:
    def test_no_further_node_begins(self):
        canceled = []
        made = world("Trigger -> Do -> A", functions={"Do": lambda run: canceled.append(1) or [run.items]})
        made.ports["is_canceled"] = lambda: bool(canceled)
        transcript = made.run()
        assert transcript.order == ["Trigger", "Do"]
        assert transcript.status == "canceled"

    def test_a_node_may_be_ended_in_the_middle(self):
        def work(run):
            raise Canceled

        transcript = world("Trigger -> Do -> A", functions={"Do": work}).run()
        assert transcript.status == "canceled"
        assert transcript.kinds[-2:] == ["NodeRunStarted", "ExecutionFinished"]

    def test_a_long_node_can_ask(self):
        asked = []
        made = world("Trigger -> Do", functions={"Do": lambda run: asked.append(run.cancelled()) or [run.items]})
        made.run()
        assert asked == [False]


def test_the_whole_story_of_a_run():
    transcript = world("Trigger -> A").run([{"n": 1}])
    assert transcript.kinds == [
        "ExecutionStarted",
        "NodeRunStarted",
        "NodeRunFinished",
        "NodeRunStarted",
        "NodeRunFinished",
        "ExecutionFinished",
    ]
    end = transcript.of(ExecutionFinished)[0]
    assert (end.status, end.last_node, end.outputs) == ("success", "A", [transcript.items("A")])
    assert transcript.of(NodeRunStarted)[1].items_in == (1,)
    assert isinstance(transcript.events[0], ExecutionStarted)
