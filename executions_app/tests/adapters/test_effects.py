"""Effects in our own database: how long they hold what, and what two who do the same one leave behind."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from executions_app import transitions
from executions_app.adapters.effects import OwnEffects
from executions_app.adapters.state import StateAdapter
from executions_app.database import Connection, connect, pool
from executions_app.models import Execution, NodeEffect
from executions_app.runner.claim import Claim
from executions_app.runner.session import OnRecord, Session
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, elsewhere
from workflows_app.engine.errors import LeaseLost
from workflows_app.engine.ports import CallSite
from workflows_app.models import DataTable, StaticData

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

SITE = CallSite("Effect", 0, 0, 0)
CREATE = """
INSERT INTO workflows_app_datatable (id, team_id, name, columns, created_at)
VALUES (%s, %s, %s, '[]', clock_timestamp())
"""
WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s
"""


class Entered:
    """A session that the barrier let through already."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def barrier(self, site: CallSite) -> None:
        """It is behind it."""


class Slow:
    """Makes a table of that name, and returns the name once it is let `go`. It has `begun` when its row is there."""

    def __init__(self, session: Session | Entered, name: str) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._team = session.claim.team_id
        self.name = name

    def __call__(self, connection: Connection) -> str:
        connection.execute(CREATE, (uuid4(), self._team, self.name))
        self.begun.set()
        assert self.go.wait(20)
        return self.name


class Effects:
    """Effects under way, each in a thread of its own."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(8)
        self.works: list[Slow] = []

    def begin(self, session: Any, name: str = "made") -> tuple[Slow, Future[str]]:
        work = Slow(session, name)
        self.works.append(work)
        future = self.threads.submit(OwnEffects(session).once, SITE, work)
        assert work.begun.wait(10)
        return work, future

    def end(self) -> None:
        for work in self.works:
            work.go.set()
        self.threads.shutdown()


@pytest.fixture
def effects(parts: Parts) -> Iterator[Effects]:
    made = Effects()
    yield made
    made.end()


@pytest.fixture
def other() -> Iterator[Connection]:
    """Somebody else, who does not wait long for a row."""
    with connect(name="other") as connection:
        connection.execute("SET lock_timeout = '1s'")
        yield connection


def beaten(connection: Connection, claim: Claim) -> int:
    values = {"lease": timedelta(seconds=10), "ids": [claim.id], "owner": "test"}
    return len(connection.execute(transitions.BEAT, values).fetchall())


def taken_over(parts: Parts, session: Session) -> Session:
    """The session of the worker that took that one's execution over."""
    elsewhere(Execution.objects.get(pk=session.claim.id))
    return Session(replace(session.claim, epoch=99), parts.writer, OnRecord(frozenset({(SITE.node, SITE.run_index)})))


def tables() -> list[str]:
    return list(DataTable.objects.values_list("name", flat=True))


def test_while_an_effect_lasts_its_lease_is_renewed(parts: Parts, effects: Effects, other: Connection) -> None:
    session = parts.open(execution_of())
    work, future = effects.begin(session)
    assert beaten(other, session.claim) == 1
    work.go.set()
    assert future.result(10) == "made"
    assert (tables(), NodeEffect.objects.count()) == (["made"], 1)


def test_whoever_lost_the_lease_meanwhile_leaves_nothing(parts: Parts, effects: Effects, other: Connection) -> None:
    session = parts.open(execution_of())
    work, future = effects.begin(session)
    other.execute("UPDATE executions_app_execution SET epoch = epoch + 1 WHERE id = %s", (session.claim.id,))
    work.go.set()
    with pytest.raises(LeaseLost):
        future.result(10)
    assert (tables(), NodeEffect.objects.count()) == ([], 0)


def test_effects_that_wait_leave_connections_to_the_rest(parts: Parts, effects: Effects) -> None:
    works = [effects.begin(parts.open(execution_of()), f"made {number}") for number in range(4)]
    with pool().connection(timeout=1) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    for work, future in works:
        work.go.set()
        future.result(10)
    assert len(tables()) == 4


def test_of_two_epochs_at_once_the_old_one_loses(parts: Parts, effects: Effects) -> None:
    """Both found nothing and did the work. The old one comes to its end first."""
    session = parts.open(execution_of())
    old, lost = effects.begin(session, "old")
    new, won = effects.begin(taken_over(parts, session), "new")
    old.go.set()
    with pytest.raises(LeaseLost):
        lost.result(10)
    new.go.set()
    assert won.result(10) == "new"
    assert (tables(), NodeEffect.objects.count()) == (["new"], 1)


def test_of_two_epochs_at_once_the_old_one_reads_what_the_new_one_recorded(parts: Parts, effects: Effects) -> None:
    session = parts.open(execution_of())
    old, late = effects.begin(session, "old")
    new, won = effects.begin(taken_over(parts, session), "new")
    new.go.set()
    assert won.result(10) == "new"
    old.go.set()
    assert late.result(10) == "new"
    assert (tables(), NodeEffect.objects.count()) == (["new"], 1)


def test_of_two_at_once_with_one_lease_the_second_reads_the_result_of_the_first(parts: Parts, effects: Effects) -> None:
    session = parts.open(execution_of())
    one, first = effects.begin(session, "one")
    two, second = effects.begin(session, "two")
    two.go.set()
    assert second.result(10) == "two"
    one.go.set()
    assert first.result(10) == "two"
    assert (tables(), NodeEffect.objects.count()) == (["two"], 1)


def test_the_new_one_waits_for_the_mark_of_an_old_one_that_is_about_to_lose(
    parts: Parts, effects: Effects, other: Connection, until: Callable[..., None]
) -> None:
    """The old one has marked its effect, and waits for the row of the run, which is being claimed."""
    session = parts.open(execution_of())
    old, lost = effects.begin(session, "old")
    with connect(name="claimer", autocommit=False) as claimer:
        claimer.execute("UPDATE executions_app_execution SET epoch = 99 WHERE id = %s", (session.claim.id,))
        old.go.set()
        until(lambda: waits(other, "%FOR NO KEY UPDATE%"))
        new, won = effects.begin(Entered(replace(session.claim, epoch=99)), "new")
        new.go.set()
        until(lambda: waits(other, "%INSERT INTO executions_app_nodeeffect%"))
        claimer.commit()
        with pytest.raises(LeaseLost):
            lost.result(10)
        assert won.result(10) == "new"
    assert (tables(), NodeEffect.objects.count()) == (["new"], 1)


def test_what_a_workflow_keeps_is_written_without_holding_its_run(
    parts: Parts, effects: Effects, other: Connection, until: Callable[..., None]
) -> None:
    """Another run of the workflow has not committed what it keeps."""
    session = parts.open(execution_of())
    workflow = session.claim.workflow_id
    StaticData.objects.create(workflow_id=workflow, scope="global", body=b"")
    with connect(name="writer", autocommit=False) as writer:
        writer.execute("UPDATE workflows_app_staticdata SET body = '' WHERE workflow_id = %s", (workflow,))
        future = effects.threads.submit(StateAdapter(session).put, SITE, "global", {"n": 1})
        until(lambda: waits(other, "%INSERT INTO workflows_app_staticdata%"))
        assert beaten(other, session.claim) == 1
        writer.commit()
    future.result(10)
    assert StateAdapter(session).get("global") == {"n": 1}


def waits(connection: Connection, statement: str) -> bool:
    """Whether somebody waits for a lock with that statement."""
    return connection.execute(WAITING, (statement,)).fetchone() is not None
