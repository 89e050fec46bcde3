"""Results kept for a while: when a node is not run again, and when it is."""

from typing import Any

import pytest

from workflows_app.engine.events import LogWritten
from workflows_app.engine.items import Outputs
from workflows_app.engine.node_type import NodeRun, Pause
from workflows_app.engine.ports import KeptResult
from workflows_app.engine.result_cache import may_be_kept, time_to_live_s
from workflows_app.tests.engine.world import START, AnyParams, Merge, Transcript, Trigger, World, world

pytestmark = pytest.mark.engine

CACHED = {"pumpflix": {"cacheS": 60}}


class Shelf:
    """Keeps results under their key; time stands still."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptResult] = {}
        self.ttls: list[float] = []

    def get(self, key: str) -> KeptResult | None:
        return self.kept.get(key)

    def put(self, key: str, node: str, outputs: Outputs, ttl_s: float) -> None:
        self.kept[key] = KeptResult(outputs, START)
        self.ttls.append(ttl_s)


class Counted:
    """A node's work that counts how often it is done."""

    def __init__(self, does: Any = None) -> None:
        self.count = 0
        self.does = does

    def __call__(self, run: NodeRun[AnyParams]) -> Outputs | Pause | None:
        self.count += 1
        return self.does(run) if self.does else [run.items]


def made(work: Counted, shelf: Shelf, graph: str = "Trigger -> Do -> A", **nodes: Any) -> World:
    nodes.setdefault("Do", CACHED)
    return world(graph, functions={"Do": work}, ports={"results": shelf}, **nodes)


def origin(transcript: Transcript) -> str:
    return transcript.finished("Do").origin


def test_the_same_input_is_not_worked_on_again():
    work, shelf = Counted(), Shelf()
    first = made(work, shelf).run([{"n": 1}, {"n": 2}])
    second = made(work, shelf).run([{"n": 1}, {"n": 2}])
    assert (work.count, origin(first), origin(second)) == (1, "", "cache")
    assert second.outputs("A") == [[{"n": 1}, {"n": 2}]]
    assert second.pairs("Do") == [[(0, 0)], [(0, 1)]]
    assert [event.text for event in second.of(LogWritten)] == [
        "Taken from the cache: the same input gave this 0 s ago."
    ]
    assert shelf.ttls == [60]


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"n": 3}]},
        {"Do": {**CACHED, "params": {"value": 2}}},
        {"Do": {**CACHED, "typeVersion": 2}},
        {"Do": {**CACHED, "credentials": {"api": {"id": "7"}}}},
        {"Do": {**CACHED, "executeOnce": True}},
        {"id": "other"},
    ],
    ids=["items", "parameters", "version", "credential", "once", "workflow"],
)
def test_whatever_it_depends_on_makes_it_work_again(change: dict[str, Any]):
    work, shelf = Counted(), Shelf()
    made(work, shelf).run([{"n": 1}])
    items = change.pop("items", [{"n": 1}])
    made(work, shelf, **change).run(items)
    assert work.count == 2


def test_an_expression_counts_by_its_value():
    work, shelf = Counted(), Shelf()
    parameters = {**CACHED, "params": {"value": "={{ $json.n }}"}}
    for number in (1, 1, 2):
        made(work, shelf, Do=parameters).run([{"n": number}])
    assert work.count == 2


def failing(_: NodeRun[AnyParams]) -> Outputs:
    raise ValueError


def remembering(run: NodeRun[AnyParams]) -> Outputs:
    run.context["seen"] = 1
    return [run.items]


@pytest.mark.parametrize(
    "does, node",
    [
        (failing, {**CACHED, "onError": "continueRegularOutput"}),
        (remembering, CACHED),
        (lambda run: None, CACHED),
        (lambda run: [run.items], {}),
        (lambda run: [run.items], {"pumpflix": {"cacheS": 0}}),
        (lambda run: [run.items], {"pumpflix": {"cacheS": "long"}}),
    ],
    ids=["failed", "with state", "nothing", "not asked for", "no time", "nonsense"],
)
def test_what_may_not_be_kept_is_not(does: Any, node: dict[str, Any]):
    work, shelf = Counted(does), Shelf()
    for _ in range(2):
        made(work, shelf, Do=node).run([{"n": 1}])
    assert (work.count, shelf.kept) == (2, {})


def test_without_a_place_to_keep_it_the_node_just_runs():
    work = Counted()
    for _ in range(2):
        world("Trigger -> Do", functions={"Do": work}, Do=CACHED).run([{"n": 1}])
    assert work.count == 2


def test_triggers_and_joins_without_side_effects():
    assert not may_be_kept(Trigger())
    assert not may_be_kept(None)
    assert may_be_kept(Merge())


def test_nothing_is_kept_longer_than_a_month():
    compiled = world("Trigger -> A", A={"pumpflix": {"cacheS": 10**9}}).compiled
    assert time_to_live_s(compiled.nodes["A"]) == 30 * 24 * 3600
