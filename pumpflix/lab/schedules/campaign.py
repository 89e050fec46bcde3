"""Live through days: put the clock forward in steps, let tickers find what is due, kill them meanwhile, and compare the
runs that are stored with the oracle."""

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import connection as orm

from accounts.models import Team, User
from accounts.services.teams import personal_team
from pumpflix.lab.schedules.clock import MovedClock, moved_clock
from pumpflix.lab.schedules.oracle import fires
from pumpflix.lab.schedules.plan import DAYS, Planned, planned, span
from pumpflix.lab.schedules.tickers import tickers
from workflows_app.models import Workflow
from workflows_app.services import workflows

PATIENCE_S = 60.0
LATEST_KILL_S = 0.05
MOST_QUEUED = 10**9
LEFT = """
SELECT count(*) FROM workflows_app_schedule s JOIN moved_clock.now n ON s.next_fire_at <= n.at WHERE s.enabled
"""
# Taken out at once, so that nothing but the schedule's own row keeps a moment from firing again.
TAKE_OUT = "DELETE FROM executions_app_execution WHERE mode = 'schedule' RETURNING start_node, trigger_key"


@dataclass
class Tally:
    """`wrong`: fired at a moment that no rule names. `told` names what went missing and what was wrong."""

    fires: int = 0
    missed: int = 0
    duplicate: int = 0
    wrong: int = 0
    kills: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.missed or self.duplicate or self.wrong)

    def line(self) -> str:
        return f"schedules: {self.fires} fires, {self.missed} missed, {self.duplicate} duplicate, {self.wrong} wrong"


@dataclass(frozen=True)
class Plan:
    """`steps_min`: by how many minutes the clock is put forward, in any order."""

    seed: int
    count: int
    days: Sequence[str] = DAYS
    kills: int = 20
    steps_min: Sequence[int] = (1, 2, 5, 10, 15, 30, 30, 60)

    @property
    def steps_between_kills(self) -> int:
        """So few that all kills happen before the last day ends."""
        a_day = 24 * 60 * len(self.steps_min) // sum(self.steps_min)
        return max(1, a_day * len(self.days) * 2 // 3 // max(1, self.kills))


@dataclass(frozen=True)
class World:
    """`hurt` is called after each step of the clock, while schedules are due."""

    clock: MovedClock
    connection: psycopg.Connection[Any]
    user: User
    hurt: Callable[[], object]
    steps_min: Sequence[int]


def live_through(world: World, date: str, schedules: Sequence[Planned], dice: random.Random, tally: Tally) -> None:
    """One day, from workflows that are switched on at its begin to the comparison of what is stored at its end."""
    now, end = span(date)
    wanted = {one.name: fires(one.wanted, now, end) for one in schedules}
    found: list[tuple[str, datetime]] = []
    world.clock.put(now)
    published = publish(schedules, world.user)
    while now < end:
        now = min(end, now + timedelta(minutes=dice.choice(world.steps_min)))
        world.clock.put(now)
        world.hurt()
        settle(world.connection)
        found += taken_out(world.connection)
    compare(found, wanted, date, tally)
    for workflow in published:
        workflows.unpublish(workflow, by=world.user)


def publish(schedules: Sequence[Planned], user: User) -> list[Workflow]:
    """One workflow for each zone, with a trigger for each schedule."""
    team, made = personal_team(user), []
    for zone in sorted({one.wanted.zone for one in schedules}):
        nodes = [node(one, place) for place, one in enumerate(schedules) if one.wanted.zone == zone]
        graph = {"nodes": nodes, "connections": {}, "settings": {"timezone": zone, "executionOrder": "v1"}}
        made.append(workflows.publish(workflows.create(graph, team=team, by=user, name=zone), by=user))
    return made


def node(one: Planned, place: int) -> dict[str, Any]:
    return {
        "id": one.name,
        "name": one.name,
        "type": f"n8n-nodes-base.{one.kind}",
        "typeVersion": 1,
        "position": [0, place * 100],
        "parameters": one.parameters,
        "pumpflix": {"catchUp": one.catch_up},
    }


def settle(connection: psycopg.Connection[Any]) -> None:
    """Wait until nothing is due any more."""
    deadline = time.monotonic() + PATIENCE_S
    while (row := connection.execute(LEFT).fetchone()) is not None and row[0]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{row[0]} schedules stay due.")
        time.sleep(0.01)


def taken_out(connection: psycopg.Connection[Any]) -> list[tuple[str, datetime]]:
    """Which schedule started a run for which moment, by the rows alone."""
    return [
        (name, datetime.fromisoformat(key.split(":", 2)[2].replace("Z", "+00:00")))
        for name, key in connection.execute(TAKE_OUT).fetchall()
    ]


def compare(found: list[tuple[str, datetime]], wanted: dict[str, list[datetime]], date: str, tally: Tally) -> None:
    runs = Counter(found)
    due = {(name, moment) for name, moments in wanted.items() for moment in moments}
    missed, wrong = due - runs.keys(), runs.keys() - due
    for said, keys in (("missed", missed), ("wrong", wrong)):
        tally.told += [f"{date} {said} {name} at {moment:%d %H:%M:%S}" for name, moment in sorted(keys)]
    tally.fires += sum(runs.values())
    tally.missed += len(missed)
    tally.wrong += len(wrong)
    tally.duplicate += sum(count - 1 for count in runs.values())


def run(connection: psycopg.Connection[Any], environ: dict[str, str], plan: Plan) -> Tally:
    """The whole: `connection` commits each statement, `environ` leads ticker processes to its database. Django's own
    connections are made anew, so that they go by the moved clock too."""
    dice, tally = random.Random(plan.seed), Tally()  # noqa: S311 - a seed that can be told again
    schedules = planned(plan.seed, plan.count)
    with moved_clock(connection) as clock:
        forget_connections()
        user = User.objects.create_user(email=f"schedules-{plan.seed}@mail.example")
        Team.objects.filter(pk=personal_team(user).pk).update(max_queued=MOST_QUEUED)
        with tickers(dice, environ) as at_work:
            steps = itertools.count(1)

            def hurt() -> None:
                if at_work.kills < plan.kills and next(steps) % plan.steps_between_kills == 0:
                    time.sleep(dice.random() * LATEST_KILL_S)
                    at_work.kill_one()

            world = World(clock, connection, user, hurt, plan.steps_min)
            for date in plan.days:
                live_through(world, date, schedules, dice, tally)
            tally.kills = at_work.kills
    forget_connections()
    return tally


def forget_connections() -> None:
    """Those of Django that go by the clock of before."""
    orm.close()
    orm.close_pool()  # type: ignore[attr-defined]
