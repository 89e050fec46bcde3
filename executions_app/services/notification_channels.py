"""Notifications beyond the app: by mail or into a Slack channel, as each person chose."""

from uuid import UUID

from django.core.mail import EmailMessage
from django.db import transaction

from accounts.models import Notification, NotificationChoice, User
from accounts.models.notification_choice import SUBJECTS
from accounts.services.teams import personal_team
from executions_app.services import alert_channels, jobs
from executions_app.services.alert_channels import Kept, Telling, mailed
from executions_app.services.alert_messages import public_url
from pumpflix.lib.crypto import RecordId
from pumpflix.lib.ids import uuid7
from workflows_app.engine.errors import UserError
from workflows_app.services import vault

KIND = "notifications.send"
MOST_AT_ONCE = 500


def choice_of(user: User) -> NotificationChoice:
    """Not stored unless it was before."""
    return NotificationChoice.objects.filter(user=user).first() or NotificationChoice(id=uuid7(), user=user)


def choose(user: User, *, email: list[str], slack: list[str], slack_url: str = "") -> NotificationChoice:
    """An empty `slack_url` keeps the one there is. Raises UserError."""
    known = {name for name, _ in SUBJECTS}
    choice = choice_of(user)
    choice.email = sorted(known & set(email))
    choice.slack = sorted(known & set(slack))
    if slack_url.strip():
        target = alert_channels.target_of("slack", slack_url)
        choice.slack_sealed = vault.sealed(record_of(choice), target)[0]
        choice.slack_hint = alert_channels.hint_of("slack", target)
    if choice.slack and not choice.slack_sealed:
        text = "Enter the webhook of the Slack channel first."
        raise UserError(text, code="alert_target_invalid", hint="Slack makes one under Incoming Webhooks.")
    choice.save()
    return choice


def send_on() -> int:
    """A job for each place a notification still has to go to, in one commit with noting that it is on its way."""
    with transaction.atomic():
        waiting = Notification.objects.select_for_update(skip_locked=True).exclude(send_on=[])
        rows = list(waiting.order_by("created_at")[:MOST_AT_ONCE])
        for row in rows:
            for channel in row.send_on:
                arguments = {"notification": str(row.pk), "channel": channel}
                jobs.enqueue(KIND, arguments, by=row.user, key=f"{row.pk.hex}:{channel}")
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(send_on=[])
    return len(rows)


def send(notification_id: str, channel: str) -> str:
    """For the job: what the other side said. Raises UserError, OperationalError."""
    row = Notification.objects.select_related("user").filter(pk=UUID(notification_id)).first()
    if row is None or not row.user.is_active:
        return "There is nobody to tell any more."
    url = f"{public_url()}{row.url}" if row.url.startswith("/") else row.url or f"{public_url()}/notifications"
    if channel == "email":
        text = "\n\n".join(part for part in (row.text, url) if part)
        mail = EmailMessage(" ".join(row.title.split()), text, None, [row.user.email])
        return mailed(mail, kept_as=Kept(personal_team(row.user).pk, "Notification", f"notification-{row.pk}"))
    choice = choice_of(row.user)
    if not choice.slack_sealed:
        return "The Slack channel was removed meanwhile."
    target = vault.opened(record_of(choice), bytes(choice.slack_sealed), "Slack channel")
    body = {"title": row.title, "text": row.text, "url": url}
    return alert_channels.send(Telling("slack", target, body, f"pf-notification-{row.pk}", row.pk))


def record_of(choice: NotificationChoice) -> RecordId:
    return vault.record_id(choice.user_id, choice.pk, "notification.slack", 1)
