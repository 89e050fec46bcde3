"""Schedule rows follow the graph: one per rule of every enabled schedule node, their next moment set while it is on."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Unsuitable
from workflows_app.models import Schedule, Workflow
from workflows_app.toolkit.occurrences import Rule, RuleInvalid, next_moment
from workflows_app.toolkit.schedule_rules import NodeRule, node_rules

CATCH_UP = ("skip", "once", "all")


def sync(workflow: Workflow, *, graph: dict[str, Any], is_live: bool) -> list[Schedule]:
    """Make the rows match the graph. A rule that stays as it was keeps its last moment, so that "every second week"
    goes on counting, and a moment that is due: publishing loses none, and starts no interval anew. Raises Unsuitable
    for a rule that names no moment; switching off is never refused."""
    if not is_live:
        Schedule.objects.filter(workflow=workflow).update(enabled=False, next_fire_at=None)
        return []
    try:
        wanted = node_rules(Graph.from_n8n(graph), settings.TIME_ZONE)
    except RuleInvalid as error:
        raise Unsuitable(
            str(error), code="schedule_invalid", hint="Change the rule of the schedule, or disable the node."
        ) from error
    rows = {(row.node, row.rule): row for row in Schedule.objects.select_for_update().filter(workflow=workflow)}
    now = database_now()
    kept = [save(workflow, one, rows.get((one.node.name, one.number)), now) for one in wanted]
    Schedule.objects.filter(workflow=workflow).exclude(pk__in=[row.pk for row in kept]).delete()
    return kept


def database_now() -> datetime:
    """The clock that tickers go by: that of the database, not of this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def save(workflow: Workflow, one: NodeRule, row: Schedule | None, now: datetime) -> Schedule:
    row = row or Schedule(workflow=workflow, node=one.node.name, rule=one.number)
    is_same = rule_of(row) == one.rule
    if row.node_type and not is_same:
        row.last_fire_at = None
    if not (is_same and goes_on(row, now)):
        row.next_fire_at = next_moment(one.rule, now, row.last_fire_at)
    row.node_type = one.node.type
    row.cron, row.every_s, row.time_zone = one.rule.cron, one.rule.every_s, one.rule.zone
    row.every, row.unit = one.rule.every, one.rule.unit
    row.catch_up = catch_up_of(one)
    row.enabled = True
    row.save()
    return row


def goes_on(row: Schedule, now: datetime) -> bool:
    """Whether its next moment stands: it is due, and no ticker came to it yet, or it was counted from the last one."""
    if not row.enabled or row.next_fire_at is None:
        return False
    return row.next_fire_at <= now or row.every_s is not None


def catch_up_of(one: NodeRule) -> str:
    """What to do about moments missed: `catchUp` of the node's own `pumpflix` settings, else one run for all."""
    own = one.node.raw.get("pumpflix")
    chosen = own.get("catchUp") if isinstance(own, dict) else None
    return chosen if chosen in CATCH_UP else "once"


def rule_of(row: Schedule) -> Rule:
    return Rule(row.cron, row.every_s, row.every, row.unit, row.time_zone)  # type: ignore[arg-type]
