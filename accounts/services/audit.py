"""The audit trail. Entries are only ever added; each carries a digest over itself and the entry before it."""

import hashlib
from typing import Any

import orjson
from django.db import connection, models, transaction
from django.utils import timezone

from accounts import origin
from accounts.models import AuditEntry, Team, User

LOCK = 0x70756D70  # one writer at a time, instance-wide: the chain has one end


def record(
    action: str, *, actor: User | None, team: Team | None, target: models.Model | None = None, **details: Any
) -> AuditEntry:
    """Add one entry. `action` is `<noun>.<verb>`; `details` are small, JSON, and never hold a secret. Address, agent
    and request id are those of the request being answered."""
    asked = origin.current()
    entry = AuditEntry(
        ip_address=asked.ip_address,
        user_agent=asked.user_agent,
        request_id=asked.request_id,
        at=timezone.now(),
        actor=actor,
        team=team,
        action=action,
        object_type=target._meta.model_name or "" if target else "",
        object_id=str(target.pk) if target else "",
        details=details,
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        newest = AuditEntry.objects.order_by("-at", "-id").values_list("chain", flat=True).first() or ""
        entry.chain = digest(entry, newest)
        entry.save(force_insert=True)
    return entry


def digest(entry: AuditEntry, before: str) -> str:
    """SHA-256, hex, over the previous digest and what the entry says."""
    said = [
        before,
        entry.at.isoformat(),
        entry.actor_id,
        entry.team_id,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.details,
    ]
    came_from = [entry.ip_address, entry.user_agent, entry.request_id]
    if any(came_from):
        said += came_from
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
