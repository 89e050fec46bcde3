"""Second factors: whether somebody has one, whether a code is right, what is told of changes, and the way back in."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.dispatch import receiver

from accounts.keys import keyring
from accounts.models import User
from accounts.second_factor import SEED, from_text, to_text
from accounts.services import audit
from pumpflix.lib.crypto import CryptoError, kid_of, rewrap

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
SEALED = ("secret", "seed")


def is_set_up(user: User) -> bool:
    """Whether the password alone does not let them in. Recovery codes are no factor of their own."""
    return bool(get_adapter().is_mfa_enabled(user, FACTORS))


def is_right(user: User, code: str) -> bool:
    """Whether it is the app's code of now, not used before, or a recovery code, which it uses up."""
    return any(found.wrap().validate_code(code) for found in Authenticator.objects.filter(user=user, type__in=CODES))


def take_off(user: User, *, by: User | None) -> int:
    """Take every factor and code of somebody off who lost theirs; how many there were. Their sessions stay."""
    with transaction.atomic():
        count: int = Authenticator.objects.filter(user=user).delete()[0]
        audit.record("second_factor.reset", actor=by, team=None, target=user)
    return count


def rewrap_seeds() -> tuple[int, list[str]]:
    """Put every sealed seed under the first key. Returns how many, and what does not open. Safe to repeat."""
    done, failed = 0, []
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk"):
        try:
            done += _rewrapped(row)
        except CryptoError as error:
            failed.append(f"second factor of {row.user_id}: {error.message}")
    return done, failed


def _rewrapped(row: Authenticator) -> int:
    with transaction.atomic():
        # A recovery code may be used up at this moment.
        locked = Authenticator.objects.select_for_update().get(pk=row.pk)
        old = {name: from_text(locked.data[name]) for name in SEALED if name in locked.data}
        if all(kid_of(blob) == keyring().current for blob in old.values()):
            return 0
        locked.data |= {name: to_text(rewrap(keyring(), SEED, blob)) for name, blob in old.items()}
        locked.save(update_fields=["data"])
    return 1


def missing_keys() -> list[str]:
    """Ids of keys that stored seeds need and the keyring lacks, or has under the name of another key."""
    found = set()
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        for text in (row.data[name] for name in SEALED if name in row.data):
            try:
                get_adapter().decrypt(text)
            except CryptoError:
                found.add(kid_of(from_text(text)))
    return sorted(found)


@receiver(signals.authenticator_added)
def _added(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record("second_factor.added", actor=user, team=None, target=user, kind=authenticator.type)


@receiver(signals.authenticator_removed)
def _removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record("second_factor.removed", actor=user, team=None, target=user, kind=authenticator.type)


@receiver(signals.authenticator_reset)
def _reset(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record("second_factor.renewed", actor=user, team=None, target=user, kind=authenticator.type)


@receiver(signals.authentication_failed)
def _failed(user: User, **_: Any) -> None:
    audit.record("login.failed", actor=None, team=None, target=user)
