"""Labels: what a run notes beside itself is seen by later nodes, bounded, and known again after a crash."""

import pytest

from workflows_app.engine.events import NodeRunFinished
from workflows_app.engine.node_type import NodeRun, Outputs
from workflows_app.engine.state import RecordedRun, RunState
from workflows_app.tests.engine.world import AnyParams, Transcript, world

pytestmark = pytest.mark.engine


def noting(**labels: str):
    def work(run: NodeRun[AnyParams]) -> Outputs:
        for key, value in labels.items():
            run.label(key, value)
        return [run.items]

    return work


def seen_by(known: dict[str, str]):
    def work(run: NodeRun[AnyParams]) -> Outputs:
        known.update(run.known_labels)
        return [run.items]

    return work


def labels_of(transcript: Transcript) -> dict[str, object]:
    return {event.node: dict(event.labels) for event in transcript.of(NodeRunFinished) if event.labels}


def test_a_turn_says_what_it_noted_and_later_nodes_know_all():
    known: dict[str, str] = {}
    functions = {"Do1": noting(a="1", b="2"), "Do2": noting(b="3"), "Do3": seen_by(known)}
    transcript = world("Trigger -> Do1 -> Do2 -> Do3", functions=functions).run()
    assert labels_of(transcript) == {"Do1": {"a": "1", "b": "2"}, "Do2": {"b": "3"}}
    assert known == {"a": "1", "b": "3"}


def test_a_run_has_at_most_ten():
    functions = {
        "Do1": noting(**{f"k{number}": "x" for number in range(9)}),
        "Do2": noting(k0="y", new="1", late="2"),
    }
    transcript = world("Trigger -> Do1 -> Do2", functions=functions).run()
    assert labels_of(transcript)["Do2"] == {"k0": "y", "new": "1"}


def test_expressions_read_them():
    code = {"$execution.customData.get('a')": lambda call, _: call.data.decode().count('"customData":{"a":"1"}')}
    functions = {"Do": noting(a="1")}
    parameters = {"value": "={{ $execution.customData.get('a') }}"}
    transcript = world("Trigger -> Do -> A", functions=functions, code=code, A={"parameters": parameters}).run()
    assert transcript.outputs("A") == [[{"A": 1}]]


def test_a_retry_does_not_keep_what_a_failed_try_noted():
    tries: list[int] = []

    def work(run: NodeRun[AnyParams]) -> Outputs:
        tries.append(1)
        run.label(f"try{len(tries)}", "x")
        if len(tries) == 1:
            raise ValueError
        return [run.items]

    settings = {"retryOnFail": True, "waitBetweenTries": 0}
    transcript = world("Trigger -> Do", functions={"Do": work}, Do=settings).run()
    assert labels_of(transcript) == {"Do": {"try2": "x"}}


def test_after_a_crash_the_recorded_ones_are_known_again():
    known: dict[str, str] = {}
    first = world("Trigger -> Do1 -> Do2", functions={"Do1": noting(a="1"), "Do2": seen_by({})}).run()
    recorded = {
        (event.node, 0): RecordedRun(event.node, 0, event.order, lambda e=event: e.outputs, context=event.context)
        for event in first.of(NodeRunFinished)[:2]
    }
    functions = {"Do1": noting(), "Do2": seen_by(known)}
    world("Trigger -> Do1 -> Do2", functions=functions).run(state=RunState(recorded=recorded))
    assert known == {"a": "1"}
