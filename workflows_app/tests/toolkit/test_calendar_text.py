"""Calendars: what is written."""

from datetime import UTC, datetime

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.tests.toolkit.asking import ASKER
from workflows_app.toolkit.calendar_text import Event, Person, folded, write_calendar
from workflows_app.toolkit.documents import ask

pytestmark = pytest.mark.nodes

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_an_event_is_read_back_as_it_was_written() -> None:
    event = Event(uid="u", start=NOW, end=NOW, title="Tea", description="a", status="confirmed", busy="free")
    read, _ = ask(ASKER, "calendar", {"text": write_calendar([event], now=NOW).decode()})
    (seen,) = read["events"]
    assert seen["summary"] == event.title
    assert (seen["description"], seen["status"]) == ("a", "CONFIRMED")
    assert seen["start"] == {"date": "2026-03-01T09:30:00.000Z", "type": "DATE-TIME"}


def test_long_lines_are_folded_between_characters() -> None:
    parts = folded("SUMMARY:" + "😀" * 60)
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == "SUMMARY:" + "😀" * 60


def test_an_address_cannot_begin_a_line() -> None:
    person = Person("A", "a@mail.example\r\nATTENDEE:mailto:all@mail.example")
    with pytest.raises(ParameterError):
        write_calendar([Event(uid="u", start=NOW, end=NOW, attendees=(person,))], now=NOW)
