"""The schedules in a workflow: which nodes have one, their rules, and how a page words them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cronsim import CronSimError
from cronsim.explain import explain

from workflows_app.engine.items import JsonObject
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Node, Workflow
from workflows_app.toolkit.cron import NotCron, fields_of
from workflows_app.toolkit.occurrences import Rule, RuleInvalid
from workflows_app.toolkit.schedule_words import EXAMPLES, MONTHS, ORDINALS, NotUnderstood, entry_of
from workflows_app.toolkit.schedules import SECONDS, cron_of, number_in, tick_of

SCHEDULE_TYPES = ("n8n-nodes-base.scheduleTrigger", "n8n-nodes-base.cron", "n8n-nodes-base.interval")
POLL_TIMES = "pollTimes"
"""The parameter of triggers that look: when they do."""
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = ("1-5", "1,2,3,4,5", "MON-FRI")
DEFAULTS = {"seconds": 30, "minutes": 5}


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
            yield rule_of_entry(entry, zone)


def rule_of_entry(entry: JsonObject, zone: str) -> Rule:
    """One rule of Schedule Trigger. What a cron expression cannot say, such as every 45 minutes, is counted. Raises
    RuleInvalid."""
    kind = str(entry.get("field") or "days")
    if kind == "cronExpression":
        return rule_of_text(str(entry.get("expression") or ""), zone)
    tick = tick_of(entry)
    every = max(number_in(entry, f"{kind}Interval", 1), 1)
    if kind in ("seconds", "minutes") and 60 % max(number_in(entry, f"{kind}Interval", DEFAULTS[kind]), 1):
        return Rule(every_s=every * SECONDS[kind], zone=zone)
    if kind == "hours" and 24 % every:
        return Rule(f"0 {number_in(entry, 'triggerAtMinute', 0)} * * * *", every=every, unit="hours", zone=zone)
    if kind == "months" and 12 % every:
        return Rule(tick.cron.replace(f"*/{every}", "*"), every=every, unit="months", zone=zone)
    return Rule(tick.cron, every=tick.every, unit=tick.unit, zone=zone)


def rule_of_text(text: str, zone: str) -> Rule:
    """A cron expression, or plain words. Raises RuleInvalid for text that is neither."""
    entry = entry_of_text(text)
    return Rule(entry["expression"], zone=zone) if "expression" in entry else rule_of_entry(entry, zone)


def entry_of_text(text: str) -> JsonObject:
    """The rule as the trigger stores it in n8n's form. Raises RuleInvalid for words that are not understood; whether a
    cron expression is one is not judged."""
    text = text.strip()
    if not text:
        raise RuleInvalid(f"nothing is entered; enter a cron expression, or words such as {EXAMPLES}")
    if not re.search(r"[a-z]{4}|^@|^each", text, re.IGNORECASE):
        return {"field": "cronExpression", "expression": text}
    try:
        return entry_of(text)
    except NotUnderstood as error:
        said = f"'{text[:60]}' is not a cron expression, and not understood as words: {error}"
        raise RuleInvalid(f"{said}. Words are such as {EXAMPLES}") from error


def rules_in_words(text: str, zone: str) -> list[Rule]:
    """The rule that the text names, checked. Raises RuleInvalid."""
    rule = rule_of_text(text, zone)
    rule.check()
    return [rule]


def rows(group: Any, name: str) -> list[JsonObject]:
    found = group.get(name) if isinstance(group, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def is_expression(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("=")
    inner: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(is_expression(entry) for entry in inner)


# words ----------------------------------------------------------------------------------------------------------------
def text_of(rule: Rule) -> str:
    """What a person enters to get that rule: words where they are read back as the same, else the expression."""
    words = sentence(rule).removesuffix(rule.zone).strip()
    try:
        again = rules_in_words(words, rule.zone)[0]
    except RuleInvalid:
        return rule.cron
    return words if sentence(again) == sentence(rule) else rule.cron


def sentence(rule: Rule) -> str:
    """`Every weekday at 08:00 Europe/Berlin`; elapsed time names no zone."""
    if rule.every_s is not None:
        return every(*whole(rule.every_s))
    try:
        five = fields_of(rule.cron)[1]
    except NotCron:
        return f"{rule.cron}, {shown_zone(rule)}"
    minute, hour, day, month, weekday = five.upper().split()
    if [day, month, weekday] == ["*"] * 3 and (words := flowing(rule, minute, hour)):
        return words
    if minute.isdigit() and (times := times_in_words(hour, int(minute))):
        days = days_in_words(rule, day, month, weekday)
        if days:
            return f"{days} at {times} {shown_zone(rule)}"
    try:
        return f"{explain(five)}, {shown_zone(rule)}"
    except CronSimError:
        return f"{rule.cron}, {shown_zone(rule)}"


def shown_zone(rule: Rule) -> str:
    """`UTC` has a name that nobody says."""
    return rule.zone.removeprefix("Etc/")


def flowing(rule: Rule, minute: str, hour: str) -> str:
    """Words for every so many seconds, minutes or hours; empty where it is something else."""
    second = rule.cron.split()[0] if len(rule.cron.split()) == 6 else "0"
    if (minute, hour) == ("*", "*") and step(second):
        return every(step(second), "second")
    if hour == "*" and not minute.isdigit() and step(minute):
        return every(step(minute), "minute")
    if minute.isdigit() and step(hour):
        past = f", {int(minute)} min past" if int(minute) else ""
        return every(rule.every if rule.unit == "hours" else step(hour), "hour") + past
    return ""


def times_in_words(hours: str, minute: int) -> str:
    if not all(hour.isdigit() for hour in hours.split(",")):
        return ""
    return listed([f"{int(hour):02}:{minute:02}" for hour in hours.split(",")])


def listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


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
        return weekdays_in_words(rule, weekday)
    if weekday != "*":
        return ""
    if day.isdigit() and (rule.unit == "months" or step(month)):
        months = rule.every if rule.unit == "months" else step(month)
        return f"{every(months, 'month')} on day {int(day)}"
    if day.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
        return f"On {int(day)} {MONTHS[int(month) - 1].capitalize()}"
    if month != "*":
        return ""
    if day in ("L", "LW"):
        return f"On the last {'day' if day == 'L' else 'weekday'} of the month"
    days = day.split(",")
    return f"On day {listed(days)} of the month" if all(one.isdigit() for one in days) else ""


def weekdays_in_words(rule: Rule, weekday: str) -> str:
    named = day_names(weekday)
    if rule.every > 1:
        return every(rule.every, rule.unit.removesuffix("s")) + (f" on {named}" if rule.unit == "weeks" else "")
    if not named:
        return nth_in_words(weekday)
    return f"Every {named}"


def nth_in_words(weekday: str) -> str:
    """`1#2` and `5L`."""
    day, _, nth = weekday.partition("#")
    if nth.isdigit() and day.isdigit() and 1 <= int(nth) <= len(ORDINALS):
        return f"On the {ORDINALS[int(nth) - 1]} {DAYS[int(day)]} of the month"
    if weekday.endswith("L") and weekday[:-1].isdigit():
        return f"On the last {DAYS[int(weekday[:-1])]} of the month"
    return ""


def day_names(weekday: str) -> str:
    if weekday == "*":
        return "day"
    if weekday in WEEKDAYS:
        return "weekday"
    if not all(one.isdigit() for one in weekday.split(",")):
        return ""
    return listed([DAYS[int(one)] for one in weekday.split(",")])
