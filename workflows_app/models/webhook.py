"""Webhooks: the addresses under which a workflow can be called."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class WebhookQuerySet(TeamOwnedQuerySet["Webhook"]):
    team_path = "workflow__team_id"


class Webhook(UUIDModel):
    """One trigger node of one workflow. `token` is the random part of its one URL (`/hook/<token>`), kept for the
    node's life; `path` is the name the author gave, served below `/webhook/` where the instance allows it.
    `response_mode` is a copy from the node so that intake needs no graph. While somebody
    listens (until `listen_until`), calls of a workflow that is off run `listen_version`; without one they are
    refused."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="webhooks")
    node = models.CharField(max_length=300)
    token = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=200, blank=True)
    methods = models.CharField(max_length=60, default="POST", help_text="Allowed methods, separated by commas.")
    response_mode = models.CharField(max_length=20, default="onReceived")
    options = models.JSONField(default=dict, blank=True)
    is_live = models.BooleanField(default=False)
    listen_until = models.DateTimeField(null=True, blank=True)
    listen_version = models.ForeignKey(
        "workflows_app.WorkflowVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workflow", "node"], name="webhook_node_once"),
            models.UniqueConstraint(fields=["path"], condition=Q(is_live=True) & ~Q(path=""), name="webhook_path_once"),
        ]
