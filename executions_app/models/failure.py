"""What failed and was not looked after yet: written in the very commit in which a run fails, gone once error workflow
and alerts are on their way."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.base import UUIDModel


class Failure(UUIDModel):
    """Of a run, or of a trigger: then `node` names it, and `error` says what happened."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="+")
    execution_id = models.UUIDField(null=True, blank=True, unique=True)
    node = models.CharField(max_length=300, blank=True, db_default="")
    error = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(db_default=Now())
