"""Views of the list of runs that somebody saved: a name for what the address says."""

from django.db import models
from django.utils import timezone

from accounts.models.base import UUIDModel


class SavedView(UUIDModel):
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1_000)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name
