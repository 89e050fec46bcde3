"""The schedules in a workflow: which nodes have one, their rules, and how a page words them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cronsim import CronSimError
from cronsim.explain import explain

from workflows_app.engine.items import JsonObject
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Node, Workflow
from workflows_app.toolkit.occurrences import Rule, RuleInvalid, fields_of
from workflows_app.toolkit.schedules import SECONDS, Tick, cron_of, number_in, tick_of

SCHEDULE_TYPES = ("n8n-nodes-base.scheduleTrigger", "n8n-nodes-base.cron", "n8n-nodes-base.interval")
POLL_TIMES = "pollTimes"
"""The parameter of triggers that look: when they do."""
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = ("1-5", "1,2,3,4,5", "MON-FRI")


@dataclass(frozen=True, slots=True)
class NodeRule:
    """One rule of one trigger node; `number` counts the rules of the node from 0."""

    node: Node
    number: int
    rule: Rule


def schedule_nodes(workflow: Workflow) -> list[Node]:
    return [node for node in workflow.nodes if not node.disabled and (node.type in SCHEDULE_TYPES or is_polled(node))]


def polled_nodes(workflow: Workflow) -> list[Node]:
    """Triggers that look for something new."""
    return [node for node in workflow.nodes if not node.disabled and is_polled(node)]


def is_polled(node: Node) -> bool:
    found = registry.find(node.type, node.type_version)
    return found is not None and found.is_polled()


def node_rules(workflow: Workflow, default_zone: str) -> list[NodeRule]:
    """Every rule of every enabled schedule. Raises RuleInvalid naming the node."""
    chosen = workflow.settings.get("timezone")
    zone = str(chosen) if chosen and chosen != "DEFAULT" else default_zone
    found = []
    for node in schedule_nodes(workflow):
        try:
            rules = list(rules_of(node, zone))
            for rule in rules:
                rule.check()
        except RuleInvalid as error:
            raise RuleInvalid(f"The schedule of '{node.name}' cannot be kept: {error}.") from error
        found += [NodeRule(node, number, rule) for number, rule in enumerate(rules)]
    return found


def rules_of(node: Node, zone: str) -> Iterator[Rule]:
    """Raises RuleInvalid for a rule that is an expression: nothing is there yet that it could be made of."""
    parameters = node.parameters if node.type in SCHEDULE_TYPES else {POLL_TIMES: node.parameters.get(POLL_TIMES)}
    if is_expression(parameters):
        raise RuleInvalid("it is an expression; enter fixed values")
    kind = node.type.rsplit(".", 1)[-1]
    if POLL_TIMES in parameters:
        for entry in rows(parameters[POLL_TIMES], "item") or [{"mode": "everyMinute"}]:
            yield Rule(cron_of(entry), zone=zone)
    elif kind == "interval":
        unit = str(parameters.get("unit") or "seconds")
        yield Rule(every_s=number_in(parameters, "interval", 1) * SECONDS.get(unit, 1), zone=zone)
    elif kind == "cron":
        for entry in rows(parameters.get("triggerTimes"), "item"):
            yield Rule(cron_of(entry), zone=zone)
    else:
        for entry in rows(parameters.get("rule"), "interval") if "rule" in parameters else [{}]:
            tick: Tick = tick_of(entry)
            yield Rule(tick.cron, every=tick.every, unit=tick.unit, zone=zone)


def rows(group: Any, name: str) -> list[JsonObject]:
    found = group.get(name) if isinstance(group, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def is_expression(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("=")
    inner: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(is_expression(entry) for entry in inner)


# words ----------------------------------------------------------------------------------------------------------------
def sentence(rule: Rule) -> str:
    """`Every weekday at 08:00 Europe/Berlin`; elapsed time names no zone."""
    if rule.every_s is not None:
        return every(*whole(rule.every_s))
    five = fields_of(rule.cron)[1]
    second = rule.cron.removesuffix(five).strip()
    minute, hour, day, month, weekday = five.upper().split()
    if [minute, hour, day, month, weekday] == ["*"] * 5 and step(second):
        return every(step(second), "second")
    if [hour, day, month, weekday] == ["*"] * 4 and not minute.isdigit() and step(minute):
        return every(step(minute), "minute")
    if [day, month, weekday] == ["*"] * 3 and minute.isdigit() and step(hour):
        return every(step(hour), "hour") + (f", {int(minute)} min past" if int(minute) else "")
    if minute.isdigit() and hour.isdigit() and (days := days_in_words(rule, day, month, weekday)):
        return f"{days} at {int(hour):02}:{int(minute):02} {rule.zone}"
    try:
        return f"{explain(five)}, {rule.zone}"
    except CronSimError:
        return f"{rule.cron}, {rule.zone}"


def whole(seconds: int) -> tuple[int, str]:
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            return seconds // length, unit
    return seconds, "second"


def every(count: int, unit: str) -> str:
    return f"Every {unit}" if count == 1 else f"Every {count} {unit}s"


def step(field: str) -> int:
    """n of `*/n`, 1 of `*`, else 0."""
    return 1 if field == "*" else int(field[2:]) if field.startswith("*/") and field[2:].isdigit() else 0


def days_in_words(rule: Rule, day: str, month: str, weekday: str) -> str:
    if (day, month) == ("*", "*"):
        named = weekdays_in_words(weekday)
        if rule.every > 1:
            return every(rule.every, rule.unit.removesuffix("s")) + (f" on {named}" if rule.unit == "weeks" else "")
        return {"": "", "day": "Every day"}.get(named, f"Every {named}")
    if day.isdigit() and weekday == "*" and step(month):
        return f"{every(step(month), 'month')} on day {int(day)}"
    return ""


def weekdays_in_words(weekday: str) -> str:
    if weekday == "*":
        return "day"
    if weekday in WEEKDAYS:
        return "weekday"
    if not all(one.isdigit() for one in weekday.split(",")):
        return ""
    named = [DAYS[int(one)] for one in weekday.split(",")]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
