"""The audit trail: append-only, each entry hashed together with the one before it."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class AuditEntry(UUIDModel):
    """Who did what to which object, from where, with which result. `chain` is SHA-256 over the previous entry's chain
    and this entry's fields."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
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
        """`Template published` for `template.published`."""
        return capfirst(self.action.replace(".", " ").replace("_", " "))

    class Meta:
        verbose_name, verbose_name_plural = _("audit entry"), _("audit trail")
        ordering = ["-at"]
        indexes = [models.Index(fields=["team", "-at"], name="audit_team_at")]
