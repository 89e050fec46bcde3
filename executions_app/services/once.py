"""A call with an `Idempotency-Key` is made once: the first answer is kept for a day and given again.

What the call changes and its answer are one transaction: a process that dies in between leaves neither, so the key is
free for the next try at once, and nothing is made twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from executions_app.models import IdempotencyRecord
from workflows_app.errors import Conflict, Unsuitable

KEPT = timedelta(hours=24)
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the first call was answered with."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is, and the key it came with."""

    team_id: UUID
    key: str


def answered(
    caller: Caller, *, fingerprint: str, answer: Callable[[], Answer], keep: Callable[[Answer], Kept]
) -> Answer | Kept:
    """What `answer` gives, now or kept from the first time. Raises Conflict while the first call is under way,
    Unsuitable when the key was used for another call, and whatever `answer` raises: then the key is free again."""
    with transaction.atomic():
        if not _is_ours(caller):
            raise Conflict("The first call with this Idempotency-Key is still being answered.", hint="Ask again soon.")
        rows = rows_of(caller)
        rows.filter(expires_at__lt=timezone.now()).delete()
        row = rows.first()
        if row is not None:
            return _kept(row, fingerprint)
        given = answer()
        kept = keep(given)
        rows.create(
            team_id=caller.team_id,
            key=caller.key,
            fingerprint=fingerprint,
            status_code=kept.status,
            body=kept.body,
            expires_at=timezone.now() + KEPT,
        )
        return given


def _is_ours(caller: Caller) -> bool:
    """Until the end of the transaction, and of its connection, nobody else answers for that key."""
    with connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [f"once:{caller.team_id}:{caller.key}"])
        return bool(cursor.fetchone()[0])


def _kept(row: IdempotencyRecord, fingerprint: str) -> Kept:
    if row.fingerprint != fingerprint:
        raise Unsuitable(
            "This Idempotency-Key was used for another call.",
            code="idempotency_key_reused",
            hint="Use a new key for a new call.",
        )
    return Kept(row.status_code or 200, bytes(row.body or b""))


def rows_of(caller: Caller) -> QuerySet[IdempotencyRecord]:
    rows: QuerySet[IdempotencyRecord] = IdempotencyRecord.objects.filter(team_id=caller.team_id, key=caller.key)
    return rows
