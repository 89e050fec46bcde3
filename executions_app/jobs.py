"""Side jobs about runs: figures of the days, retention, warnings, failures nobody looked at."""

from datetime import date

from django.utils import timezone

from executions_app.job_kinds import JobRun, job_kind
from executions_app.services import (
    alerts,
    analytics,
    exports,
    failures,
    incidents,
    notification_channels,
    payload_sweep,
    pruning,
    reclaiming,
    reports,
)
from executions_app.services.done import with_word
from workflows_app.engine.items import JsonObject
from workflows_app.services import credential_warnings, credentials

MINUTE_S, HOUR_S = 60.0, 3600.0
FAILURES_EVERY_S = 10.0
FAILURES = "executions.failures"


@job_kind("maintenance.roll_up", queue="maintenance", every_s=MINUTE_S)
def roll_up(run: JobRun) -> JsonObject:
    """From the day of the last time on: what ended before that is counted."""
    today = timezone.now().date()
    last = (run.so_far or {}).get("day")
    return {"days": analytics.roll_up(since=date.fromisoformat(last) if last else None), "day": today.isoformat()}


@job_kind("maintenance.prune", queue="maintenance", every_s=5 * MINUTE_S)
def prune(run: JobRun) -> JsonObject:
    gone = credentials.purge()
    return {**pruning.Pruning(pruning.retention(), tell=run.progress).run().to_json(), "credentials": gone}


@job_kind("maintenance.sweep", queue="maintenance", every_s=HOUR_S)
def sweep(run: JobRun) -> JsonObject:
    swept = payload_sweep.sweep(tell=run.progress)
    return {"payloads": swept.payloads, "bytes": swept.size_bytes}


@job_kind(reclaiming.KIND, queue="maintenance")
def reclaim(run: JobRun) -> JsonObject:
    return reclaiming.work(run.progress)


@job_kind("notifications.credentials", queue="notifications", every_s=HOUR_S)
def warn_of_credentials(_: JobRun) -> JsonObject:
    return {"warnings": credential_warnings.warn()}


@job_kind(FAILURES, queue="notifications", every_s=FAILURES_EVERY_S)
def look_after_failures(_: JobRun) -> JsonObject:
    return {"failures": failures.look_after(), "recovered": incidents.close_recovered(), "slow": incidents.find_slow()}


@job_kind(incidents.KIND, queue="notifications")
def send_alert(run: JobRun) -> JsonObject:
    return {"answer": alerts.deliver_by_id(str(run.arguments["sent"]))}


@job_kind("exports.executions", queue="exports")
def export_executions(run: JobRun) -> JsonObject:
    return with_word(run, exports.make)


@job_kind("exports.workflows", queue="exports")
def export_workflows(run: JobRun) -> JsonObject:
    return with_word(run, exports.make)


@job_kind("audits.export", queue="audits")
def export_audit(run: JobRun) -> JsonObject:
    return with_word(run, exports.make)


@job_kind("exports.due-reports", queue="exports", every_s=MINUTE_S)
def start_due_reports(_: JobRun) -> JsonObject:
    return {"started": reports.start_due()}


@job_kind(reports.KIND, queue="exports")
def make_report(run: JobRun) -> JsonObject:
    return reports.make(run)


@job_kind("notifications.send-on", queue="notifications", every_s=5.0)
def send_notifications_on(_: JobRun) -> JsonObject:
    return {"sent_on": notification_channels.send_on()}


@job_kind(notification_channels.KIND, queue="notifications")
def send_notification(run: JobRun) -> JsonObject:
    sent = notification_channels.send(str(run.arguments["notification"]), str(run.arguments["channel"]))
    return {"answer": sent}
