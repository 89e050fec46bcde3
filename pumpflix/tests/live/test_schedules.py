"""A day on which clocks change, lived through by real tickers of which some are killed, against the oracle."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from executions_app.database import close_pool, connect
from executions_app.models import Execution
from pumpflix.lab.schedules import campaign
from pumpflix.lab.schedules.clock import moved_clock
from pumpflix.tests.live.conftest import addresses
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


def test_every_moment_of_a_day_with_a_change_of_the_clocks_fires_once() -> None:
    plan = campaign.Plan(29, count=36, days=["2026-10-25"], kills=3, steps_min=(20, 45, 90))
    with connect(name="lab") as connection:
        tally = campaign.run(connection, addresses(), plan)
    assert tally.is_clean, tally.told
    assert (tally.kills, tally.fires > 300) == (3, True)


def test_what_is_left_behind_goes_by_the_clock_again() -> None:
    with connect(name="lab") as connection, moved_clock(connection) as clock:
        clock.put(datetime(2028, 2, 29, tzinfo=UTC))
        with connect(name="moved") as moved:
            assert moved.execute("SELECT clock_timestamp()").fetchone()[0].year == 2028
    close_pool()
    with connect(name="after") as after:
        apart = after.execute("SELECT pg_catalog.clock_timestamp() - clock_timestamp()").fetchone()[0]
    assert abs(apart) < timedelta(seconds=1)


@pytest.mark.parametrize("catch_up, count", [("skip", 0), ("once", 1), ("all", 3)])
def test_three_hours_without_a_worker_are_made_up_for_as_the_schedule_says(
    start_worker, until, catch_up, count
) -> None:
    minute = (timezone.now() + timedelta(minutes=30)).minute
    tick = node("Tick", "scheduleTrigger", 1.2, rule={"interval": [{"field": "hours", "triggerAtMinute": minute}]})
    workflow = WorkflowFactory(graph=chain(tick | {"pumpflix": {"catchUp": catch_up}}, node("After", "noOp")))
    workflows.publish(workflow, by=workflow.created_by)
    schedule = workflow.schedules.get()
    following = schedule.next_fire_at
    workflow.schedules.update(next_fire_at=following - timedelta(hours=3))
    start_worker()
    until(lambda: workflow.schedules.get().next_fire_at == following, 5)
    until(lambda: Execution.objects.filter(status="success").count() == count, 10)
    assert Execution.objects.count() == count
