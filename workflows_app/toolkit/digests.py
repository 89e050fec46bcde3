"""Hashes, keyed hashes and signatures by the names authors choose from."""

import base64
import hashlib
import hmac

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from workflows_app.engine.errors import ParameterError

HASHES = {
    "MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512", "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384", "SHA3-512": "sha3_512",
}  # fmt: skip
SIGNATURE_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "SHA256": hashes.SHA256, "SHA384": hashes.SHA384, "SHA512": hashes.SHA512, "SHA3-256": hashes.SHA3_256,
    "SHA3-384": hashes.SHA3_384, "SHA3-512": hashes.SHA3_512, "SHA224": hashes.SHA224, "SHA1": hashes.SHA1,
    "MD5": hashes.MD5,
}  # fmt: skip
MAX_KEY = 8_192


def hash_name(chosen: str) -> str:
    found = HASHES.get(chosen.upper())
    if found is None:
        raise ParameterError(f"There is no hash '{chosen[:40]}'.", hint=f"Choose one of {', '.join(HASHES)}.")
    return found


def digest(chosen: str, data: bytes) -> bytes:
    return hashlib.new(hash_name(chosen), data, usedforsecurity=False).digest()


def keyed_digest(chosen: str, key: str, data: bytes) -> bytes:
    return hmac.new(key.encode(), data, hash_name(chosen)).digest()


def signature(algorithm: str, pem: str, data: bytes) -> bytes:
    """Signed with a private key in PEM form. `algorithm` is one of OpenSSL's names, such as RSA-SHA256."""
    key = private_key(pem)
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return key.sign(data)
    chosen = signature_hash(algorithm)
    if isinstance(key, rsa.RSAPrivateKey):
        try:
            return key.sign(data, padding.PKCS1v15(), chosen)
        except (UnsupportedAlgorithm, ValueError) as error:
            raise ParameterError(f"{algorithm} cannot be used with this key.", hint="Choose RSA-SHA256.") from error
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(chosen))
    raise ParameterError("This kind of key cannot sign here.", hint="Use an RSA, elliptic curve or Ed25519 key.")


def private_key(pem: str) -> object:
    if len(pem) > MAX_KEY:
        raise ParameterError("This key is too long.", hint=f"Use a key of at most {MAX_KEY} characters.")
    try:
        return load_pem_private_key(pem.strip().replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ParameterError(
            "This is not a private key without a passphrase.",
            hint="Enter a key in PEM form, with its first and last line.",
        ) from error


def signature_hash(algorithm: str) -> hashes.HashAlgorithm:
    """`RSA-SHA256`, `sha256WithRSAEncryption`, `SHA256`, `id-rsassa-pkcs1-v1_5-with-sha3-256`."""
    name = algorithm.upper().replace("_", "-")
    name = name.replace("WITHRSAENCRYPTION", "").rpartition("WITH-")[2].removeprefix("RSA-").removeprefix("ECDSA-WITH-")
    found = SIGNATURE_HASHES.get(name)
    if found is None:
        raise ParameterError(f"There is no signature '{algorithm[:40]}'.", hint="Choose one such as RSA-SHA256.")
    return found()


def encoded(data: bytes, encoding: str) -> str:
    """`hex` or `base64`."""
    return base64.b64encode(data).decode() if encoding == "base64" else data.hex()
