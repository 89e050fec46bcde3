"""Codes of the second factor: each is good once, whatever a cache forgets and however many bring it at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.services import second_factor
from accounts.tests.security.people import by_api, is_in, owner, sign_in

pytestmark = [pytest.mark.app, pytest.mark.requirement(46)]


@pytest.fixture
def user(db) -> User:
    return owner()


@pytest.fixture
def seed(user: User) -> str:
    made = generate_totp_secret()
    TOTP.activate(user, made)
    return made


def code_of(seed: str, step: int = 0) -> str:
    return format_hotp_value(hotp_value(seed, int(time.time()) // 30 + step))


def comes_in(code: str) -> bool:
    client = Client()
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return is_in(client)


def test_a_code_is_good_once_for_pages_and_api_together(seed):
    code = code_of(seed)
    assert comes_in(code)
    assert not comes_in(code)
    assert by_api(code=code).json()["code"] == "code_wrong"


def test_a_code_stays_used_when_the_cache_is_emptied(seed):
    code = code_of(seed)
    assert comes_in(code)
    cache.clear()
    assert not comes_in(code)


def test_a_code_stays_used_while_its_half_minute_is_not_yet_over(seed, time_machine):
    """Clocks drift, so a code is taken a step early and a step late: as long as that it must stay used."""
    time_machine.move_to("2026-01-01T00:00:01Z", tick=False)
    code = code_of(seed, step=1)
    assert comes_in(code)
    time_machine.shift(31)
    assert not comes_in(code)
    time_machine.shift(27)
    assert not comes_in(code)


def test_a_code_older_than_one_that_was_used_is_over(seed):
    before, now = code_of(seed, step=-1), code_of(seed)
    assert comes_in(now)
    assert not comes_in(before)


def test_the_next_code_is_good_again(seed, time_machine):
    time_machine.move_to("2026-01-01T00:00:01Z", tick=False)
    assert comes_in(code_of(seed))
    time_machine.shift(30)
    assert comes_in(code_of(seed))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_many_who_bring_one_code_at_once_one_gets_in(kind):
    user = owner()
    seed = generate_totp_secret()
    TOTP.activate(user, seed)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    code = code_of(seed) if kind == "app" else codes[0]

    def is_let_in(_: int) -> bool:
        try:
            return second_factor.right_factor(user, code) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(is_let_in, range(16))) == 1


@pytest.mark.parametrize("code", ["", "0" * 500, "\x00", "１２３４５６", "١٢٣٤٥٦", "-1", "000000\n", "{{ 1 }}"])
def test_what_is_no_code_is_refused_and_never_a_fault(seed, code):
    assert not comes_in(code)
    assert by_api(code=code).status_code in (400, 401)


def test_codes_are_guessed_at_in_vain(seed, settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"auth_failed": "5/15 minutes"}
    client = Client()
    sign_in(client)
    answers = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode() for _ in range(6)]
    assert "Too many attempts from here" in answers[-1]
    client.post("/accounts/2fa/authenticate/", {"code": code_of(seed)})
    assert not is_in(client)


def test_who_has_only_a_session_cannot_take_the_factor_off(user, seed):
    """It needs a proof of the last minutes: a session that was stolen has none."""
    client = Client()
    client.force_login(user)
    answer = client.post("/accounts/2fa/totp/deactivate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/") or "/2fa/reauthenticate/" in answer["Location"]
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
