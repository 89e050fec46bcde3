"""Dates of the fast path: `$now`, `$today`, `DateTime.fromISO(text)` and the few methods most expressions use on them.

A moment never leaves the fast path: what an expression yields is text or a number made of one, or the child's to say.
Arithmetic is luxon's: years to days move the calendar and keep the time of day, hours and less move the clock.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from workflows_app.engine.expression.javascript import Defer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = range(1971, 2200)
MOST_UNITS = 100_000
FIXED = {"utc", "gmt"}
"""Zones that luxon takes for the fixed one, whose offset is written `Z`."""
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?)?", re.ASCII)
_TOKEN = re.compile(r"yyyy|MM|dd|HH|mm|ss|SSS|[^A-Za-z'\[\]]", re.ASCII)
CALENDAR = {"years": 12, "year": 12, "months": 1, "month": 1}
DAYS = {"weeks": 7, "week": 7, "days": 1, "day": 1}
CLOCK_MS = {
    "hours": 3_600_000, "hour": 3_600_000, "minutes": 60_000, "minute": 60_000, "seconds": 1_000, "second": 1_000,
    "milliseconds": 1, "millisecond": 1,
}  # fmt: skip
FIELDS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Moment:
    """Milliseconds since 1970, seen from a zone. `is_fixed`: the zone is UTC itself."""

    ms: int
    zone: tzinfo
    is_fixed: bool

    @property
    def wall(self) -> datetime:
        return (EPOCH + timedelta(milliseconds=self.ms)).astimezone(self.zone)


@lru_cache(maxsize=256)
def zone_of(name: str) -> tuple[tzinfo, bool]:
    """Raises Defer for names that only the child may know."""
    if name.lower() in FIXED:
        return UTC, True
    try:
        return ZoneInfo(name), False
    except (OSError, ValueError) as error:
        raise Defer from error


def moment(at: datetime, zone_name: str) -> Moment:
    zone, is_fixed = zone_of(zone_name)
    return checked(Moment((at - EPOCH) // timedelta(milliseconds=1), zone, is_fixed))


def checked(value: Moment) -> Moment:
    if value.wall.year not in YEARS:
        raise Defer
    return value


def offset_ms(zone: tzinfo, ms: int) -> int:
    offset = (EPOCH + timedelta(milliseconds=ms)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


def at_wall(wall: datetime, near_offset: int, like: Moment) -> Moment:
    """The moment at which clocks of the zone show that. Where they never do, or do twice, luxon's choice."""
    local = (wall.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
    guess = local - near_offset
    second = offset_ms(like.zone, guess)
    if second != near_offset:
        guess -= second - near_offset
        third = offset_ms(like.zone, guess)
        if third != second:
            guess = local - min(second, third)
    return checked(Moment(guess, like.zone, like.is_fixed))


def start_of_day(value: Moment) -> Moment:
    wall = value.wall.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return at_wall(wall, offset_ms(value.zone, value.ms), value)


def from_iso(text: Any, now: Moment) -> Moment:
    """A date, or a date and time without offset. `now` gives the zone."""
    found = _ISO.fullmatch(text) if type(text) is str else None
    if found is None:
        raise Defer
    year, month, day, *clock = (int(part or 0) for part in found.groups())
    hour, minute, second, thousandths = clock
    try:
        wall = datetime(year, month, day, hour, minute, second, thousandths * 1000)  # noqa: DTZ001
    except ValueError as error:
        raise Defer from error
    if wall.year not in YEARS:
        raise Defer
    return at_wall(wall, offset_ms(now.zone, now.ms), now)


def plus(value: Any, units: Any) -> Moment:
    return moved(value, units, 1)


def minus(value: Any, units: Any) -> Moment:
    return moved(value, units, -1)


def moved(value: Any, units: Any, sign: int) -> Moment:
    if type(value) is not Moment or type(units) is not dict or not units:
        raise Defer
    if len({name.removesuffix("s") for name in units}) < len(units):
        raise Defer
    months = days = clock = 0
    for name, count in units.items():
        if type(count) is not int or abs(count) > MOST_UNITS:
            raise Defer
        if name in CALENDAR:
            months += sign * count * CALENDAR[name]
        elif name in DAYS:
            days += sign * count * DAYS[name]
        elif name in CLOCK_MS:
            clock += sign * count * CLOCK_MS[name]
        else:
            raise Defer
    if months or days:
        value = on_another_day(value, months, days)
    return checked(Moment(value.ms + clock, value.zone, value.is_fixed)) if clock else value


def on_another_day(value: Moment, months: int, days: int) -> Moment:
    wall = value.wall.replace(tzinfo=None)
    count = wall.year * 12 + wall.month - 1 + months
    year, month = divmod(count, 12)
    if year not in YEARS:
        raise Defer
    day = min(wall.day, monthrange(year, month + 1)[1])
    try:
        wall = wall.replace(year=year, month=month + 1, day=day) + timedelta(days=days)
    except OverflowError as error:
        raise Defer from error
    return at_wall(wall, offset_ms(value.zone, value.ms), value)


def to_iso(value: Any) -> str:
    if type(value) is not Moment:
        raise Defer
    wall = value.wall
    return f"{wall:%Y-%m-%dT%H:%M:%S}.{wall.microsecond // 1000:03d}{offset_text(value)}"


def offset_text(value: Moment) -> str:
    if value.is_fixed:
        return "Z"
    minutes, rest = divmod(offset_ms(value.zone, value.ms), 60_000)
    if rest:
        raise Defer
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def to_iso_date(value: Any) -> str:
    if type(value) is not Moment:
        raise Defer
    return f"{value.wall:%Y-%m-%d}"


def to_millis(value: Any) -> int:
    if type(value) is not Moment:
        raise Defer
    return value.ms


def to_format(value: Any, pattern: Any) -> str:
    """Numbers of fixed width with signs between them."""
    if type(value) is not Moment or type(pattern) is not str or not pattern.isascii():
        raise Defer
    wall, out, place = value.wall, [], 0
    parts = {
        "yyyy": f"{wall.year:04d}", "MM": f"{wall.month:02d}", "dd": f"{wall.day:02d}", "HH": f"{wall.hour:02d}",
        "mm": f"{wall.minute:02d}", "ss": f"{wall.second:02d}", "SSS": f"{wall.microsecond // 1000:03d}",
    }  # fmt: skip
    while place < len(pattern):
        found = _TOKEN.match(pattern, place)
        end = found.end() if found else place
        # A letter more makes another token of it.
        if found is None or (found[0].isalpha() and pattern[end : end + 1] == found[0][0]):
            raise Defer
        out.append(parts.get(found[0], found[0]))
        place = end
    return "".join(out)


def field_of(value: Moment, name: Any) -> int:
    if name not in FIELDS:
        raise Defer
    return int(getattr(value.wall, name))
