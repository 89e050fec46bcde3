"""What earlier runs have met: one contract for the database and for memory, and what only the database promises."""

import threading
from collections.abc import Iterator

import pytest

from executions_app.adapters.seen import SeenAdapter
from executions_app.adapters.seen_in_memory import MemorySeen
from executions_app.models import Execution
from executions_app.runner.execute import open_session
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, elsewhere, expire
from workflows_app.engine.errors import LeaseLost, UserError
from workflows_app.engine.ports import CallSite, Seen
from workflows_app.models import SeenHistory, SeenValue

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

SCOPE = "node:Seen"


def site(run: int) -> CallSite:
    return CallSite("Seen", run, 0, 0)


def again(execution: Execution) -> Execution:
    """A later run of the same workflow."""
    return Execution.objects.create(
        team=execution.team, workflow=execution.workflow, version=execution.version, mode="manual", start_node="Start"
    )


@pytest.fixture(params=["database", "memory"])
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    if request.param == "memory":
        yield MemorySeen()
        return
    parts = request.getfixturevalue("parts")
    yield SeenAdapter(parts.open(execution_of()))


def test_a_value_is_new_once(seen: Seen) -> None:
    assert seen.values(site(0), SCOPE, ["a", "b", "a"], limit=10).is_new == (True, True, True)
    answer = seen.values(site(1), SCOPE, ["b", "c"], limit=10)
    assert (answer.is_new, answer.kept) == ((False, True), 3)


def test_the_oldest_values_are_forgotten_beyond_the_limit(seen: Seen) -> None:
    seen.values(site(0), SCOPE, ["a", "b"], limit=2)
    assert seen.values(site(1), SCOPE, ["c"], limit=2).kept == 2
    assert seen.values(site(2), SCOPE, ["a", "b", "c"], limit=2).is_new == (True, False, False)


def test_numbers_are_new_above_the_highest(seen: Seen) -> None:
    assert seen.latest(site(0), SCOPE, "number", [3, 5]).is_new == (True, True)
    assert seen.latest(site(1), SCOPE, "number", [4, 5, 6, 6]).is_new == (False, False, True, True)
    assert seen.latest(site(2), SCOPE, "number", []).is_new == ()
    assert seen.latest(site(3), SCOPE, "number", [6]).is_new == (False,)


def test_scopes_know_nothing_of_each_other_and_can_be_cleared(seen: Seen) -> None:
    seen.values(site(0), SCOPE, ["a"], limit=10)
    assert seen.values(site(1), "workflow", ["a"], limit=10).is_new == (True,)
    seen.clear(site(2), SCOPE)
    assert seen.values(site(3), SCOPE, ["a"], limit=10).is_new == (True,)
    assert seen.values(site(4), "workflow", ["a"], limit=10).is_new == (False,)


def test_a_history_of_another_kind_is_refused(seen: Seen) -> None:
    seen.values(site(0), SCOPE, ["a"], limit=10)
    with pytest.raises(UserError, match="another rule"):
        seen.latest(site(1), SCOPE, "date", [1.0])
    seen.clear(site(2), SCOPE)
    assert seen.latest(site(3), SCOPE, "date", [1.0]).is_new == (True,)


def test_a_later_run_of_the_workflow_remembers_and_another_workflow_does_not(parts: Parts) -> None:
    first = execution_of()
    SeenAdapter(parts.open(first)).values(site(0), SCOPE, ["a"], limit=10)
    assert SeenAdapter(parts.open(again(first))).values(site(0), SCOPE, ["a"], limit=10).is_new == (False,)
    assert SeenAdapter(parts.open(execution_of())).values(site(0), SCOPE, ["a"], limit=10).is_new == (True,)


def test_a_repeat_after_a_crash_answers_as_the_first_time(parts: Parts) -> None:
    execution = execution_of()
    session = parts.open(execution)
    first = SeenAdapter(session).values(site(0), SCOPE, ["a", "b"], limit=10)
    SeenAdapter(session).latest(CallSite("Other", 0, 0, 0), "node:Other", "number", [7])
    session.lose()
    expire(execution)
    (claim,) = parts.claimer.expired(1)
    repeated = SeenAdapter(open_session(claim, parts.writer)[0])
    assert repeated.values(site(0), SCOPE, ["a", "b"], limit=10) == first
    assert repeated.latest(CallSite("Other", 0, 0, 0), "node:Other", "number", [7]).is_new == (True,)
    assert SeenValue.objects.count() == 2


def test_a_zombie_remembers_nothing(parts: Parts) -> None:
    execution = execution_of()
    session = parts.open(execution)
    session.barrier(site(0))
    elsewhere(execution)
    with pytest.raises(LeaseLost):
        SeenAdapter(session).values(site(0), SCOPE, ["a"], limit=10)
    assert not SeenHistory.objects.exists()


def test_of_two_runs_at_once_one_finds_the_value_new(parts: Parts) -> None:
    first = execution_of()
    ports = [SeenAdapter(parts.open(first)), SeenAdapter(parts.open(again(first)))]
    start = threading.Barrier(2)
    found: list[int] = []

    def look(port: SeenAdapter) -> None:
        start.wait()
        for number in range(20):
            keys = [f"{number}-{place}" for place in range(25)]
            found.append(sum(port.values(CallSite("Seen", number, 0, 0), SCOPE, keys, limit=1000).is_new))

    threads = [threading.Thread(target=look, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 500
    assert SeenValue.objects.count() == 500
