"""Where else than in the app somebody wants to be told of what."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.base import UUIDModel

SUBJECTS = [("runs", "Runs that fail"), ("jobs", "Exports and reports"), ("other", "Everything else")]
CHANNELS = [("email", "E-mail"), ("slack", "Slack")]


class NotificationChoice(UUIDModel):
    """`email` and `slack` name subjects. `slack_sealed` is the webhook's address, encrypted; `slack_hint` may be
    shown."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="notification_choice")
    email = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    slack = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    slack_sealed = models.BinaryField(null=True, blank=True)
    slack_hint = models.CharField(max_length=100, blank=True)
