"""What a call of a node came to: an effect in our own database, written in the commit of the effect itself, or the
answer of the outside, written as soon as it is there. A repeat after a crash reads the row and does not call again."""

from django.db import models

from accounts.models.base import TeamOwnedQuerySet


class NodeEffectQuerySet(TeamOwnedQuerySet["NodeEffect"]):
    team_path = "execution__team_id"


class NodeEffect(models.Model):
    execution = models.ForeignKey("executions_app.Execution", on_delete=models.CASCADE, related_name="effects")
    node = models.CharField(max_length=300)
    run_index = models.PositiveIntegerField()
    item = models.PositiveIntegerField()
    call = models.PositiveIntegerField()
    result = models.BinaryField()

    objects = NodeEffectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["execution", "node", "run_index", "item", "call"], name="node_effect_once")
        ]

    def __str__(self) -> str:
        return f"{self.execution_id} {self.node} {self.run_index}.{self.item}.{self.call}"
