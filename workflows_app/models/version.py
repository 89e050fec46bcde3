"""Versions: immutable snapshots. An execution always names one, so what ran can always be seen."""

from django.db import models
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel
from workflows_app.models.has_files import HasFiles

REASONS = [
    ("run", "Run of a draft"),
    ("publish", "Published"),
    ("save", "Saved"),
    ("restore", "Restored"),
    ("template", "Template"),
    ("called", "Called as JSON"),
]


class WorkflowVersionQuerySet(TeamOwnedQuerySet["WorkflowVersion"]):
    team_path = "workflow__team_id"


class WorkflowVersion(UUIDModel):
    """`checksum` is SHA-256 over the canonical JSON of the graph: an unchanged draft run twice makes one version."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    graph = models.JSONField()
    has_files = HasFiles()
    checksum = models.CharField(max_length=64)
    reason = models.CharField(max_length=10, choices=REASONS, default="save")
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkflowVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="version_number_unique"),
            models.UniqueConstraint(fields=["workflow", "checksum"], name="version_checksum_unique"),
        ]
        indexes = [models.Index(fields=["workflow"], condition=models.Q(has_files=True), name="version_with_files")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"version {self.number}"
