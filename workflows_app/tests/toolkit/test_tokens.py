"""Signed tokens, hashes and signatures."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.digests import digest, encoded, keyed_digest, signature
from workflows_app.toolkit.tokens import Token, TokenError, check_times, make_token, read_token, verify_token

pytestmark = pytest.mark.nodes

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def public_pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.mark.parametrize(
    "algorithm, private, public",
    [
        ("HS256", "plum", "plum"),
        ("HS512", "plum", "plum"),
        ("RS256", pem(RSA), public_pem(RSA)),
        ("ES256", pem(CURVE), public_pem(CURVE)),
    ],
    ids=["HS256", "HS512", "RS256", "ES256"],
)
def test_a_signed_token_can_be_checked(algorithm: str, private: str, public: str) -> None:
    text = make_token(Token({"kid": "k"}, {"n": 1}), algorithm, private)
    token = verify_token(text, algorithm, public)
    assert (token.payload, token.header["kid"], token.header["alg"]) == ({"n": 1}, "k", algorithm)


def test_a_changed_token_is_refused() -> None:
    head, _, mark = make_token(Token({}, {"n": 1}), "HS256", "plum").split(".")
    forged = base64.urlsafe_b64encode(b'{"n":2}').decode().rstrip("=")
    with pytest.raises(TokenError, match="does not fit"):
        verify_token(f"{head}.{forged}.{mark}", "HS256", "plum")
    with pytest.raises(TokenError, match="does not fit"):
        verify_token(f"{head}.{forged}.a", "HS256", "plum")


def test_the_token_does_not_choose_how_it_is_checked() -> None:
    text = make_token(Token({}, {}), "HS256", "plum")
    with pytest.raises(TokenError, match="signed with HS256"):
        verify_token(text, "RS256", public_pem(RSA))
    bare = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    with pytest.raises(ParameterError, match="no signature 'none'"):
        verify_token(f"{bare}.e30.", "none", "plum")


def test_a_public_key_is_no_secret() -> None:
    with pytest.raises(ParameterError, match="does not fit HS256"):
        make_token(Token({}, {}), "HS256", public_pem(RSA))


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "W10.e30.x", "e30.W10.x"])
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(TokenError, match="not a token"):
        read_token(text)


@pytest.mark.parametrize("key", ["", "x" * 20_000])
def test_a_token_needs_a_key(key: str) -> None:
    with pytest.raises(ParameterError, match="no key"):
        make_token(Token({}, {}), "HS256", key)


@pytest.mark.parametrize("payload, message", [({"exp": 10}, "has expired"), ({"nbf": 30}, "does not hold yet")])
def test_times_of_a_token(payload: dict[str, Any], message: str) -> None:
    token = Token({}, payload)
    with pytest.raises(TokenError, match=message):
        check_times(token, 20)
    check_times(token, 20, tolerance_s=15)
    check_times(token, 20, expired=True, early=True)


@pytest.mark.parametrize("given", ["1700000000", "never", "", None, True, [], {"a": 1}], ids=repr)
@pytest.mark.parametrize("claim", ["exp", "nbf"])
def test_a_time_that_is_no_number_lets_nobody_in(claim: str, given: Any) -> None:
    token = Token({}, {claim: given})
    with pytest.raises(TokenError, match=f"{claim} is no time"):
        check_times(token, 20)
    check_times(token, 20, expired=True, early=True)


def test_a_token_without_times_holds() -> None:
    check_times(Token({}, {}), 20)


# hashes and signatures ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name, start", [("MD5", "900150"), ("sha1", "a9993e"), ("SHA3-256", "3a985d")])
def test_hashes(name: str, start: str) -> None:
    assert encoded(digest(name, b"abc"), "hex").startswith(start)


def test_a_hash_with_a_secret() -> None:
    mark = keyed_digest("MD5", "Jefe", b"what do ya want for nothing?")
    assert (encoded(mark, "hex"), encoded(mark, "base64")) == (
        "750c783e6ab0b503eaa86e310a5db738",
        "dQx4PmqwtQPqqG4xCl23OA==",
    )


@pytest.mark.parametrize(
    "name", ["RSA-SHA256", "sha256WithRSAEncryption", "SHA256", "id-rsassa-pkcs1-v1_5-with-sha256"]
)
def test_signatures_by_an_rsa_key(name: str) -> None:
    RSA.public_key().verify(signature(name, pem(RSA), b"abc"), b"abc", padding.PKCS1v15(), hashes.SHA256())


def test_signatures_by_other_keys() -> None:
    CURVE.public_key().verify(signature("SHA512", pem(CURVE), b"abc"), b"abc", ec.ECDSA(hashes.SHA512()))
    other = ed25519.Ed25519PrivateKey.generate()
    other.public_key().verify(signature("", pem(other), b"abc"), b"abc")


@pytest.mark.parametrize(
    "name, key, message",
    [
        ("RSA-SHA9", pem(RSA), "no signature"),
        ("RSA-SHA256", "no key", "not a private key"),
        ("RSA-SHA256", "x" * 20_000, "too long"),
    ],
    ids=["name", "text", "length"],
)
def test_what_cannot_sign(name: str, key: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        signature(name, key, b"abc")


def test_a_hash_nobody_knows() -> None:
    with pytest.raises(ParameterError, match="no hash"):
        digest("MD9", b"")
