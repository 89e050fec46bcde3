"""Second factors: whether somebody has one, whether a code is right, what is told of changes, and the way back in."""

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from accounts.services import audit, lockout
from accounts.services.lockout import Attempt

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def is_set_up(user: User) -> bool:
    """Whether the password alone does not let them in. Recovery codes are no factor of their own."""
    return bool(get_adapter().is_mfa_enabled(user, FACTORS))


def right_factor(user: User, code: str) -> Authenticator | None:
    """The app whose code of now it is, or the recovery codes of which it is one; used up with that. Of several who
    bring one code at once, one gets it; an app's code is also over once a later one was used."""
    with transaction.atomic():
        for row in Authenticator.objects.select_for_update().filter(user=user, type__in=CODES).order_by("pk"):
            is_app = row.type == Authenticator.Type.TOTP
            if _use_step(row, code) if is_app else row.wrap().validate_code(code):
                return row
    return None


def proven(user: User, code: str, attempt: Attempt) -> Authenticator | None:
    """As `right_factor`, and counted. Raises LockedOut before anything is compared."""
    lockout.begin(attempt)
    found = right_factor(user, code)
    (lockout.failed if found is None else lockout.succeeded)(attempt)
    return found


def _use_step(row: Authenticator, code: str) -> bool:
    """`used_step` stays with the seed: what a cache forgets would let a code in twice."""
    seed = get_adapter().decrypt(row.data["secret"])
    for step in yield_hotp_counters_from_time():
        is_right = compare_user_code(actual=code, expected=format_hotp_value(hotp_value(seed, step)))
        if is_right and step > row.data.get("used_step", 0):
            row.data["used_step"] = step
            row.save(update_fields=["data"])
            return True
    return False


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
