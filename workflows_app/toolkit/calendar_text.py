"""iCalendar files: writing one event or many."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workflows_app.engine.errors import ParameterError

FOLD = 74


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
    lines.append("X-PUBLISHED-TTL:PT1H")
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
