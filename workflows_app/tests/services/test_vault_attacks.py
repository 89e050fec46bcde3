"""Sealed records that were moved, changed or set back open nowhere."""

import pytest

from accounts.keys import keyring
from accounts.tests.factories import MembershipFactory
from pumpflix.lib import crypto
from workflows_app.engine.errors import CredentialMissing
from workflows_app.models import Credential
from workflows_app.services import credentials

pytestmark = [pytest.mark.app, pytest.mark.requirement(29)]

SEALS = 500_000
NONCE = 12


def stored(member, kind="httpBasicAuth", **fields) -> Credential:
    fields = fields or {"user": "ann", "password": "s3cret-one"}
    return credentials.create(team=member.team, by=member.user, name="c", type=kind, fields=fields)


def test_a_record_moved_to_another_row_team_type_or_version_opens_nowhere(db):
    one, other_row = (stored(member) for member in [MembershipFactory()] * 2)
    other_team = stored(MembershipFactory())
    other_kind = stored(MembershipFactory(team=one.team), "httpDigestAuth")
    for row in (other_row, other_team, other_kind):
        Credential.objects.filter(pk=row.pk).update(sealed=one.sealed)
    Credential.objects.filter(pk=one.pk).update(secret_version=2)
    for row in Credential.objects.all():
        with pytest.raises(CredentialMissing, match="does not open"):
            credentials.fields_of(row)


@pytest.mark.parametrize("part", ["team", "type"])
def test_a_row_given_to_somebody_else_by_hand_does_not_open(db, part):
    row = stored(MembershipFactory())
    value = {"team": MembershipFactory().team, "type": "httpDigestAuth"}[part]
    Credential.objects.filter(pk=row.pk).update(**{part: value})
    with pytest.raises(CredentialMissing, match="does not open"):
        credentials.fields_of(Credential.objects.get(pk=row.pk))


def test_every_single_changed_byte_is_noticed(db):
    row = stored(MembershipFactory())
    whole = bytes(row.sealed)
    for at in range(len(whole)):
        row.sealed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(CredentialMissing):
            credentials.fields_of(row)


def test_of_a_million_nonces_no_two_are_the_same(monkeypatch):
    """Those that the cipher is given; ciphering itself takes a minute for so many, and is left out."""
    seen: set[bytes] = set()

    class Cipher:
        def __init__(self, key: bytes) -> None:
            assert len(key) == crypto.KEY_BYTES

        def encrypt(self, nonce: bytes, plain: bytes, _aad: bytes) -> bytes:
            seen.add(nonce)
            return plain + b"." * 16

    monkeypatch.setattr(crypto, "AESGCM", Cipher)
    ring, record = keyring(), crypto.RecordId("t", "r", "k", 1)
    for _ in range(SEALS):
        crypto.seal(ring, record, b"")
    assert len(seen) == 2 * SEALS
    assert {len(nonce) for nonce in seen} == {NONCE}
