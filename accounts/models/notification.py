"""What a person should know: shown in the app, sent on by a job where asked for."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import UUIDModel


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: Any) -> "NotificationQuerySet":
        return self.filter(user_id=user.pk) if getattr(user, "is_authenticated", False) else self.none()


class Notification(UUIDModel):
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    send_on = ArrayField(models.CharField(max_length=10), default=list, db_default=[], blank=True)
    """Where else it still has to be told; a job looks after it."""

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_user_at"),
            models.Index(fields=["created_at"], condition=~Q(send_on=[]), name="notification_to_send"),
        ]
