"""Payloads go when nothing needs them any more, and never before."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Team
from accounts.tests.factories import TeamFactory
from executions_app.database import pool
from executions_app.models import Job, KeptResult, OutboxMessage, Payload, PayloadUse
from executions_app.payloads import StoredPayload, pack, store
from executions_app.services import payload_sweep
from executions_app.services.payload_sweep import Swept, sweep
from executions_app.tests.factories import ExecutionFactory, version_of
from workflows_app.models import TeamFile, Workflow, WorkflowVersion
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team(db: None) -> Team:
    return TeamFactory()


def kept_in(team: Team, data: bytes, *, age: timedelta = timedelta(days=2)) -> StoredPayload:
    stored = pack(team.pk, data)
    with connection.cursor() as cursor:
        store(cursor, [stored], [])
    Payload.objects.filter(pk=stored.id).update(created_at=timezone.now() - age)
    return stored


def swept(**more: Any) -> Swept:
    return sweep(rest=lambda _: None, **more)


def is_there(stored: StoredPayload) -> bool:
    return Payload.objects.filter(pk=stored.id).exists()


def graph_with(stored: StoredPayload) -> dict[str, Any]:
    graph = manual_set(greeting="Hello")
    item = {"json": {}, "binary": {"data": {"id": stored.ref, "mimeType": "text/plain", "fileName": "a.txt"}}}
    return {**graph, "pinData": {"Start": [item]}}


def by_an_execution(team: Team, stored: StoredPayload) -> None:
    PayloadUse.objects.create(payload_id=stored.id, execution=ExecutionFactory())


def by_a_file(team: Team, stored: StoredPayload) -> None:
    TeamFile.objects.create(team=team, path="a.txt", ref=stored.ref, size_bytes=1)


def by_a_kept_result(team: Team, stored: StoredPayload) -> None:
    KeptResult.objects.create(
        team=team,
        workflow=ExecutionFactory().workflow,
        node="A",
        key="k",
        refs=[stored.ref],
        expires_at=timezone.now() + timedelta(hours=1),
    )


def by_a_mail(team: Team, stored: StoredPayload) -> None:
    OutboxMessage.objects.create(team=team, node="A", message_id="<1>", attachments=[{"id": stored.ref}])


def by_a_job(team: Team, stored: StoredPayload) -> None:
    Job.objects.create(team=team, queue="exports", kind="x", status="success", result={"refs": [stored.ref]})


def by_pinned_data(team: Team, stored: StoredPayload) -> None:
    version = version_of(manual_set(greeting="Hello"), team=team)
    version.workflow.graph = graph_with(stored)
    version.workflow.save()


def by_pinned_data_of_a_version(team: Team, stored: StoredPayload) -> None:
    version = version_of(graph_with(stored), team=team)
    version.workflow.graph = {}
    version.workflow.save()


@pytest.mark.parametrize(
    "needed",
    [
        by_an_execution,
        by_a_file,
        by_a_kept_result,
        by_a_mail,
        by_a_job,
        by_pinned_data,
        by_pinned_data_of_a_version,
    ],
)
def test_what_is_needed_stays(team: Team, needed: Any) -> None:
    stored, other = kept_in(team, b"needed"), kept_in(team, b"not needed")
    needed(team, stored)
    assert swept().payloads == 1
    assert is_there(stored)
    assert not is_there(other)


def test_the_same_bytes_of_another_team_are_its_own(team: Team) -> None:
    other = TeamFactory()
    mine, theirs = kept_in(team, b"same"), kept_in(other, b"same")
    by_a_file(team, mine)
    swept()
    assert (is_there(mine), is_there(theirs)) == (True, False)


def test_what_is_young_stays_and_storing_it_again_makes_it_young(team: Team) -> None:
    young, old = kept_in(team, b"young", age=timedelta(hours=23)), kept_in(team, b"old")
    with connection.cursor() as cursor:
        store(cursor, [old], [])
    assert swept().payloads == 0
    assert is_there(young)


def test_an_expired_result_needs_nothing(team: Team) -> None:
    stored = kept_in(team, b"kept")
    by_a_kept_result(team, stored)
    KeptResult.objects.update(expires_at=timezone.now())
    assert swept().size_bytes == len(b"kept")


def test_many_windows_are_walked_and_a_dry_run_takes_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload_sweep, "WINDOW", 3)
    for number in range(10):
        kept_in(team, f"file {number}".encode())
    assert swept(is_dry=True).payloads == 10
    told: list[float] = []
    assert swept(tell=told.append).payloads == 10
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert not Payload.objects.exists()


def test_who_stores_a_file_while_it_is_swept_has_it_afterwards(team: Team) -> None:
    """The sweep holds the row and is about to delete it; the writer waits, and stores it anew."""
    stored, execution = kept_in(team, b"needed again"), ExecutionFactory()
    waits = threading.Event()

    def writer() -> None:
        with pool().connection() as own, own.transaction(), own.cursor() as cursor:
            waits.set()
            store(cursor, [stored], [(stored.id, execution.pk)])

    thread = threading.Thread(target=writer)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(payload_sweep.LOCKED_CANDIDATES, window())
        gone = payload_sweep.unused(cursor, [row[0] for row in cursor.fetchall()])
        assert list(gone) == [stored.id]
        thread.start()
        assert waits.wait(10)
        cursor.execute(payload_sweep.DELETE, [list(gone)])
    thread.join(10)
    assert is_there(stored)
    assert PayloadUse.objects.filter(execution=execution, payload_id=stored.id).exists()


def test_what_was_named_after_the_sweep_looked_is_not_taken(team: Team) -> None:
    """A row that somebody stores at this moment is not even a candidate; one named just before the lock is spared."""
    stored, execution = kept_in(team, b"named late"), ExecutionFactory()
    with transaction.atomic(), connection.cursor() as cursor:
        with pool().connection() as own, own.transaction(), own.cursor() as other:
            store(other, [stored], [(stored.id, execution.pk)])
            cursor.execute(payload_sweep.LOCKED_CANDIDATES, window())
            assert cursor.fetchall() == []
        assert payload_sweep.unused(cursor, [stored.id]) == {}


def window() -> dict[str, Any]:
    return {"after": "00000000-0000-0000-0000-000000000000", "last": None, "grace": payload_sweep.GRACE}


def test_only_graphs_that_name_a_file_are_read(team: Team) -> None:
    stored = kept_in(team, b"pinned")
    with_file = version_of(graph_with(stored), team=team)
    version_of(manual_set(greeting="Hello"), team=team)
    assert list(WorkflowVersion.objects.filter(has_files=True)) == [with_file]
    assert list(Workflow.objects.filter(has_files=True)) == [with_file.workflow]
    swept()
    assert is_there(stored)
