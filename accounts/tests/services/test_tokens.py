"""Token pairs: what a token must say, what ends it, and what happens when one is used twice."""

import base64
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, RefreshToken
from accounts.services import sockets, tokens
from accounts.tests.factories import UserFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(40, 41)]


def test_a_pair_is_good_for_its_user():
    user = UserFactory()
    pair = tokens.issue(user)
    assert tokens.read_access(pair.access_token).user == user
    assert pair.expires_in == 15 * 60


def test_only_hashes_of_refresh_tokens_are_stored():
    pair = tokens.issue(UserFactory())
    assert not RefreshToken.objects.filter(token_hash__contains=pair.refresh_token).exists()


def test_an_access_token_ends_after_fifteen_minutes():
    with time_machine.travel(timezone.now() - timedelta(minutes=15, seconds=61)):
        pair = tokens.issue(UserFactory())
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_access(pair.access_token)


def forged(token: str, *, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
    """The token again with other claims or header fields, signed with our key unless another is given."""
    said = jwt.decode(token, options={"verify_signature": False})
    fields = {**jwt.get_unverified_header(token), **(header or {})}
    algorithm = fields.pop("alg")
    return jwt.encode({**said, **claims}, tokens._key() if key is None else key, algorithm=algorithm, headers=fields)


def unsigned(token: str, algorithm: str) -> str:
    _, claims, _ = token.split(".")
    said = {"alg": algorithm, "typ": "at+jwt", "kid": tokens._key_id()}
    return f"{base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip('=')}.{claims}."


def repeated(token: str) -> str:
    """Signed by somebody else, with our claims written twice in one object."""
    header, claims, _ = token.split(".")
    plain = base64.urlsafe_b64decode(claims + "==").decode()
    doubled = base64.urlsafe_b64encode((plain[:-1] + "," + plain[1:]).encode()).decode().rstrip("=")
    signature = hmac.digest(b"x" * 40, f"{header}.{doubled}".encode(), "sha256")
    return f"{header}.{doubled}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

FORGERIES = {
    "another key": lambda token: forged(token, key="x" * 40),
    "another algorithm": lambda token: forged(token, header={"alg": "HS512"}),
    "no algorithm": lambda token: unsigned(token, "none"),
    "no algorithm, spelled oddly": lambda token: unsigned(token, "nOnE"),
    "another type": lambda token: forged(token, header={"typ": "JWT"}),
    "another key id": lambda token: forged(token, header={"kid": "../../etc/passwd"}),
    "a critical extension": lambda token: forged(token, header={"crit": ["x"], "x": 1}),
    "no base64": lambda token: forged(token, header={"b64": False, "crit": ["b64"]}),
    "keys of the sender": lambda token: forged(token, header={"jwk": {"kty": "oct", "k": "eA"}}, key="x" * 40),
    "keys at an address of the sender": lambda token: forged(
        token, header={"jku": "https://evil.example/jwks", "x5u": "https://evil.example/x5u"}, key="x" * 40
    ),
    "a key pair of the sender": lambda token: forged(token, header={"alg": "RS256"}, key=RSA_KEY),
    "our name for a key as the key": lambda token: forged(token, key=tokens._key_id()),
    "another audience": lambda token: forged(token, aud="elsewhere"),
    "another issuer": lambda token: forged(token, iss="elsewhere"),
    "not good yet": lambda token: forged(token, nbf=timezone.now() + timedelta(minutes=2)),
    "an end that is no number": lambda token: forged(token, exp="tomorrow"),
    "an end long ago": lambda token: forged(token, exp=-1),
    "another family": lambda token: forged(token, fam="00000000-0000-0000-0000-000000000000"),
    "a family that is none": lambda token: forged(token, fam="x"),
    "a user that is none": lambda token: forged(token, sub="1 OR 1=1"),
    "no end": lambda token: forged(token, exp=None),
    "without an id": lambda token: forged(token, jti=None),
    "a minute after its end": lambda token: forged(token, exp=timezone.now() - timedelta(seconds=61)),
    "claims twice": repeated,
    "a ticket for a socket": lambda token: sockets.give_ticket(tokens.read_access(token).user, None),
    "only two parts": lambda token: token.rsplit(".", 1)[0],
    "a megabyte": lambda token: "a" * 1_000_000,
    "nothing": lambda token: "",
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_is_refused(forge):
    pair = tokens.issue(UserFactory())
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_access(forge(pair.access_token))


def test_the_forger_of_these_tests_can_make_a_good_one():
    pair = tokens.issue(UserFactory())
    assert tokens.read_access(forged(pair.access_token))


def test_one_kind_of_token_is_not_taken_for_the_other():
    pair = tokens.issue(UserFactory())
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_access(pair.refresh_token)
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(pair.access_token)


def test_refreshing_gives_the_next_pair_of_the_same_family():
    user = UserFactory()
    first = tokens.issue(user)
    second = tokens.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert tokens.read_access(second.access_token).family == tokens.read_access(first.access_token).family


def test_a_lost_answer_gets_the_same_successor():
    first = tokens.issue(UserFactory())
    assert tokens.refresh(first.refresh_token).refresh_token == tokens.refresh(first.refresh_token).refresh_token
    assert RefreshToken.objects.count() == 2


def test_a_token_used_again_later_ends_the_family_and_is_noted():
    user = UserFactory()
    first = tokens.issue(user)
    second = tokens.refresh(first.refresh_token)
    RefreshToken.objects.filter(used_at__isnull=False).update(used_at=timezone.now() - timedelta(seconds=11))
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(first.refresh_token)
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(second.refresh_token)
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_access(second.access_token)
    assert AuditEntry.objects.filter(action="token.reused", actor=user).exists()


def test_another_family_of_the_same_user_goes_on():
    user = UserFactory()
    stolen, other = tokens.issue(user), tokens.issue(user)
    tokens.revoke(tokens.read_access(stolen.access_token).family)
    assert tokens.refresh(other.refresh_token)


@pytest.mark.parametrize("token", ["", "pf_rt_", "pf_rt_" + "x" * 43, "x" * 100_000, "\ud800"])
def test_what_is_no_refresh_token_is_refused(token):
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(token)


def test_a_closed_account_has_no_good_tokens():
    user = UserFactory()
    pair = tokens.issue(user)
    user.is_active = False
    user.save()
    for use, token in ((tokens.read_access, pair.access_token), (tokens.refresh, pair.refresh_token)):
        with pytest.raises(tokens.TokenInvalid):
            use(token)


def test_signing_out_everywhere_ends_older_tokens():
    user = UserFactory()
    with time_machine.travel(timezone.now() - timedelta(minutes=1)):
        pair = tokens.issue(user)
    RefreshToken.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    user.sessions_valid_from = timezone.now()
    user.save()
    for use, token in ((tokens.read_access, pair.access_token), (tokens.refresh, pair.refresh_token)):
        with pytest.raises(tokens.TokenInvalid):
            use(token)


def test_a_refresh_token_ends_after_seven_days():
    pair = tokens.issue(UserFactory())
    assert timedelta(days=6, hours=23) < RefreshToken.objects.get().expires_at - timezone.now() <= timedelta(days=7)
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(pair.refresh_token)


def test_only_ones_own_family_can_be_ended_by_token():
    mine, theirs = tokens.issue(UserFactory()), UserFactory()
    tokens.revoke_token(mine.refresh_token, user=theirs)
    assert tokens.refresh(mine.refresh_token)


@pytest.mark.django_db(transaction=True)
def test_fifty_refreshes_at_once_get_one_successor():
    first = tokens.issue(UserFactory())

    def refreshed(_: int) -> str:
        try:
            return tokens.refresh(first.refresh_token).refresh_token
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        successors = set(threads.map(refreshed, range(50)))
    assert len(successors) == 1
    assert RefreshToken.objects.filter(revoked_at=None).count() == 2
    assert tokens.refresh(successors.pop())


def test_a_forged_token_calls_nobody(monkeypatch):
    """Keys that a token points to are never fetched."""
    pair = tokens.issue(UserFactory())
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it called out"))
    with pytest.raises(tokens.TokenInvalid):
        tokens._claims(forged(pair.access_token, header={"jku": "http://127.0.0.1:1/jwks"}, key="x" * 40))


def test_what_the_database_holds_refreshes_nothing():
    tokens.issue(UserFactory())
    row = RefreshToken.objects.values().get()
    for stored in (row["token_hash"], f"pf_rt_{row['token_hash']}", str(row["id"]), str(row["family"])):
        with pytest.raises(tokens.TokenInvalid):
            tokens.refresh(stored)


def test_after_signing_out_neither_of_a_pair_is_good():
    user = UserFactory()
    pair = tokens.issue(user)
    tokens.revoke_token(pair.refresh_token, user=user)
    with pytest.raises(tokens.TokenInvalid):
        tokens.refresh(pair.refresh_token)
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_access(pair.access_token)
