"""What somebody brought to import: a durable batch of inputs with the report on each, so that the page can be left."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import UUIDModel

STAGES = ("checking", "checked", "storing", "stored")
STATES = ("waiting", "checked", "refused", "stored")


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def readable_by(self, user: Any, brought: list[str]) -> "ImportBatchQuerySet":
        """Batches of `user`, and those nobody owns that this browser brought (`brought` lists their ids)."""
        mine = Q(owner=None, id__in=brought)
        if getattr(user, "is_authenticated", False):
            mine |= Q(owner=user)
        return self.filter(mine)


class ImportBatch(UUIDModel):
    """`lease_until` is held by the worker that reads the batch; a lease that ran out is taken over by the next."""

    owner = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    origin = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=10, default="checking")
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(stage__in=STAGES), name="import_stage_known")]

    def __str__(self) -> str:
        return f"{self.origin} {self.stage}"

    @property
    def is_busy(self) -> bool:
        return self.stage in ("checking", "storing")


class ImportEntry(models.Model):
    """One input. `source` is sealed: it may hold secrets. `fixes` is what its owner chose, `report` what may be shown.
    Of an input that was stored only the report is kept."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="entries", db_index=False)
    place = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    source = models.BinaryField(null=True, blank=True)
    fixes = models.JSONField(default=dict)
    is_chosen = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="waiting")
    report = models.JSONField(default=dict)
    workflow = models.ForeignKey(
        "workflows_app.Workflow", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="import_entry_place"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="import_state_known"),
        ]

    def __str__(self) -> str:
        return self.name
