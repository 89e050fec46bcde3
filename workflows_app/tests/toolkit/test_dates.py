"""Dates out of texts."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from workflows_app.engine.workflow import Workflow
from workflows_app.toolkit.dates import from_epoch, millis, parse_date, zone_named, zone_of

pytestmark = pytest.mark.nodes

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "text, iso",
    [
        ("2026-03-01", "2026-03-01T00:00:00+01:00"),
        ("2026-03", "2026-03-01T00:00:00+01:00"),
        ("2026-07-01T10:00", "2026-07-01T10:00:00+02:00"),
        ("20260301T093000Z", "2026-03-01T09:30:00+00:00"),
        ("2026-03-01T24:00:00", "2026-03-02T00:00:00+01:00"),
        ("2026-W10-1", "2026-03-02T00:00:00+01:00"),
        ("2026-060", "2026-03-01T00:00:00+01:00"),
        ("2026-03-01 09:30:00.5", "2026-03-01T09:30:00.500000+01:00"),
        ("2026-03-01T09:30:00-0500", "2026-03-01T09:30:00-05:00"),
        ("Sun, 01 Mar 2026 09:30:00 GMT", "2026-03-01T09:30:00+00:00"),
        ("Sun, 1 Mar 2026 09:30:00 +0530", "2026-03-01T09:30:00+05:30"),
        ("Sun, 1 Mar 2026 09:30:00", "2026-03-01T09:30:00+01:00"),
        ("3/1/2026", "2026-03-01T00:00:00+01:00"),
        ("03/01/2026 9:30 PM", "2026-03-01T21:30:00+01:00"),
        ("2026/3/1 09:30", "2026-03-01T09:30:00+01:00"),
        ("1 March 2026", "2026-03-01T00:00:00+01:00"),
        ("1-Mar-2026", "2026-03-01T00:00:00+01:00"),
        ("March 1st, 2026 12:05 AM", "2026-03-01T00:05:00+01:00"),
        ("Sun Mar 01 2026 09:30:00 GMT+0100 (CET)", "2026-03-01T09:30:00+01:00"),
    ],
)
def test_parse(text: str, iso: str) -> None:
    parsed = parse_date(text, BERLIN)
    assert parsed is not None
    assert parsed.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    ["", "soon", "18-05-2020", "2026-13-01", "2026-02-30", "1 Foo 2026", "1685084980", "x" * 5000, "3/1/2026 25h"],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_datetimes_pass_and_naive_ones_get_the_zone() -> None:
    aware = datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=9)))
    assert parse_date(aware, BERLIN) is aware
    naive = parse_date(datetime(2026, 3, 1), BERLIN)
    assert naive is not None
    assert naive.tzinfo is BERLIN
    assert parse_date(12) is None


def test_epoch_both_ways() -> None:
    moment = from_epoch(1_700_000_000_000)
    assert moment is not None
    assert millis(moment) == 1_700_000_000_000
    assert from_epoch(1_700_000_000, unit="s") == moment
    assert from_epoch(1e20) is None


@pytest.mark.parametrize(
    "settings, name", [({}, "UTC"), ({"timezone": "DEFAULT"}, "UTC"), ({"timezone": "Asia/Tokyo"}, "Asia/Tokyo")]
)
def test_zone_of_a_workflow(settings: dict[str, str], name: str) -> None:
    zone = zone_of(Workflow.from_n8n({"nodes": [], "connections": {}, "settings": settings}))
    assert str(zone) == name


def test_unknown_zone_is_utc() -> None:
    assert zone_named("Mars/Olympus") is UTC
