"""Reports by the day or the week: figures of the days before, as a file, and by mail where addresses are given."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import audit, roles
from executions_app.job_kinds import JobRun
from executions_app.models import DailyAnalytics, Job, Report
from executions_app.services import analytics, jobs
from executions_app.services.alert_channels import Kept, addresses_in, mailed
from executions_app.services.alert_messages import public_url
from executions_app.services.job_files import FileWriter
from pumpflix.lib import csv_text
from pumpflix.lib.ids import uuid7
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.errors import Unsuitable
from workflows_app.models import Workflow

KIND = "exports.report"
MOST = 50
DAYS = {"day": 1, "week": 7}
COUNTED = ("executions", "success", "error", "canceled", "duration_ms")
Line = tuple[str, int, int, int, int, int]
HEAD = ["workflow", "executions", "success", "error", "canceled", "average duration ms"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new report is about, when it comes, and to whom; `addresses` as a person enters them."""

    workflow: Workflow | None = None
    period: str = "week"
    hour: int = 7
    time_zone: str = "UTC"
    addresses: str = ""


def create(team: Team, wanted: Wanted, *, by: User) -> Report:
    """Raises RoleTooLow, Unsuitable, UserError for addresses that are none."""
    roles.require(by, team.pk, "editor")
    if Report.objects.filter(team=team).count() >= MOST:
        raise Unsuitable(f"A team has at most {MOST} reports.", hint="Remove one first.", code="too_many_reports")
    report = Report(
        team=team,
        workflow=wanted.workflow,
        period=wanted.period,
        hour=wanted.hour,
        time_zone=checked_zone(wanted.time_zone),
        created_by=by,
        addresses=addresses_in(wanted.addresses) if wanted.addresses.strip() else [],
    )
    report.next_at = next_after(report, timezone.now())
    with transaction.atomic():
        report.save(force_insert=True)
        audit.record("report.create", actor=by, team=team, target=report, period=report.period, to=report.addresses)
    return report


def delete(report: Report, *, by: User) -> None:
    roles.require(by, report.team_id, "editor")
    with transaction.atomic():
        audit.record("report.delete", actor=by, team=report.team, target=report)
        report.delete()


def checked_zone(name: str) -> str:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise Unsuitable(f"'{name[:60]}' is not a time zone.", code="time_zone_unknown") from None
    return name or "UTC"


def next_after(report: Report, moment: datetime) -> datetime:
    """The next day, or Monday, at its hour, by the clock of its zone."""
    zone = ZoneInfo(report.time_zone)
    day = moment.astimezone(zone).date()
    while True:
        candidate = datetime(day.year, day.month, day.day, report.hour, tzinfo=zone)
        if candidate > moment and (report.period == "day" or candidate.weekday() == 0):
            return candidate
        day += timedelta(days=1)


def counted_until(report: Report, moment: datetime) -> date:
    """The day after the last one in it. Days of figures are those of UTC, and one that is not over there would be
    counted in part and never again. The furthest that its zone is ahead in the year decides, not what it is ahead
    today: at the hour of the report each day comes once then, also where clocks change."""
    local = moment.astimezone(ZoneInfo(report.time_zone))
    months = (local.replace(month=month, day=1).utcoffset() for month in range(1, 13))
    ahead = max(offset for offset in (timedelta(), *months) if offset is not None)
    return (local.replace(tzinfo=None) - ahead).date()


def start_due() -> int:
    """A job for each report whose time came, in one commit with its next time. One that is late comes once."""
    count = 0
    with transaction.atomic():
        rows = (
            Report.objects.select_for_update(skip_locked=True).filter(next_at__lte=timezone.now()).order_by("next_at")
        )
        for report in rows[:MOST]:
            start(report)
            count += 1
    return count


def start(report: Report, *, by: User | None = None) -> Job:
    """Make it now; `by` is who pressed for it, and then its time stays."""
    if by is None:
        report.last_at, report.next_at = report.next_at, next_after(report, timezone.now())
        report.save(update_fields=["last_at", "next_at"])
    arguments = {"report": str(report.pk), "workflow": workflow_of(report)}
    return jobs.enqueue(KIND, arguments, team_id=report.team_id, by=by or report.created_by, key=uuid7().hex)


def make(run: JobRun) -> JsonObject:
    report = Report.objects.select_related("workflow", "team").filter(pk=run.arguments["report"]).first()
    if report is None or report.team_id != run.team_id:
        raise UserError("The report was removed meanwhile.", code="report_gone")
    if is_kept_from_its_author(report):
        raise UserError(
            "The workflow is private by now, and the report is a colleague's.", code="report_gone", hint="Remove it."
        )
    analytics.roll_up()
    until = counted_until(report, timezone.now())
    since = until - timedelta(days=DAYS[report.period])
    lines = figures(report, since, until)
    name = f"report-{since}-{until - timedelta(days=1)}.csv"
    data = b"".join(csv_text.line(line) for line in [HEAD, *lines])
    with FileWriter(run, name, "text/csv; charset=utf-8") as out:
        out.write(data)
    told = mail(report, run, text_of(report, since, until, lines), (name, data)) if report.addresses else ""
    return {"rows": len(lines), "bytes": len(data), "name": name, "mailed": told, "workflow": workflow_of(report)}


def workflow_of(report: Report) -> str | None:
    """It stands in the job, where who may see it is asked, also when the report is gone."""
    return str(report.workflow_id) if report.workflow_id else None


def is_kept_from_its_author(report: Report) -> bool:
    of = report.workflow
    return of is not None and of.visibility == "private" and of.created_by_id != report.created_by_id


def figures(report: Report, since: date, until: date) -> list[Line]:
    """A line for each workflow of which something ended, the busiest first, and the sum."""
    rows = DailyAnalytics.objects.filter(workflow__team=report.team, day__gte=since, day__lt=until)
    if report.workflow_id:
        rows = rows.filter(workflow_id=report.workflow_id)
    else:
        # Its file is for the whole team, and private workflows are not.
        rows = rows.exclude(workflow__visibility="private")
    sums: dict[tuple[str, UUID], Counter[str]] = {}
    for row in rows.select_related("workflow").only("workflow__name", *COUNTED, "workflow_id"):
        counted = sums.setdefault((row.workflow.name, row.workflow_id), Counter())
        counted.update({name: getattr(row, name) for name in COUNTED})
    lines = [line_of(name, counted) for (name, _), counted in sums.items()]
    total: Counter[str] = sum(sums.values(), Counter())
    return [*sorted(lines, key=lambda line: (-line[1], line[0])), line_of("all", total)]


def line_of(name: str, counted: Counter[str]) -> Line:
    average = round(counted["duration_ms"] / max(counted["executions"], 1))
    return (name, *(int(counted[one]) for one in COUNTED[:4]), average)  # type: ignore[return-value]


def text_of(report: Report, since: date, until: date, lines: list[Line]) -> str:
    about = report.workflow.name if report.workflow else report.team.name
    total = lines[-1]
    said = [
        f"{about}, {since} to {until - timedelta(days=1)}",
        "",
        f"{total[1]} runs: {total[2]} succeeded, {total[3]} failed, {total[4]} were cancelled.",
        "",
        *(f"{line[0]}: {line[1]} runs, {line[3]} failed" for line in lines[:-1][:20]),
        "",
        f"{public_url()}/jobs",
    ]
    return "\n".join(said)


def mail(report: Report, run: JobRun, text: str, file: tuple[str, bytes]) -> str:
    """Raises UserError, OperationalError."""
    subject = " ".join(text.splitlines()[0].split())[:200]
    message = EmailMessage(subject, text, None, report.addresses)
    message.attach(file[0], file[1], "text/csv")
    return mailed(message, kept_as=Kept(report.team_id, "Report", f"report-{run.job_id}", report.workflow_id))
