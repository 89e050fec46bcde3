"""Sending a request with the credential a node names."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock, RLock
from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpRequest, HttpResponse
from workflows_app.toolkit.credential_type import credential_types
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.paths import names

OLD_TYPES = {
    "basicAuth": "httpBasicAuth",
    "customAuth": "httpCustomAuth",
    "digestAuth": "httpDigestAuth",
    "headerAuth": "httpHeaderAuth",
    "queryAuth": "httpQueryAuth",
    "oAuth1": "oAuth1Api",
    "oAuth2": "oAuth2Api",
}
GENERIC = (
    "httpBasicAuth", "httpBearerAuth", "httpCustomAuth", "httpDigestAuth", "httpHeaderAuth", "httpQueryAuth",
    "oAuth1Api", "oAuth2Api",
)  # fmt: skip
DOMAINS, ALLOWED = "allowedHttpRequestDomains", "allowedDomains"


class Caller:
    """Sends the requests of one node run; safe for several threads. `resolving` is held by whoever reads parameters."""

    def __init__(self, run: NodeRun[Any]) -> None:
        self._run = run
        self._memory: JsonObject = {}
        self._lock = Lock()
        self.resolving = RLock()

    def send(self, draft: Draft, item: int, credential_type: str | None = None) -> HttpResponse:
        """Any status is an answer; without a credential type nothing is signed. Raises CredentialMissing, UserError for
        a credential that is not for requests or not for this host, and what the Http port raises."""
        if credential_type is None:
            return self._run.http(draft.to_request(), item=item)
        wire = RunWire(self._run, item, credential_type, self._memory, self._lock)
        return signed_send(self._run, draft, wire)


@dataclass(slots=True)
class RunWire:
    """The wire of one request of a run."""

    run: NodeRun[Any]
    item: int
    credential_type: str
    memory: JsonObject = field(repr=False)
    lock: Lock

    def call(self, request: HttpRequest) -> HttpResponse:
        return self.run.http(request, item=self.item)

    def now(self) -> datetime:
        return self.run.now()

    def renewed(self, rejected: str) -> JsonObject:
        return self.run.renewed_credential(self.credential_type, rejected)


def signed_send(run: NodeRun[Any], draft: Draft, wire: RunWire) -> HttpResponse:
    credential_type = wire.credential_type
    if not credential_type:
        raise UserError("No kind of credential is chosen.", code="credential_missing", hint="Choose how to sign in.")
    stored = run.credential(credential_type)
    if not stored:
        return wire.call(draft.to_request())
    kind = credential_types.find(credential_type)
    if kind is None:
        raise UserError(
            f"Credentials of type {credential_type} are not known here.",
            code="credential_type_unknown",
            hint="Use a header, bearer, basic, query, custom or OAuth credential instead.",
        )
    fields = kind.read(stored)
    bound = replace(draft, allowed_hosts=hosts_of(stored) or kind.hosts_of(fields))
    return kind.send(bound, fields, wire)


def hosts_of(stored: JsonObject) -> tuple[str, ...]:
    """The hosts that its owner binds a credential to; nothing where any will do. Raises UserError for one that may not
    go into requests at all."""
    if stored.get(DOMAINS) == "none":
        raise UserError(
            "This credential may not be used in requests of your own.",
            code="host_not_allowed",
            hint="Its owner can name hosts that it may be sent to.",
        )
    return tuple(names(stored.get(ALLOWED))) if stored.get(DOMAINS) == "domains" else ()


def chosen_type(authentication: str, generic: str, predefined: str) -> str | None:
    """The credential type that parameters name; None where nothing is signed, empty where the choice is missing."""
    if authentication in ("", "none"):
        return None
    if authentication == "genericCredentialType":
        return generic
    if authentication == "predefinedCredentialType":
        return predefined
    return OLD_TYPES.get(authentication, authentication)
