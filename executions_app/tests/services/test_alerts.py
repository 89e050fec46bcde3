"""Alerts: one for each incident, to where they were meant to go, with the service's own answer."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.errors import RoleTooLow
from accounts.models import AuditEntry, Membership
from accounts.tests.factories import UserFactory
from executions_app import jobs as kinds  # noqa: F401 - registers them
from executions_app import payload_codec
from executions_app.intake.waits import end_wait
from executions_app.models import Alert, AlertSent, Execution, Failure, Incident, Job, OutboxMessage
from executions_app.runner.jobs import JobRunner
from executions_app.runner.ticker import wake_due_waits
from executions_app.services import alert_channels, alerts, failures, incidents
from executions_app.services.alerts import Rules
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from executions_app.tests.receiver import Receiver, listening
from pumpflix.lib.safe_http import OutboundPolicy, client_for, parse_open_networks
from workflows_app.engine import events
from workflows_app.engine.errors import UserError
from workflows_app.models import Poll, Schedule
from workflows_app.services import outbound

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    policy = OutboundPolicy(parse_open_networks("127.0.0.0/8"))
    monkeypatch.setattr(outbound, "outbound_client", lambda: client_for(policy))
    with listening() as made:
        yield made


@pytest.fixture
def version():
    made = VersionFactory()
    made.workflow.name = "Night <job>"
    made.workflow.save()
    return made


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    made = JobRunner("me")
    yield made
    made.stop()


def alert(version, url: str = "", *, channel: str = "webhook", secret: str = "", **rules) -> Alert:
    target = url or "ops@example.org"
    by = version.workflow.created_by
    return alerts.create(version.workflow, channel=channel, target=target, secret=secret, rules=Rules(**rules), by=by)


def fail(version, *, text: str = "out of paper", **fields) -> Execution:
    execution = ended(version, "error", error_text=text, **fields)
    Failure.objects.create(workflow=version.workflow, execution_id=execution.pk)
    failures.look_after()
    return execution


def ended(version, status: str, *, after_s: float = 0, **fields) -> Execution:
    at = timezone.now() + timedelta(seconds=after_s)
    return ExecutionFactory(version=version, mode="schedule", status=status, finished_at=at, created_at=at, **fields)


def deliver(runner: JobRunner) -> list[str]:
    """Send what is queued; the events that were told, oldest first."""
    runner.drain("notifications")
    return list(AlertSent.objects.order_by("created_at", "pk").values_list("event", flat=True))


def test_a_webhook_gets_the_failure_signed_and_with_a_key(version, receiver, runner) -> None:
    alert(version, receiver.url, secret="s3cret")
    execution = fail(version)
    assert deliver(runner) == ["failure"]
    headers, body = receiver.calls[0]
    said = json.loads(body)
    assert (said["event"], said["text"]) == ("failure", "out of paper")
    assert said["execution"]["id"] == str(execution.pk)
    assert said["workflow"]["name"] == "Night <job>"
    assert headers["x-pumpflix-signature"] == f"sha256={hmac.new(b's3cret', body, hashlib.sha256).hexdigest()}"
    sent = AlertSent.objects.get()
    assert (sent.status, sent.answer) == ("sent", "200 OK: ok")
    assert headers["idempotency-key"] == f"pf-alert-{sent.pk}"


def test_one_alert_an_incident_however_many_runs_fail(version, receiver, runner) -> None:
    alert(version, receiver.url)
    for _ in range(3):
        fail(version)
    assert deliver(runner) == ["failure"]
    assert len(receiver.calls) == 1
    assert Incident.objects.get().failures == 3


def test_only_after_as_many_failures_in_a_row_as_it_says(version, receiver, runner) -> None:
    alert(version, receiver.url, after_failures=3)
    fail(version, after_s=-60)
    fail(version, after_s=-50)
    ended(version, "success", after_s=-40)
    fail(version, after_s=-30)
    assert deliver(runner) == []
    fail(version, after_s=-20)
    fail(version, after_s=-10)
    assert deliver(runner) == ["failure"]
    assert json.loads(receiver.calls[0][1])["text"] == "3 times in a row. out of paper"


def test_who_was_told_of_the_failure_is_told_that_it_works_again(version, receiver, runner) -> None:
    alert(version, receiver.url, on_recovery=True)
    alert(version, receiver.url, on_recovery=True, after_failures=5)
    fail(version, after_s=-10)
    ended(version, "success", after_s=-5)
    incidents.close_recovered()
    incidents.close_recovered()
    assert deliver(runner) == ["failure", "recovery"]
    fail(version)
    assert deliver(runner) == ["failure", "recovery", "failure"]


def test_a_run_by_hand_neither_opens_nor_ends_an_incident(version, receiver, runner) -> None:
    alert(version, receiver.url, on_recovery=True)
    execution = ExecutionFactory(version=version, mode="manual", status="error", finished_at=timezone.now())
    Failure.objects.create(workflow=version.workflow, execution_id=execution.pk)
    failures.look_after()
    assert deliver(runner) == []
    fail(version, after_s=-10)
    ExecutionFactory(version=version, mode="manual", status="success", finished_at=timezone.now())
    assert incidents.close_recovered() == 0


def test_slack_gets_text_in_which_nobody_is_mentioned(version, receiver, runner, monkeypatch) -> None:
    monkeypatch.setattr(alert_channels, "target_of", lambda *_: {"url": receiver.url})
    alert(version, receiver.url, channel="slack")
    fail(version, text="<!channel> & more")
    deliver(runner)
    text = json.loads(receiver.calls[0][1])["text"]
    assert text.startswith("*Night &lt;job&gt; failed*\n&lt;!channel&gt; &amp; more\n<http")


def test_a_mail_goes_to_every_address(version, runner) -> None:
    alert(version, "a@example.org, b@example.org", channel="email")
    fail(version)
    deliver(runner)
    assert mail.outbox[0].to == ["a@example.org", "b@example.org"]
    assert mail.outbox[0].subject == "Night <job> failed"
    assert "out of paper" in mail.outbox[0].body


def test_without_a_mail_server_the_mail_is_kept_in_the_outbox(version, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    made = alert(version, channel="email")
    sent = alerts.send_test(made, by=version.workflow.created_by)
    assert "outbox" in sent.answer
    kept = OutboxMessage.objects.get()
    assert (kept.team, kept.recipients["to"]) == (version.workflow.team, ["ops@example.org"])


@pytest.mark.parametrize(
    "status, said, job", [(404, "404 Not Found: no_service", "error"), (503, "503", "queued")], ids=["no", "busy"]
)
def test_a_refusal_is_kept_and_what_may_pass_is_tried_again(version, receiver, runner, status, said, job) -> None:
    receiver.status, receiver.answer = status, b"no_service"
    alert(version, receiver.url)
    fail(version)
    deliver(runner)
    sent = AlertSent.objects.get()
    assert sent.status == "failed"
    assert said in sent.answer
    assert Job.objects.get(kind="notifications.alert").status == job
    receiver.status = 200
    Job.objects.update(run_at=timezone.now() - timedelta(seconds=1))
    deliver(runner)
    assert AlertSent.objects.get().status == ("sent" if job == "queued" else "failed")


def test_a_test_alert_shows_the_services_own_answer(version, receiver) -> None:
    made = alert(version, receiver.url)
    by = version.workflow.created_by
    assert alerts.send_test(made, by=by).answer == "200 OK: ok"
    receiver.status, receiver.answer = 403, b"invalid_token"
    sent = alerts.send_test(made, by=by)
    assert (sent.status, "403 Forbidden: invalid_token" in sent.answer) == ("failed", True)


def test_a_private_address_is_not_reached(version) -> None:
    made = alert(version, "http://127.0.0.1:9/hook")
    sent = alerts.send_test(made, by=version.workflow.created_by)
    assert sent.status == "failed"
    assert "public internet" in sent.answer


def test_where_it_goes_is_sealed_and_audited_without_it(version, receiver) -> None:
    made = alert(version, f"{receiver.url}/T0/secret-part", secret="s3cret")
    made.refresh_from_db()
    assert b"secret" not in bytes(made.sealed)
    assert "secret-part" not in made.hint
    assert "secret" not in str(list(AuditEntry.objects.filter(action="alert.create").values_list("details")))


@pytest.mark.parametrize(
    "channel, target",
    [("email", "nobody"), ("email", " "), ("email", "a@example.org " * 30), ("slack", "https://evil.example/x"),
     ("webhook", "ftp://x"), ("webhook", "javascript:1"), ("webhook", "")],
)  # fmt: skip
def test_a_target_that_cannot_be_one_is_refused(version, channel, target) -> None:
    if target.count("@") > 20:
        target = " ".join(f"a{number}@example.org" for number in range(30))
    with pytest.raises(UserError):
        alerts.create(version.workflow, channel=channel, target=target, rules=Rules(), by=version.workflow.created_by)


def test_a_viewer_may_not_make_one(version) -> None:
    viewer = UserFactory()
    Membership.objects.create(user=viewer, team=version.workflow.team, role="viewer")
    with pytest.raises(RoleTooLow):
        alerts.create(version.workflow, channel="email", target="a@example.org", rules=Rules(), by=viewer)


# stuck and late -----------------------------------------------------------------------------------------------------
def test_a_run_that_takes_too_long_is_told_of_once_and_again_when_it_is_over(version, receiver, runner) -> None:
    alert(version, receiver.url, stuck_after_min=10, on_recovery=True)
    run = ExecutionFactory(version=version, created_at=timezone.now() - timedelta(minutes=5))
    incidents.find_slow()
    assert deliver(runner) == []
    Execution.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    incidents.find_slow()
    incidents.find_slow()
    assert deliver(runner) == ["stuck"]
    Execution.objects.filter(pk=run.pk).update(status="success", finished_at=timezone.now())
    incidents.find_slow()
    assert deliver(runner) == ["stuck", "recovery"]


def test_one_that_waits_as_it_was_told_to_is_not_stuck(version, receiver, runner) -> None:
    alert(version, receiver.url, stuck_after_min=10)
    ExecutionFactory(version=version, status="waiting", created_at=timezone.now() - timedelta(days=3))
    incidents.find_slow()
    assert deliver(runner) == []


@pytest.mark.parametrize("reason", ["time", "approval"])
def test_one_that_goes_on_after_days_is_stuck_from_then_on(version, receiver, runner, parts, until, reason) -> None:
    """Queued, at work, and left by a worker that stops."""
    alert(version, receiver.url, stuck_after_min=10, on_recovery=True)
    waits = {"status": "waiting", "reason": reason, "resume_node": "Ask", "resume_run": 0}
    due = timezone.now() - timedelta(seconds=1) if reason == "time" else None
    run = ExecutionFactory(version=version, resume_at=due, **waits)
    Execution.objects.update(created_at=timezone.now() - timedelta(days=3))
    wake_due_waits() if due else end_wait(run.pk, ("Ask", 0), payload_codec.encode({"items": []}), [])

    def told() -> list[str]:
        incidents.find_slow()
        return deliver(runner)

    assert told() == []
    session = parts.open(run)
    session.record(events.NodeRunStarted("Ask", 0, 0, timezone.now(), (1,)))
    session.flush()
    assert told() == []
    session.park()
    until(lambda: Execution.objects.get().status == "queued")
    assert told() == []
    Execution.objects.update(resume_at=timezone.now() - timedelta(minutes=11))
    assert told() == ["stuck"]


def test_a_schedule_that_is_late_is_told_of(version, receiver, runner) -> None:
    alert(version, receiver.url, stuck_after_min=10)
    due = timezone.now() - timedelta(minutes=20)
    Schedule.objects.create(workflow=version.workflow, node="Tick", cron="* * * * *", next_fire_at=due)
    incidents.find_slow()
    assert deliver(runner) == ["late"]


def test_a_trigger_that_fails_and_then_looks_again(version, receiver, runner) -> None:
    alert(version, receiver.url, on_recovery=True, after_failures=9)
    poll = Poll.objects.create(workflow=version.workflow, node="Feed", failures=3)
    Failure.objects.create(workflow=version.workflow, node="Feed", error={"message": "No such host."})
    failures.look_after()
    assert incidents.close_recovered() == 0
    Poll.objects.filter(pk=poll.pk).update(failures=0)
    incidents.close_recovered()
    assert deliver(runner) == ["failure", "recovery"]
    assert json.loads(receiver.calls[0][1])["text"] == "No such host."
