"""When a schedule has to fire: a walk over every minute of a day, with nothing but `zoneinfo`.

A job whose minute or hour field begins with a star fires at every minute whose clock time fits. Any other fires once
for each time that the day names: at the first of two equal times, or at the first moment after a gap that holds it."""

import calendar
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
RANGES = {"second": (0, 59), "minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 6)}


@dataclass(frozen=True)
class Wanted:
    """A cron expression of five or six fields, or a length of time in seconds that counts from `begin`. Of an
    expression only the days count whose distance from the first one is a multiple of `every_days`."""

    cron: str
    zone: str
    every_s: int = 0
    every_days: int = 1


def fires(wanted: Wanted, begin: datetime, end: datetime, anchor: datetime | None = None) -> list[datetime]:
    """Every moment after `begin` and up to `end`, in UTC. `anchor` is a moment on a day that counts."""
    if wanted.every_s:
        step = timedelta(seconds=wanted.every_s)
        return [begin + step * number for number in range(1, (end - begin) // step + 1)]
    zone = ZoneInfo(wanted.zone)
    counted = None if anchor is None else anchor.astimezone(zone).date()
    kept = []
    for moment in walk(wanted, zone, begin, end):
        day = moment.astimezone(zone).date()
        counted = counted or day
        if (day - counted).days % wanted.every_days == 0:
            kept.append(moment)
    return kept


def walk(wanted: Wanted, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    parts = tuple(wanted.cron.split())
    seconds: Set[int] = {0}
    if len(parts) == 6:
        seconds, parts = numbers(parts[0], "second"), parts[1:]
    follows_time = parts[0].startswith("*") or parts[1].startswith("*")
    for minute in minutes(zone, begin.replace(second=0), end):
        if follows_time:
            hits = seconds if fits(parts, minute.shown) else set()
        else:
            hits = seconds if fits(parts, minute.shown) and not minute.is_repeat else set()
            hits = hits | {0} if any(fits(parts, one) for one in minute.skipped) else hits
        for second in sorted(hits):
            moment = minute.at + timedelta(seconds=second)
            if begin < moment <= end:
                yield moment


@dataclass(frozen=True)
class Minute:
    """What a clock on the wall shows, whether it did before, and what it left out right before."""

    at: datetime
    shown: datetime
    is_repeat: bool
    skipped: tuple[datetime, ...]


@cache
def minutes(zone: ZoneInfo, begin: datetime, end: datetime) -> list[Minute]:
    found, at, before = [], begin, shown_at(begin - MINUTE, zone)
    while at <= end:
        shown = shown_at(at, zone)
        skipped = tuple(before + MINUTE * number for number in range(1, int((shown - before) / MINUTE)))
        found.append(Minute(at, shown, at.astimezone(zone).fold == 1, skipped))
        at, before = at + MINUTE, shown
    return found


def shown_at(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def fits(parts: tuple[str, ...], shown: datetime) -> bool:
    minute, hour, day, month, weekday = parts
    if shown.minute not in numbers(minute, "minute") or shown.hour not in numbers(hour, "hour"):
        return False
    if shown.month not in numbers(month, "month"):
        return False
    by_day, by_weekday = day_fits(day, shown.date()), weekday_fits(weekday, shown.date())
    if day.startswith("*") or weekday.startswith("*"):
        return by_day and by_weekday
    return by_day or by_weekday


def day_fits(text: str, shown: date) -> bool:
    if text == "L":
        return shown.day == calendar.monthrange(shown.year, shown.month)[1]
    return shown.day in numbers(text, "day")


def weekday_fits(text: str, shown: date) -> bool:
    number = shown.isoweekday() % 7
    if "#" in text:
        wanted, nth = text.split("#")
        return number == int(wanted) and (shown.day - 1) // 7 + 1 == int(nth)
    if text.endswith("L"):
        return number == int(text[:-1]) and (shown + timedelta(days=7)).month != shown.month
    return number in numbers(text, "weekday")


@cache
def numbers(text: str, field: str) -> frozenset[int]:
    """`*`, `*/n`, `a`, `a-b`, `a-b/n` and lists of them."""
    found: set[int] = set()
    for term in text.split(","):
        span, _, step = term.partition("/")
        low, high = RANGES[field] if span == "*" else (int(one) for one in (span.split("-") * 2)[:2])
        found.update(range(low, high + 1, int(step or 1)))
    return frozenset(found)
