"""Workflows: the editable graph, and who may see it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel
from workflows_app.models.has_files import HasFiles

VISIBILITIES = [("private", "Private"), ("team", "Team"), ("public", "Public")]


def private_to_others(user: Any) -> Q:
    """Workflows that their author, who is somebody else, keeps from the team."""
    return Q(visibility="private") & ~Q(created_by=getattr(user, "pk", None))


class WorkflowQuerySet(TeamOwnedQuerySet["Workflow"]):
    def visible_to(self, user: Any) -> "WorkflowQuerySet":
        """Rows of the user's teams; `private` ones only for their author. Deleted ones never."""
        return super().visible_to(user).filter(deleted_at=None).exclude(private_to_others(user))  # type: ignore[return-value]

    def editable_by(self, user: Any) -> "WorkflowQuerySet":
        return super().editable_by(user).exclude(private_to_others(user))  # type: ignore[return-value]

    def runnable_by(self, user: Any) -> "WorkflowQuerySet":
        return super().runnable_by(user).exclude(private_to_others(user))  # type: ignore[return-value]

    def for_lists(self) -> "WorkflowQuerySet":
        """Without the graph, which lists never need."""
        return self.defer("graph", "kept_texts")


class Workflow(UUIDModel):
    """`graph` is n8n JSON, the draft. `kept_texts` has, by name, the very text of imported nodes whose type is
    not known here. `live_version` is what triggers run; None while the workflow is off.
    `lock_version` grows with every write and is what a save must name (optimistic locking)."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="workflows")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    graph = models.JSONField(default=dict)
    has_files = HasFiles()
    kept_texts = models.JSONField(default=dict, db_default={}, blank=True)
    lock_version = models.PositiveIntegerField(default=1)
    live_version = models.ForeignKey(
        "workflows_app.WorkflowVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    max_running = models.PositiveIntegerField(
        null=True, blank=True, help_text="Runs of it at a time, as its live version says; none means any number."
    )
    visibility = models.CharField(max_length=8, choices=VISIBILITIES, default="team")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    node_types = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    source_template = models.UUIDField(null=True, blank=True, help_text="The template this copy came from.")
    source_template_version = models.PositiveIntegerField(null=True, blank=True)
    setup_done = models.BooleanField(default=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility__in=[value for value, _ in VISIBILITIES]), name="workflow_visibility_known"
            )
        ]
        indexes = [
            models.Index(fields=["team", "-updated_at"], name="workflow_team_updated"),
            models.Index(fields=["team"], condition=Q(has_files=True), name="workflow_with_files"),
            models.Index(fields=["id"], condition=Q(max_running__isnull=False), name="workflow_limited"),
            models.Index(fields=["id"], condition=Q(visibility="private"), name="workflow_private"),
            GinIndex(fields=["tags"], name="workflow_tags"),
            GinIndex(fields=["graph"], opclasses=["jsonb_path_ops"], name="workflow_graph"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.live_version_id is not None
