"""Reports of one's teams."""

from typing import Any
from uuid import UUID

from executions_app.models import Report


def reports_for(user: Any) -> list[Report]:
    """Oldest first."""
    return list(Report.objects.visible_to(user).select_related("workflow", "team").order_by("created_at", "pk"))


def report_for(user: Any, report_id: UUID) -> Report | None:
    rows = Report.objects.visible_to(user).select_related("workflow", "team")
    return rows.filter(pk=report_id).first()
