"""Alerts of a workflow: whom to tell of what, the incidents there are to tell of, and what became of each telling."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.base import TeamOwnedQuerySet, UUIDModel

CHANNELS = [("email", "E-mail"), ("slack", "Slack"), ("webhook", "Webhook")]
INCIDENT_KINDS = ("failure", "stuck", "late")
EVENTS = ("failure", "recovery", "stuck", "late", "test")
SENT_STATUSES = ("queued", "sent", "failed")


class AlertQuerySet(TeamOwnedQuerySet["Alert"]):
    team_path = "workflow__team_id"


class Alert(UUIDModel):
    """`sealed` is where it goes, encrypted: addresses, or a URL and a secret; `hint` is what may be shown of it. It
    tells of the `after_failures`-th failure in a row, once an incident; of the end of an incident it told of; and of
    runs that take longer, or schedules that are later, than `stuck_after_min`."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="alerts")
    channel = models.CharField(max_length=10, choices=CHANNELS)
    sealed = models.BinaryField()
    hint = models.CharField(max_length=300)
    after_failures = models.PositiveSmallIntegerField(default=1)
    on_recovery = models.BooleanField(default=False)
    stuck_after_min = models.PositiveIntegerField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=[one for one, _ in CHANNELS]), name="alert_channel_known"),
            models.CheckConstraint(condition=Q(after_failures__gte=1), name="alert_after_some"),
        ]


class Incident(UUIDModel):
    """Something wrong with a workflow, from its first sign until it goes well again: failures in a row (`node` names a
    trigger whose looks fail), runs that are stuck, schedules that are late."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=10)
    node = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_execution_id = models.UUIDField(null=True, blank=True)
    last_text = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=INCIDENT_KINDS), name="incident_kind_known"),
            models.UniqueConstraint(
                fields=["workflow", "kind", "node"], condition=Q(closed_at=None), name="incident_open_once"
            ),
        ]


class AlertSent(UUIDModel):
    """One telling: of one event of one incident each alert tells once. `answer` is what the service said."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="sent")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    event = models.CharField(max_length=10)
    body = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="queued")
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SENT_STATUSES), name="alert_sent_status_known"),
            models.CheckConstraint(condition=Q(event__in=EVENTS), name="alert_event_known"),
            models.UniqueConstraint(
                fields=["alert", "incident", "event"], condition=Q(incident__isnull=False), name="alert_sent_once"
            ),
        ]
        indexes = [models.Index(fields=["alert", "-created_at"], name="alert_sent_newest")]
