"""Cron expressions: what is wrong with one, and its moments day by day, around changes of the clocks too.

cronsim reads the fields and judges days. The moments of a day are worked out here: cronsim's own walk leaves out
minutes after a change of the clocks by half an hour, and takes the second of six fields into a gap."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from cronsim.cronsim import Field

LONGEST = 100
FIELDS = ("minute", "hour", "day of month", "month", "weekday")
KINDS = (Field.MINUTE, Field.HOUR, Field.DAY, Field.MONTH, Field.DOW)
SPANS = ("0 to 59", "0 to 23", "1 to 31", "1 to 12", "0 to 6, where 0 is Sunday")
ANY_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - without a zone cronsim keeps its hands off changes of the clocks


class NotCron(ValueError):
    """The text says what is wrong, without the expression."""


@dataclass(frozen=True, slots=True)
class Cron:
    """`follows_time`: it fires at every minute whose clock time fits, as often as that comes; else once for each."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: CronSim
    follows_time: bool

    def fits_day(self, day: date) -> bool:
        return day.month in self.days.months and self.days.match_day(day)


@lru_cache(maxsize=2048)
def parse(text: str) -> Cron:
    """Five fields, or six with seconds first. Raises NotCron."""
    if len(text) > LONGEST:
        raise NotCron(f"it is longer than {LONGEST} characters")
    parts = text.upper().split()
    if len(parts) not in (5, 6):
        count = f"{len(parts)} field{'' if len(parts) == 1 else 's'}"
        raise NotCron(f"it has {count}; five are needed: {', '.join(FIELDS)}; seconds may come first")
    seconds = read(Field.SECOND, "second", "0 to 59", parts[0]) if len(parts) == 6 else {0}
    five = parts[-5:]
    minutes, hours, *_ = [read(*about) for about in zip(KINDS, FIELDS, SPANS, five, strict=True)]
    try:
        days = CronSim(" ".join(five), ANY_DAY)
    except CronSimError as error:
        raise NotCron("no month that it names has such a day") from error
    follows_time = five[0].startswith("*") or five[1].startswith("*")
    return Cron(numbers(seconds), numbers(minutes), numbers(hours), days, follows_time)


def read(kind: Field, name: str, span: str, text: str) -> Iterable[object]:
    """The values of one field. Raises NotCron."""
    try:
        return kind.parse(text)
    except (CronSimError, ValueError, AssertionError) as error:
        raise NotCron(f"'{text[:20]}' is no {name}; it takes {span}") from error


def numbers(values: Iterable[object]) -> tuple[int, ...]:
    return tuple(sorted(value for value in values if isinstance(value, int)))


def fields_of(text: str) -> tuple[tuple[int, ...], str]:
    """The seconds, and the five fields after them."""
    return parse(text).seconds, " ".join(text.split()[-5:])


def moments_from(cron: Cron, start: datetime, days: int) -> Iterator[tuple[date, datetime]]:
    """Moments from the day of `start` on, in its zone, for so many days: the day that names it, and the moment in UTC,
    in order. Some may lie before `start`."""
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    first = start.date() - timedelta(days=1)
    for day in (first + timedelta(days=number) for number in range(days)):
        if cron.fits_day(day):
            for moment in day_moments(cron, zone, day, start):
                yield day, moment


def day_moments(cron: Cron, zone: ZoneInfo, day: date, start: datetime) -> Iterator[datetime]:
    midnight = datetime.combine(day, time(), zone)
    opening, closing = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
    if opening == closing and (midnight + timedelta(hours=12)).utcoffset() == opening:
        return plain_day(cron, midnight.astimezone(UTC), start)
    return changed_day(cron, zone, day)


def plain_day(cron: Cron, midnight: datetime, start: datetime) -> Iterator[datetime]:
    """Nothing changes: hours and minutes add up. Hours that are over before `start` are left out."""
    for hour in cron.hours:
        if midnight + timedelta(hours=hour + 1) <= start:
            continue
        for minute in cron.minutes:
            for second in cron.seconds:
                yield midnight + timedelta(hours=hour, minutes=minute, seconds=second)


def changed_day(cron: Cron, zone: ZoneInfo, day: date) -> Iterator[datetime]:
    found: set[datetime] = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            shown = datetime.combine(day, time(hour, minute), zone)
            if not is_real(shown):
                found |= set() if cron.follows_time else {after_gap(shown)}
                continue
            both = (shown, shown.replace(fold=1)) if cron.follows_time else (shown,)
            found |= {one.astimezone(UTC) + timedelta(seconds=second) for one in both for second in cron.seconds}
    return iter(sorted(found))


def is_real(shown: datetime) -> bool:
    """Whether clocks ever show it: not in a gap."""
    return shown.astimezone(UTC).astimezone(shown.tzinfo).replace(tzinfo=None) == shown.replace(tzinfo=None)


def after_gap(shown: datetime) -> datetime:
    """The first real moment after a time that clocks leave out."""
    while not is_real(shown):
        shown += timedelta(minutes=1)
    return shown.astimezone(UTC)
