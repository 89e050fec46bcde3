"""Reports of one's teams."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from executions_app.models import Report
from executions_app.models.execution import others_private


def visible_reports(user: Any) -> QuerySet[Report]:
    """Without those of workflows that others keep private."""
    return Report.objects.visible_to(user).filter(~others_private(user)).select_related("workflow", "team")


def reports_for(user: Any) -> list[Report]:
    """Oldest first."""
    return list(visible_reports(user).order_by("created_at", "pk"))


def report_for(user: Any, report_id: UUID) -> Report | None:
    return visible_reports(user).filter(pk=report_id).first()
