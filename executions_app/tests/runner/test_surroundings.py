"""What a worker knows of the others, and does for them."""

import pytest

from executions_app import database
from executions_app.database import pool
from executions_app.models import Execution
from executions_app.runner.consumption import Consumption
from executions_app.runner.surroundings import Surroundings
from executions_app.tests.factories import ExecutionFactory, VersionFactory, execution_of
from executions_app.tests.parts import Parts
from workflows_app.models import Workflow

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


class Time:
    now = 1000.0


@pytest.fixture
def around(transactional_db: None):
    rings = []
    found = Surroundings(lambda: pool().connection(), lambda: rings.append(1))
    found.rings = rings
    return found


@pytest.fixture
def stuck(parts: Parts):
    """A worker whose claims find nothing, looked at by hand."""
    left: list[int] = []
    parts.runner.last_claim = 0.0
    made = Consumption(parts.runner, leave=lambda: left.append(1), clock=lambda: Time.now)
    made.left = left
    return made


def test_workers_are_counted_by_the_connection_that_each_keeps(around) -> None:
    beats = [database.connect(name="heartbeat") for _ in range(3)]
    around.look()
    assert (around.workers, around.has_limited) == (3, False)
    for connection in beats:
        connection.close()


def test_a_worker_alone_counts_itself_and_wakes_nobody(around) -> None:
    around.look()
    around.took(5)
    assert (around.workers, around.rings) == (1, [])


def test_who_took_a_part_of_a_burst_wakes_another_but_not_all_the_time(around) -> None:
    around.workers = 2
    for _ in range(5):
        around.took(3)
    assert around.rings == [1]


def test_a_limit_of_a_workflow_is_seen(around) -> None:
    Workflow.objects.filter(pk=VersionFactory().workflow_id).update(max_running=1)
    around.look()
    assert around.has_limited


def test_a_run_of_a_limited_workflow_runs(parts: Parts) -> None:
    execution = execution_of()
    Workflow.objects.update(max_running=1)
    assert parts.run(execution).status == "success"


def test_a_worker_that_claims_nothing_while_a_row_waits_is_told_to_leave(stuck) -> None:
    ExecutionFactory()
    assert not stuck.look()
    Time.now += 29
    assert not stuck.look()
    Time.now += 2
    assert stuck.look()
    assert stuck.left == [1]


def test_rows_that_come_and_go_are_no_sign_of_it(stuck) -> None:
    for _ in range(10):
        Execution.objects.all().delete()
        ExecutionFactory()
        Time.now += 10
        assert not stuck.look()


def test_without_a_free_slot_it_is_busy_not_stuck(stuck, parts: Parts) -> None:
    ExecutionFactory()
    for _ in range(3):
        Time.now += 31
        parts.runner.last_claim = Time.now
        assert not stuck.look()
