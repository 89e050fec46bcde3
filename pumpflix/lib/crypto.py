"""Sealing of secrets at rest and signing of small texts.

A sealed record is `version | kid | wrapped data key | nonce | ciphertext`: each record has a data key of its own,
wrapped by a key-encryption key from the keyring. Both layers are AES-256-GCM and both authenticate the record's
identity, so a blob moved to another row, team, type or version does not open. Changing the key-encryption key rewraps
32 bytes and leaves the ciphertext alone.

Errors carry a stable `code` and never any part of a key or a plain text.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

KEY_BYTES = 32
_NONCE_BYTES = 12
_WRAPPED_BYTES = KEY_BYTES + 16
_FORMAT = 1
_MIN_DISTINCT_BYTES = 10
_MIN_PASSPHRASE = 12
_MIN_SALT_BYTES = 16

_KID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_SAMPLE = re.compile(
    r"your[-_ ].*(?:key|secret)|change[-_ ]?me|example|secret[-_ ]key|insecure|encryption[-_ ]key", re.IGNORECASE
)


class CryptoError(Exception):
    """`code` is one of key_is_sample, key_is_text, key_is_weak, key_invalid, key_unknown, blob_invalid, decrypt_failed,
    signature_invalid, signature_expired."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


def new_key_text() -> str:
    """A fresh key as text for a settings file or an environment variable."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def parse_key(text: str) -> bytes:
    """32 bytes from base64 or hexadecimal text. Passphrases, sample keys and 32 characters used raw are refused."""
    text = text.strip()
    if _SAMPLE.search(text):
        raise CryptoError(
            "key_is_sample", "This is a sample key out of a document. Make one: 32 random bytes in base64."
        )
    if _HEX.fullmatch(text):
        return _strong(bytes.fromhex(text))
    key = _base64_bytes(text)
    if key is not None and len(key) == KEY_BYTES:
        return _strong(key)
    if len(text) == KEY_BYTES:
        raise CryptoError("key_is_text", "32 characters are not 32 random bytes. Give 32 random bytes in base64.")
    raise CryptoError("key_invalid", "A key is 32 random bytes, written in base64 (44 characters) or hexadecimal (64).")


def key_from_passphrase(passphrase: str, salt: bytes) -> bytes:
    """Stretch a passphrase with a salt that the caller keeps beside it (scrypt, 32 MB, about 0.1 s)."""
    if _SAMPLE.search(passphrase):
        raise CryptoError("key_is_sample", "This is a sample passphrase out of a document. Choose one of your own.")
    if len(passphrase) < _MIN_PASSPHRASE:
        raise CryptoError("key_is_weak", f"A passphrase has at least {_MIN_PASSPHRASE} characters.")
    if len(salt) < _MIN_SALT_BYTES:
        raise CryptoError("key_invalid", f"A salt has at least {_MIN_SALT_BYTES} random bytes.")
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**15, r=8, p=1).derive(passphrase.encode("utf-8"))


def _strong(key: bytes) -> bytes:
    if len(set(key)) < _MIN_DISTINCT_BYTES:
        raise CryptoError(
            "key_is_weak", "This key repeats a few bytes over and over: it is not random. Make a new one."
        )
    return key


def _base64_bytes(text: str) -> bytes | None:
    if not _BASE64.fullmatch(text):
        return None
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


@dataclass(frozen=True, slots=True)
class Keyring:
    """Key-encryption keys by id. New records use `current`; the others only open what they sealed."""

    keys: Mapping[str, bytes] = field(repr=False)
    current: str

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise CryptoError("key_unknown", f"The keyring has no key '{self.current}'.")
        for kid, key in self.keys.items():
            if not _KID.fullmatch(kid):
                raise CryptoError("key_invalid", "A key id is 1 to 32 letters, digits, dots, dashes or underscores.")
            if len(key) != KEY_BYTES:
                raise CryptoError("key_invalid", f"Key '{kid}' has {len(key)} bytes instead of {KEY_BYTES}.")

    @classmethod
    def from_text(cls, text: str) -> "Keyring":
        """`kid:key, kid:key`; the first one seals. A lone key without an id is called `k1`."""
        pairs: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            kid, colon, key = entry.partition(":")
            if not colon:
                kid, key = "k1", entry
            if kid in pairs:
                raise CryptoError("key_invalid", f"The keyring names '{kid}' twice.")
            pairs[kid.strip()] = parse_key(key)
        if not pairs:
            raise CryptoError("key_invalid", "The keyring is empty.")
        return cls(keys=pairs, current=next(iter(pairs)))


@dataclass(frozen=True, slots=True)
class RecordId:
    """What a sealed blob belongs to; all four are authenticated. `version` rises with each change of the secret."""

    team: str
    record: str
    kind: str
    version: int

    def aad(self) -> bytes:
        parts = [part.encode("utf-8") for part in (self.team, self.record, self.kind, str(self.version))]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class _Blob:
    kid: str
    wrap_nonce: bytes
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes

    def pack(self) -> bytes:
        return head_of(self.kid) + self.wrap_nonce + self.wrapped + self.nonce + self.ciphertext

    @classmethod
    def unpack(cls, sealed: bytes | memoryview) -> "_Blob":
        blob = bytes(sealed)
        kid_length = blob[1] if len(blob) > 1 else 0
        parts, at = [], 2
        for size in (kid_length, _NONCE_BYTES, _WRAPPED_BYTES, _NONCE_BYTES):
            parts.append(blob[at : at + size])
            at += size
        kid, wrap_nonce, wrapped, nonce = parts
        if not blob or blob[0] != _FORMAT or len(blob) < at + 16 or not _KID.fullmatch(kid.decode("latin-1")):
            raise CryptoError("blob_invalid", "This is not a sealed record of a format we know.")
        return cls(kid.decode("ascii"), wrap_nonce, wrapped, nonce, blob[at:])


def seal(keyring: Keyring, record: RecordId, plain: bytes) -> bytes:
    """Encrypt `plain` for that record under a data key of its own."""
    data_key, nonce = os.urandom(KEY_BYTES), os.urandom(_NONCE_BYTES)
    ciphertext = AESGCM(data_key).encrypt(nonce, plain, b"pumpflix-record-1" + record.aad())
    wrap_nonce, wrapped = _wrap(keyring, keyring.current, record, data_key)
    return _Blob(keyring.current, wrap_nonce, wrapped, nonce, ciphertext).pack()


def unseal(keyring: Keyring, record: RecordId, blob: bytes | memoryview) -> bytes:
    """The plain bytes. Raises decrypt_failed for any changed byte and for the blob of any other record."""
    parts = _Blob.unpack(blob)
    data_key = _unwrap(keyring, record, parts)
    try:
        return AESGCM(data_key).decrypt(parts.nonce, parts.ciphertext, b"pumpflix-record-1" + record.aad())
    except InvalidTag:
        _refuse()


def rewrap(keyring: Keyring, record: RecordId, blob: bytes | memoryview) -> bytes:
    """The same record under the current key; the secret is not decrypted. A current blob comes back as it is."""
    parts = _Blob.unpack(blob)
    if parts.kid == keyring.current:
        return bytes(blob)
    wrap_nonce, wrapped = _wrap(keyring, keyring.current, record, _unwrap(keyring, record, parts))
    return _Blob(keyring.current, wrap_nonce, wrapped, parts.nonce, parts.ciphertext).pack()


def kid_of(blob: bytes | memoryview) -> str:
    """Which key-encryption key wraps this blob: what a rotation counts."""
    return _Blob.unpack(blob).kid


def head_of(kid: str) -> bytes:
    """How every record that is wrapped with this key begins, and none of another key does."""
    name = kid.encode("ascii")
    return bytes([_FORMAT, len(name)]) + name


def _wrap_aad(kid: str, record: RecordId) -> bytes:
    return b"pumpflix-key-1" + bytes([len(kid)]) + kid.encode("ascii") + record.aad()


def _wrap(keyring: Keyring, kid: str, record: RecordId, data_key: bytes) -> tuple[bytes, bytes]:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce, AESGCM(keyring.keys[kid]).encrypt(nonce, data_key, _wrap_aad(kid, record))


def _unwrap(keyring: Keyring, record: RecordId, blob: _Blob) -> bytes:
    if blob.kid not in keyring.keys:
        raise CryptoError(
            "key_unknown", f"Key '{blob.kid}' is not on the keyring. Add it, or restore it from your backup."
        )
    try:
        return AESGCM(keyring.keys[blob.kid]).decrypt(blob.wrap_nonce, blob.wrapped, _wrap_aad(blob.kid, record))
    except InvalidTag:
        _refuse()


def _refuse() -> NoReturn:
    raise CryptoError(
        "decrypt_failed", "The record does not open: it was changed, belongs elsewhere, or the key is another."
    )


def same(a: str | bytes, b: str | bytes) -> bool:
    """Equality in constant time, for any text."""
    return hmac.compare_digest(_as_bytes(a), _as_bytes(b))


def digest(secret: str | bytes) -> str:
    """SHA-256 in hexadecimal, for storing tokens that are random in themselves (never for passwords)."""
    return hashlib.sha256(_as_bytes(secret)).hexdigest()


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


class Signer:
    """HMAC-SHA256 over a few fields, or over a small payload that travels with its signature.

    Each purpose has a key of its own, so a signature made for one is worthless for another. `secrets[0]` signs,
    all of them verify, so a secret can be changed without breaking what is in circulation.
    """

    def __init__(self, secrets: Sequence[bytes], purpose: str):
        if not secrets or any(len(secret) < KEY_BYTES for secret in secrets):
            raise CryptoError("key_invalid", f"A signing secret has at least {KEY_BYTES} bytes.")
        self._keys = [_derive(secret, purpose) for secret in secrets]

    def signature(self, *fields: str) -> str:
        """43 characters, safe in a URL."""
        return self._text(self._keys[0], fields)

    def verify(self, signature: str, *fields: str) -> bool:
        """Compares texts, so of the many base64 spellings of one signature only the one we write is accepted."""
        results = [same(signature, self._text(key, fields)) for key in self._keys]
        return any(results)

    def dump(self, payload: Mapping[str, Any], *, expires_at: float | None = None) -> str:
        """`<payload>.<signature>`. The payload can be read by whoever holds the token."""
        body = {"p": dict(payload)} if expires_at is None else {"p": dict(payload), "e": int(expires_at)}
        text = _base64_text(json.dumps(body, separators=(",", ":"), sort_keys=True).encode("utf-8"))
        return f"{text}.{self.signature(text)}"

    def load(self, token: str, *, now: float) -> dict[str, Any]:
        """The payload of a token; raises signature_invalid or signature_expired. `now` is in seconds since 1970."""
        text, _, signature = token.partition(".")
        if not self.verify(signature, text):
            raise CryptoError("signature_invalid", "This token was not issued here or was changed.")
        body = json.loads(_base64_bytes(text) or b"{}")
        if "e" in body and now >= body["e"]:
            raise CryptoError("signature_expired", "This token has expired.")
        payload: dict[str, Any] = body["p"]
        return payload

    @staticmethod
    def _text(key: bytes, fields: Sequence[str]) -> str:
        parts = [_as_bytes(part) for part in fields]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return _base64_text(hmac.digest(key, message, "sha256"))


def _derive(secret: bytes, purpose: str) -> bytes:
    info = b"pumpflix-sign-1:" + purpose.encode("utf-8")
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _base64_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
