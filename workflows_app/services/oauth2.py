"""Tokens of stored credentials: fetched, renewed ahead of time, once for all who ask at the same moment; and the way
through the browser that brings the first one."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.services import audit
from pumpflix.lib.crypto import CryptoError, Signer
from pumpflix.lib.ids import url_token
from pumpflix.lib.safe_http import OutboundError
from workflows_app.engine.errors import CredentialMissing, RemoteError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import HttpResponse
from workflows_app.errors import NotAllowed, Unsuitable
from workflows_app.models import Credential
from workflows_app.services import credential_warnings, credentials
from workflows_app.services.outbound import fetch
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.credential_type import CredentialType
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.oauth2 import (
    OAuth2Fields,
    OAuth2Type,
    TokenType,
    authorization_url,
    code_request,
    is_due,
    token_of,
    values_of,
    with_token,
)
from workflows_app.toolkit.redaction import Redactor

CALLBACK = "/rest/oauth2-credential/callback"
STATE_LIVES_S = 600
MAX_TOKEN_ANSWER = 1024 * 1024

_turns = [Lock() for _ in range(64)]


def callback_url() -> str:
    """What to register with the service: n8n's own path, so that applications made for n8n keep working."""
    return f"{settings.PUMPFLIX_PUBLIC_URL.rstrip('/')}{CALLBACK}"


def fresh(credential: Credential) -> JsonObject:
    """The fields with a token that is good for at least a minute. Raises CredentialMissing, RemoteError."""
    stored = credentials.fields_of(credential)
    token = token_data(stored)
    return renewed(credential.pk, to_text(token.get("access_token"))) if is_due(token, now()) else stored


def token_data(stored: JsonObject) -> JsonObject:
    token = stored.get("oauthTokenData")
    return token if isinstance(token, dict) else {}


def token_in(credential: Credential) -> str:
    """Its access token; empty if it has none."""
    return to_text(token_data(credentials.fields_of(credential)).get("access_token"))


def renewed(credential_id: UUID, rejected: str) -> JsonObject:
    """The fields after the token `rejected` was replaced; whoever asks second waits and gets the first one's token.
    Raises CredentialMissing where its owner has to sign in again, RemoteError where the service fails."""
    try:
        # The threads of a process wait here, so that one of them, and not each, waits with a connection in its hand.
        with _turns[credential_id.int % len(_turns)], transaction.atomic():
            row = Credential.objects.select_for_update().get(pk=credential_id)
            return renew_locked(row, rejected)
    except CredentialMissing:
        credential_warnings.ask_to_reconnect(credential_id)
        raise
    except Credential.DoesNotExist:
        raise CredentialMissing("The credential is gone.", hint="Choose another one on the node.") from None


def renew_locked(row: Credential, rejected: str) -> JsonObject:
    kind = credentials.type_of(row.type)
    stored = credentials.fields_of(row)
    if not isinstance(kind, TokenType):
        return stored
    held = to_text(token_data(stored).get("access_token"))
    if held and held != rejected:
        return stored
    return keep_token(row, stored, new_token(kind, stored, row.name))


def new_token(kind: TokenType[Any], stored: JsonObject, name: str) -> JsonObject:
    """A token fetched from the service; nothing is kept. Raises CredentialMissing, RemoteError."""
    fields = kind.read(stored)
    draft = kind.token_request(fields, now())
    if draft is None:
        raise CredentialMissing(
            f"The credential '{name}' is not connected.",
            hint="Open it and sign in with the service.",
            code="credential_not_connected",
        )
    return token_of(unecho(sent(draft), kind.secrets_of(fields)), fields.token, now())


def unecho(response: HttpResponse, secrets: Iterable[str]) -> HttpResponse:
    """A refusal without the secrets that were sent. A token is left as it is: it may be the one of before."""
    if response.status < 400 and values_of(response).get("access_token"):
        return response
    redactor = Redactor()
    redactor.learn(secrets)
    return replace(response, body=redactor.data(response.body))


def with_new_token(kind: CredentialType[Any], stored: JsonObject, name: str) -> JsonObject:
    """The fields with a token just fetched, of a type that has one."""
    if not isinstance(kind, TokenType):
        return stored
    return with_token(stored, new_token(kind, stored, name))


def keep_token(row: Credential, stored: JsonObject, token: JsonObject) -> JsonObject:
    """Seal the new token. `secret_version` stays: nobody's edit is in conflict with a renewal."""
    changed = with_token(stored, token)
    credentials.put_in(row, credentials.type_of(row.type), changed)
    row.failing_since = None
    row.save(update_fields=["sealed", "key_id", "shown", "failing_since"])
    return changed


def sent(draft: Draft) -> HttpResponse:
    try:
        return fetch(draft.to_request())
    except OutboundError as error:
        raise RemoteError(
            f"The token server cannot be reached: {error.message}", hint="Check the token URL.", code=error.code
        ) from None


def now() -> datetime:
    return datetime.now(UTC)


# through the browser ------------------------------------------------------------------------------------------------
def begin(credential: Credential, *, by: User) -> str:
    """The address where the browser agrees. The state it carries is good for ten minutes, for this person alone."""
    _, fields = oauth2_of(credential)
    if fields.grant_type == "clientCredentials":
        raise Unsuitable("This credential signs in by itself.", hint="Use Test to try it.")
    if not fields.auth_url or not fields.access_token_url or not fields.client_id:
        raise Unsuitable(
            "Authorization URL, token URL and client ID are needed first.",
            code="credential_incomplete",
            hint="Fill them in and save.",
        )
    nonce = url_token()
    said = {"credential": str(credential.pk), "user": str(by.pk), "nonce": nonce}
    state = signer().dump(said, expires_at=now().timestamp() + STATE_LIVES_S)
    verifier = verifier_of(nonce)
    return authorization_url(fields, redirect_uri=callback_url(), state=state, verifier=verifier)


def finish(state: str, code: str, *, by: User) -> Credential:
    """Exchange the code that came back. Raises NotAllowed for a state of somebody else or of long ago."""
    try:
        said = signer().load(state, now=now().timestamp())
    except CryptoError:
        raise NotAllowed("This sign-in took too long or was not begun here.", hint="Begin again.") from None
    if said["user"] != str(by.pk):
        raise NotAllowed("This sign-in was begun by somebody else.", hint="Begin again from the credential's page.")
    row = Credential.objects.editable_by(by).filter(pk=said["credential"]).first()
    if row is None:
        raise NotAllowed("The credential is gone, or not yours to change.", hint="Make a new one.")
    kind, fields = oauth2_of(row)
    verifier = verifier_of(said["nonce"])
    draft = code_request(fields, code=code, redirect_uri=callback_url(), verifier=verifier)
    token = token_of(unecho(sent(draft), (*kind.secrets_of(fields), code, verifier)), {}, now())
    with transaction.atomic():
        row = Credential.objects.select_for_update().get(pk=row.pk)
        keep_token(row, credentials.fields_of(row), token)
        audit.record("credential.connect", actor=by, team=row.team, target=row)
    return row


def oauth2_of(credential: Credential) -> tuple[OAuth2Type, OAuth2Fields]:
    kind = credentials.type_of(credential.type)
    if not isinstance(kind, OAuth2Type):
        raise Unsuitable("This kind of credential is not connected through the browser.", hint="Fill in its fields.")
    return kind, kind.read(credentials.fields_of(credential))


def signer(purpose: str = "oauth2-state") -> Signer:
    return Signer([hashlib.sha256(settings.SECRET_KEY.encode("utf-8")).digest()], purpose)


def verifier_of(nonce: str) -> str:
    """The proof key of RFC 7636. It is made of the nonce again when the browser comes back, so that nothing is stored
    and the browser never sees it."""
    return signer("oauth2-verifier").signature(nonce)
