"""The word that opens the first start: who has it makes the first administrator."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class FirstAdminToken(models.Model):
    """One row at most, and only while nobody has an account. `token_hash` is SHA-256 of what was printed at start."""

    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="first_admin_token_one_row")]

    def __str__(self) -> str:
        return f"of the start at {self.created_at:%Y-%m-%d %H:%M}"
