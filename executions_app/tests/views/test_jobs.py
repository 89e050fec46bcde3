"""The page of exports and reports, and that of where to be told."""

import pytest

from accounts.services.teams import personal_team
from accounts.tests.clients import as_user
from accounts.tests.factories import UserFactory
from executions_app import jobs as kinds  # noqa: F401 - registers them
from executions_app.models import Job, Report
from executions_app.runner.jobs import JobRunner

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def user(client, redis_client):
    made = UserFactory()
    personal_team(made)
    client.force_login(made)
    return made


def page(client) -> str:
    return client.get("/jobs").content.decode()


def test_an_export_is_asked_for_made_and_fetched(client, user):
    assert "Nothing yet." in page(client)
    fields = {"what": "executions", "format": "csv"}
    shown = client.post("/jobs/export", fields, follow=True).content.decode()
    assert "Queued" in shown
    assert "<busy-part data-busy>" in shown
    job = Job.objects.get(kind="exports.executions")
    assert client.get(f"/jobs/{job.pk}/file").status_code == 404
    runner = JobRunner("me")
    runner.drain("exports")
    runner.stop()
    shown = page(client)
    assert "Download" in shown
    answer = client.get(f"/jobs/{job.pk}/file")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == b"empty\r\n"
    assert client.get(f"/jobs/{job.pk}")["Location"] == f"/jobs#job-{job.pk}"
    client.force_login(UserFactory())
    assert client.get(f"/jobs/{job.pk}/file").status_code == 404
    assert client.get(f"/jobs/{job.pk}").status_code == 404


def test_the_eleventh_of_an_hour_is_refused_on_the_page(client, user, settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"export": "1/1 hour"}
    fields = {"what": "workflows", "format": "json"}
    client.post("/jobs/export", fields)
    answer = client.post("/jobs/export", fields)
    assert answer.status_code == 429
    assert "too many exports" in answer.content.decode()


def test_one_that_failed_says_why_and_is_tried_again(client, user):
    team = personal_team(user)
    job = Job.objects.create(
        team=team, started_by=user, queue="exports", kind="exports.executions", status="error", error_text="Disk full."
    )
    shown = page(client)
    assert "Disk full." in shown
    assert "Try again" in shown
    client.post(f"/jobs/{job.pk}/again")
    job.refresh_from_db()
    assert job.status == "queued"
    client.post(f"/jobs/{job.pk}/cancel")
    job.refresh_from_db()
    assert job.status == "canceled"
    client.force_login(UserFactory())
    assert client.post(f"/jobs/{job.pk}/again").status_code == 404


def test_a_report_is_set_made_at_once_and_removed(client, user):
    fields = {"period": "week", "hour": "8", "time_zone": "Europe/Berlin", "addresses": "boss@example.org"}
    assert "boss@example.org" in client.post("/reports/add", fields, follow=True).content.decode()
    report = Report.objects.get()
    client.post(f"/reports/{report.pk}/make")
    assert Job.objects.filter(kind="exports.report").count() == 1
    wrong = client.post("/reports/add", {**fields, "time_zone": "Mars"})
    assert wrong.status_code == 422
    assert "is not a time zone" in wrong.content.decode()
    client.post(f"/reports/{report.pk}/delete")
    assert not Report.objects.exists()


def test_where_to_be_told_is_chosen(client, user):
    assert "/notifications/settings" in client.get("/notifications").content.decode()
    client.post("/notifications/settings", {"email": ["runs"]})
    assert 'value="runs" id="id_email_0" checked' in client.get("/notifications/settings").content.decode()
    wrong = client.post("/notifications/settings", {"slack": ["runs"], "slack_url": "https://evil.example/x"})
    assert wrong.status_code == 422
    assert "hooks.slack.com" in wrong.content.decode()


def test_programs_export_follow_and_fetch(user):
    api = as_user(user)
    body = {"what": "executions", "format": "json"}
    job = api.post("/api/jobs/exports", body, format="json").json()
    assert (job["status"], job["file"]) == ("queued", None)
    runner = JobRunner("me")
    runner.drain("exports")
    runner.stop()
    done = api.get(f"/api/jobs/{job['id']}").json()
    assert (done["status"], done["progress"], done["file"]["sizeBytes"]) == ("success", 1.0, 3)
    assert b"".join(api.get(f"/api/jobs/{job['id']}/file").streaming_content) == b"[]\n"
    stranger = as_user(UserFactory())
    assert stranger.get(f"/api/jobs/{job['id']}").status_code == 404
    assert stranger.get(f"/api/jobs/{job['id']}/file").status_code == 404
