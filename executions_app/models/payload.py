"""Payloads: bytes by reference. Files, and outputs too large for their row. Content-addressed within a team."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class Payload(UUIDModel):
    """The reference is `sha256:<hex>` of the bytes as given; the key is made of team and reference, so that a writer
    knows it without asking. `data` is stored as `encoding` says (`raw` or `zstd`)."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    encoding = models.CharField(max_length=8, default="raw")
    data = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    objects = TeamOwnedQuerySet["Payload"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "sha256"], name="payload_once_per_team")]


class PayloadUseQuerySet(TeamOwnedQuerySet["PayloadUse"]):
    team_path = "payload__team_id"


class PayloadUse(models.Model):
    """Which execution needs which payload; a payload without a use is swept after a day."""

    payload = models.ForeignKey(Payload, on_delete=models.CASCADE, related_name="uses", db_index=False)
    execution = models.ForeignKey("executions_app.Execution", on_delete=models.CASCADE, related_name="+")

    objects = PayloadUseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payload", "execution"], name="payload_use_once")]

    def __str__(self) -> str:
        return f"{self.payload_id} by {self.execution_id}"
