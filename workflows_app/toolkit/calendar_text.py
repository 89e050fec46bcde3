"""iCalendar files: writing one event or many, and reading events back as n8n shows them."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import iso_text
from workflows_app.toolkit.dates import zone_named

MAX_EVENTS = 10_000
MAX_LINES = 500_000
FOLD = 74
LINE = re.compile(
    r"(?P<name>[A-Za-z0-9-]{1,60})(?P<params>(?:;[^\":;]{1,200}(?:\"[^\"]{0,2000}\"[^\":;]{0,200})*)*):(?P<value>.*)",
    re.DOTALL,
)
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    needs_answer: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """`end` of a day-long event is its last day."""

    uid: str
    start: datetime
    end: datetime
    is_all_day: bool = False
    title: str = ""
    description: str = ""
    location: str = ""
    url: str = ""
    status: str = ""
    busy: str = ""
    recurrence: str = ""
    latitude: str = ""
    longitude: str = ""
    organizer: Person | None = None
    attendees: tuple[Person, ...] = field(default=())


def write_calendar(events: list[Event], *, now: datetime, name: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", "PRODID:-//PumpFlix//EN", "METHOD:PUBLISH"]
    if name:
        lines.append(f"X-WR-CALNAME:{quoted(name)}")
    for event in events:
        lines += event_lines(event, now)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in folded(line)).encode()


def event_lines(event: Event, now: datetime) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{quoted(event.uid)}", f"SUMMARY:{quoted(event.title)}", f"DTSTAMP:{stamp(now)}"]
    if event.is_all_day:
        last = event.end + timedelta(days=1)
        lines += [f"DTSTART;VALUE=DATE:{event.start:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"]
    else:
        lines += [f"DTSTART:{stamp(event.start)}", f"DTEND:{stamp(event.end)}"]
    plain = (
        ("DESCRIPTION", event.description), ("LOCATION", event.location), ("URL", event.url),
        ("STATUS", event.status.upper()), ("X-MICROSOFT-CDO-BUSYSTATUS", event.busy.upper()),
    )  # fmt: skip
    lines += [f"{key}:{quoted(value)}" for key, value in plain if value]
    if event.latitude and event.longitude:
        lines.append(f"GEO:{quoted(event.latitude)};{quoted(event.longitude)}")
    if event.recurrence:
        lines.append(f"RRULE:{one_line(event.recurrence)}")
    if event.organizer is not None:
        lines.append(f"ORGANIZER;CN={parameter(event.organizer.name)}:mailto:{one_line(event.organizer.email)}")
    for person in event.attendees:
        asked = "TRUE" if person.needs_answer else "FALSE"
        lines.append(f"ATTENDEE;RSVP={asked};CN={parameter(person.name)}:mailto:{one_line(person.email)}")
    return [*lines, "END:VEVENT"]


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def one_line(text: str) -> str:
    """Raises ParameterError for what would begin a line of its own."""
    if any(char in text for char in "\r\n\0"):
        raise ParameterError("A value of the event has a line break.", hint="Write it in one line.")
    return text


def quoted(text: str) -> str:
    escaped = re.sub(r"([\\;,])", r"\\\1", text.replace("\r\n", "\n").replace("\r", "\n"))
    return escaped.replace("\n", "\\n").replace("\x00", "")


def parameter(text: str) -> str:
    """The value of a parameter: quotes are not allowed inside, all else is fine between quotes."""
    clean = one_line(text).replace('"', "'")
    return f'"{clean}"' if any(char in clean for char in ":;,") else clean


def folded(line: str) -> list[str]:
    """Lines of at most 75 bytes; a continuation begins with a blank. No character is cut."""
    parts, current, size = [], "", 0
    for char in line:
        width = len(char.encode())
        if size + width > FOLD:
            parts.append(current)
            current, size = " ", 1
        current, size = current + char, size + width
    return [*parts, current]


def read_calendar(text: str) -> list[JsonObject]:
    """The events of a file, in its order. Raises UserError for text that is no calendar."""
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines[:50]) or len(lines) > MAX_LINES:
        raise UserError("This file is not a calendar.", code="file_damaged", hint="Choose a file in iCalendar format.")
    events: list[JsonObject] = []
    current: JsonObject | None = None
    depth = 0
    for line in lines:
        upper = line.strip().upper()
        if upper == "BEGIN:VEVENT":
            current = {"type": "VEVENT"}
        elif upper == "END:VEVENT" and current is not None:
            events.append(current)
            current = None
        elif upper.startswith(("BEGIN:", "END:")):
            depth += 1 if upper.startswith("BEGIN:") else -1
        elif current is not None and len(events) < MAX_EVENTS and depth <= 1:
            add_line(current, line)
    return events


KEYS = {"dtstart": "start", "dtend": "end", "last-modified": "lastmodified", "recurrence-id": "recurrenceid"}
DATES = ("start", "end", "dtstamp", "created", "lastmodified", "recurrenceid")
REPEATED = ("attendee", "categories", "exdate")


def add_line(event: JsonObject, line: str) -> None:
    found = LINE.fullmatch(line)
    if found is None:
        return
    name = found["name"].lower()
    key = KEYS.get(name, name)
    params = dict(part.partition("=")[::2] for part in found["params"].split(";") if part)
    params = {label.upper(): value.strip('"') for label, value in params.items()}
    value: Any = moment_text(found["value"], params.get("TZID", "")) if key in DATES else unquoted(found["value"])
    if key == "start" and "T" not in found["value"]:
        event["datetype"] = "date"
    if key in ("attendee", "organizer"):
        value = {"params": params, "val": value}
    if key == "categories":
        event.setdefault(key, []).extend(value.split(","))
    elif key in REPEATED:
        event.setdefault(key, []).append(value)
    else:
        event[key] = value


def moment_text(value: str, zone: str) -> str:
    """A date as ISO text: a day alone as it is, a time in UTC."""
    found = MOMENT.fullmatch(value.strip())
    if found is None:
        return value
    try:
        year, month, day = (int(found[number]) for number in (1, 2, 3))
        if found[4] is None:
            return date(year, month, day).isoformat()
        hour, minute, second = (int(found[number]) for number in (4, 5, 6))
        place = UTC if found[7] or not zone else zone_named(zone)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=place)
        return iso_text(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return value


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)
