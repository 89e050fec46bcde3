"""Exports and reports: what is in them, what never is, and that a crash repeats nothing for people."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.errors import RoleTooLow
from accounts.models import AuditEntry, Membership, Notification, NotificationChoice
from accounts.services import audit
from accounts.services.notifications import notify
from accounts.tests.factories import UserFactory
from executions_app import jobs as kinds  # noqa: F401 - registers them
from executions_app.job_kinds import JobRun
from executions_app.models import DailyAnalytics, Job, JobFile, JobFilePart, OutboxMessage, Report
from executions_app.runner.jobs import JobRunner
from executions_app.selectors.jobs import file_for, shown_jobs
from executions_app.services import exports, job_files, jobs, notification_channels, reports
from executions_app.services.exports import TooMany, Wanted
from executions_app.services.job_files import parts_of
from executions_app.services.pruning import Pruning, Retention
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from pumpflix.lib import csv_text
from workflows_app.engine.errors import UserError
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    made = JobRunner("me")
    yield made
    made.stop()


@pytest.fixture
def version():
    made = VersionFactory()
    made.workflow.name = "=HYPERLINK(1)"
    made.workflow.save()
    Membership.objects.filter(user=made.workflow.created_by, team=made.workflow.team).update(role="owner")
    return made


def ended(version, status: str = "success", **fields):
    at = timezone.now()
    return ExecutionFactory(version=version, status=status, mode="schedule", started_at=at, finished_at=at, **fields)


def made(runner: JobRunner, version, what: str, kind: str = "csv", **more) -> bytes:
    by = version.workflow.created_by
    job = exports.ask(Wanted(what=what, format=kind, **more), team=version.workflow.team, by=by, counts=False)
    runner.drain()
    job.refresh_from_db()
    assert job.status == "success", job.error_text
    return b"".join(parts_of(file_for(by, job.pk)))


@pytest.mark.requirement(20)
def test_runs_as_csv_have_no_formula_and_no_secret(version, runner) -> None:
    ended(version, "error", error_text="@SUM(1) key sk-live-abcdefghijklmnopqrstuvwxyz0123456789")
    rows = list(csv.DictReader(io.StringIO(made(runner, version, "executions").decode())))
    assert rows[0]["workflow"] == "'=HYPERLINK(1)"
    assert rows[0]["error"].startswith("'@SUM(1)")
    assert "abcdefghijklmnopqrstuvwxyz" not in rows[0]["error"]
    assert rows[0]["status"] == "error"


@pytest.mark.requirement(20)
@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "|x", "%x"])
def test_a_cell_is_never_a_formula(text) -> None:
    assert csv_text.cell(text) == f"'{text}"


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [csv_text.cell(value) for value in (-1.5, None, "a-b", True)] == [-1.5, "", "a-b", True]
    assert csv_text.line(["a,b", 'say "x"\n']) == b'"a,b","say ""x""\n"\r\n'


def test_only_what_was_asked_for_is_in_it(version, runner) -> None:
    ended(version, "error")
    ended(version)
    ended(VersionFactory(), "error")
    found = json.loads(made(runner, version, "executions", "json", statuses=("error",)))
    assert [one["status"] for one in found] == ["error"]
    assert json.loads(made(runner, version, "executions", "json", until=datetime(2020, 1, 1, tzinfo=UTC))) == []


def test_many_runs_go_in_pages_and_parts(version, runner, monkeypatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 3)
    monkeypatch.setattr(job_files, "PART_BYTES", 200)
    for _ in range(8):
        ended(version)
    with zipfile.ZipFile(io.BytesIO(made(runner, version, "executions", "zip"))) as archive:
        assert sorted(archive.namelist()) == ["executions.csv", "executions.json"]
        assert len(json.loads(archive.read("executions.json"))) == 8
    assert JobFilePart.objects.count() > 3
    job = Job.objects.get(kind="exports.executions")
    assert (job.progress, job.result["rows"]) == (1, 8)


@pytest.mark.parametrize("kind", ["json", "zip", "csv"])
@pytest.mark.requirement(36)
def test_workflows_go_without_credentials_pins_and_secrets(version, runner, kind) -> None:
    token = "Bearer ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    http = node(
        "Call", "httpRequest", 4.2, headerParameters={"parameters": [{"name": "Authorization", "value": token}]}
    )
    http["credentials"] = {"httpBasicAuth": {"id": "7", "name": "Mine"}}
    graph = chain(node("Start", "manualTrigger"), http, pinData={"Start": [{"json": {"a": "pinned"}}]})
    WorkflowFactory(team=version.workflow.team, created_by=version.workflow.created_by, name="Calls", graph=graph)
    data = made(runner, version, "workflows", kind)
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Calls" in data
    for hidden in (b"ghp_abc", b"pinned", b'"id":"7"'):
        assert hidden not in data


def test_the_audit_trail_is_for_owners_and_stays_in_the_team(version, runner) -> None:
    audit.record("thing.done", actor=version.workflow.created_by, team=version.workflow.team, note="=1")
    audit.record("thing.elsewhere", actor=None, team=None)
    text = made(runner, version, "audit").decode()
    assert "thing.done" in text
    assert "thing.elsewhere" not in text
    editor = UserFactory()
    Membership.objects.create(user=editor, team=version.workflow.team, role="editor")
    with pytest.raises(RoleTooLow):
        exports.ask(Wanted(what="audit"), team=version.workflow.team, by=editor)
    assert AuditEntry.objects.filter(action="audit.export").count() == 1


def test_whoever_left_the_team_meanwhile_gets_nothing(version, runner) -> None:
    by, team = version.workflow.created_by, version.workflow.team
    job = exports.ask(Wanted(what="executions"), team=team, by=by, counts=False)
    Membership.objects.filter(user=by, team=team).delete()
    runner.drain()
    job.refresh_from_db()
    assert job.status != "success"
    assert not JobFile.objects.filter(is_whole=True).exists()


def test_the_asker_is_told_once_even_if_the_job_runs_twice(version, runner) -> None:
    made(runner, version, "executions", mail=True)
    job = Job.objects.get(kind="exports.executions")
    Job.objects.filter(pk=job.pk).update(
        status="queued", arguments=Wanted(what="executions", mail=True).to_json(), run_at=timezone.now()
    )
    runner.drain()
    told = Notification.objects.get()
    assert (told.kind, told.url) == ("job.done", f"/jobs/{job.pk}")
    assert JobFile.objects.count() == 1
    Job.objects.filter(kind="notifications.send-on").update(run_at=timezone.now() - timedelta(seconds=1))
    notification_channels.send_on()
    runner.drain()
    assert [sent.to for sent in mail.outbox] == [[version.workflow.created_by.email]]


def test_a_teammate_does_not_get_somebody_elses_file(version, runner) -> None:
    made(runner, version, "executions")
    mate = UserFactory()
    Membership.objects.create(user=mate, team=version.workflow.team, role="owner")
    job = Job.objects.get(kind="exports.executions")
    assert file_for(mate, job.pk) is None
    assert file_for(UserFactory(), job.pk) is None


def test_ten_an_hour(version, settings, redis_client) -> None:
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"export": "10/1 hour"}
    by, team = version.workflow.created_by, version.workflow.team
    for _ in range(10):
        exports.ask(Wanted(what="executions"), team=team, by=by)
    with pytest.raises(TooMany) as caught:
        exports.ask(Wanted(what="executions"), team=team, by=by)
    assert caught.value.retry_after_s > 3000


def test_one_that_is_too_large_says_what_to_do(version, runner, monkeypatch) -> None:
    monkeypatch.setattr(job_files, "MOST_BYTES", 10)
    monkeypatch.setattr(job_files, "PART_BYTES", 20)
    ended(version)
    job = exports.ask(
        Wanted(what="executions"), team=version.workflow.team, by=version.workflow.created_by, counts=False
    )
    runner.drain()
    job.refresh_from_db()
    assert (job.status, job.error_text) == ("error", "This would be larger than 0 MB.")
    assert [one.is_bad for one in shown_jobs(version.workflow.created_by)] == [True]
    assert jobs.again(job).status == "queued"


def test_a_file_is_gone_after_a_week_and_with_it_its_bytes(version, runner) -> None:
    made(runner, version, "executions")
    JobFile.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert file_for(version.workflow.created_by, Job.objects.get(kind="exports.executions").pk) is None
    Pruning(Retention(days=30, runs=0)).run()
    assert (JobFile.objects.count(), JobFilePart.objects.count()) == (0, 0)


# reports --------------------------------------------------------------------------------------------------------------
def report(version, **fields) -> Report:
    wanted = reports.Wanted(**{"period": "day", "addresses": "boss@example.org", **fields})
    return reports.create(version.workflow.team, wanted, by=version.workflow.created_by)


def test_a_due_report_is_made_once_and_mailed_with_its_figures(version, runner) -> None:
    made_report = report(version)
    yesterday = timezone.now().date() - timedelta(days=1)
    DailyAnalytics.objects.create(
        workflow=version.workflow, day=yesterday, executions=4, success=3, error=1, duration_ms=400
    )
    Report.objects.update(next_at=timezone.now() - timedelta(minutes=1))
    assert [reports.start_due(), reports.start_due()] == [1, 0]
    runner.drain()
    sent = mail.outbox[0]
    assert sent.to == ["boss@example.org"]
    assert "4 runs: 3 succeeded, 1 failed" in sent.body
    name, data, _ = sent.attachments[0]
    assert name.endswith(".csv")
    assert "'=HYPERLINK(1),4,3,1,0,100" in data
    made_report.refresh_from_db()
    assert made_report.next_at > timezone.now()
    job = Job.objects.get(kind="exports.report")
    assert file_for(version.workflow.created_by, job.pk) is not None


def test_one_missed_for_days_comes_once(version) -> None:
    report(version)
    Report.objects.update(next_at=timezone.now() - timedelta(days=9))
    assert [reports.start_due(), reports.start_due()] == [1, 0]


@pytest.mark.parametrize(
    "period, now, then",
    [
        ("day", "2026-03-28T07:00+00:00", "2026-03-29T05:00+00:00"),
        ("day", "2026-03-28T05:00+00:00", "2026-03-28T06:00+00:00"),
        ("week", "2026-03-25T12:00+00:00", "2026-03-30T05:00+00:00"),
    ],
    ids=["into summer time", "today", "next Monday"],
)
def test_it_comes_at_its_hour_by_the_clock_of_its_zone(period, now, then) -> None:
    made_report = Report(period=period, hour=7, time_zone="Europe/Berlin")
    assert reports.next_after(made_report, datetime.fromisoformat(now)) == datetime.fromisoformat(then)


def figures_made(report: Report) -> list[str]:
    """The day that it is about, and the line of the sum."""
    job = reports.start(report, by=report.created_by)
    run = JobRun(job.pk, job.kind, job.team_id, job.started_by_id, job.arguments, 1, None, lambda *_: None)
    name = str(reports.make(run)["name"])
    data = b"".join(parts_of(JobFile.objects.get(job=job))).decode()
    return [name.removeprefix("report-")[:10], data.splitlines()[-1]]


def test_east_of_greenwich_a_day_is_in_a_report_when_it_is_over_and_none_is_lost(version, monkeypatch) -> None:
    def at(moment: str) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(moment))

    daily = report(version, hour=7, time_zone="Asia/Tokyo", addresses="")
    at("2026-03-01T21:00+00:00")
    ended(version)
    at("2026-03-01T22:00+00:00")
    assert figures_made(daily) == ["2026-02-28", "all,0,0,0,0,0"]
    at("2026-03-01T23:30+00:00")
    ended(version)
    at("2026-03-02T22:00+00:00")
    assert figures_made(daily) == ["2026-03-01", "all,2,2,0,0,0"]


@pytest.mark.parametrize(
    "zone",
    ["Asia/Tokyo", "Pacific/Kiritimati", "Europe/Berlin", "Europe/London", "UTC", "America/Los_Angeles",
     "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Pago_Pago"],
)  # fmt: skip
def test_every_day_is_in_one_daily_report_whole_at_any_hour_through_all_changes_of_clocks(zone) -> None:
    for hour in range(24):
        daily = Report(period="day", hour=hour, time_zone=zone)
        due = reports.next_after(daily, datetime(2025, 12, 30, tzinfo=UTC))
        last = reports.counted_until(daily, due)
        for _ in range(370):
            due = reports.next_after(daily, due)
            until = reports.counted_until(daily, due)
            assert until - last == timedelta(days=1), (hour, due)
            assert until <= due.astimezone(UTC).date(), (hour, due)
            last = until


@pytest.mark.parametrize("fields", [{"time_zone": "Mars/Base"}, {"addresses": "nobody"}], ids=str)
def test_what_cannot_be_is_refused(version, fields) -> None:
    with pytest.raises(UserError):
        report(version, **fields)


def test_of_one_workflow_only_its_own_figures(version) -> None:
    other = VersionFactory(workflow__team=version.workflow.team).workflow
    day = date(2026, 3, 1)
    for workflow in (version.workflow, other):
        DailyAnalytics.objects.create(workflow=workflow, day=day, executions=2, success=2)
    one = Report(team=version.workflow.team, workflow=version.workflow)
    assert [line[1] for line in reports.figures(one, day, date(2026, 3, 2))] == [2, 2]
    everything = Report(team=version.workflow.team)
    assert reports.figures(everything, day, date(2026, 3, 2))[-1][1] == 4


# notifications --------------------------------------------------------------------------------------------------------
def test_notifications_go_where_their_reader_chose(runner) -> None:
    user = UserFactory()
    notification_channels.choose(user, email=["runs", "nonsense"], slack=[])
    notify(user, kind="run.failed", title="Night job failed", text="out of paper", url="/executions/1")
    notify(user, kind="template", title="Reviewed")
    assert [notification_channels.send_on(), notification_channels.send_on()] == [1, 0]
    runner.drain()
    assert [(sent.subject, sent.to) for sent in mail.outbox] == [("Night job failed", [user.email])]
    assert "out of paper" in mail.outbox[0].body


def test_a_notification_by_mail_without_a_mail_server_is_kept_in_the_outbox(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    user = UserFactory()
    notify(user, kind="run.failed", title="Night job failed", text="out of paper")
    row = Notification.objects.get(user=user)
    assert "outbox" in [notification_channels.send(str(row.pk), "email") for _ in range(2)][1]
    kept = OutboxMessage.objects.get()
    assert (kept.recipients["to"], kept.subject) == ([user.email], "Night job failed")


def test_slack_needs_a_webhook_which_is_sealed() -> None:
    user = UserFactory()
    with pytest.raises(UserError):
        notification_channels.choose(user, email=[], slack=["runs"])
    url = "https://hooks.slack.com/services/T0/B0/very-secret"
    notification_channels.choose(user, email=[], slack=["runs"], slack_url=url)
    choice = NotificationChoice.objects.get()
    assert b"very-secret" not in bytes(choice.slack_sealed)
    assert choice.slack_hint == "hooks.slack.com/…cret"
    notification_channels.choose(user, email=[], slack=["jobs"])
    assert NotificationChoice.objects.get().slack_sealed is not None
