"""Signing requests with OAuth 1.0a (RFC 5849), as a header."""

import base64
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

from workflows_app.engine.ports import HttpRequest

DIGESTS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256", "HMAC-SHA512": "sha512"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Keys:
    """`token` is empty before an owner agreed; then the application signs alone."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str = ""
    token_secret: str = field(default="", repr=False)
    method: str = "HMAC-SHA1"


def sign(request: HttpRequest, keys: Keys, now: datetime, *, nonce: str = "") -> HttpRequest:
    """The request with its signature in the Authorization header. `nonce` is random unless given."""
    oauth = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": keys.method,
        "oauth_timestamp": str(int(now.timestamp())),
        "oauth_version": "1.0",
        **({"oauth_token": keys.token} if keys.token else {}),
    }
    oauth["oauth_signature"] = signature(request, keys, oauth)
    value = "OAuth " + ", ".join(f'{escaped(name)}="{escaped(text)}"' for name, text in sorted(oauth.items()))
    kept = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
    return replace(request, headers=(*kept, ("Authorization", value)))


def signature(request: HttpRequest, keys: Keys, oauth: dict[str, str]) -> str:
    key = f"{escaped(keys.consumer_secret)}&{escaped(keys.token_secret)}"
    if keys.method == "PLAINTEXT":
        return key
    digest = hmac.digest(key.encode(), base_text(request, oauth).encode(), DIGESTS[keys.method])
    return base64.b64encode(digest).decode()


def base_text(request: HttpRequest, oauth: dict[str, str]) -> str:
    """What is signed (3.4.1): method, address without query, and every parameter sorted."""
    parts = urlsplit(request.url)
    port = f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}.get(parts.scheme) else ""
    address = f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}{port}{parts.path or '/'}"
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *oauth.items()]
    if content_type(request) == FORM:
        pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    encoded = sorted((escaped(name), escaped(text)) for name, text in pairs)
    parameters = "&".join(f"{name}={text}" for name, text in encoded)
    return f"{request.method.upper()}&{escaped(address)}&{escaped(parameters)}"


def content_type(request: HttpRequest) -> str:
    found = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    return found.partition(";")[0].strip().lower()


def escaped(text: str) -> str:
    return quote(text, safe="-._~")
