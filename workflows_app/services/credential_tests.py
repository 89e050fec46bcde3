"""Trying a credential: the request its type names, sent as a node would send it, or a sign-in with its server."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from pumpflix.lib.safe_http import OutboundError
from pumpflix.lib.safe_http.servers import ServerRefused
from pumpflix.lib.safe_http.smtp import MailRefused
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import HttpRequest, HttpResponse
from workflows_app.errors import Unsuitable
from workflows_app.models import Credential
from workflows_app.services import oauth2, server_tests
from workflows_app.services.credentials import TestResult, fields_of
from workflows_app.services.outbound import fetch
from workflows_app.toolkit.credential_type import CredentialType
from workflows_app.toolkit.http_errors import message_of
from workflows_app.toolkit.oauth2 import TokenType
from workflows_app.toolkit.redaction import Redactor

TEST_TIMEOUT_S = 20.0
MAX_ANSWER = 1024 * 1024


@dataclass(slots=True)
class TestWire:
    """The wire outside of any run."""

    credential: Credential
    redactor: Redactor
    memory: JsonObject = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def call(self, request: HttpRequest) -> HttpResponse:
        return fetch(replace(request, timeout_s=TEST_TIMEOUT_S, max_bytes=MAX_ANSWER))

    def now(self) -> datetime:
        return datetime.now(UTC)

    def renewed(self, rejected: str) -> JsonObject:
        return oauth2.renewed(self.credential.pk, rejected)


class UnstoredWire(TestWire):
    """For a credential that is not stored: there is nothing to keep a renewed token in."""

    def renewed(self, rejected: str) -> JsonObject:  # noqa: ARG002  the port's
        return fields_of(self.credential)


def asked(credential: Credential, kind: CredentialType[Any]) -> TestResult:
    """What the service says about it. Where a token is all there is to ask for, a new one is."""

    def with_token(has_request: bool) -> JsonObject:
        return oauth2.fresh(credential) if has_request else oauth2.renewed(credential.pk, oauth2.token_in(credential))

    return said_by(TestWire(credential, Redactor()), kind, with_token)


def asked_before_saving(draft: Credential, kind: CredentialType[Any]) -> TestResult:
    """What the service says about one that is not stored. A token that it gives is forgotten."""

    def with_token(has_request: bool) -> JsonObject:
        stored = fields_of(draft)
        if not oauth2.token_data(stored).get("refresh_token"):
            return oauth2.with_new_token(kind, stored, draft.name)
        # It may be good for one use, which would be lost with the answer.
        if not has_request:
            raise Unsuitable("It can be tried once it is saved.", hint="Save it, then press Test again.")
        return stored

    return said_by(UnstoredWire(draft, Redactor()), kind, with_token)


def said_by(wire: TestWire, kind: CredentialType[Any], with_token: Callable[[bool], JsonObject]) -> TestResult:
    """The service's answer to the type's test request, or whether it gives a token where that is all there is."""
    credential, redactor = wire.credential, wire.redactor
    if server_tests.is_server(kind.name):
        return let_in(kind, fields_of(credential))
    try:
        fields = kind.read(fields_of(credential))
        redactor.learn(kind.secrets_of(fields))
        draft = kind.test_request(fields)
        if isinstance(kind, TokenType):
            fields = kind.read(with_token(draft is not None))
            redactor.learn(kind.secrets_of(fields))
        if draft is None:
            return TestResult(True, "The service gave a token.")
        hosts = tuple(credential.allowed_hosts) or kind.hosts_of(fields)
        bound = replace(draft, allowed_hosts=hosts)
        response = kind.send(bound, fields, wire) if kind.is_for_requests else wire.call(bound.to_request())
    except OutboundError as error:
        return TestResult(False, redactor.text(error.message))
    except PumpFlixError as error:
        return TestResult(False, redactor.text(error.message))
    return result_of(response, redactor)


def let_in(kind: CredentialType[Any], stored: JsonObject) -> TestResult:
    """Whether a server that speaks its own protocol lets it in, in the server's own words where it does not."""
    fields = kind.read(stored)
    redactor = Redactor()
    redactor.learn(kind.secrets_of(fields))
    try:
        said = server_tests.sign_in(kind.name, fields.model_dump(by_alias=True))
    except (OutboundError, MailRefused, ServerRefused) as error:
        return TestResult(False, redactor.text(error.message))
    return TestResult(True, said)


def result_of(response: HttpResponse, redactor: Redactor) -> TestResult:
    """Some services answer 200 to a refused sign-in and say so in the body."""
    said = redactor.text(message_of(replace(response, body=redactor.data(response.body))))
    is_refused = response.status >= 400 or b'"ok":false' in response.body.replace(b" ", b"")[:2000]
    if is_refused:
        text = f"The service answered {response.status}: {said}" if said else f"The service answered {response.status}."
        return TestResult(False, text, response.status)
    return TestResult(True, "The service accepts it.", response.status)
