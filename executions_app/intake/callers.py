"""Who calls: webhooks whose node asks callers to sign in, with the stored credential that the node names.

The row is remembered for a moment, closed; it is opened for each call. Comparisons take the same time for every wrong
answer."""

import asyncio
import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import structlog

from executions_app.adapters.credentials import SealedCredential, find, last_uses
from executions_app.intake.batcher import AWAY
from executions_app.intake.http import Refused
from executions_app.intake.routes import KEPT, REMEMBERED_S, Route
from pumpflix.lib.crypto import digest, same
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.redaction import MASK
from workflows_app.toolkit.signatures import is_signed
from workflows_app.toolkit.tokens import check_times, verify_token

TYPES = {
    "basicAuth": "httpBasicAuth",
    "headerAuth": "httpHeaderAuth",
    "jwtAuth": "jwtAuth",
    "hmacAuth": "pumpflixSignature",
}
WRONG = Refused(403, "caller_refused", "The sign-in of this call is not the right one.")

UNSIGNED = Refused(403, "signature_refused", "The signature of this call is missing, too old, or not that of its body.")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """`headers` are what the workflow sees: without the secret the caller proved to know. `token` is the payload of a
    signed token; None where the webhook asks for none. `signs` tells whether a body is signed; None where no signature
    is asked for."""

    headers: dict[str, str]
    token: JsonObject | None = None
    signs: Callable[[bytes], bool] | None = None

    def judge(self, body: bytes) -> None:
        """Raises Refused for a body that the caller has not signed."""
        if self.signs is not None and not self.signs(body):
            raise UNSIGNED


class Callers:
    """Judges calls of webhooks that ask for a sign-in."""

    def __init__(self, remembered_s: float = REMEMBERED_S) -> None:
        self._remembered_s = remembered_s
        self._rows: OrderedDict[UUID, tuple[float, SealedCredential | None]] = OrderedDict()

    async def known(self, route: Route, headers: dict[str, str]) -> Caller:
        """The caller, if the webhook takes its calls. Raises Refused: 401 where nothing is offered, else 403."""
        wanted = route.options.get("authentication")
        if wanted in (None, "", "none"):
            return Caller(headers)
        row = await self._row(route, TYPES.get(str(wanted), ""))
        if row is None:
            raise Refused(403, "caller_not_known", "This webhook asks callers to sign in, and no credential is set.")
        try:
            fields = row.open()
        except PumpFlixError as error:
            log.warning("webhook_credential_closed", webhook=str(route.webhook_id), code=error.instance_code)
            text = "This webhook asks callers to sign in, and its credential cannot be used."
            raise Refused(403, "caller_not_known", text) from error
        return JUDGES[row.type](fields, headers)

    async def _row(self, route: Route, credential_type: str) -> SealedCredential | None:
        kept = self._rows.get(route.webhook_id)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        try:
            row = await asyncio.to_thread(looked_up, route, credential_type)
        except psycopg.Error as error:
            log.warning("webhook_without_database", error=str(error))
            raise AWAY from error
        self._rows[route.webhook_id] = (time.monotonic() + self._remembered_s, row)
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)
        return row


def looked_up(route: Route, credential_type: str) -> SealedCredential | None:
    references = route.options.get("credentials")
    reference = references.get(credential_type) if isinstance(references, Mapping) else None
    row = find(reference, credential_type, route.team_id)
    if row is not None:
        last_uses.note(row.id)
    return row


def by_password(fields: JsonObject, headers: dict[str, str]) -> Caller:
    scheme, _, offered = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        challenge = [("www-authenticate", 'Basic realm="Webhook", charset="UTF-8"')]
        raise Refused(401, "sign_in_needed", "This webhook asks for a user name and a password.", challenge)
    try:
        user, _, password = base64.b64decode(offered.strip(), validate=True).decode("utf-8", "replace").partition(":")
    except binascii.Error:
        raise WRONG from None
    is_right = [equal(user, fields.get("user")), equal(password, fields.get("password"))]
    if not all(is_right) or not fields.get("password"):
        raise WRONG
    return Caller({**headers, "authorization": f"Basic {MASK}"})


def by_header(fields: JsonObject, headers: dict[str, str]) -> Caller:
    name = str(fields.get("name") or "").strip().lower()
    if not name or not fields.get("value") or not equal(headers.get(name, ""), str(fields["value"]).strip()):
        raise WRONG
    return Caller({**headers, name: MASK})


def by_token(fields: JsonObject, headers: dict[str, str]) -> Caller:
    scheme, _, offered = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not offered:
        challenge = [("www-authenticate", "Bearer")]
        raise Refused(401, "sign_in_needed", "This webhook asks for a signed token.", challenge)
    is_pair = fields.get("keyType") == "pemKey"
    key = str(fields.get("publicKey" if is_pair else "secret") or "").replace("\\n", "\n").strip()
    try:
        token = verify_token(offered, str(fields.get("algorithm") or "HS256"), key)
        check_times(token, time.time())
    except PumpFlixError as error:
        raise WRONG from error
    return Caller(headers, token.payload)


def by_signature(fields: JsonObject, headers: dict[str, str]) -> Caller:
    """Judged when the body is there."""
    return Caller(headers, signs=lambda body: is_signed(fields, headers, body, time.time()))


def equal(offered: str, stored: Any) -> bool:
    """In constant time whatever the lengths."""
    return same(digest(offered), digest(str(stored or "")))


JUDGES = {
    "httpBasicAuth": by_password,
    "httpHeaderAuth": by_header,
    "jwtAuth": by_token,
    "pumpflixSignature": by_signature,
}
