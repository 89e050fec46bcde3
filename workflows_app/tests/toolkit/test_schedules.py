"""Rules of schedules as cron expressions."""

from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.toolkit.dates import zone_named
from workflows_app.toolkit.schedules import Tick, cron_of, seconds_of, tick_item, tick_of

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "rule, tick",
    [
        ({}, Tick("0 0 0 * * *")),
        ({"field": "seconds", "secondsInterval": 10}, Tick("*/10 * * * * *")),
        ({"field": "minutes"}, Tick("0 */5 * * * *")),
        ({"field": "hours", "hoursInterval": 2, "triggerAtMinute": 15}, Tick("0 15 */2 * * *")),
        ({"field": "days", "triggerAtHour": 9}, Tick("0 0 9 * * *")),
        ({"field": "days", "daysInterval": 3}, Tick("0 0 0 * * *", 3, "days")),
        ({"field": "weeks", "triggerAtDay": [1, 5], "triggerAtHour": 8}, Tick("0 0 8 * * 1,5")),
        ({"field": "weeks"}, Tick("0 0 0 * * 0")),
        ({"field": "weeks", "weeksInterval": 2}, Tick("0 0 0 * * 0", 2, "weeks")),
        ({"field": "months", "monthsInterval": 3, "triggerAtDayOfMonth": 28}, Tick("0 0 0 28 */3 *")),
        ({"field": "cronExpression", "expression": " 0 8 * * 1-5 "}, Tick("0 8 * * 1-5")),
        ({"field": "hours", "triggerAtMinute": {}}, Tick("0 0 */1 * * *")),
    ],
)
def test_rules_of_schedule_trigger(rule: dict[str, Any], tick: Tick) -> None:
    assert tick_of(rule) == tick


def test_a_second_of_its_own_spreads_the_load() -> None:
    assert tick_of({"field": "minutes"}, 17).cron == "17 */5 * * * *"


@pytest.mark.parametrize(
    "rule, cron",
    [
        ({}, "0 0 14 * * *"),
        ({"mode": "everyMinute"}, "0 * * * * *"),
        ({"mode": "everyHour", "minute": 20}, "0 20 * * * *"),
        ({"mode": "everyWeek", "hour": 9, "weekday": "5"}, "0 0 9 * * 5"),
        ({"mode": "everyMonth", "hour": 9, "dayOfMonth": 2}, "0 0 9 2 * *"),
        ({"mode": "everyX", "unit": "minutes", "value": 3}, "0 */3 * * * *"),
        ({"mode": "everyX", "value": 4}, "0 0 */4 * * *"),
        ({"mode": "custom", "cronExpression": " 0 0 6-12 * * 1-5"}, "0 0 6-12 * * 1-5"),
    ],
)
def test_rules_of_cron(rule: dict[str, Any], cron: str) -> None:
    assert cron_of(rule) == cron


@pytest.mark.parametrize("amount, unit, seconds", [(2, "minutes", 120), ("1.5", "hours", 5400), (3, "seconds", 3)])
def test_lengths_of_time(amount: Any, unit: str, seconds: float) -> None:
    assert seconds_of(amount, unit) == seconds


def test_a_tick_tells_the_time_in_its_zone() -> None:
    moment = datetime(2026, 7, 1, 22, 5, tzinfo=UTC).astimezone(zone_named("Europe/Vienna"))
    item = tick_item(moment, "Europe/Vienna")
    assert item["timestamp"] == "2026-07-02T00:05:00.000+02:00"
    assert (item["Day of month"], item["Hour"], item["Day of week"]) == ("02", "00", "Thursday")
    assert item["Timezone"] == "Europe/Vienna (UTC+02:00)"
