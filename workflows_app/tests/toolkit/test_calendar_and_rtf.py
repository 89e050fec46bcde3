"""Calendars and RTF tables: what programs write, and what is thrown at a parser."""

import time
from datetime import UTC, datetime

import pytest

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.toolkit.calendar_text import Event, Person, folded, moment_text, read_calendar, write_calendar
from workflows_app.toolkit.rtf import rtf_cells

pytestmark = pytest.mark.nodes

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def calendar(inner: str) -> str:
    return f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{inner}\nEND:VEVENT\nEND:VCALENDAR\n"


def test_an_event_is_read_back_as_it_was_written() -> None:
    event = Event(
        uid="u", start=NOW, end=NOW, title="Tea, " + "é" * 100, description="a\nb", status="confirmed", busy="free"
    )
    (seen,) = read_calendar(write_calendar([event], now=NOW).decode())
    assert seen["summary"] == event.title
    assert (seen["description"], seen["start"], seen["status"]) == ("a\nb", "2026-03-01T09:30:00.000Z", "CONFIRMED")
    assert seen["x-microsoft-cdo-busystatus"] == "FREE"


def test_long_lines_are_folded_between_characters() -> None:
    parts = folded("SUMMARY:" + "😀" * 60)
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == "SUMMARY:" + "😀" * 60


def test_an_address_cannot_begin_a_line() -> None:
    person = Person("A", "a@mail.example\r\nATTENDEE:mailto:all@mail.example")
    with pytest.raises(ParameterError):
        write_calendar([Event(uid="u", start=NOW, end=NOW, attendees=(person,))], now=NOW)


@pytest.mark.parametrize(
    "value, zone, shown",
    [
        ("20260301", "", "2026-03-01"),
        ("20260301T100000Z", "", "2026-03-01T10:00:00.000Z"),
        ("20260701T100000", "Europe/Berlin", "2026-07-01T08:00:00.000Z"),
        ("20260301T100000", "No/Where", "2026-03-01T10:00:00.000Z"),
        ("20261399", "", "20261399"),
        ("soon", "", "soon"),
    ],
)
def test_dates_are_shown_as_iso_text(value: str, zone: str, shown: str) -> None:
    assert moment_text(value, zone) == shown


def test_what_is_no_calendar_is_refused() -> None:
    with pytest.raises(UserError):
        read_calendar("hello")


def test_lines_that_are_no_properties_are_left_out() -> None:
    assert read_calendar(calendar("nonsense\nUID:1\nEXDATE:20260301\nEXDATE:20260302")) == [
        {"type": "VEVENT", "uid": "1", "exdate": ["20260301", "20260302"]}
    ]


@pytest.mark.parametrize("line", ["A;" * 50_000, 'A;B="' * 50_000, "A" * 100_000 + ":", ";" * 100_000])
def test_a_hostile_line_is_read_quickly(line: str) -> None:
    began = time.monotonic()
    read_calendar(calendar(line))
    assert time.monotonic() - began < 1


def test_cells_of_a_real_document_are_read() -> None:
    text = (
        r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator X;}\trowd\cellx1\cellx2\pard\intbl{\b Name}\cell"
        r" \'e9\u233?\{x\}\cell\row"
        "\r\n"
        r"\trowd\pard\intbl 12\cell a\line b\tab c\cell\row}"
    )
    assert rtf_cells(text) == [["Name", "éé{x}"], [12, "a\nb\tc"]]


@pytest.mark.parametrize(
    "text", ["{\\rtf1" + "{" * 200_000, "{\\rtf1" + "\\" * 200_001, "{\\rtf1" + "\\u1" * 50_000 + "}}}"]
)
def test_hostile_rtf_is_read_quickly(text: str) -> None:
    began = time.monotonic()
    assert rtf_cells(text) == []
    assert time.monotonic() - began < 2


def test_what_is_no_rtf_is_refused() -> None:
    with pytest.raises(UserError):
        rtf_cells("hello")
