"""What a live client asks for when the stream has nothing for it. Outside the ORM: sockets ask often."""

from typing import Any
from uuid import UUID

from executions_app.database import pool

EVENTS = """
SELECT seq, body FROM executions_app_executionevent WHERE execution_id = %s AND seq > %s ORDER BY seq LIMIT %s
"""
NOTIFICATION = """
SELECT id, kind, title, text, url, read_at, created_at FROM accounts_notification WHERE id = %s AND user_id = %s
"""
STATUS = "SELECT status FROM executions_app_execution WHERE id = %s"


def events_after(execution_id: UUID, after: int, limit: int) -> list[tuple[int, bytes]]:
    """`(seq, body)` of the next stored events, in order."""
    with pool().connection() as connection:
        rows = connection.execute(EVENTS, (execution_id, after, limit), prepare=True).fetchall()
    return [(row[0], bytes(row[1])) for row in rows]


def status_of(execution_id: UUID) -> str:
    """Its stored status; `canceled` for an execution that was deleted meanwhile."""
    with pool().connection() as connection:
        row = connection.execute(STATUS, (execution_id,), prepare=True).fetchone()
    return str(row[0]) if row else "canceled"


def notification_body(notification_id: UUID, user_id: UUID) -> dict[str, Any] | None:
    """As `GET /api/notifications` gives it; None for somebody else's, or one that is gone."""
    with pool().connection() as connection:
        row = connection.execute(NOTIFICATION, (notification_id, user_id)).fetchone()
    names = ("id", "kind", "title", "text", "url", "readAt", "createdAt")
    return dict(zip(names, row, strict=True)) if row else None
