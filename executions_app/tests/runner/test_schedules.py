"""Schedules on real rows: what a tick starts, once, and when it goes on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from executions_app import payload_codec
from executions_app.database import connect
from executions_app.models import Execution
from executions_app.runner.schedules import DUE, fire_due_schedules
from executions_app.runner.ticker import Ticker
from executions_app.tests.parts import Parts
from workflows_app.models import Schedule, Workflow
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

HOURLY = {"field": "hours", "hoursInterval": 1}


def live(*entries, catch_up="once", kind="scheduleTrigger", **parameters) -> Workflow:
    parameters = parameters or {"rule": {"interval": list(entries or [HOURLY])}}
    tick = node("Tick", kind, 1, **parameters) | {"pumpflix": {"catchUp": catch_up}}
    graph = chain(tick, node("After", "set", 3.4, **assign(ok=True)))
    workflow = WorkflowFactory(graph=graph)
    return workflows.publish(workflow, by=workflow.created_by)


def late_by(schedule: Schedule, **ago) -> datetime:
    """The hour that many hours ago becomes the schedule's next moment."""
    moment = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(**ago)
    Schedule.objects.filter(pk=schedule.pk).update(next_fire_at=moment)
    return moment


def test_a_due_schedule_starts_a_run_that_knows_its_moment(parts: Parts, until):
    schedule = live(catch_up="all").schedules.get()
    moment = late_by(schedule, hours=0)
    Ticker(parts.runner).tick()
    until(lambda: Execution.objects.filter(status="success").count() == 1)
    execution = Execution.objects.get()
    assert (execution.mode, execution.start_node) == ("schedule", "Tick")
    assert execution.trigger_key == f"sched:{schedule.pk.hex}:{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    output = payload_codec.decode(execution.node_runs.get(node="After").output)
    assert output[0][0]["json"]["timestamp"].startswith(f"{moment:%Y-%m-%dT%H:00:00.000}")
    schedule.refresh_from_db()
    assert (schedule.last_fire_at, schedule.next_fire_at) == (moment, moment + timedelta(hours=1))


def test_nothing_fires_before_its_time():
    live()
    assert fire_due_schedules() == 0


@pytest.mark.parametrize("catch_up, count", [("skip", 0), ("once", 1), ("all", 4)])
def test_three_hours_down(catch_up, count, monkeypatch):
    schedule = live({"field": "cronExpression", "expression": "59 * * * *"}, catch_up=catch_up).schedules.get()
    start = timezone.now().replace(minute=59, second=0, microsecond=0) - timedelta(hours=5)
    Schedule.objects.update(next_fire_at=start + timedelta(hours=1))
    fire_due_schedules()
    assert Execution.objects.count() == count
    schedule.refresh_from_db()
    assert schedule.next_fire_at > timezone.now()


def test_a_moment_fires_once_even_if_its_row_is_put_back():
    schedule = live().schedules.get()
    for _ in range(2):
        late_by(schedule, hours=1)
        fire_due_schedules()
    assert Execution.objects.count() == 1


def test_a_row_that_another_ticker_holds_is_left_to_it():
    late_by(live().schedules.get(), hours=1)
    other = connect(name="other", autocommit=False)
    other.execute(DUE, (10,))
    assert fire_due_schedules() == 0
    other.rollback()
    other.close()
    assert fire_due_schedules() == 1


def test_switched_off_it_fires_no_more():
    workflow = live()
    late_by(workflow.schedules.get(), hours=1)
    workflows.unpublish(workflow, by=workflow.created_by)
    assert fire_due_schedules() == 0
    schedule = workflow.schedules.get()
    assert (schedule.enabled, schedule.next_fire_at) == (False, None)


@pytest.mark.parametrize("catch_up, count", [("once", 1), ("all", 4)])
def test_publishing_again_drops_no_moment_that_is_due(catch_up, count):
    """The new version runs it."""
    workflow = live({"field": "cronExpression", "expression": "59 * * * *"}, catch_up=catch_up)
    start = timezone.now().replace(minute=59, second=0, microsecond=0) - timedelta(hours=5)
    Schedule.objects.update(next_fire_at=start + timedelta(hours=1))
    workflow.graph = workflow.graph | {"name": "Mended"}
    workflow.save()
    workflows.publish(workflow, by=workflow.created_by)
    assert fire_due_schedules() == count
    assert set(Execution.objects.values_list("version_id", flat=True)) == {workflow.live_version_id}
    assert Schedule.objects.get().next_fire_at > timezone.now()


def test_a_team_with_a_full_queue_is_late_not_lost():
    workflow = live()
    late_by(workflow.schedules.get(), hours=1)
    workflow.team.max_queued = 0
    workflow.team.save()
    assert fire_due_schedules() == 0
    workflow.team.max_queued = 10
    workflow.team.save()
    assert fire_due_schedules() == 1


def test_a_rule_that_broke_since_is_switched_off_and_holds_up_nobody():
    broken, well = live().schedules.get(), live().schedules.get()
    for schedule in (broken, well):
        late_by(schedule, hours=1)
    Schedule.objects.filter(pk=broken.pk).update(time_zone="Mars/Base")
    assert fire_due_schedules() == 1
    broken.refresh_from_db()
    assert not broken.enabled


def test_the_older_nodes_put_out_an_empty_item():
    late_by(live(kind="interval", interval=1, unit="hours").schedules.get(), hours=1)
    fire_due_schedules()
    assert payload_codec.decode(Execution.objects.get().trigger_items) == [{"json": {}}]
