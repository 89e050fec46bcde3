"""Node runs: one turn of one node in one execution. A row that says `success` is never executed again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.base import TeamOwnedQuerySet

NODE_RUN_STATUSES = ("started", "success", "error", "skipped", "unknown", "canceled")


class NodeRunQuerySet(TeamOwnedQuerySet["NodeRun"]):
    team_path = "execution__team_id"


class NodeRun(models.Model):
    """`status` `started` is the intent written before the first outgoing call. Outputs are payload bytes, inline up to
    64 KB, else in the payload named by `output_ref`; `origin` says where they came from (`engine.events.Origin`).
    `order` counts the turns of the execution from 0. The reference to the execution is guarded by the writer's lock, as
    for events."""

    pk = models.CompositePrimaryKey("execution_id", "node", "run_index")
    execution = models.ForeignKey(
        "executions_app.Execution",
        on_delete=models.CASCADE,
        related_name="node_runs",
        db_index=False,
        db_constraint=False,
    )
    node = models.CharField(max_length=300)
    run_index = models.PositiveIntegerField()
    order = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.FloatField(null=True, blank=True)
    items_in = ArrayField(models.IntegerField(), default=list)
    items_out = ArrayField(models.IntegerField(), default=list)
    sources = models.JSONField(default=list)
    output = models.BinaryField(null=True, blank=True)
    output_ref = models.CharField(max_length=80, blank=True)
    output_bytes = models.PositiveBigIntegerField(default=0)
    error = models.BinaryField(null=True, blank=True)
    context = models.BinaryField(null=True, blank=True)
    origin = models.CharField(max_length=6, blank=True, db_default="")

    objects = NodeRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=NODE_RUN_STATUSES), name="node_run_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.node}[{self.run_index}] {self.status}"
