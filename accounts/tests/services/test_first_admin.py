"""The first administrator: one, by whoever has the word of the latest start."""

from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import AuditEntry, FirstAdminToken, User
from accounts.services import first_admin
from accounts.services.first_admin import TokenRefused

pytestmark = [pytest.mark.app, pytest.mark.requirement(47)]

PASSWORD = "correct horse battery"


@pytest.mark.django_db
def test_the_token_makes_an_administrator_once_and_only_its_hash_is_stored():
    token = first_admin.issue()
    assert token not in FirstAdminToken.objects.get().token_hash
    user = first_admin.claim(token, email="Root@Mail.example", password=PASSWORD)
    assert (user.email, user.is_superuser, user.is_staff, user.check_password(PASSWORD)) == (
        "root@mail.example",
        True,
        True,
        True,
    )
    assert not FirstAdminToken.objects.exists()
    assert AuditEntry.objects.get().action == "account.first_admin"
    with pytest.raises(TokenRefused):
        first_admin.claim(token, email="eve@mail.example", password=PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "a guess", "é" * 50, "\x00"])
def test_anything_else_makes_nobody(token):
    first_admin.issue()
    with pytest.raises(TokenRefused):
        first_admin.claim(token, email="eve@mail.example", password=PASSWORD)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_next_start_replaces_the_token():
    before, after = first_admin.issue(), first_admin.issue()
    with pytest.raises(TokenRefused):
        first_admin.claim(before, email="eve@mail.example", password=PASSWORD)
    assert first_admin.claim(after, email="root@mail.example", password=PASSWORD).is_superuser


@pytest.mark.django_db
def test_once_somebody_has_an_account_there_is_no_token_and_none_works():
    token = first_admin.issue()
    call_command("createsuperuser", "--noinput", "--email", "root@mail.example")
    with pytest.raises(TokenRefused):
        first_admin.claim(token, email="eve@mail.example", password=PASSWORD)
    assert first_admin.issue() == ""
    assert not first_admin.is_awaited()


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_becomes_the_administrator():
    token, start, refused = first_admin.issue(), Barrier(4), []

    def claim(number: int) -> None:
        start.wait()
        try:
            first_admin.claim(token, email=f"one{number}@mail.example", password=PASSWORD)
        except TokenRefused:
            refused.append(number)
        finally:
            connection.close()

    threads = [Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), User.objects.count()) == (3, 1)
