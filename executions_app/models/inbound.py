"""What came in: webhook deliveries already seen, and answers kept for a repeated API request."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet


class InboundEventQuerySet(TeamOwnedQuerySet["InboundEvent"]):
    team_path = "webhook__workflow__team_id"


class InboundEvent(models.Model):
    """What numbers a delivery of a webhook; a second one gets the first one's execution, until `expires_at`, also where
    that execution has been removed meanwhile. `fingerprint` is set where the number must not come with another call."""

    webhook = models.ForeignKey("workflows_app.Webhook", on_delete=models.CASCADE, related_name="+")
    delivery_key = models.CharField(max_length=200)
    execution = models.ForeignKey(
        "executions_app.Execution", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    fingerprint = models.CharField(max_length=64, blank=True, db_default="")
    received_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_default=Now())

    objects = InboundEventQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "delivery_key"], name="inbound_once")]
        indexes = [models.Index(fields=["expires_at"], name="inbound_expiry")]

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.delivery_key}"


class IdempotencyRecord(models.Model):
    """`fingerprint` is SHA-256 of method, route and canonical body. Written with what the call changed."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.BinaryField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = TeamOwnedQuerySet["IdempotencyRecord"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
