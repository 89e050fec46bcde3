"""The Credentials port made real: the credential a node names by id, opened at the moment of use.

It is judged anew each time: that it is of the type asked for, and that the run's team may use it. What is opened stays
in this run, for half a minute at most, and every secret in it is made known to the run's redactor first."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connection

from executions_app.database import pool
from workflows_app.credential_types import load
from workflows_app.engine.errors import CredentialMissing
from workflows_app.engine.items import JsonObject
from workflows_app.services import oauth2, vault
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.http_auth import ALLOWED, DOMAINS
from workflows_app.toolkit.oauth2 import TokenType, is_due
from workflows_app.toolkit.redaction import Redactor

KEPT_S = 30.0
USE_NOTED_EVERY_S = 60.0

FIND = """
SELECT c.team_id, c.name, c.sealed, c.secret_version, c.allowed_hosts, c.expires_at
  FROM workflows_app_credential c
 WHERE c.id = %(id)s AND c.type = %(type)s AND c.deleted_at IS NULL
   AND (c.team_id = %(team)s OR EXISTS (SELECT 1 FROM workflows_app_credentialshare s
                                         WHERE s.credential_id = c.id AND s.team_id = %(team)s))
"""
NOTE_USE = "UPDATE workflows_app_credential SET last_used_at = now() WHERE id = %s"


@dataclass(frozen=True, slots=True)
class SealedCredential:
    """A row, still closed."""

    id: UUID
    team_id: UUID
    name: str
    type: str
    sealed: bytes = field(repr=False)
    secret_version: int
    allowed_hosts: tuple[str, ...]
    expires_at: datetime | None

    def open(self) -> JsonObject:
        """The fields, as n8n names them, with the hosts that the owner binds them to. Raises CredentialMissing."""
        if self.expires_at is not None and self.expires_at <= datetime.now(UTC):
            raise CredentialMissing(
                f"The credential '{self.name}' expired on {self.expires_at:%Y-%m-%d}.",
                hint="Enter a new secret in it, or another date.",
                code="credential_expired",
            )
        record = vault.record_id(self.team_id, self.id, self.type, self.secret_version)
        return self.bound(vault.opened(record, self.sealed, self.name))

    def bound(self, stored: JsonObject) -> JsonObject:
        """Validated values with defaults filled in."""
        kind = load().find(self.type)
        fields = kind.read(stored).model_dump(by_alias=True) if kind is not None else stored
        if self.allowed_hosts:
            fields |= {DOMAINS: "domains", ALLOWED: ", ".join(self.allowed_hosts)}
        return fields


def find(reference: Any, credential_type: str, team_id: UUID) -> SealedCredential | None:
    """The credential that a node's reference names, if it is of that type and the team may use it."""
    credential_id = id_in(reference)
    if credential_id is None:
        return None
    with pool().connection() as rows:
        row = rows.execute(FIND, {"id": credential_id, "type": credential_type, "team": team_id}).fetchone()
    if row is None:
        return None
    owner_id, name, sealed, version, hosts, expires_at = row
    return SealedCredential(
        credential_id, owner_id, name, credential_type, bytes(sealed), version, tuple(hosts), expires_at
    )


def id_in(reference: Any) -> UUID | None:
    """n8n stores `{"id", "name"}`; an id of another instance is none of ours."""
    try:
        return UUID(str(reference["id"])) if isinstance(reference, Mapping) and reference.get("id") else None
    except ValueError:
        return None


class LastUses:
    """When each credential was last used, written at most once a minute and process."""

    def __init__(self, every_s: float = USE_NOTED_EVERY_S) -> None:
        self._every_s = every_s
        self._noted: dict[UUID, float] = {}
        self._lock = Lock()

    def note(self, credential_id: UUID) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._noted.get(credential_id, -self._every_s) < self._every_s:
                return
            self._noted[credential_id] = now
        with pool().connection() as rows:
            rows.execute(NOTE_USE, (credential_id,))


last_uses = LastUses()


class CredentialsAdapter:
    """`references` gives the stored reference of a node by type. Safe for threads."""

    def __init__(self, references: Callable[[str], Mapping[str, Any]], team_id: UUID, redactor: Redactor) -> None:
        self._references = references
        self._team_id = team_id
        self._redactor = redactor
        self._opened: dict[tuple[str, str], tuple[float, JsonObject]] = {}
        self._lock = Lock()

    def get(self, node: str, credential_type: str) -> JsonObject:
        """The fields. Raises CredentialMissing that says what is wrong with the node's credential."""
        with self._lock:
            kept = self._opened.get((node, credential_type))
            if kept is not None and kept[0] > time.monotonic():
                return kept[1]
            return self._keep(node, credential_type, self._open(node, credential_type))

    def renewed(self, node: str, credential_type: str, rejected: str) -> JsonObject:
        """The fields with another access token than the rejected one."""
        with self._lock:
            found = self._found(node, credential_type)
            self._learn(credential_type, found.open())
            return self._keep(node, credential_type, found.bound(renewed_fields(found, rejected)))

    def _open(self, node: str, credential_type: str) -> JsonObject:
        found = self._found(node, credential_type)
        fields = found.open()
        # Before anything is done with it: a token server may say it back in its refusal.
        self._learn(credential_type, fields)
        last_uses.note(found.id)
        if isinstance(load().find(credential_type), TokenType):
            token = oauth2.token_data(fields)
            if is_due(token, datetime.now(UTC)):
                return found.bound(renewed_fields(found, to_text(token.get("access_token"))))
        return fields

    def _found(self, node: str, credential_type: str) -> SealedCredential:
        reference = self._references(node).get(credential_type)
        found = find(reference, credential_type, self._team_id)
        if found is None:
            raise missing(node, credential_type, reference)
        return found

    def _keep(self, node: str, credential_type: str, fields: JsonObject) -> JsonObject:
        self._learn(credential_type, fields)
        self._opened[(node, credential_type)] = (time.monotonic() + KEPT_S, fields)
        return fields

    def _learn(self, credential_type: str, fields: JsonObject) -> None:
        kind = load().find(credential_type)
        if kind is not None:
            self._redactor.learn(kind.secrets_of(kind.read(fields)))


def renewed_fields(found: SealedCredential, rejected: str) -> JsonObject:
    """Renewal writes through Django; its connection goes back at once, for runner threads hold none."""
    try:
        return oauth2.renewed(found.id, rejected)
    finally:
        connection.close()


def missing(node: str, credential_type: str, reference: Any) -> CredentialMissing:
    kind = load().find(credential_type)
    label = kind.label if kind is not None else credential_type
    name = str(reference.get("name") or "") if isinstance(reference, Mapping) else ""
    if id_in(reference) is not None:
        text = f"The credential{f' {name!r}' if name else ''} that {node} names is gone, or not for this team."
        return CredentialMissing(text, hint=f"Choose another {label} credential in the node.")
    return CredentialMissing(
        f"{node} needs a credential of type {credential_type}.",
        hint=f"Choose a {label} credential in the node, or run with sample data.",
    )
