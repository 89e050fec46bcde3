"""Reading dates out of texts and numbers, as n8n does: ISO 8601 first, then HTTP, RFC 2822 and SQL forms, then what
browsers accept. A text without an offset is in the workflow's time zone. Everything returned is aware."""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows_app.engine.workflow import Workflow

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
ISO = re.compile(
    r"(?P<year>[+-]\d{6}|\d{4})"
    r"(?:-?(?:W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?|(?P<month>\d\d)(?:-?(?P<day>\d\d))?|(?P<ordinal>\d{3})))?"
    r"(?:[T ](?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,30}))?)?)?"
    r"\s?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE | re.ASCII,
)
SLASHED = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})(?:,?\s+(?P<rest>.+))?", re.ASCII)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:\s+(?P<rest>.+))?", re.ASCII)
DAY_NAMED = re.compile(
    r"(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]{3,9})\.?[\s,-]+(?P<year>\d{4})(?:,?\s+(?P<rest>.+))?",
    re.IGNORECASE | re.ASCII,
)
MONTH_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?:,?\s+(?P<rest>.+))?",
    re.IGNORECASE | re.ASCII,
)
CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?\s*(?P<half>[ap]m)?\s*"
    r"(?P<zone>Z|(?:GMT|UTC)?(?:[+-]\d\d:?\d\d)?)?(?:\s*\([^)]*\))?",
    re.IGNORECASE | re.ASCII,
)
FIXED_ZONE = re.compile(r"UTC([+-])(\d|0\d|1[0-4])(?::([0-5]\d))?", re.ASCII)
MAX_TEXT = 100


@lru_cache(maxsize=1024)
def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name or of a fixed distance (`UTC-7`, `UTC+5:30`); UTC for an unknown one (a check of the
    workflow reports those)."""
    fixed = FIXED_ZONE.fullmatch(name)
    if fixed:
        distance = timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        return timezone(-distance if fixed[1] == "-" else distance)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def zone_of(workflow: Workflow) -> tzinfo:
    """The workflow's own zone; UTC where it has none."""
    name = str(workflow.settings.get("timezone") or "")
    return UTC if name in ("", "DEFAULT") else zone_named(name)


def parse_date(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """The moment a text or datetime stands for; None if it is none. Numbers are not dates here (see `from_epoch`)."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not 3 < len(text) <= MAX_TEXT:
        return None
    try:
        return parse_iso(text, zone) or parse_mail(text, zone) or parse_human(text, zone)
    except (ValueError, OverflowError):
        return None


def parse_iso(text: str, zone: tzinfo) -> datetime | None:
    found = ISO.fullmatch(text)
    if not found:
        return None
    part = found.groupdict()
    if part["week"]:
        day = datetime.fromisocalendar(int(part["year"]), int(part["week"]), int(part["weekday"] or 1))
    elif part["ordinal"]:
        day = datetime(int(part["year"]), 1, 1, tzinfo=zone) + timedelta(days=int(part["ordinal"]) - 1)
    else:
        day = datetime(int(part["year"]), int(part["month"] or 1), int(part["day"] or 1), tzinfo=zone)
    return at_clock(day, part, zone)


def at_clock(day: datetime, part: dict[str, str | None], zone: tzinfo) -> datetime:
    """That day at the hour, minute, second and fraction in `part`, in its own offset or in `zone`."""
    hour = int(part["hour"] or 0)
    micro = int((part.get("fraction") or "")[:6].ljust(6, "0"))
    extra = timedelta(days=1) if hour == 24 and not int(part["minute"] or 0) else timedelta()
    moment = day.replace(
        hour=0 if extra else hour, minute=int(part["minute"] or 0), second=int(part["second"] or 0), microsecond=micro
    )
    return (moment + extra).replace(tzinfo=offset_of(part.get("zone") or "") or zone)


def offset_of(text: str) -> tzinfo | None:
    """`Z`, `GMT`, `+02:00`, `GMT-0400`; None for no text."""
    if not text:
        return None
    digits = text.upper().removeprefix("GMT").removeprefix("UTC").removeprefix("Z").replace(":", "")
    if not digits:
        return UTC
    minutes = int(digits[1:3]) * 60 + int(digits[3:5] or 0)
    return timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes))


def parse_mail(text: str, zone: tzinfo) -> datetime | None:
    """`Wed, 21 Oct 2015 07:28:00 GMT` and its relatives."""
    if not re.match(r"[A-Za-z]{3},\s", text):
        return None
    parts = parsedate_tz(text)
    if parts is None:
        return None
    offset = timezone(timedelta(seconds=parts[9])) if parts[9] is not None else None
    has_zone = bool(re.search(r"(?:GMT|UTC|Z|[A-Z]{3}|[+-]\d{4})$", text))
    return datetime(*parts[:6], tzinfo=offset if has_zone and offset else zone)


def parse_human(text: str, zone: tzinfo) -> datetime | None:
    """`10/21/2015 7:28 PM`, `21 Oct 2015`, `October 21, 2015 07:28`."""
    for pattern in (SLASHED, YEAR_FIRST, DAY_NAMED, MONTH_NAMED):
        found = pattern.fullmatch(text)
        if found:
            month = found["month"] if found["month"].isdigit() else MONTHS.get(found["month"][:3].lower(), 0)
            clock = CLOCK.fullmatch((found["rest"] or "0:00").strip())
            if clock is None or not month:
                return None
            part = clock.groupdict()
            part["hour"] = str(to_24_hours(int(part["hour"] or 0), (part["half"] or "").lower()))
            day = datetime(int(found["year"]), int(month), int(found["day"]), tzinfo=zone)
            return at_clock(day, part, zone)
    return None


def to_24_hours(hour: int, half: str) -> int:
    if not half:
        return hour
    return hour % 12 + (12 if half == "pm" else 0)


def from_epoch(value: float, *, unit: str = "ms") -> datetime | None:
    """Milliseconds (or seconds) since 1970; None outside the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(value / 1000 if unit == "ms" else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def millis(value: datetime) -> int:
    return round(value.timestamp() * 1000)
