"""The first account of an instance is an administrator, made by whoever can read what the start printed."""

import hashlib
import secrets

from django.core.cache import cache
from django.db import transaction

from accounts.models import FirstAdminToken, User
from accounts.services import audit
from accounts.services.teams import personal_team

KNOWN_S = 300
KEY = "accounts:somebody-is-here"


class TokenRefused(Exception):
    """It is not the word of the latest start, or it was used. Never says which."""


def is_awaited() -> bool:
    """Whether nobody has an account yet. Once somebody has, it is remembered for a while."""
    if cache.get(KEY):
        return False
    if User.objects.exists():
        cache.set(KEY, 1, KNOWN_S)
        return False
    return True


def issue() -> str:
    """A new word, in place of any older one; empty once somebody has an account."""
    if User.objects.exists():
        FirstAdminToken.objects.all().delete()
        return ""
    token = secrets.token_urlsafe(24)
    FirstAdminToken.objects.update_or_create(pk=1, defaults={"token_hash": _hash(token)})
    return token


def claim(token: str, *, email: str, password: str, name: str = "") -> User:
    """Make the first administrator. Of several who bring the token at once, one does. Raises TokenRefused."""
    with transaction.atomic():
        row = FirstAdminToken.objects.select_for_update().filter(pk=1).first()
        # Compared without a row too, so that the answer takes as long.
        is_right = secrets.compare_digest(_hash(token), row.token_hash if row else "0" * 64)
        if row is None or not is_right or User.objects.exists():
            raise TokenRefused
        user: User = User.objects.create_superuser(email, password, name=name)
        personal_team(user)
        row.delete()
        audit.record("account.first_admin", actor=user, team=None, target=user)
    return user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
