"""The audit trail. Entries are only ever added; each carries a digest over itself and the entry before it."""

import hashlib
import hmac
from datetime import UTC
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from accounts import origin
from accounts.models import AuditEntry, AuditHead, Team, User

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
        hold()
        number, before = end_of_the_trail()
        entry.number = number + 1
        entry.chain = digest(entry, before)
        entry.save(force_insert=True)
        head = AuditHead(pk=1, number=entry.number, chain=entry.chain, seal=seal(entry.number, entry.chain))
        sealed = ["number", "chain", "seal"]
        # One statement, the same for the first entry as for all others.
        AuditHead.objects.bulk_create([head], update_conflicts=True, unique_fields=["id"], update_fields=sealed)
    return entry


def hold() -> None:
    """Nobody else adds an entry until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def end_of_the_trail() -> tuple[int, str]:
    """Number and chain of the last entry."""
    rows = AuditEntry.objects.order_by("-number").values_list("number", "chain")
    return rows.first() or (0, "")


def digest(entry: AuditEntry, before: str) -> str:
    """SHA-256, hex, over the previous digest and what the entry says."""
    said = [
        before,
        entry.number,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.team_id,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.result,
        entry.details,
        entry.ip_address,
        entry.user_agent,
        entry.request_id,
    ]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def seal(number: int, chain: str) -> str:
    key = hmac.digest(settings.SECRET_KEY.encode("utf-8"), b"pumpflix.audit.seal", "sha256")
    return hmac.new(key, f"{number}:{chain}".encode(), "sha256").hexdigest()
