"""Daily figures per workflow, kept by upsert, so that no page ever scans executions."""

from django.db import models

from accounts.models.base import TeamOwnedQuerySet


class DailyAnalyticsQuerySet(TeamOwnedQuerySet["DailyAnalytics"]):
    team_path = "workflow__team_id"


class DailyAnalytics(models.Model):
    """`duration_ms` is a sum over finished executions; `buckets` counts durations on a log scale for percentiles."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="analytics")
    day = models.DateField()
    executions = models.PositiveIntegerField(default=0)
    success = models.PositiveIntegerField(default=0)
    error = models.PositiveIntegerField(default=0)
    canceled = models.PositiveIntegerField(default=0)
    duration_ms = models.FloatField(default=0)
    buckets = models.JSONField(default=dict)

    objects = DailyAnalyticsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "day"], name="analytics_day_once")]

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.day}"


class RemovedRuns(models.Model):
    """Runs that were pruned on the day they ended or the one after, which are counted again from the runs there are: so
    many of them, of that end and duration, belong to the figures as well."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    status = models.CharField(max_length=10)
    bucket = models.CharField(max_length=3)
    executions = models.PositiveIntegerField()
    duration_ms = models.FloatField()

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.day} {self.executions}"
