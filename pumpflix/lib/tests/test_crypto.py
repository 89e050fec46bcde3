import base64
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpflix.lib import crypto
from pumpflix.lib.crypto import CryptoError, Keyring, RecordId, Signer, kid_of, parse_key, rewrap, seal, unseal

KEY_1, KEY_2 = bytes(range(32)), bytes(range(100, 132))
OLD = Keyring({"k1": KEY_1}, "k1")
BOTH = Keyring({"k2": KEY_2, "k1": KEY_1}, "k2")
RECORD = RecordId(team="t1", record="c1", kind="slackApi", version=1)


def code_of(work, *args, **kwargs) -> str:
    with pytest.raises(CryptoError) as caught:
        work(*args, **kwargs)
    return caught.value.code


@pytest.mark.requirement(30)
class TestKeys:
    def test_a_made_key_reads_back(self):
        text = crypto.new_key_text()
        assert len(parse_key(text)) == 32
        assert crypto.new_key_text() != text

    @pytest.mark.parametrize(
        "text",
        [base64.b64encode(KEY_1).decode(), base64.urlsafe_b64encode(KEY_1).decode().rstrip("="), KEY_1.hex()],
        ids=["base64", "url-safe without padding", "hexadecimal"],
    )
    def test_usual_spellings_are_read(self, text):
        assert parse_key(f" {text}\n") == KEY_1

    @pytest.mark.parametrize(
        "text, code",
        [
            ("your-32-character-encryption-key-here", "key_is_sample"),
            ("change-me-change-me-change-me-ok", "key_is_sample"),
            ("correct horse battery staple !!!", "key_is_text"),
            ("abcdefghijklmnopqrstuvwxyz012345", "key_is_text"),
            ("short", "key_invalid"),
            ("", "key_invalid"),
            (base64.b64encode(bytes(16)).decode(), "key_invalid"),
            (base64.b64encode(bytes(32)).decode(), "key_is_weak"),
            ("ab" * 32, "key_is_weak"),
        ],
    )
    def test_what_is_no_key_is_refused(self, text, code):
        assert code_of(parse_key, text) == code

    def test_a_passphrase_is_stretched_with_its_salt(self):
        salt = os.urandom(16)
        key = crypto.key_from_passphrase("four random words here", salt)
        assert len(key) == 32
        assert key == crypto.key_from_passphrase("four random words here", salt)
        assert key != crypto.key_from_passphrase("four random words here", os.urandom(16))

    @pytest.mark.parametrize(
        "passphrase, salt, code",
        [
            ("your-32-character-encryption-key-here", bytes(16), "key_is_sample"),
            ("short", bytes(16), "key_is_weak"),
            ("four random words here", bytes(4), "key_invalid"),
        ],
    )
    def test_weak_passphrases_are_refused(self, passphrase, salt, code):
        assert code_of(crypto.key_from_passphrase, passphrase, salt) == code


class TestKeyring:
    def test_the_first_of_several_seals(self):
        ring = Keyring.from_text(f"k2:{KEY_2.hex()}, k1:{KEY_1.hex()}")
        assert (ring.current, set(ring.keys)) == ("k2", {"k1", "k2"})

    def test_a_lone_key_needs_no_id(self):
        assert Keyring.from_text(KEY_1.hex()) == OLD

    @pytest.mark.parametrize(
        "text", ["", " , ", f"k1:{KEY_1.hex()},k1:{KEY_2.hex()}", f"no/slash:{KEY_1.hex()}"], ids=repr
    )
    def test_broken_lists_are_refused(self, text):
        assert code_of(Keyring.from_text, text) == "key_invalid"

    def test_keys_of_another_size_and_missing_current_keys_are_refused(self):
        assert code_of(Keyring, {"k1": b"short"}, "k1") == "key_invalid"
        assert code_of(Keyring, {"k1": KEY_1}, "k2") == "key_unknown"

    def test_printing_a_keyring_shows_no_key(self):
        assert repr(KEY_1) not in repr(OLD)


@pytest.mark.requirement(29)
class TestSealing:
    @given(st.binary(max_size=2_000))
    def test_what_was_sealed_opens(self, plain):
        assert unseal(OLD, RECORD, seal(OLD, RECORD, plain)) == plain

    def test_a_memoryview_from_the_database_opens(self):
        assert unseal(OLD, RECORD, memoryview(seal(OLD, RECORD, b"secret"))) == b"secret"

    def test_the_same_secret_looks_different_each_time(self):
        blobs = [seal(OLD, RECORD, b"secret") for _ in range(500)]
        assert len({blob[4:16] for blob in blobs}) == len({blob[64:76] for blob in blobs}) == 500
        assert not any(b"secret" in blob for blob in blobs)

    @pytest.mark.parametrize("field, value", [("team", "t2"), ("record", "c2"), ("kind", "x"), ("version", 2)])
    def test_a_blob_moved_elsewhere_does_not_open(self, field, value):
        assert code_of(unseal, OLD, replace(RECORD, **{field: value}), seal(OLD, RECORD, b"s")) == "decrypt_failed"

    def test_fields_cannot_run_into_each_other(self):
        assert RecordId("ab", "c", "k", 1).aad() != RecordId("a", "bc", "k", 1).aad()

    def test_every_flipped_byte_is_noticed(self):
        blob = seal(OLD, RECORD, b"secret")
        for at in range(len(blob)):
            broken = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
            assert code_of(unseal, OLD, RECORD, broken) in {"decrypt_failed", "blob_invalid", "key_unknown"}

    @pytest.mark.parametrize("size", [0, 1, 2, 3, 40, 91])
    def test_truncated_blobs_are_refused(self, size):
        assert code_of(unseal, OLD, RECORD, seal(OLD, RECORD, b"")[:size]) == "blob_invalid"

    def test_another_key_under_the_same_id_does_not_open_it(self):
        assert code_of(unseal, Keyring({"k1": KEY_2}, "k1"), RECORD, seal(OLD, RECORD, b"s")) == "decrypt_failed"

    def test_a_missing_key_is_named(self):
        with pytest.raises(CryptoError, match="'k1' is not on the keyring"):
            unseal(Keyring({"k2": KEY_2}, "k2"), RECORD, seal(OLD, RECORD, b"s"))

    def test_data_keys_swapped_between_blobs_do_not_open(self):
        one, two = seal(OLD, RECORD, b"one"), seal(OLD, replace(RECORD, record="c2"), b"two")
        assert code_of(unseal, OLD, RECORD, two[:64] + one[64:]) == "decrypt_failed"


class TestRotation:
    def test_rewrapping_changes_the_key_and_not_the_secret(self):
        before = seal(OLD, RECORD, b"secret")
        after = rewrap(BOTH, RECORD, before)
        assert (kid_of(before), kid_of(after)) == ("k1", "k2")
        assert after[64:] == before[64:]
        assert unseal(Keyring({"k2": KEY_2}, "k2"), RECORD, after) == b"secret"

    def test_both_generations_open_while_the_rotation_runs(self):
        before = seal(OLD, RECORD, b"secret")
        assert unseal(BOTH, RECORD, before) == unseal(BOTH, RECORD, rewrap(BOTH, RECORD, before)) == b"secret"

    def test_a_current_blob_is_left_alone(self):
        blob = seal(BOTH, RECORD, b"secret")
        assert rewrap(BOTH, RECORD, blob) == blob

    def test_a_blob_cannot_be_laundered_into_another_record(self):
        blob = seal(OLD, RECORD, b"secret")
        assert code_of(rewrap, BOTH, replace(RECORD, team="t2"), blob) == "decrypt_failed"


class TestComparing:
    @pytest.mark.parametrize(
        "a, b, equal", [("é", "é", True), ("a", b"a", True), ("a", "b", False), ("\ud800", "", False)]
    )
    def test_any_text_can_be_compared(self, a, b, equal):
        assert crypto.same(a, b) is equal

    def test_digest_is_sha256(self):
        assert crypto.digest("abc").startswith("ba7816bf")


class TestSigning:
    signer = Signer([KEY_1], "resume")

    def test_a_signature_holds_for_its_fields_only(self):
        signature = self.signer.signature("execution", "node", "0")
        assert len(signature) == 43
        assert self.signer.verify(signature, "execution", "node", "0")
        assert not self.signer.verify(signature, "execution", "node0")
        assert not self.signer.verify(signature, "executio", "nnode", "0")

    @pytest.mark.parametrize("change", ["", "x", "é", "AAAA", "\ud800"], ids=repr)
    def test_other_texts_are_no_signature(self, change):
        assert not self.signer.verify(change, "a")

    def test_another_spelling_of_the_same_signature_is_refused(self):
        signature = self.signer.signature("a")
        twin = next(
            text
            for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            if (text := signature[:-1] + last) != signature
            and base64.urlsafe_b64decode(text + "=") == base64.urlsafe_b64decode(signature + "=")
        )
        assert not self.signer.verify(twin, "a")
        assert not self.signer.verify(signature + "=", "a")

    def test_purposes_do_not_mix(self):
        assert not Signer([KEY_1], "sample").verify(self.signer.signature("a"), "a")

    def test_an_old_secret_still_verifies_and_the_new_one_signs(self):
        both = Signer([KEY_2, KEY_1], "resume")
        assert both.verify(self.signer.signature("a"), "a")
        assert not self.signer.verify(both.signature("a"), "a")

    @pytest.mark.parametrize("secrets", [[], [b"short"]], ids=["none", "short"])
    def test_weak_secrets_are_refused(self, secrets):
        assert code_of(Signer, secrets, "resume") == "key_invalid"

    def test_a_payload_travels_and_comes_back(self):
        token = self.signer.dump({"ids": ["a", "b"], "e": 5})
        assert self.signer.load(token, now=0) == {"ids": ["a", "b"], "e": 5}

    def test_a_payload_expires(self):
        token = self.signer.dump({"a": 1}, expires_at=100.9)
        assert self.signer.load(token, now=99.9) == {"a": 1}
        assert code_of(self.signer.load, token, now=100) == "signature_expired"

    @pytest.mark.parametrize("token", ["", ".", "a.b", "e30.", "é.é", "a" * 10_000], ids=lambda token: repr(token[:8]))
    def test_forged_payloads_are_refused(self, token):
        assert code_of(self.signer.load, token, now=0) == "signature_invalid"
