"""Side jobs (exports, reports, notifications, audits): durable rows with the same claim as executions."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel

JOB_STATUSES = ("queued", "running", "success", "error", "canceled")
QUEUES = ("workflow-executions", "notifications", "exports", "audits", "maintenance")


class Job(UUIDModel):
    """`kind` names a function (see `executions_app.job_kinds`). Of one kind and `key` at most one is not over. `result`
    is what there is so far until the job ends."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    started_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    queue = models.CharField(max_length=30)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, blank=True, db_default="")
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    epoch = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    run_at = models.DateTimeField(db_default=Now())
    progress = models.FloatField(default=0)
    result = models.JSONField(null=True, blank=True)
    error_text = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TeamOwnedQuerySet["Job"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JOB_STATUSES), name="job_status_known"),
            models.CheckConstraint(condition=Q(queue__in=QUEUES), name="job_queue_known"),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=~Q(key="") & Q(status__in=("queued", "running")),
                name="job_key_once",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "run_at"], condition=Q(status="queued"), name="job_due"),
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="job_leases"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
