"""Reports that come by themselves: the figures of a workflow, or of all of a team, by the day or the week."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel

PERIODS = [("day", "Every day"), ("week", "Every Monday")]


class Report(UUIDModel):
    """`next_at` is its timer. Without a workflow it is about all of the team. It is made as a file, and mailed to the
    addresses there are."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+")
    workflow = models.ForeignKey(
        "workflows_app.Workflow", on_delete=models.CASCADE, null=True, blank=True, related_name="reports"
    )
    period = models.CharField(max_length=4, choices=PERIODS)
    hour = models.PositiveSmallIntegerField(default=7)
    time_zone = models.CharField(max_length=64, default="UTC")
    addresses = models.JSONField(default=list, blank=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = TeamOwnedQuerySet["Report"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(period__in=[one for one, _ in PERIODS]), name="report_period_known"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_hour_of_day"),
        ]
        indexes = [models.Index(fields=["next_at"], name="report_due")]
