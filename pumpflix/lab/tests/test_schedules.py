"""The oracle of schedules and the comparison with it: each of them has to tell right from wrong by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from pumpflix.lab.schedules.campaign import Tally, compare
from pumpflix.lab.schedules.oracle import Wanted, fires
from pumpflix.lab.schedules.plan import DAYS, ZONES, planned, span

pytestmark = pytest.mark.engine

SECOND = timedelta(seconds=1)
PARIS = "Europe/Paris"


def local(cron: str, zone: str, day: str) -> list[str]:
    begin, end = span(day)
    found = fires(Wanted(cron, zone), begin - SECOND, end - SECOND)
    return [f"{moment:%d %H:%M:%S}" for moment in found]


@pytest.mark.parametrize(
    "cron, zone, day, moments",
    [
        ("30 2 * * *", PARIS, "2026-03-29", ["29 01:00:00"]),
        ("30 2 * * *", PARIS, "2026-10-25", ["25 00:30:00"]),
        ("0,30 2 * * *", PARIS, "2026-03-29", ["29 01:00:00"]),
        ("*/30 2 * * *", PARIS, "2026-10-25", ["25 00:00:00", "25 00:30:00", "25 01:00:00", "25 01:30:00"]),
        ("*/30 2 * * *", PARIS, "2026-03-29", []),
        ("7 30 2 * * *", PARIS, "2026-03-29", ["29 01:00:00"]),
        ("0 2 * * *", "Australia/Lord_Howe", "2026-04-04", ["04 15:30:00"]),
        ("30 1 * * *", "Australia/Lord_Howe", "2026-04-04", ["04 14:30:00"]),
        ("15 9 * * 1#5", "Asia/Kathmandu", "2026-06-29", ["29 03:30:00"]),
        ("0 12 L 2 *", "UTC", "2028-02-29", ["29 12:00:00"]),
    ],
)
def test_moments_that_anybody_can_work_out(cron, zone, day, moments):
    assert local(cron, zone, day) == moments


def test_every_zone_has_schedules_of_every_kind():
    made = planned(1, 500)
    assert {one.wanted.zone for one in made} == set(ZONES)
    assert len(ZONES) == 12
    assert {one.kind for one in made} == {"interval", "scheduleTrigger"}
    assert {"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2028-02-29"} <= set(DAYS)


def test_what_is_missed_wrong_or_twice_is_counted():
    nine, ten, eleven = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (9, 10, 11))
    tally = Tally()
    compare([("a", nine), ("a", nine), ("a", eleven)], {"a": [nine, ten]}, "2026-01-01", tally)
    assert tally.line() == "schedules: 3 fires, 1 missed, 1 duplicate, 1 wrong"
    assert not tally.is_clean
