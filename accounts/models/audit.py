"""The audit trail: append-only, each entry hashed together with the one before it, the last one sealed."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit_words
from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class AuditEntry(UUIDModel):
    """Who did what to which object, from where, with which result. `number` counts without a gap; `chain` is SHA-256
    over the previous entry's chain and this entry's fields. A trigger refuses to change or delete one, so the ids of
    people and teams stay when those are gone."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    team = models.ForeignKey(
        "accounts.Team", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    actor = models.ForeignKey(
        "accounts.User", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=20, default="ok")
    details = models.JSONField(default=dict, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    chain = models.CharField(max_length=64, blank=True)

    objects: Any = TeamOwnedQuerySet.as_manager()

    @property
    def said(self) -> str:
        return audit_words.said(self.action)

    @property
    def has_failed(self) -> bool:
        return self.result != "ok" or self.action.endswith(".failed")

    @property
    def about(self) -> str:
        """What the object is called where the entry says so, else its kind and the end of its id."""
        told = self.details if isinstance(self.details, dict) else {}
        name = told.get("name") or told.get("email") or told.get("path")
        if isinstance(name, str) and name:
            return name[:120]
        return f"{self.object_type} …{self.object_id[-6:]}" if self.object_id else self.object_type

    class Meta:
        verbose_name, verbose_name_plural = _("audit entry"), _("audit trail")
        ordering = ["-at"]
        indexes = [models.Index(fields=["team", "-at"], name="audit_team_at")]


class AuditHead(models.Model):
    """The end of the trail, so that entries missing there are missed. `seal` is made with the key of the instance: who
    writes the database alone cannot make another trail that fits."""

    number = models.BigIntegerField()
    chain = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_head_one_row")]

    def __str__(self) -> str:
        return f"{self.number}: {self.chain[:16]}"
