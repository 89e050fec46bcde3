"""Links that are mailed: whose host they name, how long and how often they are good, and who has one of two at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.security.people import EMAIL, PASSWORD, is_in, owner, sign_in

pytestmark = [pytest.mark.app, pytest.mark.requirement(44)]

HOSTS = ["evil.example", "localhost", "testserver.evil.example", "testserver:80@evil.example", "127.0.0.1:99"]
RESET = re.compile(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)")
CONFIRM = re.compile(r"https?://[^/\s]+(/accounts/confirm-email/\S+)")


def asked_for(host: str | None = None, **headers: str) -> str:
    """The letter with a link for a new password."""
    mail.outbox.clear()
    more = {"HTTP_HOST": host} if host else {}
    answer = Client().post("/accounts/password/reset/", {"email": EMAIL}, **more, headers=headers)
    assert answer.status_code in (302, 400)
    return mail.outbox[-1].body if mail.outbox else ""


def use(link: str, password: str) -> Client:
    client = Client()
    address = client.get(link).headers.get("Location")
    if address:
        client.post(address, {"password1": password})
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_the_request_names_is_in_no_letter(host):
    owner()
    for letter in (asked_for(host), asked_for(**{"x-forwarded-host": host})):
        links = re.findall(r"https?://\S+", letter)
        assert all(link.startswith(f"{settings.PUMPFLIX_PUBLIC_URL}/") for link in links)
        assert "evil" not in letter


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_nor_in_that_of_signing_up_or_of_a_taken_address(host):
    owner()
    for email in ("new@mail.example", EMAIL):
        Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD}, HTTP_HOST=host)
    for letter in mail.outbox:
        assert all(link.startswith(settings.PUMPFLIX_PUBLIC_URL) for link in re.findall(r"https?://\S+", letter.body))


@pytest.mark.django_db
def test_a_link_for_a_new_password_works_once():
    owner()
    link = RESET.search(asked_for())[1]
    assert is_in(use(link, "quite-another-password-7"))
    thief = use(link, "the-thief-s-own-password")
    assert not is_in(thief)
    assert User.objects.get(email=EMAIL).check_password("quite-another-password-7")


@pytest.mark.django_db
def test_it_is_good_for_half_an_hour(time_machine):
    owner()
    time_machine.move_to(timezone.now(), tick=False)
    link = RESET.search(asked_for())[1]
    time_machine.shift(timedelta(minutes=30, seconds=5))
    assert not is_in(use(link, "quite-another-password-7"))
    fresh = RESET.search(asked_for())[1]
    time_machine.shift(timedelta(minutes=29))
    assert is_in(use(fresh, "quite-another-password-7"))


@pytest.mark.django_db
def test_signing_in_or_a_new_address_ends_a_link_that_lies_about():
    user = owner()
    link = RESET.search(asked_for())[1]
    User.objects.filter(pk=user.pk).update(email="moved@mail.example")
    assert not is_in(use(link, "quite-another-password-7"))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_link_at_once_one_sets_the_password():
    owner()
    link = RESET.search(asked_for())[1]
    clients = [Client(), Client()]
    forms = [client.get(link)["Location"] for client in clients]
    passwords = ["first-of-two-passwords", "second-of-two-passwords"]

    def post(number: int) -> None:
        try:
            clients[number].post(forms[number], {"password1": passwords[number]})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(post, range(2)))
    user = User.objects.get(email=EMAIL)
    won = [user.check_password(password) for password in passwords]
    assert sorted(won) == [False, True]
    assert [is_in(client) for client in clients] == won


@pytest.mark.django_db
def test_nothing_that_is_stored_lets_anybody_make_a_link():
    user = owner()
    token = default_token_generator.make_token(user)
    row = User.objects.filter(pk=user.pk).values().get()
    assert token not in str(row)
    assert not default_token_generator.check_token(user, token[:-1] + ("a" if token[-1] != "a" else "b"))


@pytest.mark.django_db
def test_a_link_that_confirms_an_address_is_good_once_and_for_half_an_hour(time_machine):
    owner("somebody else's words", "first@mail.example")
    time_machine.move_to(timezone.now(), tick=False)
    client = Client()
    client.post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD})
    link = CONFIRM.search(mail.outbox[-1].body)[1]
    time_machine.shift(timedelta(minutes=31))
    client.post(link)
    assert not EmailAddress.objects.get(email=EMAIL).verified
    fresh = f"/accounts/confirm-email/{EmailConfirmationHMAC(EmailAddress.objects.get(email=EMAIL)).key}/"
    Client().post(fresh)
    assert EmailAddress.objects.get(email=EMAIL).verified
    assert "no longer works" in Client().get(fresh).content.decode()


@pytest.mark.django_db
def test_nobodys_mailbox_is_filled():
    owner()
    for _ in range(20):
        assert Client().post("/accounts/password/reset/", {"email": EMAIL}).status_code == 302
    assert len(mail.outbox) == 5


@pytest.mark.django_db
def test_a_confirmed_address_lets_nobody_in_by_itself():
    owner("somebody else's words", "first@mail.example")
    client = Client()
    client.post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD})
    link = CONFIRM.search(mail.outbox[-1].body)[1]
    other = Client()
    other.post(link)
    assert not is_in(other)
    assert sign_in(Client()).status_code == 302
