"""Digest access authentication, RFC 7616 and what is left of RFC 2617: reading a challenge, answering it."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from workflows_app.engine.errors import RemoteError
from workflows_app.engine.ports import HttpRequest

# Servers ask for MD5 to this day; it hides the password from onlookers of one connection, no more.
HASHES = {"md5": "md5", "sha-256": "sha256", "sha-512-256": "sha512_256"}
STRONGEST_FIRST = ("sha-512-256", "sha-256", "md5")
PARAMETER = re.compile(r'([a-zA-Z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
SCHEME = re.compile(r"(?:^|,\s*)digest\s+", re.IGNORECASE)
MAX_CHALLENGE = 8_192


@dataclass(frozen=True, slots=True)
class Challenge:
    """`algorithm` in lower case without `-sess`; `quality` is `auth`, `auth-int` or empty (RFC 2069)."""

    realm: str
    nonce: str
    algorithm: str
    is_session: bool
    algorithm_text: str
    quality: str
    opaque: str
    is_stale: bool
    is_name_hashed: bool

    def hashed(self, data: bytes) -> str:
        return hashlib.new(HASHES[self.algorithm], data, usedforsecurity=False).hexdigest()


def challenge_of(headers: Iterable[tuple[str, str]]) -> Challenge | None:
    """The strongest Digest challenge of an answer; None if it has none. Raises RemoteError where none can be met."""
    offered = [
        text
        for name, value in headers
        if name.lower() == "www-authenticate" and len(value) <= MAX_CHALLENGE
        for text in SCHEME.split(value)[1:]
    ]
    found = [challenge for text in offered if (challenge := read_challenge(text)) is not None]
    if offered and not found:
        raise RemoteError(
            "The server asks for a kind of digest sign-in that is not known here.",
            permanent=True,
            hint="MD5, SHA-256 and SHA-512-256 are known, with auth and auth-int.",
        )
    return min(found, key=lambda challenge: STRONGEST_FIRST.index(challenge.algorithm), default=None)


def read_challenge(text: str) -> Challenge | None:
    given = {
        match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        for match in PARAMETER.finditer(text)
    }
    named = given.get("algorithm", "MD5")
    algorithm = named.lower().removesuffix("-sess")
    qualities = [part.strip() for part in given.get("qop", "").lower().split(",") if part.strip()]
    quality = next((known for known in ("auth", "auth-int") if known in qualities), "")
    if algorithm not in HASHES or "nonce" not in given or (qualities and not quality):
        return None
    return Challenge(
        realm=given.get("realm", ""),
        nonce=given["nonce"],
        algorithm=algorithm,
        is_session=named.lower().endswith("-sess"),
        algorithm_text=given.get("algorithm", ""),
        quality=quality,
        opaque=given.get("opaque", ""),
        is_stale=given.get("stale", "").lower() == "true",
        is_name_hashed=given.get("userhash", "").lower() == "true",
    )


def authorization(
    challenge: Challenge, sign_in: tuple[str, str], request: HttpRequest, count: int, *, client_nonce: str = ""
) -> str:
    """The Authorization header: the `count`-th use of the challenge's nonce. `client_nonce` is random unless given."""
    user, password = sign_in
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    client_nonce = client_nonce or secrets.token_hex(16)
    identity = challenge.hashed(f"{user}:{challenge.realm}:{password}".encode())
    if challenge.is_session:
        identity = challenge.hashed(f"{identity}:{challenge.nonce}:{client_nonce}".encode())
    asked = f"{request.method.upper()}:{target}"
    if challenge.quality == "auth-int":
        asked += f":{challenge.hashed(request.body)}"
    uses = f"{count:08x}"
    proof = f":{uses}:{client_nonce}:{challenge.quality}" if challenge.quality else ""
    response = challenge.hashed(f"{identity}:{challenge.nonce}{proof}:{challenge.hashed(asked.encode())}".encode())
    shown_user = challenge.hashed(f"{user}:{challenge.realm}".encode()) if challenge.is_name_hashed else user
    fields = [
        f'username="{escaped(shown_user)}"',
        f'realm="{escaped(challenge.realm)}"',
        f'nonce="{escaped(challenge.nonce)}"',
        f'uri="{target}"',
        f'response="{response}"',
    ]
    if challenge.algorithm_text:
        fields.append(f"algorithm={challenge.algorithm_text}")
    if challenge.opaque:
        fields.append(f'opaque="{escaped(challenge.opaque)}"')
    if challenge.quality:
        fields += [f"qop={challenge.quality}", f"nc={uses}", f'cnonce="{client_nonce}"']
    if challenge.is_name_hashed:
        fields.append("userhash=true")
    return f"Digest {', '.join(fields)}"


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
