"""Side jobs on real worker processes: nobody has to start anything but a worker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app.models import DailyAnalytics, Execution, Job
from executions_app.services import jobs
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


def test_workers_count_the_days_and_remove_what_is_over_by_themselves(start_worker, until) -> None:
    now = timezone.now()
    done = ExecutionFactory(status="success", started_at=now, finished_at=now)
    ExecutionFactory(status="success", mode="sample", finished_at=now, expires_at=now - timedelta(minutes=1))
    old = now - timedelta(days=40)
    ExecutionFactory(status="error", created_at=old, finished_at=old)
    start_worker()
    start_worker()
    until(lambda: set(Execution.objects.values_list("pk", flat=True)) == {done.pk}, 30)
    until(lambda: DailyAnalytics.objects.count() == 2, 30)
    assert Job.objects.count() == Job.objects.values("kind").distinct().count()


def test_a_doorbell_brings_a_worker_to_a_job(start_worker, until) -> None:
    start_worker()
    job = jobs.enqueue("maintenance.roll_up", {}, key="now")
    until(lambda: Job.objects.get(pk=job.pk).finished_at is not None, 20)
