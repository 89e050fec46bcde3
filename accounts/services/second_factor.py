"""Second factors: whether somebody has one, whether a code is right, what is told of changes, and the way back in."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from accounts.services import audit

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


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
