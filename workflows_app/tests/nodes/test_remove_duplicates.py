"""Remove Duplicates over many runs: the node's side of it, with a memory that outlives a run."""

from typing import Any

import pytest

from workflows_app.engine.items import JsonObject
from workflows_app.tests.nodes.support import Result, World, one_node

pytestmark = pytest.mark.nodes

EARLIER = {"operation": "removeItemsSeenInPreviousExecutions"}
BY_VALUE = {**EARLIER, "dedupeValue": "={{ $json.id }}"}
BY_NUMBER = {
    **EARLIER,
    "logic": "removeItemsUpToStoredIncrementalKey",
    "incrementalDedupeValue": "={{ $json.id }}",
}
BY_DATE = {**EARLIER, "logic": "removeItemsUpToStoredDate", "dateDedupeValue": "={{ $json.at }}"}


def dedupe(world: World, parameters: JsonObject, *items: JsonObject, **extra: Any) -> Result:
    return one_node("removeDuplicates", 2, parameters, [list(items)], world=world, **extra)


def ids(result: Result, output: int = 0) -> list[Any]:
    return [item["id"] for item in result.json("Node", output)]


def test_values_of_earlier_runs_go_to_the_second_output():
    world = World()
    dedupe(world, BY_VALUE, {"id": 1}, {"id": "a"})
    second = dedupe(world, BY_VALUE, {"id": "a"}, {"id": 2}, {"id": 1})
    assert (ids(second), ids(second, 1)) == ([2], ["a", 1])


def test_a_value_that_is_twice_in_one_run_is_new_both_times():
    assert ids(dedupe(World(), BY_VALUE, {"id": 1}, {"id": 1})) == [1, 1]


def test_numbers_are_new_above_the_highest_of_earlier_runs():
    world = World()
    assert ids(dedupe(world, BY_NUMBER, {"id": 5}, {"id": 3})) == [5, 3]
    second = dedupe(world, BY_NUMBER, {"id": 6}, {"id": 5}, {"id": "7"})
    assert (ids(second), ids(second, 1)) == ([6, "7"], [5])


def test_dates_are_compared_as_moments_in_the_zone_of_the_workflow():
    world = World()
    settings = {"timezone": "Europe/Vienna"}
    dedupe(world, BY_DATE, {"id": 1, "at": "2026-03-01T10:00:00Z"}, settings=settings)
    later = {"id": 2, "at": "2026-03-01T11:00:01"}
    same = {"id": 3, "at": "2026-03-01 11:00:00"}
    assert ids(dedupe(world, BY_DATE, later, same, settings=settings)) == [2]


def test_the_history_of_a_workflow_is_shared_and_that_of_a_node_is_not():
    world = World()
    shared = {**BY_VALUE, "options": {"scope": "workflow"}}
    dedupe(world, shared, {"id": 1})
    assert ids(dedupe(world, BY_VALUE, {"id": 1})) == [1]
    assert ids(dedupe(world, shared, {"id": 1})) == []
    assert set(world.memory.kept) == {"workflow", "node:Node"}


def test_a_cleared_history_knows_nothing_and_the_items_go_on():
    world = World()
    dedupe(world, BY_VALUE, {"id": 1})
    assert ids(dedupe(world, {"operation": "clearDeduplicationHistory"}, {"id": 9})) == [9]
    assert ids(dedupe(world, BY_VALUE, {"id": 1})) == [1]


def test_a_hint_tells_that_the_history_is_filling_up():
    result = dedupe(World(), {**BY_VALUE, "options": {"historySize": 3}}, {"id": 1}, {"id": 2})
    assert any("2 of 3 values" in hint for event in result.events for hint in getattr(event, "hints", ()))


@pytest.mark.parametrize(
    "parameters, item, words",
    [
        (BY_NUMBER, {"id": "x"}, "'x' is not a number"),
        (BY_NUMBER, {"id": None}, "is not a number"),
        (BY_DATE, {"at": "someday"}, "'someday' is not a date"),
        ({**BY_VALUE, "options": {"historySize": 0}}, {"id": 1}, "historySize"),
    ],
)
def test_what_cannot_be_compared_is_named(parameters: JsonObject, item: JsonObject, words: str):
    result = dedupe(World(), parameters, item)
    assert result.status == "error"
    assert words in str(result.error)


def test_more_values_than_the_history_holds_are_refused():
    result = dedupe(World(), {**BY_VALUE, "options": {"historySize": 1}}, {"id": 1}, {"id": 2})
    assert "only 1 are remembered" in str(result.error)
