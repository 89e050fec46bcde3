"""Results of nodes that are kept for a while (`cacheS` of a node): the same input need not be worked on again."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class KeptResult(UUIDModel):
    """`key` is a digest of all that the result depends on. `output` is payload bytes, `output_ref` names the payload of
    a large one; `refs` are the payloads that it and the files in it need."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="+")
    node = models.CharField(max_length=300)
    key = models.CharField(max_length=64)
    output = models.BinaryField(null=True, blank=True)
    output_ref = models.CharField(max_length=80, blank=True)
    refs = models.JSONField(default=list)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    objects = TeamOwnedQuerySet["KeptResult"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="kept_result_once")]
        indexes = [models.Index(fields=["expires_at"], name="kept_result_expiry")]

    def __str__(self) -> str:
        return f"{self.node} {self.key[:12]}"
