"""Signatures of webhook calls: an HMAC over the body as it came, checked without a word about what was wrong."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

from workflows_app.engine.items import JsonObject

SECONDS = re.compile(r"\d{1,12}", re.ASCII)
HEX = re.compile(r"[0-9a-fA-F]+", re.ASCII)


def is_signed(fields: JsonObject, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
    """Whether one of the offered signatures is that of the body, and its time near enough. `headers` have lower-case
    names, `fields` are those of the credential type `pumpflixSignature`."""
    secret = str(fields.get("secret") or "")
    if not secret:
        return False
    scheme = str(fields.get("scheme") or "body")
    algorithm = str(fields.get("algorithm") or "sha256") if scheme == "body" else "sha256"
    timestamp, before, offered = SCHEMES[scheme](fields, headers)
    if timestamp is not None and not is_near(timestamp, now_s, float(fields.get("toleranceS") or 300)):
        return False
    key = secret_bytes(secret) if scheme == "standard" else secret.encode()
    right = hmac.new(key, before + body, getattr(hashlib, algorithm)).digest()
    return any(hmac.compare_digest(right, one) for one in offered)


Parts = tuple[str | None, bytes, list[bytes]]
"""The time that was signed, what was signed before the body, and the signatures."""


def by_body(fields: JsonObject, headers: Mapping[str, str]) -> Parts:
    value = headers.get(str(fields.get("header") or "X-Hub-Signature-256").strip().lower(), "")
    value = value.strip().removeprefix(f"{fields.get('algorithm') or 'sha256'}=")
    offered = decoded([value], is_hex=fields.get("encoding") != "base64")
    named = str(fields.get("timestampHeader") or "").strip().lower()
    if not named:
        return None, b"", offered
    timestamp = headers.get(named, "")
    return timestamp, f"{timestamp}.".encode("latin-1", "replace"), offered


def by_stripe(_: JsonObject, headers: Mapping[str, str]) -> Parts:
    pairs = [part.strip().partition("=") for part in headers.get("stripe-signature", "").split(",")[:20]]
    timestamp = next((value for name, _, value in pairs if name == "t"), "")
    offered = decoded([value for name, _, value in pairs if name == "v1"], is_hex=True)
    return timestamp, f"{timestamp}.".encode("latin-1", "replace"), offered


def by_slack(_: JsonObject, headers: Mapping[str, str]) -> Parts:
    timestamp = headers.get("x-slack-request-timestamp", "")
    offered = decoded([headers.get("x-slack-signature", "").removeprefix("v0=")], is_hex=True)
    return timestamp, f"v0:{timestamp}:".encode("latin-1", "replace"), offered


def by_standard(_: JsonObject, headers: Mapping[str, str]) -> Parts:
    named = "webhook" if "webhook-signature" in headers else "svix"
    number, timestamp = headers.get(f"{named}-id", ""), headers.get(f"{named}-timestamp", "")
    signatures = [part for part in headers.get(f"{named}-signature", "").split(" ")[:20] if part.startswith("v1,")]
    offered = decoded([part.removeprefix("v1,") for part in signatures], is_hex=False)
    return timestamp, f"{number}.{timestamp}.".encode("latin-1", "replace"), offered if number else []


SCHEMES = {"body": by_body, "stripe": by_stripe, "slack": by_slack, "standard": by_standard}


def is_near(timestamp: str, now_s: float, tolerance_s: float) -> bool:
    """Whole seconds in plain digits, and nothing else that a number may be written as."""
    return SECONDS.fullmatch(timestamp) is not None and abs(now_s - int(timestamp)) <= tolerance_s


def decoded(texts: Iterable[str], *, is_hex: bool) -> list[bytes]:
    """What is well written of them."""
    found = []
    for text in texts:
        try:
            if not is_hex:
                found.append(base64.b64decode(text, validate=True))
            elif HEX.fullmatch(text) is not None:
                found.append(bytes.fromhex(text))
        except (binascii.Error, ValueError):
            continue
    return found


def secret_bytes(secret: str) -> bytes:
    """Secrets of Standard Webhooks are base64 behind `whsec_`; others are taken as they are."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
