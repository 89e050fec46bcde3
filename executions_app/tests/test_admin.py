"""Side jobs in the admin: seen by administrators, tried again, stopped, and every such act audited."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tests.clients import enter_administration
from accounts.tests.factories import UserFactory
from executions_app.models import Job

pytestmark = [pytest.mark.app, pytest.mark.django_db]

PAGE = "admin:executions_app_job_changelist"


@pytest.fixture
def failed(client) -> Job:
    enter_administration(client, UserFactory(is_staff=True))
    return Job.objects.create(
        queue="exports",
        kind="workflows.export",
        status="error",
        error_text="The disk is full.",
        finished_at=timezone.now(),
    )


def act(client, name: str, job: Job) -> None:
    answer = client.post(reverse(PAGE), {"action": name, "_selected_action": [str(job.pk)]})
    assert answer.status_code == 302
    job.refresh_from_db()


def test_what_failed_is_listed_with_its_reason(client, failed: Job) -> None:
    page = client.get(reverse(PAGE) + "?status__exact=error").content.decode()
    assert "workflows.export" in page
    assert "The disk is full." in page
    assert client.get(reverse("admin:executions_app_job_change", args=[failed.pk])).status_code == 200


def test_what_failed_is_tried_again_and_stopped(client, failed: Job) -> None:
    act(client, "try_again", failed)
    assert (failed.status, failed.attempts, failed.error_text) == ("queued", 0, "")
    act(client, "stop", failed)
    assert failed.status == "canceled"
    assert list(AuditEntry.objects.order_by("at").values_list("action", flat=True)) == ["job.retried", "job.canceled"]
