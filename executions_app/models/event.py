"""Events: the numbered story of an execution, as live clients see it. Numbers are given inside the commit: no gaps."""

from django.db import models

from accounts.models.base import TeamOwnedQuerySet


class ExecutionEventQuerySet(TeamOwnedQuerySet["ExecutionEvent"]):
    team_path = "execution__team_id"


class ExecutionEvent(models.Model):
    """`body` is the JSON text (at most 1 KB) that the socket sends. Rows are only ever written by the holder of the
    execution's lease in a commit that locks the execution, so the database need not check the reference again."""

    pk = models.CompositePrimaryKey("execution_id", "seq")
    execution = models.ForeignKey(
        "executions_app.Execution",
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    type = models.CharField(max_length=30)
    node = models.CharField(max_length=300, blank=True)
    level = models.CharField(max_length=5, blank=True)
    body = models.BinaryField()

    objects = ExecutionEventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.execution_id}#{self.seq} {self.type}"
