"""Token pairs of API clients: a signed access token for 15 minutes, a refresh token for 7 days that each use replaces.

Refresh tokens are random, only their hash is stored, and the successor of one is `HMAC(key, token)`: whoever refreshes
with the same token again within the grace period, because the answer was lost or several threads refreshed at once,
gets the very same successor. Later it is a theft: the whole family ends, its access tokens too.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import RefreshToken, User
from accounts.services import audit

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=7)
GRACE_S = 10
LEEWAY_S = 5
ALGORITHM = "HS256"
ISSUER = "pumpflix"
AUDIENCE = "pumpflix-api"
TYPE = "at+jwt"
PREFIX = "pf_rt_"
MOST_CHARACTERS = 4_096
NEEDED = ["sub", "iat", "nbf", "exp", "jti", "fam"]


class TokenInvalid(Exception):
    """It is not ours, over, or was taken back. Never says which."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: str
    refresh_token: str
    expires_in: int = int(ACCESS_LIFETIME.total_seconds())
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


@dataclass(frozen=True, slots=True)
class Access:
    """What a valid access token says."""

    user: User
    family: UUID


def issue(user: User) -> TokenPair:
    """A new family. Families of that user that are over are forgotten."""
    RefreshToken.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    family, token = uuid4(), PREFIX + secrets.token_urlsafe(32)
    RefreshToken.objects.create(
        user=user, family=family, token_hash=_hash(token), expires_at=timezone.now() + REFRESH_LIFETIME
    )
    return TokenPair(_access_token(user.pk, family), token)


# One statement decides: of many at once, each finds the first use that one of them wrote.
USE = """
UPDATE accounts_refreshtoken t
   SET used_at = coalesce(t.used_at, clock_timestamp())
  FROM accounts_user u
 WHERE t.token_hash = %(hash)s AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
   AND (t.used_at IS NULL OR t.used_at > clock_timestamp() - %(grace)s::interval)
   AND u.id = t.user_id AND u.is_active
   AND (u.sessions_valid_from IS NULL OR t.created_at >= u.sessions_valid_from)
RETURNING t.user_id, t.family
"""
ADD = """
INSERT INTO accounts_refreshtoken (id, user_id, family, token_hash, expires_at, created_at)
VALUES (%(id)s, %(user)s, %(family)s, %(hash)s, clock_timestamp() + %(lifetime)s::interval, clock_timestamp())
ON CONFLICT (token_hash) DO NOTHING
"""


def refresh(token: str) -> TokenPair:
    """The next pair. Raises TokenInvalid; a token used again after the grace period ends its family."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(USE, {"hash": _hash(token), "grace": f"{GRACE_S} seconds"})
        row = cursor.fetchone()
        if row is not None:
            user_id, family = row
            successor = PREFIX + _next(token)
            values = {"id": uuid4(), "user": user_id, "family": family, "hash": _hash(successor)}
            cursor.execute(ADD, {**values, "lifetime": f"{REFRESH_LIFETIME.days} days"})
            return TokenPair(_access_token(user_id, family), successor)
    _end_family_of(token)
    raise TokenInvalid


def _end_family_of(token: str) -> None:
    """A token of a living family that may not be used (again): somebody else has it."""
    found = RefreshToken.objects.filter(token_hash=_hash(token), revoked_at=None).select_related("user").first()
    if found is not None and found.used_at is not None:
        revoke(found.family)
        audit.record("token.reused", actor=found.user, team=None, target=found)


def is_living(family: UUID, *, user_id: UUID) -> bool:
    """Whether a pair was not ended, by itself or with the password it was opened by, nor the account closed."""
    return _living(family).filter(user_id=user_id, user__is_active=True).exists()


def _living(family: UUID) -> QuerySet[RefreshToken]:
    """Rows of a pair that was not ended, and began after what ended all older ones."""
    began_in_time = Q(user__sessions_valid_from=None) | Q(created_at__gte=F("user__sessions_valid_from"))
    return RefreshToken.objects.filter(began_in_time, family=family, revoked_at=None, expires_at__gt=timezone.now())


def revoke(family: UUID) -> None:
    """End a family: its refresh tokens, and access tokens from their next use on."""
    RefreshToken.objects.filter(family=family, revoked_at=None).update(revoked_at=timezone.now())


def revoke_token(token: str, *, user: User) -> None:
    """End the family of a refresh token of that user; anything else does nothing."""
    found = RefreshToken.objects.filter(token_hash=_hash(token), user=user).only("family").first()
    if found is not None:
        revoke(found.family)


def revoke_all(user: User) -> None:
    RefreshToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def read_access(token: str) -> Access:
    """Whose token it is. Asks the database each time, so that what was taken back ends at once. Raises TokenInvalid."""
    claims = _claims(token)
    try:
        user_id, family = UUID(claims["sub"]), UUID(claims["fam"])
    except (ValueError, TypeError, AttributeError):
        raise TokenInvalid from None
    user = User.objects.filter(
        Exists(_living(family).filter(user_id=OuterRef("pk"))), pk=user_id, is_active=True
    ).first()
    if user is None:
        raise TokenInvalid
    return Access(user, family)


def _claims(token: str) -> dict[str, Any]:
    if len(token) > MOST_CHARACTERS:
        raise TokenInvalid
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != TYPE or header.get("kid") != _key_id() or "crit" in header or "b64" in header:
            raise TokenInvalid
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY_S,
            options={"require": NEEDED},
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise TokenInvalid from None
    return claims


def _access_token(user_id: UUID, family: UUID) -> str:
    now = timezone.now()
    claims = {
        "sub": str(user_id),
        "fam": str(family),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + ACCESS_LIFETIME,
        "jti": uuid4().hex,
    }
    return jwt.encode(claims, _key(), algorithm=ALGORITHM, headers={"typ": TYPE, "kid": _key_id()})


def _next(token: str) -> str:
    digest = hmac.digest(_key("refresh"), token.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _key(purpose: str = "access") -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode("utf-8"), f"pumpflix.tokens.{purpose}".encode(), "sha256")


def _key_id() -> str:
    """Tells keys apart without telling anything about them."""
    return hashlib.sha256(b"kid" + _key()).hexdigest()[:12]
