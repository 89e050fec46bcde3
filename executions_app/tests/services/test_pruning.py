"""What is past its time goes; what anybody still needs stays."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry, Notification, RefreshToken
from accounts.services import audit
from accounts.tests.factories import UserFactory
from executions_app.models import (
    DailyAnalytics,
    Execution,
    ExecutionEvent,
    ExecutionLabel,
    IdempotencyRecord,
    InboundEvent,
    Job,
    NodeEffect,
    NodeRun,
    OutboxMessage,
    RemovedRuns,
)
from executions_app.services import analytics, pruning, retry
from executions_app.services.bulk import act
from executions_app.services.pruning import Pruned, Pruning, Retention
from executions_app.services.start import start_manual_run
from executions_app.tests.factories import ExecutionFactory, VersionFactory, execution_of, live_webhook
from executions_app.tests.parts import Parts
from workflows_app.engine.errors import UserError
from workflows_app.models import SeenHistory, Workflow, WorkflowVersion
from workflows_app.services import versions
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=31)


def prune(days: int = 30, runs: int = 0, **more: Any) -> Pruned:
    return Pruning(Retention(days, runs), rest=lambda _: None, **more).run()


def over(age: timedelta = timedelta(days=31), status: str = "success", **fields: Any) -> Execution:
    moment = NOW - age
    return ExecutionFactory(status=status, created_at=moment, started_at=moment, finished_at=moment, **fields)


def remaining() -> set[Any]:
    return set(Execution.objects.values_list("pk", flat=True))


def test_runs_go_when_they_are_old_and_only_those_that_are_over() -> None:
    for status in ("success", "error", "canceled", "crashed"):
        over(status=status)
    lease = {"lease_until": NOW, "owner": "other"}
    kept = [
        over(timedelta(days=29)),
        ExecutionFactory(created_at=LONG_AGO),
        ExecutionFactory(status="waiting", created_at=LONG_AGO),
        ExecutionFactory(status="running", created_at=LONG_AGO, **lease),
    ]
    assert prune().executions["old"] == 4
    assert remaining() == {execution.pk for execution in kept}


def test_nothing_goes_by_age_where_runs_are_kept_for_ever() -> None:
    execution = over(timedelta(days=4000))
    prune(days=0)
    assert remaining() == {execution.pk}


def test_all_that_belongs_to_a_run_goes_with_it(parts: Parts) -> None:
    execution = parts.run(execution_of(items=[{"json": {"a": 1}}]))
    NodeEffect.objects.create(execution=execution, node="Start", run_index=0, item=0, call=0, result=b"j{}")
    ExecutionLabel.objects.create(execution=execution, team_id=execution.team_id, key="order", value="7")
    webhook = live_webhook()
    InboundEvent.objects.create(webhook=webhook, delivery_key="one", execution=execution)
    mail = OutboxMessage.objects.create(team=execution.team, execution=execution, node="Mail", message_id="<1>")
    Execution.objects.update(finished_at=LONG_AGO)
    prune()
    models = (Execution, NodeRun, ExecutionEvent, ExecutionLabel, NodeEffect, InboundEvent)
    assert {model.__name__: model.objects.count() for model in models} == dict.fromkeys(
        (model.__name__ for model in models), 0
    )
    mail.refresh_from_db()
    assert mail.execution_id is None


def test_every_table_that_refers_to_runs_is_thought_of() -> None:
    """A new table with a reference to executions has to be named in `BELONGING`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND confrelid = 'executions_app_execution'::regclass"
        )
        tables = {row[0] for row in cursor.fetchall()}
    assert len(tables) >= 4
    assert [table for table in tables if not any(table in statement for statement in pruning.BELONGING)] == []


def test_called_runs_go_with_their_caller_and_not_before() -> None:
    caller = over()
    called = over(parent=caller, root_id=caller.pk, mode="sub")
    prune()
    assert remaining() == set()
    waiting = over()
    still = ExecutionFactory(status="waiting", parent=waiting, root_id=waiting.pk, mode="sub")
    prune()
    assert remaining() == {waiting.pk, still.pk}
    assert called.pk not in remaining()


def test_a_run_stays_as_long_as_one_made_of_it_is_not_over() -> None:
    base = over()
    again = ExecutionFactory(retry_of=base, version=base.version)
    prune()
    assert remaining() == {base.pk, again.pk}
    Execution.objects.filter(pk=again.pk).update(status="success", finished_at=NOW)
    prune()
    again.refresh_from_db()
    assert remaining() == {again.pk}
    assert again.retry_of_id is None


def test_sample_runs_go_after_their_hour_even_while_they_wait() -> None:
    past = {"mode": "sample", "expires_at": NOW - timedelta(minutes=1)}
    over(timedelta(hours=1), **past)
    ExecutionFactory(status="waiting", **past)
    ahead = over(timedelta(minutes=30), mode="sample", expires_at=NOW + timedelta(minutes=30))
    prune(days=0)
    assert remaining() == {ahead.pk}


def test_a_dry_run_has_an_hour() -> None:
    version = VersionFactory(workflow__graph=manual_set(greeting="Hello"))
    execution = start_manual_run(version.workflow, by=version.workflow.created_by, mode="dry")
    assert timedelta(minutes=59) < execution.expires_at - timezone.now() <= timedelta(hours=1)


def test_a_team_keeps_its_newest_runs_but_always_those_of_two_days() -> None:
    version = VersionFactory()
    runs = [over(timedelta(days=age), version=version) for age in (0, 0, 5, 4, 3)]
    other = over(timedelta(days=5))
    assert prune(runs=3).executions["beyond"] == 2
    assert remaining() == {runs[0].pk, runs[1].pk, runs[4].pk, other.pk}
    prune(runs=1)
    assert remaining() == {runs[0].pk, runs[1].pk, other.pk}


def test_days_are_counted_before_their_runs_go() -> None:
    version = VersionFactory()
    for _ in range(3):
        over(timedelta(days=35), version=version)
    over(timedelta(days=29), version=version)
    prune()
    row = DailyAnalytics.objects.get(day=(NOW - timedelta(days=35)).date())
    assert (row.workflow_id, row.executions, row.success) == (version.workflow_id, 3, 3)
    prune()
    row.refresh_from_db()
    assert row.executions == 3


def test_what_somebody_deleted_today_stays_in_the_figures_of_the_day_with_what_ends_after_it() -> None:
    version, called = VersionFactory(), VersionFactory()
    failed = [over(timedelta(), "error", version=version) for _ in range(3)]
    Execution.objects.update(started_at=NOW - timedelta(seconds=1))
    over(timedelta(), parent=failed[0], root_id=failed[0].pk, mode="sub", version=called)
    analytics.roll_up()
    act("delete", [execution.pk for execution in failed], by=version.workflow.created_by)
    prune(now=timezone.now() + timedelta(hours=2))
    assert remaining() == set()
    over(timedelta(), version=version)
    over(timedelta(), "canceled", version=called)
    for _ in range(2):
        analytics.roll_up()
        row = DailyAnalytics.objects.get(workflow=version.workflow)
        assert (row.executions, row.error, row.success, round(row.duration_ms)) == (4, 3, 1, 3000)
        assert sorted(row.buckets.values()) == [1, 3]
        other = DailyAnalytics.objects.get(workflow=called.workflow)
        assert (other.executions, other.success, other.canceled) == (2, 1, 1)


def test_what_is_noted_of_removed_runs_goes_itself_and_the_figures_stay() -> None:
    execution = over(timedelta(), "error")
    act("delete", [execution.pk], by=execution.workflow.created_by)
    prune(now=timezone.now() + timedelta(hours=2))
    assert RemovedRuns.objects.get().executions == 1
    prune(now=timezone.now() + timedelta(days=33))
    assert not RemovedRuns.objects.exists()
    assert DailyAnalytics.objects.get().error == 1


def test_samples_and_runs_of_days_long_counted_leave_no_note() -> None:
    over(timedelta(hours=2), mode="sample", expires_at=LONG_AGO)
    over()
    prune()
    assert (remaining(), RemovedRuns.objects.count()) == (set(), 0)


def test_more_than_one_batch_goes_and_one_large_run_is_a_batch_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 3)
    monkeypatch.setattr(pruning, "MOST_EVENTS", 100)
    version = VersionFactory()
    needed = over(timedelta(days=99), version=version)
    ExecutionFactory(retry_of=needed, version=version)
    for number in range(7):
        over(version=version, next_seq=500 if number == 3 else 1)
    assert prune().executions["old"] == 7


def test_a_dry_run_of_pruning_counts_and_leaves_all() -> None:
    kept = {over().pk, over(timedelta(hours=2), mode="sample", expires_at=LONG_AGO).pk}
    waiting = ExecutionFactory(status="waiting", mode="sample", expires_at=LONG_AGO)
    pruned = prune(is_dry=True)
    assert pruned.executions == {"expired": 1, "old": 1}
    assert remaining() == kept | {waiting.pk}


def test_rows_that_outlived_their_use_go_and_others_stay() -> None:
    user, execution = UserFactory(), ExecutionFactory()
    team = execution.team
    past, ahead = NOW - timedelta(days=2), NOW + timedelta(days=2)
    for expires_at in (past, ahead):
        key = f"{expires_at}"
        IdempotencyRecord.objects.create(team=team, key=key, fingerprint="f", expires_at=expires_at)
        RefreshToken.objects.create(
            user=user, family=execution.pk, token_hash=f"{expires_at.timestamp()}", expires_at=expires_at
        )
        Session.objects.create(session_key=f"{expires_at:%Y%m%d}", session_data="x", expire_date=expires_at)
    Notification.objects.create(user=user, kind="x", title="read", read_at=NOW - timedelta(days=91))
    unread = Notification.objects.create(user=user, kind="x", title="unread", created_at=NOW - timedelta(days=400))
    for status in ("success", "error"):
        Job.objects.create(queue="exports", kind="x", status=status, finished_at=NOW - timedelta(days=40))
    recurring = {"queue": "maintenance", "kind": "x", "key": "recurring"}
    Job.objects.create(**recurring, status="queued", finished_at=NOW - timedelta(days=400))
    SeenHistory.objects.create(workflow=execution.workflow, scope="workflow", kind="values", updated_at=LONG_AGO)
    prune()
    assert list(IdempotencyRecord.objects.values_list("expires_at", flat=True)) == [ahead]
    assert list(RefreshToken.objects.values_list("expires_at", flat=True)) == [ahead]
    assert list(Session.objects.values_list("expire_date", flat=True)) == [ahead]
    assert list(Notification.objects.all()) == [unread]
    assert set(Job.objects.values_list("status", flat=True)) == {"error", "queued"}
    assert SeenHistory.objects.exists()


def test_the_audit_trail_outlives_everything() -> None:
    execution = over()
    entry = audit.record("execution.canceled", actor=UserFactory(), team=execution.team, target=execution)
    prune()
    assert AuditEntry.objects.get().object_id == str(execution.pk)
    assert AuditEntry.objects.get().chain == entry.chain


def test_what_somebody_holds_is_left_for_later() -> None:
    held, free = over(), over()
    done: list[Pruned] = []

    def elsewhere() -> None:
        done.append(prune())
        connection.close()

    with transaction.atomic():
        Execution.objects.select_for_update(no_key=True).get(pk=held.pk)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(20)
    assert done[0].executions["old"] == 1
    assert remaining() == {held.pk}
    assert free.pk not in remaining()


def test_a_run_that_is_gone_is_not_repeated() -> None:
    execution = over()
    stale = Execution.objects.get(pk=execution.pk)
    prune()
    with pytest.raises(UserError, match="removed meanwhile"):
        retry(stale, by=execution.workflow.created_by)


def test_pruning_without_pause_while_runs_go_on_harms_none(parts: Parts) -> None:
    """Every run ends well and keeps all of its record; every one that is old goes."""
    version = VersionFactory(workflow__graph=manual_set(greeting="Hello"))
    stop, running = threading.Event(), []

    def pruner() -> None:
        try:
            while not stop.is_set():
                prune()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        pruners = [threads.submit(pruner) for _ in range(2)]
        for _ in range(6):
            for _ in range(10):
                over(version=version)
            running += ExecutionFactory.create_batch(10, version=version)
            parts.runner.drain()
        stop.set()
    assert [one.exception() for one in pruners] == [None, None]
    prune()
    assert remaining() == {execution.pk for execution in running}
    assert set(Execution.objects.values_list("status", flat=True)) == {"success"}
    assert NodeRun.objects.count() == 2 * len(running)


def test_the_command_says_what_goes_and_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    over()
    call_command("prune", "--dry-run", "--days", "30")
    assert "executions, old: 1 would go" in capsys.readouterr().out
    call_command("prune", "--runs", "0", "--compact")
    said = capsys.readouterr().out
    assert "executions, old: 1 gone" in said
    assert "compacting executions_app_execution" in said
    assert "executions_app_payload: " in said
    assert remaining() == set()


def called_version(**fields):
    version = VersionFactory(reason="called", **fields)
    WorkflowVersion.objects.filter(pk=version.pk).update(created_at=timezone.now() - timedelta(days=2))
    return version


def test_a_graph_given_in_a_call_goes_with_its_last_run() -> None:
    gone, still_run, own = called_version(), called_version(), VersionFactory()
    ExecutionFactory(version=still_run)
    prune()
    assert set(WorkflowVersion.objects.values_list("pk", flat=True)) == {still_run.pk, own.pk}
    Execution.objects.filter(version=still_run).delete()
    prune()
    assert set(WorkflowVersion.objects.values_list("pk", flat=True)) == {own.pk}
    assert gone.pk != own.pk


def test_a_graph_that_is_called_again_stays_and_one_that_is_published_is_no_longer_one_of_a_call() -> None:
    again, published = called_version(), called_version()
    versions.snapshot(again.workflow, reason="called", graph=again.graph)
    versions.snapshot(published.workflow, reason="publish", graph=published.graph)
    prune()
    assert set(WorkflowVersion.objects.values_list("reason", flat=True)) == {"called", "publish"}


def test_whatever_names_a_version_keeps_it() -> None:
    """A graph that is live, or listened to, or shown in the gallery."""
    version = called_version()
    Workflow.objects.filter(pk=version.workflow_id).update(live_version=version)
    prune()
    assert WorkflowVersion.objects.filter(pk=version.pk).exists()
