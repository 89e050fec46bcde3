"""The list of one's workflows with the last run of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from executions_app.models import Execution
from workflows_app.selectors.lists import WorkflowFilter, workflows_for

MOST_ROWS = 200
LAST = {"id": "id", "status": "status", "at": "created_at"}
FIELDS = (
    "id",
    "name",
    "description",
    "tags",
    "live_version_id",
    "setup_done",
    "updated_at",
    "team__name",
    "visibility",
    "last_id",
    "last_status",
    "last_at",
)


@dataclass(frozen=True)
class WorkflowRow:
    """`last_status` is empty for a workflow that never ran."""

    id: UUID
    name: str
    description: str
    tags: list[str]
    is_live: bool
    setup_done: bool
    updated_at: datetime
    team_name: str
    visibility: str
    last_id: UUID | None
    last_status: str
    last_at: datetime | None


def workflow_rows(user: Any, wanted: WorkflowFilter) -> list[WorkflowRow]:
    """Last changed first. Those that only carry a template's sample belong to the system team and are nobody's."""
    newest = Execution.objects.kept().filter(workflow=OuterRef("pk")).order_by("-created_at", "-id")
    rows = (
        workflows_for(user, wanted)
        .select_related(None)
        .annotate(**{f"last_{name}": Subquery(newest.values(field)[:1]) for name, field in LAST.items()})
        .order_by("-updated_at")
    )
    return [row_of(values) for values in rows.values(*FIELDS)[:MOST_ROWS]]


def row_of(values: Any) -> WorkflowRow:
    return WorkflowRow(
        id=values["id"],
        name=values["name"],
        description=values["description"],
        tags=list(values["tags"]),
        is_live=values["live_version_id"] is not None,
        setup_done=values["setup_done"],
        updated_at=values["updated_at"],
        team_name=values["team__name"],
        visibility=values["visibility"],
        last_id=values["last_id"],
        last_status=values["last_status"] or "",
        last_at=values["last_at"],
    )
