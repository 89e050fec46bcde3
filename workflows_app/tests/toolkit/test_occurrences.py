"""The moments of a schedule: changes of the clocks, every second week, what was missed."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from workflows_app.toolkit.occurrences import Rule, RuleInvalid, due_moments, moments, next_moment

pytestmark = pytest.mark.engine

PARIS = "Europe/Paris"


def local(rule: Rule, start: str, count: int) -> list[str]:
    """The next moments as `MM-DD HH:MM+zz` in the rule's zone."""
    found = islice(moments(rule, at(start)), count)
    return [f"{moment.astimezone(ZoneInfo(rule.zone)):%m-%d %H:%M%z}" for moment in found]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cron, zone, start, expected",
    [
        ("0 30 2 * * *", PARIS, "2026-03-28T12:00", ["03-29 03:00+0200", "03-30 02:30+0200"]),
        ("0 30 2 * * *", PARIS, "2026-10-24T12:00", ["10-25 02:30+0200", "10-26 02:30+0100"]),
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00", ["03-08 03:00-0400", "03-09 02:30-0400"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00", ["11-01 01:30-0400", "11-02 01:30-0500"]),
        ("15 30 2 * * *", PARIS, "2026-03-28T12:00", ["03-29 03:00+0200", "03-30 02:30+0200"]),
        ("0 */2 * * *", "Australia/Lord_Howe", "2026-04-04T13:30", ["04-05 02:00+1030", "04-05 04:00+1030"]),
        ("15 0 * * *", "America/Havana", "2026-03-07T12:00", ["03-08 01:00-0400", "03-09 00:15-0400"]),
        ("0 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", ["10-04 02:30+1100", "10-05 02:00+1100"]),
        ("45 9 * * *", "Asia/Kathmandu", "2026-03-28T12:00", ["03-29 09:45+0545", "03-30 09:45+0545"]),
        ("0 0 29 2 *", "UTC", "2026-03-01T00:00", ["02-29 00:00+0000", "02-29 00:00+0000"]),
    ],
    ids=[
        "gap",
        "fold",
        "gap New York",
        "fold New York",
        "gap with a second",
        "half an hour back",
        "gap at midnight",
        "half an hour",
        "no change",
        "leap day",
    ],
)
def test_a_job_at_a_set_time_fires_once_a_day(cron, zone, start, expected):
    assert local(Rule(cron, zone=zone), start, 2) == expected


@pytest.mark.parametrize(
    "day, hours", [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)], ids=["shorter", "longer", "plain"]
)
def test_an_hourly_job_follows_elapsed_time(day, hours):
    found = local(Rule("0 0 * * * *", zone=PARIS), f"{day}T00:00", 40)
    start = datetime.fromisoformat(day)
    begin = start.replace(tzinfo=ZoneInfo(PARIS)) - timedelta(seconds=1)
    end = (start + timedelta(days=1)).replace(tzinfo=ZoneInfo(PARIS))
    within = [moment for moment in islice(moments(Rule("0 0 * * * *", zone=PARIS), begin), 40) if moment < end]
    assert len(within) == hours
    assert len(set(found)) == len(found)


def test_seconds_of_six_fields_count_within_the_minute():
    found = list(islice(moments(Rule("*/20 * * * * *", zone=PARIS), at("2026-10-25T00:59:30")), 4))
    assert [moment.isoformat()[11:19] for moment in found] == ["00:59:40", "01:00:00", "01:00:20", "01:00:40"]


def test_every_second_week_counts_from_the_first():
    rule = Rule("0 0 8 * * 1,3", every=2, unit="weeks")
    assert [text[:5] for text in local(rule, "2026-11-22T00:00", 5)] == ["11-23", "11-25", "12-07", "12-09", "12-21"]


def test_every_third_day_counts_from_the_last_one_that_fired():
    rule = Rule("0 0 8 * * *", every=3, unit="days")
    assert next_moment(rule, at("2026-11-22T00:00"), at("2026-11-20T08:00")) == at("2026-11-23T08:00")


def test_a_length_of_time_is_kept_from_moment_to_moment():
    found = list(islice(moments(Rule(every_s=90), at("2026-01-01T00:00")), 2))
    assert found == [at("2026-01-01T00:01:30"), at("2026-01-01T00:03")]


@pytest.mark.parametrize(
    "rule, text",
    [
        (Rule("every day"), "not a cron expression"),
        (Rule("61 * * * *"), "not a cron expression"),
        (Rule(""), "not a cron expression"),
        (Rule("0 0 30 2 *"), "not a cron expression"),
        (Rule("*/0 * * * *"), "no minute"),
        (Rule("60 * * * *"), "'60' is no minute; it takes 0 to 59"),
        (Rule("* * * * * * *"), "7 fields"),
        (Rule(",".join(["1"] * 1000) + " * * * *"), "longer than 100 characters"),
        (Rule("0 0 29 2 1#5,1#6"), "no weekday"),
        (Rule("1/-1 * * * *"), "no minute"),
        (Rule("\u0661 * * * *"), "no minute"),
        (Rule("0 0 * * 1L#2"), "no weekday"),
        (Rule("L/2 * * * *"), "no minute"),
        (Rule("0 0 * * *", zone="Mars/Phobos"), "no time zone 'Mars/Phobos'"),
        (Rule("0 0 * * *", zone="../../etc/localtime"), "no time zone"),
        (Rule(every_s=60, zone=""), "no time zone"),
        (Rule(every_s=0), "less than a second"),
        (Rule(every_s=10**12), "longer than a year"),
    ],
    ids=lambda value: "" if isinstance(value, str) else f"{value.cron[:16]} {value.every_s} {value.zone}",
)
def test_a_rule_that_names_no_moment_is_refused(rule, text):
    with pytest.raises(RuleInvalid, match=text):
        rule.check()


@pytest.mark.parametrize(
    "rule",
    [Rule("* * * * * *"), Rule("0 0 29 2 *"), Rule("0 0 * * 7"), Rule("0 0 * JAN MON", zone="Asia/Calcutta")],
    ids=["every second", "leap day", "Sunday as 7", "an older name of a zone"],
)
def test_unusual_rules_are_kept(rule):
    rule.check()


def test_an_hour_that_does_not_divide_the_day_is_counted_as_time_passes():
    rule = Rule("0 15 * * * *", every=5, unit="hours", zone=PARIS)
    found = [moment.isoformat()[5:16] for moment in islice(moments(rule, at("2026-10-24T12:00")), 4)]
    assert found == ["10-24T12:15", "10-24T17:15", "10-24T22:15", "10-25T03:15"]


def test_every_fifth_month_goes_on_over_the_year():
    rule = Rule("0 0 9 3 * *", every=5, unit="months")
    assert [f"{moment:%Y-%m}" for moment in islice(moments(rule, at("2026-01-01T00:00")), 4)] == [
        "2026-01",
        "2026-06",
        "2026-11",
        "2027-04",
    ]


HOURLY = Rule("0 * * * *")
FIRST, NOW = at("2026-11-22T09:00"), at("2026-11-22T12:30")


@pytest.mark.parametrize(
    "catch_up, hours", [("skip", []), ("once", [12]), ("all", [9, 10, 11, 12])], ids=["skip", "once", "all"]
)
def test_what_was_missed_in_three_hours(catch_up, hours):
    fired, following = due_moments(HOURLY, FIRST, NOW, catch_up)
    assert [moment.hour for moment in fired] == hours
    assert following == at("2026-11-22T13:00")


@pytest.mark.parametrize("catch_up", ["skip", "once", "all"])
def test_what_is_only_late_fires_under_every_policy(catch_up):
    fired, _ = due_moments(Rule("* * * * * *"), NOW, NOW + timedelta(seconds=2.4), catch_up)
    assert len(fired) == 3


@pytest.mark.parametrize("rule", [Rule("* * * * * *"), Rule(every_s=1)], ids=["cron", "length"])
def test_at_most_a_hundred_are_made_up_for_however_long_it_was(rule):
    fired, following = due_moments(rule, at("2026-01-01T00:00"), NOW, "all")
    assert (len(fired), fired[-1], following) == (100, NOW, NOW + timedelta(seconds=1))
