"""Executions: the row is the queue, the timer, the lease and the history. `executions_app.transitions` alone writes
`status`, `epoch`, `owner` and `lease_until`.

Each row is written at least three times, so it carries few indexes: a foreign key has one only where a page or a
cascade needs it, and then only over the rows that are not null."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel
from workflows_app.models import Workflow
from workflows_app.models.workflow import private_to_others

STATUSES = ("queued", "running", "waiting", "success", "error", "canceled", "crashed")
TERMINAL = ("success", "error", "canceled", "crashed")
MODES = (
    "manual", "webhook", "schedule", "form", "trigger", "chat", "sample", "dry", "retry", "sub", "error", "api", "test",
)  # fmt: skip


class ExecutionQuerySet(TeamOwnedQuerySet["Execution"]):
    def kept(self) -> "ExecutionQuerySet":
        """Without those that somebody deleted: they can be brought back for a while, and are seen nowhere."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: Any) -> "ExecutionQuerySet":
        """Of the user's teams, without those of workflows that a colleague keeps private."""
        return super().visible_to(user).filter(~others_private(user), deleted_at=None)  # type: ignore[return-value]

    def runnable_by(self, user: Any) -> "ExecutionQuerySet":
        return super().runnable_by(user).filter(~others_private(user), deleted_at=None)  # type: ignore[return-value]

    def restorable_by(self, user: Any) -> "ExecutionQuerySet":
        """Deleted ones that `user` may bring back."""
        return super().runnable_by(user).filter(~others_private(user)).exclude(deleted_at=None)  # type: ignore[return-value]


def others_private(user: Any) -> Exists:
    """True for runs of a workflow that somebody else keeps from the team."""
    return Exists(Workflow.objects.filter(private_to_others(user), pk=OuterRef("workflow_id")))


class Execution(UUIDModel):
    """`trigger_items`, `response` and `error` are payload bytes (see `executions_app.payload_codec`). `trigger_key`
    makes a trigger count once per team. `next_seq` is the number of the next event, `commit_no` that of the
    recorder's last commit, by which a lost acknowledgement is told from a lost commit. `worker_pid` names the
    process of the last claim. A run that waits, or waited, keeps the turn it stopped at in `resume_*`; `resume_at` is
    when it will go on, then when it did.
    `cassette_ref` names the payload a sample run answers from. A run that takes over turns of another (`retry_of`) says
    in `fork` which kind it is, `{kind, node, run, base, allowed}`; `fork_items` replace what arrives on the first input
    of that turn. `deleted_at`: a person took it away; it is pruned a little later."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(
        "workflows_app.Workflow", on_delete=models.CASCADE, related_name="executions", db_index=False
    )
    version = models.ForeignKey("workflows_app.WorkflowVersion", on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=10)
    status = models.CharField(max_length=10, default="queued")
    reason = models.CharField(max_length=30, blank=True)
    priority = models.SmallIntegerField(default=0)

    epoch = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    worker_pid = models.IntegerField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    crash_count = models.PositiveSmallIntegerField(default=0)
    crash_node = models.CharField(max_length=300, blank=True)
    cancel_requested = models.BooleanField(default=False)
    resume_at = models.DateTimeField(null=True, blank=True)
    resume_node = models.CharField(max_length=300, blank=True)
    resume_run = models.PositiveIntegerField(null=True, blank=True)
    resume_items = models.BinaryField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    next_seq = models.PositiveIntegerField(default=1)
    commit_no = models.PositiveIntegerField(default=0)
    engine_version = models.PositiveSmallIntegerField(default=1)

    start_node = models.CharField(max_length=300, blank=True)
    destination_node = models.CharField(max_length=300, blank=True)
    trigger_items = models.BinaryField(null=True, blank=True)
    trigger_key = models.CharField(max_length=200, blank=True)
    response_mode = models.CharField(max_length=20, blank=True)
    response = models.BinaryField(null=True, blank=True)
    cassette_ref = models.CharField(max_length=80, blank=True)

    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children", db_index=False
    )
    root_id = models.UUIDField(null=True, blank=True)
    depth = models.PositiveSmallIntegerField(default=0)
    retry_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries", db_index=False
    )

    fork = models.JSONField(null=True, blank=True)
    fork_items = models.BinaryField(null=True, blank=True)

    error = models.BinaryField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    last_node = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Pruned after this, before the team's retention."
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="execution_status_known"),
            models.CheckConstraint(condition=Q(mode__in=MODES), name="execution_mode_known"),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_until__isnull=False), name="execution_running_has_lease"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=TERMINAL) | Q(finished_at__isnull=False), name="execution_end_has_time"
            ),
            models.UniqueConstraint(
                fields=["team", "trigger_key"], condition=~Q(trigger_key=""), name="execution_trigger_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["team", "priority", "created_at"], condition=Q(status="queued"), name="execution_queue"
            ),
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="execution_leases"),
            models.Index(fields=["resume_at"], condition=Q(status="waiting"), name="execution_waits"),
            models.Index(fields=["team", "-created_at", "-id"], name="execution_team_newest"),
            models.Index(fields=["workflow", "-created_at", "-id"], name="execution_workflow_newest"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="execution_expiry"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="execution_finished"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="execution_parent"),
            models.Index(fields=["root_id"], condition=Q(root_id__isnull=False), name="execution_root"),
            models.Index(
                fields=["id"], condition=Q(status="waiting", cancel_requested=True), name="execution_waits_canceled"
            ),
            models.Index(fields=["retry_of"], condition=Q(retry_of__isnull=False), name="execution_retry_of"),
            models.Index(fields=["started_by"], condition=Q(started_by__isnull=False), name="execution_started_by"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"

    @property
    def why_it_failed(self) -> str:
        """What people are told. A run that only killed its workers has no text of its own."""
        return self.error_text or "The worker ended three times while it ran."

    @property
    def waits_until(self) -> datetime | None:
        return self.resume_at if self.status == "waiting" else None

    @property
    def is_finished(self) -> bool:
        return self.status in TERMINAL
