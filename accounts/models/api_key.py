"""Ways in for programs: API keys and refresh tokens. Both are stored as SHA-256 of a random part, never readable."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class ApiKey(UUIDModel):
    """Text form `pf_live_<prefix>_<random>`; `prefix` finds the row, the hash of the random part proves the key."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="api_keys")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: Any = TeamOwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} (pf_live_{self.prefix}…)"


class RefreshTokenQuerySet(models.QuerySet["RefreshToken"]):
    def visible_to(self, user: Any) -> "RefreshTokenQuerySet":
        return self.filter(user_id=user.pk) if getattr(user, "is_authenticated", False) else self.none()


class RefreshToken(UUIDModel):
    """One token of a family. Using it writes `used_at`; using it again after the grace period revokes the family."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(db_index=True)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RefreshTokenQuerySet.as_manager()
