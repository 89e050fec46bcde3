"""Format letters of older workflows, writing and reading."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from workflows_app.toolkit.dates import zone_named
from workflows_app.toolkit.moment_format import format_moment, ordinal, week_of_year
from workflows_app.toolkit.moment_parse import parse_moment

pytestmark = pytest.mark.nodes

EVENING = datetime(2026, 3, 4, 17, 6, 9, 250_000, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))


@pytest.mark.parametrize(
    "pattern, text",
    [
        ("YYYY-MM-DD HH:mm:ss", "2026-03-04 17:06:09"),
        ("dddd, MMMM Do YYYY", "Wednesday, March 4th 2026"),
        ("ddd dd D MMM YY", "Wed We 4 Mar 26"),
        ("h:mm a, hh A, k, H", "5:06 pm, 05 PM, 17, 17"),
        ("S SS SSS SSSS", "2 25 250 2500"),
        ("Z ZZ", "-03:30 -0330"),
        ("X x", "1772656569 1772656569250"),
        ("Q Qo Mo DDD DDDo DDDD", "1 1st 3rd 63 63rd 063"),
        ("d do e E", "3 3rd 3 3"),
        ("GGGG-[W]WW, Wo W, gggg ww w wo", "2026-W10, 10th 10, 2026 10 10 10th"),
        ("L | LL | LT | LTS | l", "03/04/2026 | March 4, 2026 | 5:06 PM | 5:06:09 PM | 3/4/2026"),
        ("[at] YYYYYY, Y", "at +002026, 2026"),
        ("/ - no!", "/ - no!"),
    ],
)
def test_letters(pattern: str, text: str) -> None:
    assert format_moment(EVENING, pattern) == text


def test_midnight_is_the_24th_hour_of_a_day_and_12_at_night() -> None:
    assert format_moment(EVENING.replace(hour=0), "k kk h A") == "24 24 12 AM"


@pytest.mark.parametrize("number, text", [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")])
def test_ordinals(number: int, text: str) -> None:
    assert ordinal(number) == text


@pytest.mark.parametrize(
    "day, week", [((2026, 1, 1), (2026, 1)), ((2025, 12, 28), (2026, 1)), ((2024, 12, 28), (2024, 52))]
)
def test_the_first_week_holds_the_first_of_january(day: tuple[int, int, int], week: tuple[int, int]) -> None:
    assert week_of_year(datetime(*day, tzinfo=UTC)) == week


@pytest.mark.parametrize(
    "text, pattern, iso",
    [
        ("2022-01-12", "YYYY-DD-MM", "2022-12-01T00:00:00+00:00"),
        ("4th March 26, 5 pm", "Do MMMM YY, h a", "2026-03-04T17:00:00+00:00"),
        ("31.12.99 23:59:58.5", "DD.MM.YY HH:mm:ss.S", "1999-12-31T23:59:58.500000+00:00"),
        ("Wed 4 Mar 2026 12:30 AM", "ddd D MMM YYYY h:mm A", "2026-03-04T00:30:00+00:00"),
        ("2026-03-04 10:00 +05:30", "YYYY-MM-DD HH:mm Z", "2026-03-04T10:00:00+05:30"),
        ("1663801200", "X", "2022-09-21T23:00:00+00:00"),
        ("1663801200000", "x", "2022-09-21T23:00:00+00:00"),
    ],
)
def test_reading_by_format(text: str, pattern: str, iso: str) -> None:
    found = parse_moment(text, pattern, UTC)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize("text, pattern", [("soon", "YYYY-MM-DD"), ("2026-13-41", "YYYY-MM-DD"), ("9" * 300, "X")])
def test_what_does_not_fit_is_no_date(text: str, pattern: str) -> None:
    assert parse_moment(text, pattern, UTC) is None


def test_a_month_nobody_knows_is_passed_over() -> None:
    found = parse_moment("2026 Foo 5", "YYYY MMM D", UTC)
    assert found is not None
    assert (found.month, found.day) == (1, 5)


@pytest.mark.parametrize("name, hours", [("UTC-7", -7), ("UTC+5:30", 5.5), ("UTC+14", 14), ("UTC+15", 0)])
def test_zones_of_a_fixed_distance(name: str, hours: float) -> None:
    assert datetime(2026, 1, 1, tzinfo=zone_named(name)).utcoffset() == timedelta(hours=hours)
