"""The jobs that come by themselves do their work and say what they did."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from executions_app import job_kinds, jobs
from executions_app.job_kinds import JobRun
from executions_app.models import DailyAnalytics, Job
from executions_app.runner.jobs import LOOK_S, JobRunner
from executions_app.services.jobs import ensure_recurring
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def test_days_are_counted_and_old_runs_go_without_anybody_asking() -> None:
    now = timezone.now()
    ExecutionFactory(status="success", finished_at=now, started_at=now)
    ExecutionFactory(status="success", mode="sample", finished_at=now, expires_at=now - timedelta(minutes=1))
    runner = JobRunner("me")
    recurring = [kind for kind in job_kinds.all_kinds().values() if kind.every_s]
    assert ensure_recurring() == runner.drain() == len(recurring)
    results = dict(Job.objects.values_list("kind", "result"))
    assert results["maintenance.roll_up"] == {"days": 1, "day": now.date().isoformat()}
    assert results["maintenance.prune"]["executions"] == {"expired": 1, "old": 0}
    assert results["maintenance.sweep"] == {"payloads": 0, "bytes": 0}
    assert results["notifications.credentials"] == {"warnings": 0}
    assert DailyAnalytics.objects.get().executions == 1
    assert set(Job.objects.values_list("status", "error_text")) == {("queued", "")}


def test_days_that_no_worker_saw_are_counted_by_the_next_one() -> None:
    now = timezone.now()
    away = now - timedelta(days=4)
    ExecutionFactory(status="success", created_at=away, started_at=away, finished_at=away)
    run = JobRun(uuid4(), "maintenance.roll_up", None, None, {}, 1, {"day": away.date().isoformat()}, lambda *_: None)
    assert jobs.roll_up(run)["days"] == 1
    assert DailyAnalytics.objects.get().day == away.date()


def test_each_kind_is_rung_for_in_its_queue() -> None:
    kinds = job_kinds.all_kinds().values()
    assert {kind.queue for kind in kinds} <= {"notifications", "exports", "audits", "maintenance"}
    assert [kind.name for kind in kinds if kind.every_s is not None and kind.every_s < LOOK_S] == []
