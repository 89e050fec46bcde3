"""Sealing and opening of credentials. What is opened goes to the caller alone: it is never kept or logged."""

import base64
import binascii
from typing import Any
from uuid import UUID

import orjson

from accounts.keys import keyring
from pumpflix.lib.crypto import CryptoError, RecordId, seal, unseal
from workflows_app.engine.errors import CredentialMissing
from workflows_app.engine.items import JsonObject


def record_id(team_id: UUID, credential_id: UUID, kind: str, secret_version: int) -> RecordId:
    return RecordId(str(team_id), str(credential_id), kind, secret_version)


def sealed(record: RecordId, fields: JsonObject) -> tuple[bytes, str]:
    """The envelope, and the id of the key it was wrapped with."""
    ring = keyring()
    return seal(ring, record, orjson.dumps(fields)), ring.current


def as_text(record: RecordId, fields: JsonObject) -> str:
    """Sealed for a form that comes back: the page holds it, and only we can open it."""
    return base64.b64encode(sealed(record, fields)[0]).decode("ascii") if fields else ""


def from_text(record: RecordId, text: str) -> JsonObject:
    """What `as_text` was given; empty where the text is none of ours, or of another record."""
    try:
        fields: Any = orjson.loads(unseal(keyring(), record, base64.b64decode(text, validate=True)))
    except (CryptoError, binascii.Error, ValueError):
        return {}
    return dict(fields)


def opened(record: RecordId, envelope: bytes | memoryview, name: str) -> JsonObject:
    """The fields. Raises CredentialMissing that says which key is needed, or that the record was changed."""
    try:
        fields: Any = orjson.loads(unseal(keyring(), record, envelope))
    except CryptoError as error:
        raise CredentialMissing(
            f"The credential '{name}' cannot be opened: {error.message}",
            hint="An administrator has to put the key back into PUMPFLIX_ENCRYPTION_KEY; or enter the secret anew.",
            code="credential_sealed",
        ) from None
    return dict(fields)
