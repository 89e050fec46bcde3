"""Credentials: stored encrypted, written but never read back; used by id, type and owner."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel, member_of


class CredentialQuerySet(TeamOwnedQuerySet["Credential"]):
    def usable_by_team(self, team_id: Any) -> "CredentialQuerySet":
        """Those of a team and those that others share with it."""
        shared = CredentialShare.objects.filter(credential_id=OuterRef("pk"), team_id=team_id)
        return self.filter(Q(team_id=team_id) | Q(Exists(shared)))

    def usable_by(self, user: Any) -> "CredentialQuerySet":
        """Those that workflows of the user's teams may use; none for a visitor who is not signed in."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        shared = CredentialShare.objects.visible_to(user).filter(credential_id=OuterRef("pk"))
        return self.filter(Q(member_of(user, team_path="team_id")) | Q(Exists(shared)))


class KeptCredentials(models.Manager["Credential"]):
    """All but those somebody deleted, so that no caller can forget it."""

    def get_queryset(self) -> CredentialQuerySet:
        return CredentialQuerySet(self.model, using=self._db).filter(deleted_at=None)


class Credential(UUIDModel):
    """`sealed` is an AES-256-GCM envelope (data and wrapped key), bound to team, id, type and `secret_version`.
    `shown` is what may be displayed: values that are no secrets, and hints to those that are. `warned_of` is the last
    warning that it ends: how many days ahead, and the end it was about. `deleted_at`: a person took it away; for a
    minute it can be had back."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=120)
    sealed = models.BinaryField()
    shown = models.JSONField(default=dict, blank=True)
    key_id = models.CharField(max_length=40, db_index=True)
    secret_version = models.PositiveIntegerField(default=1)
    allowed_hosts = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    warned_of = models.CharField(max_length=60, blank=True, db_default="")
    last_used_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = KeptCredentials.from_queryset(CredentialQuerySet)()
    every = CredentialQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "type"], name="credential_team_type")]

    def __str__(self) -> str:
        return f"{self.name} ({self.type})"


class CredentialShare(UUIDModel):
    """Lets another team use a credential without seeing it."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="shares")
    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TeamOwnedQuerySet["CredentialShare"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credential", "team"], name="credential_share_once")]
