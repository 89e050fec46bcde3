"""Incidents of workflows: opened by a failure, a stuck run or a late schedule, closed when it goes well again, and told
of once for each alert."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from executions_app.models import Alert, AlertSent, Execution, Failure, Incident
from executions_app.services import jobs
from executions_app.services.alert_messages import body_of
from executions_app.services.start import SHORT_LIVED
from workflows_app.models import Poll, Schedule

KIND = "notifications.alert"
LOOKED_BACK = timedelta(hours=1)
"""A run that began so long before the last failure does not count as going well again; the next one does."""


def failed(failure: Failure, execution: Execution | None) -> Incident | None:
    """Count a failure, and tell whom it is time to tell. What people run by hand they see themselves."""
    if execution is not None and execution.mode == "manual":
        return None
    at = failure.at if execution is None else execution.finished_at or failure.at
    close_if_well(opened(failure.workflow_id).filter(kind="failure", node=failure.node), before=at)
    text = str((failure.error or {}).get("message") or "") if execution is None else execution.why_it_failed
    incident, _ = Incident.objects.get_or_create(
        workflow_id=failure.workflow_id,
        kind="failure",
        node=failure.node,
        closed_at=None,
        defaults={"opened_at": at, "last_at": at},
    )
    incident.failures += 1
    incident.last_at = max(incident.last_at, at)
    incident.last_execution_id = failure.execution_id
    incident.last_text = text
    incident.save()
    for alert in alerts_of(failure.workflow_id):
        # A trigger is tried again and again before it counts at all.
        if incident.failures >= alert.after_failures or failure.node:
            tell(alert, "failure", incident)
    return incident


def opened(workflow_id: UUID | None = None) -> QuerySet[Incident]:
    rows = Incident.objects.filter(closed_at=None)
    return rows if workflow_id is None else rows.filter(workflow_id=workflow_id)


def alerts_of(workflow_id: UUID) -> QuerySet[Alert]:
    return Alert.objects.filter(workflow_id=workflow_id, enabled=True).select_related("workflow")


def tell(alert: Alert, event: str, incident: Incident) -> bool:
    """Once for that event of that incident; the job that does it is stored in the same commit."""
    with transaction.atomic():
        row = AlertSent(alert=alert, incident=incident, event=event, body=body_of(alert, event, incident))
        AlertSent.objects.bulk_create([row], ignore_conflicts=True)
        if not AlertSent.objects.filter(pk=row.pk).exists():
            return False
        jobs.enqueue(KIND, {"sent": str(row.pk)}, team_id=alert.workflow.team_id, key=row.pk.hex)
    return True


# going well again -------------------------------------------------------------------------------------------------
def close_recovered() -> int:
    """Close what goes well again, and tell those of it who were told of the failure. How many."""
    return close_if_well(opened().filter(kind="failure"), before=None)


def close_if_well(rows: QuerySet[Incident], *, before: datetime | None) -> int:
    return sum(close(row) for row in rows if is_well(row, before))


def is_well(incident: Incident, before: datetime | None) -> bool:
    """A trigger whose looks succeed; a workflow of which a run went well after the last that failed."""
    if incident.node:
        return Poll.objects.filter(workflow_id=incident.workflow_id, node=incident.node, failures=0).exists()
    runs = Execution.objects.filter(
        workflow_id=incident.workflow_id,
        status="success",
        parent=None,
        finished_at__gt=incident.last_at,
        created_at__gt=incident.last_at - LOOKED_BACK,
    ).exclude(mode__in=(*SHORT_LIVED, "manual"))
    return (runs if before is None else runs.filter(finished_at__lt=before)).exists()


def close(incident: Incident) -> bool:
    with transaction.atomic():
        if not Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=timezone.now()):
            return False
        told = AlertSent.objects.filter(incident=incident, event=incident.kind).values("alert_id")
        for alert in alerts_of(incident.workflow_id).filter(on_recovery=True, pk__in=told):
            tell(alert, "recovery", incident)
    return True


# stuck and late -----------------------------------------------------------------------------------------------------
def find_slow() -> int:
    """Open an incident of each workflow with an alert for it whose run is stuck or whose schedule is late; close those
    where none is any more. How many are open."""
    patience = Alert.objects.filter(enabled=True, stuck_after_min__isnull=False, workflow__deleted_at=None)
    watched = dict(patience.values_list("workflow_id").annotate(Min("stuck_after_min")).order_by())
    for incident in opened().filter(kind__in=("stuck", "late")).exclude(workflow_id__in=watched):
        close(incident)
    return sum(look_at(workflow_id, minutes) for workflow_id, minutes in watched.items())


def look_at(workflow_id: UUID, minutes: int) -> int:
    since = timezone.now() - timedelta(minutes=minutes)
    run = oldest_stuck(workflow_id, since)
    late = Schedule.objects.filter(workflow_id=workflow_id, enabled=True, next_fire_at__lt=since).first()
    found = {
        "stuck": None if run is None else (begun(run), f"It is {run.status} since {spoken(begun(run))}.", run),
        "late": None if late is None else (late.next_fire_at, f"It was due at {spoken(late.next_fire_at)}.", None),
    }
    return sum(note(workflow_id, kind, slow) for kind, slow in found.items())


def oldest_stuck(workflow_id: UUID, since: datetime) -> Execution | None:
    """One that waits was told to: it is not stuck, nor in the moment in which it goes on."""
    rows = Execution.objects.filter(workflow_id=workflow_id, status__in=("queued", "running"), parent=None)
    rows = rows.filter(created_at__lt=since).exclude(mode__in=SHORT_LIVED)
    return rows.alias(begun=Coalesce("resume_at", "created_at")).filter(begun__lt=since).order_by("begun").first()


def begun(run: Execution) -> datetime:
    """When it came, or when its last wait was over."""
    return run.resume_at or run.created_at


def note(workflow_id: UUID, kind: str, slow: tuple[datetime | None, str, Execution | None] | None) -> bool:
    known = opened(workflow_id).filter(kind=kind).first()
    if slow is None:
        if known is not None:
            close(known)
        return False
    at, text, run = slow
    incident = known or Incident(workflow_id=workflow_id, kind=kind, opened_at=at or timezone.now())
    incident.last_at, incident.last_text = timezone.now(), text
    incident.last_execution_id = None if run is None else run.pk
    incident.save()
    for alert in alerts_of(workflow_id).filter(stuck_after_min__isnull=False):
        if incident.opened_at <= timezone.now() - timedelta(minutes=alert.stuck_after_min or 0):
            tell(alert, kind, incident)
    return True


def spoken(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "some time"


def forget(before: datetime) -> int:
    """Remove incidents that were closed before then, with what was told of them."""
    return Incident.objects.filter(closed_at__lt=before).delete()[0]
