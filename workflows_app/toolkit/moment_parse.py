"""Reading dates by the format letters that older workflows use: `YYYY-DD-MM`, `D MMM YY HH:mm`, `X`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from workflows_app.toolkit.dates import from_epoch, offset_of, to_24_hours
from workflows_app.toolkit.moment_format import MONTHS, TOKEN

MAX_TEXT = 200
Fields = dict[str, int]


def parse_moment(text: str, pattern: str, zone: tzinfo) -> datetime | None:
    """The moment `text` stands for, in `zone` unless it says its own; None where it does not fit. Characters of the
    pattern that are no letters of a date are passed over, as are characters of the text that nothing asks for."""
    if len(text) > MAX_TEXT or len(pattern) > MAX_TEXT:
        return None
    fields: Fields = {}
    found_zone: tzinfo | None = None
    at = 0
    for found in TOKEN.finditer(pattern):
        reader = READERS.get(found[0])
        if reader is None:
            continue
        match = reader[0].search(text, at)
        if match is None:
            continue
        if found[0] in ("Z", "ZZ"):
            found_zone = offset_of(match[0])
        else:
            reader[1](match[0], fields)
        at = match.end()
    return assembled(fields, found_zone or zone) if fields else None


def assembled(fields: Fields, zone: tzinfo) -> datetime | None:
    if "epoch_ms" in fields:
        return from_epoch(fields["epoch_ms"])
    try:
        hour = fields.get("hour", 0)
        if "pm" in fields:
            hour = to_24_hours(hour, "pm" if fields["pm"] else "am")
        return datetime(
            fields.get("year", datetime.now(UTC).year), fields.get("month", 1), fields.get("day", 1), hour,
            fields.get("minute", 0), fields.get("second", 0), fields.get("micro", 0), tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None


def into(name: str) -> Callable[[str, Fields], None]:
    def read(text: str, fields: Fields) -> None:
        fields[name] = int(re.sub(r"\D+$", "", text))

    return read


def short_year(text: str, fields: Fields) -> None:
    number = int(text)
    fields["year"] = number + (1900 if number > 68 else 2000)


def month_name(text: str, fields: Fields) -> None:
    names = [name[:3].lower() for name in MONTHS]
    if text[:3].lower() in names:
        fields["month"] = names.index(text[:3].lower()) + 1


def fraction(text: str, fields: Fields) -> None:
    fields["micro"] = int(text[:6].ljust(6, "0"))


def half(text: str, fields: Fields) -> None:
    fields["pm"] = int(text.lower().startswith("p"))


def seconds(text: str, fields: Fields) -> None:
    fields["epoch_ms"] = round(float(text) * 1000)


def skip(_: str, __: Fields) -> None:
    """The name of a weekday says nothing new."""


ONE = re.compile(r"\d{1,2}", re.ASCII)
WORD = re.compile(r"[A-Za-z]{3,9}", re.ASCII)
READERS: dict[str, tuple[re.Pattern[str], Callable[[str, Fields], None]]] = {
    "YYYY": (re.compile(r"[+-]?\d{1,6}", re.ASCII), into("year")),
    "YY": (ONE, short_year),
    "MMMM": (WORD, month_name),
    "MMM": (WORD, month_name),
    "MM": (ONE, into("month")),
    "M": (ONE, into("month")),
    "DD": (ONE, into("day")),
    "D": (ONE, into("day")),
    "Do": (re.compile(r"\d{1,2}(?:st|nd|rd|th)", re.ASCII), into("day")),
    "dddd": (WORD, skip),
    "ddd": (WORD, skip),
    "HH": (ONE, into("hour")),
    "H": (ONE, into("hour")),
    "hh": (ONE, into("hour")),
    "h": (ONE, into("hour")),
    "mm": (ONE, into("minute")),
    "m": (ONE, into("minute")),
    "ss": (ONE, into("second")),
    "s": (ONE, into("second")),
    "S": (re.compile(r"\d{1,9}", re.ASCII), fraction),
    "SS": (re.compile(r"\d{1,9}", re.ASCII), fraction),
    "SSS": (re.compile(r"\d{1,9}", re.ASCII), fraction),
    "A": (re.compile(r"[AaPp]\.?[Mm]?", re.ASCII), half),
    "a": (re.compile(r"[AaPp]\.?[Mm]?", re.ASCII), half),
    "Z": (re.compile(r"[Zz]|[+-]\d\d:?\d\d", re.ASCII), skip),
    "ZZ": (re.compile(r"[Zz]|[+-]\d\d:?\d\d", re.ASCII), skip),
    "X": (re.compile(r"[+-]?\d+(?:\.\d{1,3})?", re.ASCII), seconds),
    "x": (re.compile(r"[+-]?\d+", re.ASCII), into("epoch_ms")),
}
