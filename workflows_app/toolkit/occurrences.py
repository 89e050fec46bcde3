"""The moments a schedule names, from a cron expression or a length of time.

Around a change of the clocks: a job at a set time fires once, at the first moment after a gap or at the first of two
equal times; a job whose minute or hour begins with a star fires whenever the clock time fits, so that a day has 23 or
25 of an hourly one."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from workflows_app.toolkit import cron
from workflows_app.toolkit.schedules import Unit

CatchUp = Literal["skip", "once", "all"]

MOST_CAUGHT_UP = 100
LATE_S = 10
"""Up to here a tick is late, beyond it it was missed."""
STEPS = 2_000
LOOK_BACK = timedelta(hours=2)
NEVER_DAYS = 9 * 366
LONGEST_S = 366 * 86_400


class RuleInvalid(ValueError):
    """The text says what is wrong with the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A cron expression of five fields, or of six with seconds first; or a whole number of seconds in `every_s`. Of the
    moments of an expression only those in every `every`-th hour, day, week or month
    count, where `unit` names one."""

    cron: str = ""
    every_s: int | None = None
    every: int = 1
    unit: Unit = ""
    zone: str = "UTC"

    def check(self) -> None:
        """Raises RuleInvalid."""
        check_zone(self.zone)
        if self.every_s is not None:
            check_length(self.every_s)
            return
        try:
            first = next(moments(self, datetime(2026, 1, 1, tzinfo=UTC)), None)
        except cron.NotCron as error:
            raise RuleInvalid(f"'{self.cron[:60]}' is not a cron expression: {error}") from error
        if first is None:
            raise RuleInvalid(f"'{self.cron[:60]}' names no moment in nine years")


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_zone(name: str) -> None:
    if name not in zones():
        raise RuleInvalid(f"there is no time zone '{name[:60]}'; enter one such as Europe/Paris")


def check_length(seconds: int) -> None:
    if seconds < 1:
        raise RuleInvalid("the time between two starts is less than a second")
    if seconds > LONGEST_S:
        raise RuleInvalid("the time between two starts is longer than a year")


def moments(rule: Rule, after: datetime, anchor: datetime | None = None) -> Iterator[datetime]:
    """Every moment after that one, in UTC. `anchor` lies in a day or week that counts; without it the first does."""
    if rule.every_s is not None:
        yield from (after + timedelta(seconds=rule.every_s * number) for number in itertools.count(1))
        return
    zone = ZoneInfo(rule.zone)
    counted = None if anchor is None else unit_number(rule, anchor.astimezone(zone))
    latest = after
    for day, moment in cron.moments_from(cron.parse(rule.cron), after.astimezone(zone), NEVER_DAYS):
        if moment <= latest:
            continue
        number = unit_number(rule, moment if rule.unit == "hours" else day)
        if rule.every > 1 and counted is not None and (number - counted) % rule.every:
            continue
        counted = number if counted is None else counted
        latest = moment
        yield moment


def unit_number(rule: Rule, moment: date) -> int:
    """The number of its day, of its week from Monday, of its month, or of its hour as time passes."""
    if rule.unit == "hours" and isinstance(moment, datetime):
        return int(moment.timestamp() // 3600)
    if rule.unit == "months":
        return moment.year * 12 + moment.month
    day = moment.toordinal()
    return (day - 1) // 7 if rule.unit == "weeks" else day


def next_moment(rule: Rule, after: datetime, anchor: datetime | None = None) -> datetime | None:
    return next(moments(rule, after, anchor), None)


def due_moments(
    rule: Rule, first: datetime, now: datetime, catch_up: CatchUp, anchor: datetime | None = None
) -> tuple[list[datetime], datetime | None]:
    """Which moments from `first`, which is due, until now start a run, and the next one after. Moments missed by more
    than ten seconds are left out, made up for by one run, or all made up for, the last hundred at most."""
    passed, following = passed_moments(rule, first, now, anchor or first)
    on_time = [moment for moment in passed if (now - moment).total_seconds() <= LATE_S]
    if catch_up == "all":
        return passed[-MOST_CAUGHT_UP:], following
    if catch_up == "once" and not on_time:
        return passed[-1:], following
    return on_time, following


def passed_moments(
    rule: Rule, first: datetime, now: datetime, anchor: datetime
) -> tuple[list[datetime], datetime | None]:
    """Those from `first` to `now`, and the one after. After so long a time that they are thousands, those of the last
    two hours."""
    if rule.every_s is not None:
        step = timedelta(seconds=rule.every_s)
        newest = (now - first) // step
        numbers = range(max(0, newest - MOST_CAUGHT_UP + 1), newest + 1)
        return [first + step * number for number in numbers], first + step * (newest + 1)
    passed = [first]
    for moment in moments(rule, first, anchor):
        if moment > now:
            return passed, moment
        passed.append(moment)
        if len(passed) == STEPS and now - moment > LOOK_BACK:
            return passed_since(rule, now - LOOK_BACK, now, anchor)
    return passed, None


def passed_since(
    rule: Rule, start: datetime, now: datetime, anchor: datetime
) -> tuple[list[datetime], datetime | None]:
    passed: list[datetime] = []
    for moment in moments(rule, start, anchor):
        if moment > now:
            return passed, moment
        passed.append(moment)
    return passed, None
