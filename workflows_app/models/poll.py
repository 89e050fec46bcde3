"""Triggers that look for something new: what they know, when they look next, and what went wrong."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class PollQuerySet(TeamOwnedQuerySet["Poll"]):
    team_path = "workflow__team_id"


class Poll(UUIDModel):
    """One trigger node that looks. The row is timer and lease: `due_at` is set by its schedules and by failures,
    `lease_until` while a worker looks, `epoch` fences all others. `state` is what the node knew after its last look, of
    `source`: another feed or mailbox is begun anew."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="polls")
    node = models.CharField(max_length=300)
    source = models.CharField(max_length=64)
    state = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    due_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PollQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "node"], name="poll_node_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(enabled=True, due_at__isnull=False), name="poll_due"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="poll_leases"),
        ]
