"""Schedules in plain words, as the rule that the trigger stores, and as they are shown back."""

import pytest

from workflows_app.toolkit.schedule_rules import rules_in_words, sentence, text_of
from workflows_app.toolkit.schedule_words import NotUnderstood, entry_of

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    "words, cron",
    [
        ("every weekday at 8", "0 8 * * 1-5"),
        ("Every weekday at 8:30 am.", "30 8 * * 1-5"),
        ("weekdays at 08:00", "0 8 * * 1-5"),
        ("every Monday, Wednesday and Friday at 17.15", "15 17 * * 1,3,5"),
        ("Tuesdays at noon", "0 12 * * 2"),
        ("every mon-thu at 9pm", "0 21 * * 1-4"),
        ("friday to monday at 6", "0 6 * * 0,1,5,6"),
        ("every weekend at midnight", "0 0 * * 0,6"),
        ("every day at 8 and 18", "0 8,18 * * *"),
        ("daily at 7", "0 7 * * *"),
        ("on the first Monday of the month at 09:00", "0 9 * * 1#1"),
        ("on the 3rd thursday of every month at 10", "0 10 * * 4#3"),
        ("on the last Friday of the month at 17:00", "0 17 * * 5L"),
        ("every month on the last friday at 17:00", "0 17 * * 5L"),
        ("on the last day of the month at 23:30", "30 23 L * *"),
        ("on the last weekday of the month at 9", "0 9 LW * *"),
        ("on the 1st and 15th of each month at 6", "0 6 1,15 * *"),
        ("every year on 24 December at 18", "0 18 24 12 *"),
        ("every march 1 at 9", "0 9 1 3 *"),
        ("every 15 minutes between 9 and 17 on weekdays", "*/15 9-17 * * 1-5"),
        ("every 2 hours from 8 to 20", "0 8-20/2 * * *"),
        ("every hour on monday", "0 * * * 1"),
        ("@weekly", "0 0 * * 0"),
    ],
)
def test_words_as_a_cron_expression(words, cron):
    assert entry_of(words) == {"field": "cronExpression", "expression": cron}


@pytest.mark.parametrize(
    "words, entry",
    [
        ("every 15 minutes", {"field": "minutes", "minutesInterval": 15}),
        ("every minute", {"field": "minutes", "minutesInterval": 1}),
        ("every 30 seconds", {"field": "seconds", "secondsInterval": 30}),
        ("every two hours", {"field": "hours", "hoursInterval": 2}),
        ("hourly", {"field": "hours", "hoursInterval": 1}),
        ("every hour at :20", {"field": "hours", "hoursInterval": 1, "triggerAtMinute": 20}),
        ("every 3 days at 6", {"field": "days", "daysInterval": 3, "triggerAtHour": 6, "triggerAtMinute": 0}),
        (
            "every other week on monday and friday at 8",
            {"field": "weeks", "weeksInterval": 2, "triggerAtDay": [1, 5], "triggerAtHour": 8, "triggerAtMinute": 0},
        ),
        (
            "every 3 months on the 15th at 9:30",
            {
                "field": "months",
                "monthsInterval": 3,
                "triggerAtDayOfMonth": 15,
                "triggerAtHour": 9,
                "triggerAtMinute": 30,
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_words_as_a_rule_with_units(words, entry):
    assert entry_of(words) == entry


@pytest.mark.parametrize(
    "words, about",
    [
        ("", "day of the week"),
        ("whenever you like", "'whenever you like' is no day of the week"),
        ("every weekday at 25", "'25' is no time of day"),
        ("every weekday at 13pm", "no time of day"),
        ("every 0 minutes", "no number"),
        ("every day at 8 and 9:30", "different minutes"),
        ("on the 32nd of the month at 9", "no day of the month"),
        ("on the sixth monday of the month", "no day of the month"),
        ("on the 7th monday of the month", "no month has a 7th monday"),
        ("every 15 minutes at 8", "does not go with"),
        ("every 2 weeks on monday at 8 and 9", "more than one time"),
        ("every minute \u0661", "no day of the week"),
    ],
)
def test_what_is_not_understood_is_said(words, about):
    with pytest.raises(NotUnderstood, match=about):
        entry_of(words)


@pytest.mark.parametrize(
    "words, shown",
    [
        ("every weekday at 8", "Every weekday at 08:00 Europe/Berlin"),
        ("every 15 minutes", "Every 15 minutes"),
        ("every 45 minutes", "Every 45 minutes"),
        ("every 5 hours", "Every 5 hours"),
        ("every 36 hours", "Every 36 hours"),
        ("every 5 months on the 3rd at 7", "Every 5 months on day 3 at 07:00 Europe/Berlin"),
        ("on the first Monday of the month at 09:00", "On the first Monday of the month at 09:00 Europe/Berlin"),
        ("on the last friday of the month at 9", "On the last Friday of the month at 09:00 Europe/Berlin"),
        ("on the last day of the month at 9", "On the last day of the month at 09:00 Europe/Berlin"),
        ("on the last weekday of the month at 9", "On the last weekday of the month at 09:00 Europe/Berlin"),
        ("on the 1st and 15th of the month at 6", "On day 1 and 15 of the month at 06:00 Europe/Berlin"),
        ("every day at 8 and 18", "Every day at 08:00 and 18:00 Europe/Berlin"),
        ("every year on 24 december at 18", "On 24 December at 18:00 Europe/Berlin"),
        ("0 8 * * 1-5", "Every weekday at 08:00 Europe/Berlin"),
    ],
)
def test_words_are_shown_back_as_words(words, shown):
    assert [sentence(rule) for rule in rules_in_words(words, "Europe/Berlin")] == [shown]


@pytest.mark.parametrize(
    "words",
    [
        "Every weekday at 08:00",
        "Every 15 minutes",
        "Every 45 minutes",
        "Every 5 hours",
        "On the first Monday of the month at 09:00",
        "On the last weekday of the month at 09:00",
        "On day 1 and 15 of the month at 06:00",
        "Every Monday, Wednesday and Friday at 17:15",
        "On 24 December at 18:00",
        "0 8-12 * 3 1#2",
    ],
)
def test_what_is_shown_may_be_entered_again(words):
    (rule,) = rules_in_words(words, "Europe/Berlin")
    assert text_of(rule) == words
