"""Publishing and schedules: the rows that a ticker reads, and what cannot be switched on."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from workflows_app.errors import Unsuitable
from workflows_app.models import Schedule
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

MORNING = {"field": "days", "triggerAtHour": 8}
EVENING = {"field": "days", "triggerAtHour": 18}
AFTER = node("After", "set", 3.4, **assign(ok=True))


def with_rules(*entries, **settings):
    graph = chain(node("Tick", "scheduleTrigger", 1.2, rule={"interval": list(entries)}), AFTER)
    graph["settings"] |= settings
    return graph


def published(graph):
    workflow = WorkflowFactory(graph=graph)
    return workflows.publish(workflow, by=workflow.created_by)


def again(workflow, graph):
    workflows.save_draft(workflow, graph=graph, by=workflow.created_by, lock_version=workflow.lock_version)
    return workflows.publish(workflow, by=workflow.created_by)


def test_publishing_keeps_a_row_per_rule_with_its_next_moment():
    workflow = published(with_rules(MORNING, EVENING, timezone="Asia/Tokyo"))
    rows = list(workflow.schedules.order_by("rule"))
    assert [(row.cron, row.time_zone, row.enabled) for row in rows] == [
        ("0 0 8 * * *", "Asia/Tokyo", True),
        ("0 0 18 * * *", "Asia/Tokyo", True),
    ]
    assert all(timezone.now() < row.next_fire_at <= timezone.now() + timedelta(days=1) for row in rows)
    assert rows[0].next_fire_at.hour == 23


def test_a_rule_that_stays_keeps_its_last_moment_and_one_that_changes_begins_anew():
    workflow = published(with_rules(MORNING, EVENING))
    Schedule.objects.update(last_fire_at=timezone.now())
    again(workflow, with_rules(MORNING, {"field": "hours"}))
    kept, changed = workflow.schedules.order_by("rule")
    assert kept.last_fire_at is not None
    assert (changed.last_fire_at, changed.cron) == (None, "0 0 */1 * * *")


def test_rules_that_left_the_graph_leave_the_table():
    workflow = published(with_rules(MORNING, EVENING))
    again(workflow, with_rules(MORNING))
    assert workflow.schedules.count() == 1


def test_switching_off_keeps_the_rows_without_a_next_moment():
    workflow = published(with_rules(MORNING))
    workflows.unpublish(workflow, by=workflow.created_by)
    row = workflow.schedules.get()
    assert (row.enabled, row.next_fire_at) == (False, None)


def test_a_rule_that_names_no_moment_stops_publishing_and_nothing_is_switched_on():
    workflow = WorkflowFactory(graph=with_rules({"field": "cronExpression", "expression": "whenever"}))
    with pytest.raises(Unsuitable, match="'Tick'"):
        workflows.publish(workflow, by=workflow.created_by)
    workflow.refresh_from_db()
    assert not workflow.is_live
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    "first",
    [
        node("Mail", "gmailTrigger"),
        node("Hold", "wait", 1.1, resume="webhook", responseMode="lastNode"),
    ],
    ids=["unknown service", "wait with a later answer"],
)
def test_what_nothing_here_calls_cannot_be_switched_on(first):
    workflow = WorkflowFactory(graph=chain(node("Tick", "scheduleTrigger", 1.2), first, AFTER))
    with pytest.raises(Unsuitable, match=first["name"]):
        workflows.publish(workflow, by=workflow.created_by)


def test_disabled_it_is_no_hindrance():
    off = node("Ask", "gmailTrigger") | {"disabled": True}
    assert published(chain(node("Tick", "scheduleTrigger", 1.2), AFTER, off)).is_live


@pytest.mark.parametrize(
    "tick",
    [
        node("Tick", "scheduleTrigger", 1.2, rule={"interval": [{"field": "cronExpression", "expression": text}]})
        for text in ("*/0 * * * *", "0 0 30 2 *", "60 * * * *", "1," * 1000 + "1 * * * *", "* *", "every moon")
    ]
    + [
        node("Tick", "interval", interval=999_999_999, unit="hours"),
        node("Tick", "cron", triggerTimes={"item": [{"mode": "everyWeek", "weekday": "x" * 500}]}),
    ],
    ids=["*/0", "30 February", "minute 60", "long list", "too few", "words", "too long", "weekday"],
)
def test_a_hostile_rule_is_refused_by_name_and_never_stored(tick):
    workflow = WorkflowFactory(graph=chain(tick, AFTER))
    with pytest.raises(Unsuitable, match="'Tick' cannot be kept") as caught:
        workflows.publish(workflow, by=workflow.created_by)
    assert caught.value.instance_code == "schedule_invalid"
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("zone", ["../../etc/localtime", "Mars/Phobos", "x" * 5000])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(Unsuitable, match="no time zone"):
        published(with_rules(MORNING, timezone=zone))


def test_an_older_name_of_a_zone_is_kept():
    assert published(with_rules(MORNING, timezone="Asia/Calcutta")).schedules.get().time_zone == "Asia/Calcutta"


def test_a_rule_in_words_is_kept_as_cron():
    entry = {"field": "cronExpression", "expression": "on the first Monday of the month at 09:00"}
    row = published(with_rules(entry, timezone="Europe/Berlin")).schedules.get()
    assert (row.cron, row.next_fire_at.astimezone(ZoneInfo("Europe/Berlin")).weekday()) == ("0 9 * * 1#1", 0)
    assert row.next_fire_at.astimezone(ZoneInfo("Europe/Berlin")).day <= 7


def test_editing_a_schedule_sets_its_next_moment_anew():
    workflow = published(with_rules(MORNING))
    Schedule.objects.update(next_fire_at=timezone.now() + timedelta(days=365))
    again(workflow, with_rules({"field": "days", "triggerAtHour": 9}))
    row = workflow.schedules.get()
    assert (row.cron, row.next_fire_at.hour) == ("0 0 9 * * *", 9)
    assert row.next_fire_at <= timezone.now() + timedelta(days=1)


WEEKLY = chain(node("Tick", "interval", interval=168, unit="hours"), AFTER)


def test_publishing_again_starts_no_interval_anew():
    workflow = published(WEEKLY)
    soon = timezone.now() + timedelta(minutes=5)
    Schedule.objects.update(next_fire_at=soon)
    again(workflow, chain(*WEEKLY["nodes"][:1], node("Other", "noOp")))
    assert workflow.schedules.get().next_fire_at == soon


def test_an_interval_that_changes_begins_anew():
    workflow = published(WEEKLY)
    Schedule.objects.update(next_fire_at=timezone.now() - timedelta(minutes=5))
    again(workflow, chain(node("Tick", "interval", interval=2, unit="hours"), AFTER))
    row = workflow.schedules.get()
    assert row.every_s == 7200
    assert timedelta(hours=1) < row.next_fire_at - timezone.now() <= timedelta(hours=2)


@pytest.mark.parametrize("graph", [WEEKLY, with_rules(MORNING)], ids=["interval", "cron"])
def test_what_was_switched_off_meanwhile_begins_anew(graph):
    workflow = published(graph)
    Schedule.objects.update(next_fire_at=timezone.now() - timedelta(seconds=1))
    workflows.unpublish(workflow, by=workflow.created_by)
    workflows.publish(workflow, by=workflow.created_by)
    assert workflow.schedules.get().next_fire_at > timezone.now()
