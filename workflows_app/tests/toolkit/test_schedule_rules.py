"""Schedules of a workflow: the rules of its nodes, and their words."""

import pytest

from workflows_app.engine.workflow import Workflow
from workflows_app.tests.graphs import chain, node
from workflows_app.toolkit.occurrences import Rule, RuleInvalid
from workflows_app.toolkit.schedule_rules import node_rules, sentence

pytestmark = pytest.mark.engine


def rules(*nodes, **settings):
    graph = chain(*nodes)
    graph["settings"] |= settings
    return node_rules(Workflow.from_n8n(graph), "Europe/Berlin")


def scheduled(*entries):
    return node("Tick", "scheduleTrigger", 1.2, rule={"interval": list(entries)})


def test_each_rule_of_each_node_is_one():
    found = rules(
        scheduled({"field": "hours"}, {"field": "days", "triggerAtHour": 8}),
        node("Old", "cron", triggerTimes={"item": [{"mode": "everyDay", "hour": 6}]}),
        node("Beat", "interval", interval=2, unit="minutes"),
    )
    assert [(one.node.name, one.number, one.rule.cron or one.rule.every_s) for one in found] == [
        ("Tick", 0, "0 0 */1 * * *"),
        ("Tick", 1, "0 0 8 * * *"),
        ("Old", 0, "0 0 6 * * *"),
        ("Beat", 0, 120),
    ]


def test_the_zone_is_the_workflows_own_or_the_default():
    assert rules(scheduled({}))[0].rule.zone == "Europe/Berlin"
    assert rules(scheduled({}), timezone="DEFAULT")[0].rule.zone == "Europe/Berlin"
    assert rules(scheduled({}), timezone="Asia/Tokyo")[0].rule.zone == "Asia/Tokyo"


def test_disabled_nodes_and_other_triggers_have_none():
    assert rules(scheduled({}) | {"disabled": True}, node("Start", "manualTrigger")) == []


def test_a_new_node_without_parameters_ticks_daily():
    assert [one.rule.cron for one in rules(node("Tick", "scheduleTrigger", 1.2))] == ["0 0 0 * * *"]


@pytest.mark.parametrize(
    "entry, text",
    [
        (
            {"field": "cronExpression", "expression": "99 * * * *"},
            "'Tick'.*'99 \\* \\* \\* \\*' is not a cron expression",
        ),
        (
            {"field": "cronExpression", "expression": "now and then"},
            "'Tick'.*not understood as words.*every weekday at 8",
        ),
        ({"field": "cronExpression", "expression": " "}, "'Tick'.*nothing is entered"),
        ({"field": "days", "triggerAtHour": 99}, "'Tick'.*'99' is no hour"),
        ({"field": "hours", "hoursInterval": "={{ $json.n }}"}, "'Tick'.*is an expression"),
    ],
    ids=["broken", "no words we know", "empty", "hour", "an expression"],
)
def test_a_rule_that_cannot_be_kept_names_its_node(entry, text):
    with pytest.raises(RuleInvalid, match=text):
        rules(scheduled(entry))


@pytest.mark.parametrize(
    "rule, words",
    [
        (Rule("0 0 8 * * 1-5", zone="Europe/Berlin"), "Every weekday at 08:00 Europe/Berlin"),
        (Rule("0 30 17 * * *"), "Every day at 17:30 UTC"),
        (Rule("15 9 * * 1,4"), "Every Monday and Thursday at 09:15 UTC"),
        (Rule("0 0 9 * * 0", every=2, unit="weeks"), "Every 2 weeks on Sunday at 09:00 UTC"),
        (Rule("0 0 9 * * *", every=3, unit="days"), "Every 3 days at 09:00 UTC"),
        (Rule("0 0 9 1 */1 *"), "Every month on day 1 at 09:00 UTC"),
        (Rule("0 0 9 15 */3 *"), "Every 3 months on day 15 at 09:00 UTC"),
        (Rule("*/30 * * * * *"), "Every 30 seconds"),
        (Rule("0 */5 * * * *"), "Every 5 minutes"),
        (Rule("0 20 */4 * * *"), "Every 4 hours, 20 min past"),
        (Rule("0 0 */1 * * *"), "Every hour"),
        (Rule(every_s=45), "Every 45 seconds"),
        (Rule(every_s=7200), "Every 2 hours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rules_in_words(rule, words):
    assert sentence(rule) == words


def test_what_has_no_short_words_is_explained():
    assert sentence(Rule("0 8-12 * 3 1#2")).endswith(", UTC")
