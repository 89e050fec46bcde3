"""Schedules of a workflow as its page shows them."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Poll, Schedule, Workflow
from workflows_app.services.edits import SCHEDULE
from workflows_app.services.schedules import rule_of
from workflows_app.toolkit.occurrences import Rule, RuleInvalid, moments
from workflows_app.toolkit.schedule_rules import NodeRule, node_rules, sentence, text_of

SHOWN = 3


@dataclass(frozen=True)
class ScheduleView:
    """One rule in words with its next times, as text in its own zone; of one that cannot be kept, why."""

    node: str
    words: str
    times: tuple[str, ...] = ()
    is_broken: bool = False
    poll: Poll | None = None
    """What its trigger found so far, where it looks for something."""
    rule: int = 0
    text: str = ""
    """What a person enters to get this rule; empty where it is not changed here."""


def schedule_views(workflow: Workflow) -> list[ScheduleView]:
    """Of a live workflow what really comes next, of a draft what would."""
    if workflow.is_live:
        rows = Schedule.objects.filter(workflow=workflow, enabled=True).order_by("node", "rule")
        polls = {row.node: row for row in Poll.objects.filter(workflow=workflow).defer("state")}
        return [replace(live_view(row), poll=polls.get(row.node)) for row in rows]
    now = timezone.now()
    try:
        rules = node_rules(Graph.from_n8n(workflow.graph), settings.TIME_ZONE)
    except RuleInvalid as error:
        return [ScheduleView("", str(error), is_broken=True)]
    return [
        replace(view(one.node.name, one.rule, list(islice(moments(one.rule, now), SHOWN))), **entered(one))
        for one in rules
    ]


def entered(one: NodeRule) -> dict[str, Any]:
    return {"rule": one.number, "text": text_of(one.rule) if one.node.type == SCHEDULE else ""}


def live_view(row: Schedule) -> ScheduleView:
    rule, first = rule_of(row), row.next_fire_at
    following = [] if first is None else [first, *islice(moments(rule, first, row.last_fire_at or first), SHOWN - 1)]
    text = text_of(rule) if row.node_type == SCHEDULE else ""
    return replace(view(row.node, rule, following), rule=row.rule, text=text)


def view(node: str, rule: Rule, following: list[datetime]) -> ScheduleView:
    zone = ZoneInfo(rule.zone)
    seconds = any(moment.second for moment in following)
    shape = "%a %d %b %H:%M:%S" if seconds else "%a %d %b %H:%M"
    return ScheduleView(node, sentence(rule), tuple(f"{moment.astimezone(zone):{shape}}" for moment in following))
