"""Telling people: a row in the app and a doorbell for their open sockets, which may be lost."""

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import Notification, NotificationChoice, User

SUBJECT_OF = {"run": "runs", "job": "jobs"}
"""What a kind of notification is about, by the first word of its name."""

MAILED_UNASKED = frozenset({"credential"})
"""What goes by mail as long as somebody has chosen nothing: it stands still until they do something."""

log = structlog.get_logger(__name__)


def group_of(user_id: object) -> str:
    """The channel group of somebody's open sockets."""
    return f"user-{user_id}"


def notify(user: User, *, kind: str, title: str, text: str = "", url: str = "") -> Notification:
    """Store it, and show it at once where the user is looking. Where else the user wants to be told stands in the
    row."""
    row = Notification.objects.create(
        user=user, kind=kind, title=title[:200], text=text, url=url[:300], send_on=channels_of(user, kind)
    )
    transaction.on_commit(lambda: ring(user.pk, {"type": "notification", "id": str(row.pk)}))
    return row


def channels_of(user: User, kind: str) -> list[str]:
    """Where else than in the app the user wants to be told of such a thing."""
    choice = NotificationChoice.objects.filter(user=user).first()
    about = kind.partition(".")[0]
    if choice is None:
        return ["email"] if about in MAILED_UNASKED else []
    subject = SUBJECT_OF.get(about, "other")
    return [channel for channel, chosen in (("email", choice.email), ("slack", choice.slack)) if subject in chosen]


def ring(user_id: object, message: dict[str, str]) -> None:
    """Tell open sockets to look; who is not there finds the row later."""
    try:
        async_to_sync(get_channel_layer().group_send)(group_of(user_id), message)
    except (RedisError, OSError) as error:
        log.warning("doorbell_lost", error=str(error))


def mark_read(row: Notification) -> Notification:
    if row.read_at is None:
        row.read_at = timezone.now()
        row.save(update_fields=["read_at"])
    return row


def mark_all_read(user: User) -> int:
    """How many were unread."""
    return Notification.objects.visible_to(user).filter(read_at=None).update(read_at=timezone.now())
