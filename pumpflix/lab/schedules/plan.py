"""Five hundred schedules, made from a seed: every zone gets every kind, at and around the hours where clocks change."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pumpflix.lab.schedules.oracle import Wanted

ZONES = (
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "UTC",
)
# The four of the promise, then those of half an hour, of midnight, of no change at all, and the leap day; dates of UTC.
DAYS = (
    "2026-03-29",
    "2026-10-25",
    "2026-03-08",
    "2026-11-01",
    "2026-04-04",
    "2026-10-03",
    "2026-09-06",
    "2026-06-15",
    "2028-02-29",
)
FIXED = (
    "{m} {h} * * *",
    "{m} {h} * * 1-5",
    "{m} {h} * * 0",
    "{m} {h} 29 2 *",
    "{m} {h} 1,25,29 * *",
    "{m} {h} * * 0#1",
    "{m} {h} * * 0L",
    "{m},{n} {h}-{k} * * *",
    "{m} {h} L * *",
    "{m} {h} 13 * 0",
    "{s} {m} {h} * * *",
)
FLOWING = ("*/{step} * * * *", "{m} * * * *", "{m} */{hours} * * *", "*/{step} {h} * * *", "{s} */{step} * * * *")


@dataclass(frozen=True)
class Planned:
    """`entry` is the rule as the trigger node stores it, `node` its kind."""

    name: str
    wanted: Wanted
    kind: str
    parameters: dict[str, object]
    catch_up: str


def planned(seed: int, count: int) -> list[Planned]:
    """Zones in turn, so that every count is spread over all of them."""
    dice = random.Random(seed)  # noqa: S311 - a seed that can be told again
    return [one(dice, number, ZONES[number % len(ZONES)]) for number in range(count)]


def one(dice: random.Random, number: int, zone: str) -> Planned:
    name, kind = f"Tick {number}", dice.choices(("fixed", "flowing", "days", "length"), (60, 28, 8, 4))[0]
    if kind == "length":
        minutes = dice.choice((20, 45, 90, 7 * 60))
        return Planned(
            name, Wanted("", zone, every_s=minutes * 60), "interval", {"interval": minutes, "unit": "minutes"}, "all"
        )
    if kind == "days":
        hour, minute, days = dice.randrange(4), dice.randrange(60), dice.choice((2, 3))
        entry = {"field": "days", "daysInterval": days, "triggerAtHour": hour, "triggerAtMinute": minute}
        wanted = Wanted(f"{minute} {hour} * * *", zone, every_days=days)
        return Planned(name, wanted, "scheduleTrigger", rule(entry), "once")
    cron = filled(dice, dice.choice(FIXED if kind == "fixed" else FLOWING))
    # What fires once a day cannot be missed twice, so one run for all that was missed has to be the same.
    is_daily = kind == "fixed" and "-{k}" not in cron and "," not in cron.split()[-5]
    catch_up = dice.choice(("once", "all")) if is_daily and "-" not in cron.split()[-4] else "all"
    entry = {"field": "cronExpression", "expression": cron}
    return Planned(name, Wanted(cron, zone), "scheduleTrigger", rule(entry), catch_up)


def filled(dice: random.Random, shape: str) -> str:
    hour = dice.choice((0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 12, 23))
    return shape.format(
        s=dice.randrange(60),
        m=dice.randrange(60),
        n=dice.randrange(60),
        h=hour,
        k=min(hour + 3, 23),
        step=dice.choice((5, 7, 10, 15, 20, 30)),
        hours=dice.choice((1, 2, 3, 6)),
    )


def rule(entry: dict[str, object]) -> dict[str, object]:
    return {"rule": {"interval": [entry]}}


def span(day: str) -> tuple[datetime, datetime]:
    """The 24 hours of that date in UTC. Clocks in the east change on the evening before their Sunday."""
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return begin, begin + timedelta(hours=24)
