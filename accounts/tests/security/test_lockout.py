"""Guessing at passwords and codes: how many are looked at, and who goes on undisturbed meanwhile."""

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.known_browsers import COOKIE
from accounts.services import lockout
from accounts.services.lockout import Attempt, LockedOut
from accounts.tests.security.people import ELSEWHERE, EMAIL, HOME, PASSWORD, by_api, is_in, owner, sign_in
from pumpflix.lib import rate_limits

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(39)]

NOBODY = "nobody@mail.example"


@pytest.fixture(autouse=True)
def _limited(settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"auth_failed": "5/15 minutes"}


@pytest.fixture
def looked_at():
    """Every password that is compared with a stored one."""
    seen = []

    def compared(password, encoded, *_, **__):
        seen.append(password)
        return encoded == f"plain${password}"

    with mock.patch.object(hashers, "verify_password", lambda *given, **more: (compared(*given), False)):
        yield seen


# how many are looked at --------------------------------------------------------------------------------------------
def test_of_ten_thousand_guesses_from_one_place_five_are_looked_at(looked_at):
    attempt = Attempt(EMAIL, HOME)
    tried = 0
    for _ in range(10_000):
        try:
            lockout.begin(attempt)
        except LockedOut:
            continue
        tried += 1
        lockout.failed(attempt)
    assert tried == 5


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "x_forwarded_for"])
def test_inventing_addresses_gains_nothing(looked_at, header):
    owner()
    for number in range(30):
        by_api(password=f"guess {number}")
        sign_in(Client(REMOTE_ADDR=HOME), password=f"guess {number}", headers={header: f"192.0.2.{number}"})
    assert len(looked_at) == 5


def test_an_ipv6_line_is_one_place(looked_at):
    owner()
    for number in range(20):
        by_api(password=f"guess {number}", address=f"2001:db8:1:2::{number:x}")
    assert len(looked_at) == 5
    assert by_api(password="guess", address="2001:db8:1:3::1").status_code == 401


def test_pages_and_api_count_together(looked_at):
    owner()
    for number in range(5):
        by_api(password=f"guess {number}")
    assert "Too many attempts from here" in sign_in(Client(REMOTE_ADDR=HOME)).content.decode()
    assert len(looked_at) == 5


def test_many_at_once_are_not_more_than_may_be(redis_client):
    def begun(_: int) -> bool:
        try:
            lockout.begin(Attempt(EMAIL, HOME))
        except LockedOut:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(begun, range(100))) == 5


def test_waiting_longer_each_time(time_machine, monkeypatch):
    """Five in a quarter of an hour, but ten in two hours and twenty in sixteen."""
    limits = rate_limits.RateLimits("redis://127.0.0.1:1/0")  # counts by the clock of this process
    monkeypatch.setattr(lockout, "_limits", lambda: limits)
    time_machine.move_to("2026-01-01T00:00:00Z", tick=False)
    tried = []
    for quarter in range(4 * 16):
        for _ in range(5):
            try:
                lockout.begin(Attempt(EMAIL, HOME))
                tried.append(quarter)
            except LockedOut:
                break
        time_machine.shift(15 * 60 + 1)
    assert len([quarter for quarter in tried if quarter < 8]) == 10
    assert len(tried) == 20


def test_one_place_tries_many_accounts_in_vain(looked_at):
    for number in range(100):
        by_api(email=f"person{number}@mail.example", password="Summer2026!")
    refused = by_api(email="person100@mail.example", password="Summer2026!")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert by_api(email="person100@mail.example", address=ELSEWHERE).status_code == 401


def test_an_account_guessed_at_from_everywhere_is_looked_at_a_hundred_times():
    tried = 0
    for number in range(1_000):
        attempt = Attempt(EMAIL, f"10.0.{number // 250}.{number % 250}")
        try:
            lockout.begin(attempt)
        except LockedOut:
            continue
        tried += 1
        lockout.failed(attempt)
    assert tried == 100


def test_when_the_whole_instance_is_guessed_at_a_place_has_one_slip(monkeypatch):
    monkeypatch.setattr(lockout, "BY_INSTANCE", 2)
    for number in range(10):
        lockout.failed(Attempt(f"a{number}", f"10.0.0.{number}"))
    someone = Attempt(EMAIL, HOME)
    lockout.begin(someone)
    lockout.failed(someone)
    with pytest.raises(LockedOut):
        lockout.begin(someone)
    lockout.begin(Attempt(EMAIL, ELSEWHERE))


def test_without_redis_each_process_goes_on_counting(monkeypatch, looked_at):
    limits = rate_limits.RateLimits("redis://127.0.0.1:1/0")
    monkeypatch.setattr(lockout, "_limits", lambda: limits)
    owner()
    for number in range(10):
        by_api(password=f"guess {number}")
    assert len(looked_at) == 5


# who goes on ---------------------------------------------------------------------------------------------------------
def attacked(email: str = EMAIL, places: int = 30) -> None:
    """Guessed at from so many places until nothing more is looked at."""
    for number in range(places):
        for _ in range(5):
            by_api(email=email, password="guess", address=f"192.0.2.{number}")


def test_the_owners_session_goes_on():
    owner()
    client = Client(REMOTE_ADDR=HOME)
    sign_in(client)
    attacked()
    assert by_api(address=ELSEWHERE).status_code == 429
    assert is_in(client)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def test_the_owners_browser_signs_in_again_even_from_the_attackers_address():
    owner()
    client = Client(REMOTE_ADDR="192.0.2.1")
    sign_in(client)
    client.post("/accounts/logout/")
    attacked()
    assert not is_in(client)
    assert sign_in(client).status_code == 302
    assert is_in(client)


def test_the_owners_browser_may_slip_as_often_as_any():
    owner()
    client = Client(REMOTE_ADDR=HOME)
    sign_in(client)
    client.post("/accounts/logout/")
    for _ in range(5):
        sign_in(client, password="slip")
    assert "Too many attempts from here" in sign_in(client).content.decode()


@pytest.mark.parametrize("word", ["", "x", "eyJhIjoxfQ:1abc:forged"])
def test_a_forged_word_of_a_known_browser_is_worth_nothing(word):
    owner()
    attacked()
    client = Client(REMOTE_ADDR=ELSEWHERE)
    client.cookies[COOKIE] = word
    assert "Too many attempts from here" in sign_in(client).content.decode()


def test_the_word_of_ones_own_account_is_worth_nothing_at_anothers():
    owner()
    owner(email="eve@mail.example")
    eve = Client(REMOTE_ADDR=ELSEWHERE)
    sign_in(eve, "eve@mail.example")
    eve.post("/accounts/logout/")
    attacked()
    assert "Too many attempts from here" in sign_in(eve).content.decode()


def test_a_new_password_by_mail_lets_in_from_anywhere():
    owner()
    attacked()
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.post("/accounts/password/reset/", {"email": EMAIL})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body).group(1)
    client.post(client.get(link)["Location"], {"password1": "quite-another-password-7"})
    assert is_in(client)


def test_a_right_password_forgets_slips_but_those_of_the_place():
    owner()
    for _ in range(4):
        by_api(password="slip")
    assert by_api().status_code == 200
    for _ in range(4):
        assert by_api(password="slip").status_code == 401
    assert by_api().status_code == 200


# one answer ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_confirmed", [True, False])
def test_an_unknown_account_costs_as_many_hashes_and_questions(settings, is_confirmed):
    """What takes the time is counted: clocks of a busy machine say less."""
    settings.PASSWORD_HASHERS = ["pumpflix.hashers.Argon2id"]
    EmailAddress.objects.filter(user=owner()).update(verified=is_confirmed)
    kind = type(hashers.get_hasher())
    spent = []
    for email in (EMAIL, NOBODY):
        with (
            mock.patch.object(kind, "encode", autospec=True, side_effect=kind.encode) as made,
            mock.patch.object(kind, "verify", autospec=True, side_effect=kind.verify) as compared,
            CaptureQueriesContext(connection) as asked,
        ):
            answer = by_api(email=email, password="wrong")
        questions = [re.sub(r"'[^']*'|s\d+_x\d+|\b\d+\b", "…", query["sql"]) for query in asked]
        hashes = made.call_count + compared.call_count
        spent.append((answer.status_code, answer.json()["message"], hashes, questions))
    assert spent[0] == spent[1]


def test_a_sample_of_times_does_not_tell_accounts_apart(settings):
    settings.PASSWORD_HASHERS = ["pumpflix.hashers.Argon2id"]
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"auth_failed": "100000/1 minute"}
    owner()

    def spent(email: str) -> float:
        began = time.process_time()
        by_api(email=email, password="wrong")
        return time.process_time() - began

    def ratio() -> float:
        """Of the medians. Each comes first as often as the other."""
        times: dict[str, list[float]] = {EMAIL: [], NOBODY: []}
        for number in range(16):
            for email in (EMAIL, NOBODY)[:: -1 if number % 2 else 1]:
                times[email].append(spent(email))
        return statistics.median(times[EMAIL]) / statistics.median(times[NOBODY])

    spent(EMAIL)
    assert any(0.8 < ratio() < 1.25 for _ in range(3)), "a difference that is there shows every time"


def test_the_lock_speaks_of_accounts_that_nobody_has_in_the_same_words():
    owner()
    answers = []
    for email in (EMAIL, NOBODY):
        client = Client(REMOTE_ADDR=HOME)
        for _ in range(5):
            sign_in(client, email, "guess")
        shown = sign_in(client, email).content.decode()
        answers.append(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", shown))
    assert "Too many attempts from here. Wait 15 minutes" in answers[0]
    assert answers[0] == answers[1]
