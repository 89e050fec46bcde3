"""Mails of the built-in outbox."""

from typing import Any

from django.db.models import QuerySet

from executions_app.models import OutboxMessage


def messages_for(user: Any) -> QuerySet[OutboxMessage]:
    """Those of the user's teams."""
    rows: QuerySet[OutboxMessage] = OutboxMessage.objects.visible_to(user)
    return rows
