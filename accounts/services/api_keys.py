"""API keys: `pf_live_<prefix>_<random>`, shown once, stored as the hash of the random part."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, Membership, Team, User
from accounts.services import audit

SCOPES = ("read", "run", "write", "credentials")
FORM = re.compile(r"pf_live_([a-z0-9]{12})_([A-Za-z0-9]{40})")
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
LETTERS = ALPHABET + ALPHABET[:26].upper()
SEEN_EVERY = timedelta(minutes=1)


class KeyInvalid(Exception):
    """It is not a key, over, or was taken back. Never says which."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """The row's fields, and `key` itself: it exists nowhere else."""

    row: ApiKey
    key: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


def create(*, team: Team, by: User, name: str, scopes: list[str], expires_at: datetime | None = None) -> NewKey:
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(12))
    secret = "".join(secrets.choice(LETTERS) for _ in range(40))
    with transaction.atomic():
        key = ApiKey.objects.create(
            team=team,
            user=by,
            name=name,
            prefix=prefix,
            secret_hash=_hash(secret),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        )
        audit.record("api_key.create", actor=by, team=team, target=key, name=name, scopes=key.scopes)
    return NewKey(key, f"pf_live_{prefix}_{secret}")


def revoke(key: ApiKey, *, by: User) -> None:
    """Ends the key at once; a revoked one stays in the list."""
    with transaction.atomic():
        is_first = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
        if is_first:
            audit.record("api_key.revoke", actor=by, team=key.team, target=key, name=key.name)
    key.refresh_from_db(fields=["revoked_at"])


def read(text: str) -> ApiKey:
    """The key with its user, who acts in the key's team alone from here on. Raises KeyInvalid."""
    form = FORM.fullmatch(text)
    if form is None:
        raise KeyInvalid
    prefix, secret = form.groups()
    now = timezone.now()
    key = ApiKey.objects.select_related("user", "team").filter(prefix=prefix).first()
    # The hash is compared for an unknown prefix as well, so that both take the same time.
    is_right = secrets.compare_digest(_hash(secret), key.secret_hash if key else "0" * 64)
    if key is None or not is_right or not _is_living(key, now):
        raise KeyInvalid
    key.user.only_team_id = key.team_id
    if key.last_used_at is None or now - key.last_used_at > SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def is_living(key_id: UUID) -> bool:
    """Whether that key would be let in now."""
    key = ApiKey.objects.select_related("user").filter(pk=key_id).first()
    return key is not None and _is_living(key, timezone.now())


def _is_living(key: ApiKey, now: datetime) -> bool:
    """Not revoked or over, and its user is still a member of the team."""
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now) or not key.user.is_active:
        return False
    return Membership.objects.filter(team_id=key.team_id, user_id=key.user_id).exists()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii", "replace")).hexdigest()
