"""A call with an `Idempotency-Key` is made once: the first answer is kept for a day and given again."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from executions_app.models import IdempotencyRecord
from workflows_app.errors import Conflict, Unsuitable

KEPT = timedelta(hours=24)
UNDER_WAY = timedelta(minutes=5)


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


def begin(caller: Caller, *, fingerprint: str) -> Kept | None:
    """None: this is the first call, answer it and call `finish` or `forget`. Raises Conflict while the first one is
    under way, Unsuitable when the key was used for another call."""
    now = timezone.now()
    rows_of(caller).filter(expires_at__lt=now).delete()
    try:
        with transaction.atomic():
            IdempotencyRecord.objects.create(
                team_id=caller.team_id, key=caller.key, fingerprint=fingerprint, expires_at=now + UNDER_WAY
            )
    except IntegrityError:
        return _kept(caller, fingerprint)
    return None


def _kept(caller: Caller, fingerprint: str) -> Kept:
    row = rows_of(caller).first()
    if row is not None and row.fingerprint != fingerprint:
        raise Unsuitable(
            "This Idempotency-Key was used for another call.",
            code="idempotency_key_reused",
            hint="Use a new key for a new call.",
        )
    if row is None or row.status_code is None:
        raise Conflict("The first call with this Idempotency-Key is still being answered.", hint="Ask again soon.")
    return Kept(row.status_code, bytes(row.body or b""))


def finish(caller: Caller, *, status: int, body: bytes) -> None:
    rows_of(caller).update(status_code=status, body=body, expires_at=timezone.now() + KEPT)


def forget(caller: Caller) -> None:
    """The call failed and changed nothing, so it may be made again."""
    rows_of(caller).filter(status_code=None).delete()


def rows_of(caller: Caller) -> QuerySet[IdempotencyRecord]:
    rows: QuerySet[IdempotencyRecord] = IdempotencyRecord.objects.filter(team_id=caller.team_id, key=caller.key)
    return rows
