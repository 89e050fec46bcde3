"""A day on which clocks change, lived through by real tickers of which some are killed, against the oracle."""

from datetime import UTC, datetime

import pytest

from executions_app.database import close_pool, connect
from pumpflix.lab.schedules import campaign
from pumpflix.lab.schedules.clock import moved_clock
from pumpflix.tests.live.conftest import addresses

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


def test_every_moment_of_a_day_with_a_change_of_the_clocks_fires_once() -> None:
    plan = campaign.Plan(29, count=36, days=["2026-10-25"], kills=3, steps_min=(20, 45, 90))
    with connect(name="lab") as connection:
        tally = campaign.run(connection, addresses(), plan)
    assert tally.is_clean, tally.told
    assert (tally.kills, tally.fires > 300) == (3, True)


def test_what_is_left_behind_goes_by_the_clock_again() -> None:
    with connect(name="lab") as connection, moved_clock(connection) as clock:
        clock.put(datetime(2028, 2, 29, tzinfo=UTC))
        with connect(name="moved") as moved:
            assert moved.execute("SELECT clock_timestamp()").fetchone()[0].year == 2028
    close_pool()
    with connect(name="after") as after:
        assert after.execute("SELECT clock_timestamp() - pg_catalog.clock_timestamp()").fetchone()[0].days == 0
