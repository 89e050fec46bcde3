"""The second factor: set up, asked for on every way in, sealed where it is stored, and a way back without it."""

import json
import re
import time
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.keepers import Seeds
from accounts.keys import Rewrapped
from accounts.middleware import ABSENCE_S
from accounts.models import AuditEntry, User
from accounts.services import second_factor
from accounts.services.teams import personal_team
from accounts.tests.clients import enter_administration
from accounts.tests.factories import UserFactory
from pumpflix.lib.crypto import new_key_text

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(46)]

PASSWORD = "correct horse battery"
EMAIL = "owner@mail.example"


@pytest.fixture
def user() -> User:
    made = User.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=made, email=EMAIL, primary=True, verified=True)
    personal_team(made)
    return made


@pytest.fixture
def client(user: User) -> Client:
    """Signed in, and just asked for the password once more."""
    made = Client()
    sign_in(made)
    made.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return made


@pytest.fixture
def secret(client: Client) -> str:
    """Of an app that was just set up."""
    shown = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'data-testid="totp-secret">([A-Z2-7]+)<', shown)
    assert found
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(found[1], step=-1)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return found[1]


def code_of(secret: str, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def sign_in(client: Client) -> str:
    return client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}).headers.get("Location", "")


def is_in(client: Client) -> bool:
    return client.get("/profile").status_code == 200


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def recovery_codes(client: Client) -> list[str]:
    return re.findall(r"<li><code>(\d+)</code>", client.get("/accounts/2fa/recovery-codes/").content.decode())


# the pages ----------------------------------------------------------------------------------------------------------
def test_with_an_app_the_password_alone_lets_nobody_in(secret):
    other = Client()
    assert sign_in(other) == "/accounts/2fa/authenticate/"
    assert not is_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_in(other)
    other.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(other)


@pytest.mark.django_db(transaction=True)
def test_setting_up_and_taking_off_is_written_down_and_mailed(client, secret):
    assert client.post("/accounts/2fa/totp/deactivate/")["Location"] == "/accounts/2fa/"
    changes = [name for name in actions() if name.startswith("second_factor")]
    assert changes == ["second_factor.added", "second_factor.added", "second_factor.removed", "second_factor.removed"]
    assert {address for sent in mail.outbox for address in sent.to} == {EMAIL}
    assert len(mail.outbox) >= 2
    assert sign_in(Client()) == "/"


def test_a_code_lets_in_once(secret):
    code = code_of(secret)
    for expected in (True, False):
        other = Client()
        sign_in(other)
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_in(other) is expected


def test_a_recovery_code_lets_in_once_and_is_gone_from_the_list(client, secret):
    codes = recovery_codes(client)
    assert len(codes) == 10
    for expected in (True, False):
        other = Client()
        sign_in(other)
        other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_in(other) is expected
    assert recovery_codes(client) == codes[1:]


def test_setting_up_asks_for_the_password_first(user):
    client = Client()
    sign_in(client)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")


def test_an_address_that_nobody_confirmed_gets_no_second_factor_where_mail_leaves(client, user, settings):
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    EmailAddress.objects.filter(user=user).update(verified=False)
    assert client.get("/accounts/2fa/totp/activate/")["Location"] == "/accounts/2fa/"
    assert not second_factor.is_set_up(user)


def test_what_is_stored_holds_no_secret(client, secret):
    codes = recovery_codes(client)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not [code for code in codes if code in stored]


@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "1", "null", '"x"', '{"id": 1}', '{"rawId": "%", "response": []}', "x" * 5000, '{"response": {}}'],
)
@pytest.mark.parametrize("address", ["/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/add/"])
def test_a_forged_passkey_is_refused_and_never_a_fault(client, address, credential):
    visitor = client if "add" in address else Client()
    assert visitor.post(address, {"credential": credential, "name": "x"}).status_code in (200, 302)
    assert not Authenticator.objects.exists()
    assert visitor is client or not is_in(visitor)


# the API ------------------------------------------------------------------------------------------------------------
def test_the_api_asks_for_the_code_too(secret):
    caller = APIClient()
    given = {"email": EMAIL, "password": PASSWORD}
    assert caller.post("/api/auth/login", given, format="json").json()["code"] == "code_needed"
    wrong = caller.post("/api/auth/login", given | {"code": "000000"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "code_wrong")
    right = caller.post("/api/auth/login", given | {"code": code_of(secret)}, format="json")
    assert right.status_code == 200
    assert right.json()["accessToken"]


def test_codes_cannot_be_guessed_by_the_api(secret, settings):
    settings.PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | {"auth_failed": "5/15 minutes"}
    caller = APIClient()
    given = {"email": EMAIL, "password": PASSWORD, "code": "000000"}
    answers = [caller.post("/api/auth/login", given, format="json").status_code for _ in range(8)]
    assert answers[-1] == 429
    assert caller.post("/api/auth/login", given | {"code": code_of(secret)}, format="json").status_code == 429


# administrators -----------------------------------------------------------------------------------------------------
@pytest.mark.requirement(67)
def test_an_administrator_without_one_is_led_to_set_it_up(client, user):
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"


@pytest.mark.requirement(67)
def test_an_administrator_with_one_comes_in_and_proves_it_again_after_a_while(client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    administrator = UserFactory(is_staff=True)
    enter_administration(client, administrator)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(ABSENCE_S - 60)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(ABSENCE_S - 60)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(ABSENCE_S + 60)
    assert client.get("/admin/")["Location"] == "/accounts/reauthenticate/?next=%2Fadmin%2F"


def test_who_lost_theirs_is_let_back_in_by_a_command(secret, user):
    out = StringIO()
    call_command("reset_second_factor", EMAIL, stdout=out)
    assert "taken off: 2" in out.getvalue()
    assert sign_in(Client()) == "/"
    assert "second_factor.reset" in actions()
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("reset_second_factor", "nobody@mail.example")


# keys ---------------------------------------------------------------------------------------------------------------
def test_seeds_move_to_a_new_key_and_go_on_working(client, secret, settings):
    codes = recovery_codes(client)
    old = settings.ENCRYPTION_KEY
    with override_settings(ENCRYPTION_KEY=f"new:{new_key_text()}"):
        assert Seeds().missing_keys() == {re.match(r"([^:,]+):", old)[1] if ":" in old else "k1"}
    new = f"new:{new_key_text()}"
    with override_settings(ENCRYPTION_KEY=f"{new},{old}"):
        assert Seeds().rewrap(1) == Rewrapped(done=2)
        assert Seeds().rewrap(1) == Rewrapped()
    with override_settings(ENCRYPTION_KEY=new):
        assert Seeds().missing_keys() == set()
        assert recovery_codes(client) == codes
