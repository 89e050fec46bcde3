"""What Remove Duplicates nodes have met in earlier executions: single values, or how far a number or date has come."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel

SEEN_KINDS = ("values", "number", "date")


class SeenHistoryQuerySet(TeamOwnedQuerySet["SeenHistory"]):
    team_path = "workflow__team_id"


class SeenHistory(UUIDModel):
    """`scope` is `workflow` or `node:<name>`. Whoever looks something up holds this row, so two runs at once never both
    take a value for new. `latest` is the highest number, or the latest moment in seconds since 1970; unused for
    values."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="seen_histories")
    scope = models.CharField(max_length=310)
    kind = models.CharField(max_length=6)
    latest = models.FloatField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = SeenHistoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workflow", "scope"], name="seen_history_scope_once"),
            models.CheckConstraint(condition=Q(kind__in=SEEN_KINDS), name="seen_history_kind_known"),
        ]


class SeenValueQuerySet(TeamOwnedQuerySet["SeenValue"]):
    team_path = "history__workflow__team_id"


class SeenValue(models.Model):
    """One value, kept as its SHA-256. The oldest go when a history is full."""

    history = models.ForeignKey(SeenHistory, on_delete=models.CASCADE, related_name="values", db_index=False)
    digest = models.BinaryField(max_length=32)

    objects = SeenValueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["history", "digest"], name="seen_value_once")]
        indexes = [models.Index(fields=["history", "id"], name="seen_value_oldest")]

    def __str__(self) -> str:
        return f"{self.history_id} {bytes(self.digest).hex()[:12]}"
