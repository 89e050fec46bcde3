"""Signed tokens (JWT). The algorithm is chosen by who checks, never by the token."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import PyJWTError

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import json_text

ALGORITHMS = get_default_algorithms()
MAX_TOKEN = 100_000
MAX_KEY = 8_192


class TokenError(UserError):
    code = "token_invalid"


@dataclass(frozen=True, slots=True)
class Token:
    header: JsonObject
    payload: JsonObject
    signature: str = ""


def make_token(token: Token, algorithm: str, key: str) -> str:
    """`header.payload.signature`. `alg` and `typ` are added to the header."""
    header = {"alg": algorithm, "typ": "JWT", **token.header}
    body = f"{packed(json_text(header).encode())}.{packed(json_text(token.payload).encode())}"
    worker, prepared = worker_of(algorithm, key)
    return f"{body}.{packed(worker.sign(body.encode(), prepared))}"


def read_token(text: str) -> Token:
    """Without looking at the signature. Raises TokenError for a text that is no token."""
    parts = text.strip().split(".")
    if len(parts) != 3 or len(text) > MAX_TOKEN:
        raise TokenError("This is not a token.", hint="A token has three parts with dots between.")
    try:
        header, payload = (orjson.loads(unpacked(part)) for part in parts[:2])
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise TokenError("This is not a token.", hint="Its parts are not JSON in Base64.") from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise TokenError("This is not a token.", hint="Header and payload must be objects.")
    return Token(header, payload, parts[2])


def verify_token(text: str, algorithm: str, key: str) -> Token:
    """The token if it was signed with that key by that algorithm. Raises TokenError."""
    token = read_token(text)
    if token.header.get("alg") != algorithm:
        raise TokenError(
            f"The token is signed with {str(token.header.get('alg'))[:20]}, not with {algorithm}.",
            hint="Choose the signature the sender uses.",
        )
    worker, prepared = worker_of(algorithm, key)
    body = text.strip().rsplit(".", 1)[0]
    try:
        signature = unpacked(token.signature)
    except binascii.Error:
        signature = b""
    if not worker.verify(body.encode(), prepared, signature):
        raise TokenError("The signature of the token does not fit.", hint="Check secret or key.")
    return token


def check_times(
    token: Token, now: float, *, tolerance_s: float = 0, expired: bool = False, early: bool = False
) -> None:
    """`expired` and `early` accept such tokens. Raises TokenError, for a time that is no number too: nobody can say
    that it is not over."""
    if not expired and "exp" in token.payload and now >= time_of(token, "exp") + tolerance_s:
        raise TokenError("The token has expired.", hint="Ask for a new one.")
    if not early and "nbf" in token.payload and now < time_of(token, "nbf") - tolerance_s:
        raise TokenError("The token does not hold yet.", hint="Wait, or allow for clocks that differ.")


def time_of(token: Token, claim: str) -> float:
    given = token.payload[claim]
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TokenError(f"The token's {claim} is no time.", hint="It has to be a number: seconds since 1970.")
    return given


def worker_of(algorithm: str, key: str) -> tuple[Any, Any]:
    """The algorithm and the key as it takes it. Unsigned tokens are neither made nor accepted."""
    worker = ALGORITHMS.get(algorithm)
    if worker is None or algorithm == "none":
        raise ParameterError(f"There is no signature '{algorithm[:20]}'.", hint="Choose one such as HS256.")
    if not key or len(key) > MAX_KEY:
        raise ParameterError("There is no key to use.", hint="Enter secret or key in the credential.")
    try:
        return worker, worker.prepare_key(key)
    except (PyJWTError, ValueError, TypeError) as error:
        raise ParameterError(f"This key does not fit {algorithm}.", hint="Check kind and form of the key.") from error


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
