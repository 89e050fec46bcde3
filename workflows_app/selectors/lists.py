"""Workflows, versions, webhooks and tags as lists and lookups of the API; each starts with what the user may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Func, Q, QuerySet

from accounts.models.base import member_of
from workflows_app.models import Credential, DataTable, DataTableRow, TeamFile, Webhook, Workflow, WorkflowVersion

STATUSES = ("draft", "setup", "live")


@dataclass(frozen=True, slots=True)
class WorkflowFilter:
    """`tags` must all be there; `text` is looked for in name and description."""

    status: str = ""
    tags: Sequence[str] = ()
    text: str = ""
    node_type: str = ""
    team_id: UUID | None = None
    visibility: str = ""
    changed_since: Any = None


def workflows_for(user: Any, wanted: WorkflowFilter = WorkflowFilter()) -> QuerySet[Workflow]:
    """The user's workflows without their graphs."""
    return filtered(Workflow.objects.visible_to(user), wanted).defer("graph").select_related("team", "live_version")


def public_workflows(wanted: WorkflowFilter = WorkflowFilter()) -> QuerySet[Workflow]:
    """What teams show to everybody who is signed in."""
    rows = Workflow.objects.filter(visibility="public", deleted_at=None)
    return filtered(rows, wanted).defer("graph").select_related("team", "live_version", "created_by")


def public_workflow(workflow_id: UUID) -> Workflow | None:
    """One of them, with its whole definition: not all of it is for others."""
    return public_workflows().defer(None).filter(pk=workflow_id).first()


def public_name(workflow: Workflow) -> str:
    """Whose it is, for those who are not in the team: a personal team may be called by an address, which is nobody
    else's business."""
    if workflow.team.kind != "personal":
        return workflow.team.name
    return (workflow.created_by and workflow.created_by.name) or "A member"


def filtered(rows: QuerySet[Workflow], wanted: WorkflowFilter) -> QuerySet[Workflow]:
    if wanted.status:
        rows = rows.filter(of_status(wanted.status))
    if wanted.tags:
        rows = rows.filter(tags__contains=list(wanted.tags))
    for word in wanted.text.split()[:8]:
        rows = rows.filter(Q(name__icontains=word) | Q(description__icontains=word))
    if wanted.node_type:
        rows = rows.filter(node_types__contains=[wanted.node_type])
    if wanted.team_id:
        rows = rows.filter(team_id=wanted.team_id)
    if wanted.visibility:
        rows = rows.filter(visibility=wanted.visibility)
    if wanted.changed_since:
        rows = rows.filter(updated_at__gte=wanted.changed_since)
    return rows


def of_status(status: str) -> Q:
    """`live`: switched on; `setup`: its wizard is not done; `draft`: neither."""
    if status == "live":
        return Q(live_version__isnull=False)
    return Q(live_version=None, setup_done=status == "draft")


def status_of(workflow: Workflow) -> str:
    return "live" if workflow.is_live else "draft" if workflow.setup_done else "setup"


def workflow_for(user: Any, workflow_id: UUID) -> Workflow | None:
    """The workflow with its graph; None for a stranger."""
    return Workflow.objects.visible_to(user).select_related("team", "live_version").filter(pk=workflow_id).first()


def readable_workflow(user: Any, workflow_id: UUID) -> Workflow | None:
    """As `workflow_for`, and public ones of others."""
    return workflow_for(user, workflow_id) or public_workflows().defer(None).filter(pk=workflow_id).first()


def versions_of(workflow: Workflow) -> QuerySet[WorkflowVersion]:
    """Newest first, without graphs."""
    return WorkflowVersion.objects.filter(workflow=workflow).defer("graph").select_related("created_by")


def version_of(workflow: Workflow, number: int) -> WorkflowVersion | None:
    return WorkflowVersion.objects.filter(workflow=workflow, number=number).select_related("created_by").first()


def webhooks_for(user: Any, *, workflow: UUID | None = None) -> QuerySet[Webhook]:
    """Webhooks of the workflows the user sees."""
    seen = Workflow.objects.visible_to(user)
    rows = Webhook.objects.filter(workflow__in=seen.filter(pk=workflow) if workflow else seen)
    return rows.select_related("workflow").defer("workflow__graph")


def tags_for(user: Any) -> list[dict[str, Any]]:
    """`{name, workflows}` of every tag in use, most used first."""
    unnested = Func(F("tags"), function="unnest")
    names = Workflow.objects.visible_to(user).annotate(tag=unnested).values_list("tag", flat=True)
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].lower()))
    return [{"name": name, "workflows": count} for name, count in ordered]


def credentials_for(user: Any, *, type: str = "") -> QuerySet[Credential]:  # noqa: A002 - the model's word
    """What the user's teams may use, without the secrets; `is_own` says whether it is one of theirs, `is_seen` whether
    they may change it, and so look into it."""
    rows = Credential.objects.usable_by(user).annotate(
        is_own=member_of(user, team_path="team_id"),
        is_seen=member_of(user, team_path="team_id", roles=("owner", "editor")),
    )
    return (rows.filter(type=type) if type else rows).select_related("team").defer("sealed")


def tables_for(user: Any) -> QuerySet[DataTable]:
    """With `row_count`."""
    return DataTable.objects.visible_to(user).annotate(row_count=Count("rows")).select_related("team")


def rows_of(table: DataTable) -> QuerySet[DataTableRow]:
    """By number, the oldest first."""
    return DataTableRow.objects.filter(table=table).order_by("pk")


def files_for(user: Any, *, prefix: str = "") -> QuerySet[TeamFile]:
    """Files of the teams' store whose path begins with `prefix`."""
    rows = TeamFile.objects.visible_to(user)
    return rows.filter(path__startswith=prefix) if prefix else rows
