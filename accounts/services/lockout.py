"""How often somebody may guess at a password or a code, so that guessing is hopeless and nobody can lock out another.

Only failures count, and every rule is a multiple of the setting for one account from one place (`5/15 minutes`):

* one account from one place: that many, then twice as many in eight times the time, then four times in 64 times;
* one place, whatever the account: ten times as many, in the same steps;
* one account from anywhere: twenty times as many. A browser that signed in to the account before is not asked this;
* the whole instance: 600 times as many. Beyond it a place has one failure for each account.

A place is a browser that signed in to that very account before (a signed cookie says so), else a network address. So
whoever guesses at an account, from however many addresses, leaves its owner's browsers and sessions alone, and a new
password by mail lets in from anywhere else.
"""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from pumpflix.lib.rate_limits import RateLimits, limits_at, parsed

STEPS = ((1, 1), (2, 8), (4, 64))
BY_PLACE, BY_ACCOUNT, BY_INSTANCE = 10, 20, 600
MOST_CHARACTERS = 320

Counter = tuple[str, ...]
"""A rule and the names of what it counts."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at `account` (what was typed, or the id of who must give a code) from `place`."""

    account: str
    place: str
    is_known: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        return self.account[:MOST_CHARACTERS], self.place


class LockedOut(Exception):
    """No password or code is looked at before `retry_after_s` have passed."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


def begin(attempt: Attempt) -> None:
    """Count a try before anything is compared, so that many at once are not more than may be. Raises LockedOut."""
    limits = _limits()
    pair = _of_pair(attempt)
    asked = [*pair, *_of_place(attempt), *_of_account(attempt)]
    if limits.blocked(*_everywhere()):
        asked.append(_strict(attempt))
    refused = [verdict for counter in asked if (verdict := limits.blocked(*counter))]
    if not refused:
        refused = [verdict for counter in pair if (verdict := limits.refusal(*counter))]
    if refused:
        raise LockedOut(max(verdict.retry_after_s for verdict in refused))


def failed(attempt: Attempt) -> None:
    """It was not right: it counts everywhere."""
    limits = _limits()
    for counter in [*_of_place(attempt), *_of_account(attempt), _everywhere(), _strict(attempt)]:
        limits.refusal(*counter)


def succeeded(attempt: Attempt) -> None:
    """It was right: earlier slips of this account from this place are forgotten, those of the place are not."""
    limits = _limits()
    for counter in _of_pair(attempt):
        limits.forget(*counter)


def _of_pair(attempt: Attempt) -> list[Counter]:
    return [(rule, "auth_failed", *attempt.pair) for rule in steps(_base())]


def _of_place(attempt: Attempt) -> list[Counter]:
    return [(rule, "auth_failed_at", attempt.place) for rule in steps(times(_base(), BY_PLACE))]


def _of_account(attempt: Attempt) -> list[Counter]:
    account, _ = attempt.pair
    return [] if attempt.is_known else [(times(_base(), BY_ACCOUNT), "auth_failed_on", account)]


def _everywhere() -> Counter:
    return times(_base(), BY_INSTANCE), "auth_failed_everywhere"


def _strict(attempt: Attempt) -> Counter:
    return f"1/{parsed(_base()).get_expiry()} seconds", "auth_failed_strict", *attempt.pair


@cache
def steps(rule: str) -> tuple[str, ...]:
    """The rule, then twice as many in eight times the time, then four times in 64 times."""
    return tuple(times(rule, amount, longer=longer) for amount, longer in STEPS)


@cache
def times(rule: str, amount: int, *, longer: int = 1) -> str:
    """The rule with so many times its amount in so many times its time."""
    item = parsed(rule)
    return f"{item.amount * amount}/{item.get_expiry() * longer} seconds"


def _base() -> str:
    return str(settings.PUMPFLIX_LIMITS["auth_failed"])


def _limits() -> RateLimits:
    return limits_at(settings.REDIS_URL)
