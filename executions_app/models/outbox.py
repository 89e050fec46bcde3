"""The built-in outbox: mails of workflows that have no mail server yet. They are kept to be read, and go nowhere."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class OutboxMessage(UUIDModel):
    """`recipients` has the lists `to`, `cc` and `bcc`; `attachments` are files as items carry them. What comes of no
    run, or of one that is gone, names the `workflow` that it is about."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+", db_index=False)
    execution = models.ForeignKey(
        "executions_app.Execution", null=True, on_delete=models.SET_NULL, related_name="outbox_messages"
    )
    workflow = models.ForeignKey(
        "workflows_app.Workflow", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    node = models.CharField(max_length=300)
    message_id = models.CharField(max_length=500)
    sender = models.CharField(max_length=500, blank=True)
    recipients = models.JSONField(default=dict)
    reply_to = models.CharField(max_length=500, blank=True)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())

    objects = TeamOwnedQuerySet["OutboxMessage"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-created_at"], name="outbox_newest_first"),
            models.Index(fields=["workflow"], condition=Q(workflow__isnull=False), name="outbox_workflow"),
        ]

    def __str__(self) -> str:
        return self.subject
