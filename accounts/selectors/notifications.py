"""What somebody should know."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Notification

MOST_COUNTED = 100


def notifications_for(user: Any, *, unread: bool | None = None) -> QuerySet[Notification]:
    """One's own; with `unread` only those not read yet, or only the others."""
    rows = Notification.objects.visible_to(user)
    return rows if unread is None else rows.filter(read_at__isnull=unread)


def unread_count(user: Any) -> int:
    """How many are not read yet, counted to a hundred."""
    return Notification.objects.visible_to(user).filter(read_at=None).order_by()[:MOST_COUNTED].count()
