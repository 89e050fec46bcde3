"""Schedules: when a workflow starts by itself. `next_fire_at` is the timer; no process keeps one in memory."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel

CATCH_UP = [("skip", "Skip"), ("once", "Run once"), ("all", "Run all")]


class ScheduleQuerySet(TeamOwnedQuerySet["Schedule"]):
    team_path = "workflow__team_id"


class Schedule(UUIDModel):
    """One rule of one trigger node: a cron expression or a whole number of seconds, in a time zone. Of a cron
    expression only the moments in every `every`-th hour, day, week or month count, where `unit` names one, from
    `last_fire_at` on.
    A rule that changes begins anew; nothing else is kept of the old one."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="schedules")
    node = models.CharField(max_length=300)
    node_type = models.CharField(max_length=120, blank=True)
    rule = models.PositiveSmallIntegerField(default=0)
    cron = models.CharField(max_length=200, blank=True)
    every_s = models.PositiveIntegerField(null=True, blank=True)
    every = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=8, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    catch_up = models.CharField(max_length=4, choices=CATCH_UP, default="once")
    enabled = models.BooleanField(default=True)
    next_fire_at = models.DateTimeField(null=True, blank=True)
    last_fire_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workflow", "node", "rule"], name="schedule_rule_once"),
            models.CheckConstraint(
                condition=Q(cron="", every_s__isnull=False) | (~Q(cron="") & Q(every_s=None)), name="schedule_one_rule"
            ),
        ]
        indexes = [models.Index(fields=["next_fire_at"], condition=Q(enabled=True), name="schedule_due")]
