"""The team's file store: files by path. The bytes are payloads; a path is a name, never a place on a disk."""

from django.db import models
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class TeamFile(UUIDModel):
    """`ref` is `sha256:<hex>`, the reference of a payload of that team; a payload named here is in use."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="files", db_index=False)
    path = models.CharField(max_length=500)
    ref = models.CharField(max_length=80, db_index=True)
    mime_type = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    updated_at = models.DateTimeField(default=timezone.now)

    objects = TeamOwnedQuerySet["TeamFile"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "path"], name="team_file_path_once")]

    def __str__(self) -> str:
        return self.path
