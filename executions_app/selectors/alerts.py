"""Alerts of a workflow, and what they told."""

from typing import Any
from uuid import UUID

from executions_app.models import Alert, AlertSent, Incident
from workflows_app.models import Workflow

MOST_TOLD = 50
MOST_INCIDENTS = 10


def alert_for(user: Any, alert_id: UUID) -> Alert | None:
    """One of a workflow that the person may see."""
    rows = Alert.objects.visible_to(user).filter(workflow__in=Workflow.objects.visible_to(user))
    return rows.select_related("workflow__team").filter(pk=alert_id).first()


def alerts_for(user: Any, workflow: Workflow) -> list[Alert]:
    """Oldest first, without what is sealed. `last` is the newest of what each told, or None."""
    rows = list(Alert.objects.visible_to(user).filter(workflow=workflow).defer("sealed").order_by("created_at", "pk"))
    newest = AlertSent.objects.filter(alert__in=rows).order_by("alert_id", "-created_at").distinct("alert_id")
    last = {sent.alert_id: sent for sent in newest}
    for row in rows:
        row.last = last.get(row.pk)  # type: ignore[attr-defined]
    return rows


def tellings_of(alert: Alert) -> list[AlertSent]:
    """The newest first."""
    return list(AlertSent.objects.filter(alert=alert).order_by("-created_at", "-pk")[:MOST_TOLD])


def incidents_of(workflow: Workflow) -> list[Incident]:
    """Open ones first, then the newest."""
    rows = Incident.objects.filter(workflow=workflow)
    opened = list(rows.filter(closed_at=None).order_by("-opened_at"))
    return [*opened, *rows.exclude(closed_at=None).order_by("-closed_at")[: MOST_INCIDENTS - len(opened)]]
