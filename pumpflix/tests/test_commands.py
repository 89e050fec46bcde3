import os
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from executions_app import database
from executions_app.tests.factories import ExecutionFactory
from pumpflix.management.commands import prepare, schemas, up

pytestmark = pytest.mark.app


def test_up_becomes_the_supervisor(monkeypatch):
    became = []
    monkeypatch.setattr(up.os, "execv", lambda program, arguments: became.append(arguments[1:]))
    before = os.getcwd()
    call_command("up")
    call_command("up", "--reload")
    os.chdir(before)
    assert became == [["-m", "pumpflix.supervisor"], ["-m", "pumpflix.supervisor", "--reload"]]


def test_schemas_writes_what_is_generated_and_drops_the_rest(monkeypatch, tmp_path):
    monkeypatch.setattr(schemas, "DOCS", tmp_path)
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes" / "gone.md").write_text("a node that is no more")
    call_command("schemas")
    assert (tmp_path / "reference" / "settings.md").read_text().startswith("# Settings")
    assert (tmp_path / "nodes" / "schemas.json").exists()
    assert not (tmp_path / "nodes" / "gone.md").exists()


@pytest.mark.django_db
def test_prepare_waits_for_a_database_that_is_slow_to_come(monkeypatch):
    answers = iter([OperationalError("starting up"), OperationalError("starting up"), None])
    pauses = []

    def connect():
        if problem := next(answers):
            raise problem

    monkeypatch.setattr(prepare.time, "sleep", pauses.append)
    prepare.Command()._wait_for("PostgreSQL", connect, OperationalError)
    assert pauses == [2, 2]


@pytest.mark.django_db
def test_prepare_gives_up_after_five_attempts_and_says_what_is_wrong(monkeypatch):
    def connect():
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(prepare.time, "sleep", lambda _: None)
    with pytest.raises(CommandError, match=r"PostgreSQL does not answer: connection refused$"):
        prepare.Command()._wait_for("PostgreSQL", connect, OperationalError)


@pytest.mark.django_db
def test_prepare_holds_a_lock_while_it_migrates(monkeypatch):
    held = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **_: held.append((name, _locks())))
    call_command("prepare")
    assert ("migrate", 1) in held
    assert _locks() == 0


@pytest.mark.django_db(transaction=True)
def test_prepare_waits_its_turn_without_holding_up_an_index_that_is_built(monkeypatch):
    """A statement that waited for the lock would: the build waits for all that began before it."""
    with database.connect(name="other") as other:
        other.execute("select pg_advisory_lock(%s)", [prepare.LOCK])

        def build_and_leave(_):
            other.execute("create index concurrently meanwhile on executions_app_execution (id)")
            other.execute("drop index meanwhile")
            other.execute("select pg_advisory_unlock(%s)", [prepare.LOCK])

        monkeypatch.setattr(prepare.time, "sleep", build_and_leave)
        monkeypatch.setattr(prepare, "call_command", lambda name, **_: None)
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '2s'")
            call_command("prepare")
            cursor.execute("reset lock_timeout")
    assert _locks() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "options, status", [({}, "running"), ({"alone": True}, "queued")], ids=["with others", "alone"]
)
def test_a_start_with_the_database_lets_go_of_what_dead_workers_held(monkeypatch, options, status):
    monkeypatch.setattr(prepare, "call_command", lambda name, **_: None)
    soon = timezone.now() + timedelta(seconds=600)
    held = ExecutionFactory(status="running", owner="dead", epoch=1, lease_until=soon)
    call_command("prepare", **options)
    held.refresh_from_db()
    assert (held.status, held.epoch, held.crash_count) == (status, 1, 0)


@pytest.mark.django_db
def test_a_called_run_goes_on_with_its_caller(monkeypatch):
    monkeypatch.setattr(prepare, "call_command", lambda name, **_: None)
    soon = timezone.now() + timedelta(seconds=600)
    caller = ExecutionFactory(status="running", owner="dead", epoch=1, lease_until=soon)
    called = ExecutionFactory(
        status="running", owner="dead", epoch=1, lease_until=soon, parent=caller, root_id=caller.pk
    )
    call_command("prepare", alone=True)
    called.refresh_from_db()
    assert (called.status, called.lease_until < soon) == ("running", True)


def _locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and objid = %s", [prepare.LOCK])
        return cursor.fetchone()[0]
