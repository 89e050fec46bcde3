"""Runs that fail while nobody looks: their makers are told, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.services.notifications import mark_all_read
from accounts.tests.factories import UserFactory
from executions_app.models import Execution, Failure
from executions_app.services import failures
from executions_app.tests.factories import ExecutionFactory, VersionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def version():
    made = VersionFactory()
    made.workflow.created_by = UserFactory()
    made.workflow.name = "Night job"
    made.workflow.save()
    return made


def failed(version, **fields) -> Execution:
    given = {"mode": "schedule", "status": "error", "error_text": "out of paper", "finished_at": timezone.now()}
    execution = ExecutionFactory(version=version, **(given | fields))
    Failure.objects.create(workflow=execution.workflow, execution_id=execution.pk)
    return execution


def told() -> int:
    """How many are told when what failed is looked after."""
    before = Notification.objects.count()
    failures.look_after()
    return Notification.objects.count() - before


def test_the_maker_is_told_which_workflow_why_and_where(version):
    execution = failed(version)
    assert told() == 1
    row = Notification.objects.get()
    assert (row.user, row.kind, row.title) == (version.workflow.created_by, "run.failed", "Night job failed")
    assert (row.text, row.url) == ("out of paper", f"/executions/{execution.pk}")


def test_once_however_often_it_is_asked_and_however_many_fail(version):
    for _ in range(3):
        failed(version)
    assert [told(), told()] == [1, 0]
    failed(version)
    assert told() == 0


def test_again_when_it_fails_after_the_last_was_read(version):
    failed(version)
    told()
    mark_all_read(version.workflow.created_by)
    assert told() == 0
    failed(version)
    assert told() == 1


def test_another_workflow_of_theirs_is_told_of_too(version):
    other = VersionFactory()
    other.workflow.created_by = version.workflow.created_by
    other.workflow.save()
    failed(version)
    failed(other)
    assert told() == 2


@pytest.mark.parametrize(
    "fields",
    [{"mode": "manual"}, {"mode": "api"}, {"mode": "sample"}],
    ids=["by hand", "by a program", "sample"],
)
def test_nobody_is_told_of_what_they_watched(version, fields):
    failed(version, **fields)
    assert told() == 0


def test_who_left_is_not_told(version):
    version.workflow.created_by.is_active = False
    version.workflow.created_by.save()
    failed(version)
    assert told() == 0


def test_however_long_nobody_looked_it_is_told(version):
    failed(version, finished_at=timezone.now() - timedelta(hours=5))
    assert told() == 1
