"""Labels of executions: short values that the workflow noted beside a run, to find it by."""

from django.db import models

from accounts.models.base import TeamOwnedQuerySet


class ExecutionLabelQuerySet(TeamOwnedQuerySet["ExecutionLabel"]):
    team_path = "execution__team_id"


class ExecutionLabel(models.Model):
    """`team_id` is a copy, so that a list of one team's runs is found in one index. The reference to the execution is
    guarded by the writer's lock, as for events."""

    pk = models.CompositePrimaryKey("execution_id", "key")
    execution = models.ForeignKey(
        "executions_app.Execution",
        on_delete=models.CASCADE,
        related_name="labels",
        db_index=False,
        db_constraint=False,
    )
    team_id = models.UUIDField()
    key = models.CharField(max_length=50)
    value = models.CharField(max_length=512)

    objects = ExecutionLabelQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team_id", "key", "value", "execution"], name="label_of_team")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
