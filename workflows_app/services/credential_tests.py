"""Trying a credential: the request its type names, sent as a node would send it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from pumpflix.lib.safe_http import Dialer, OutboundError
from pumpflix.lib.safe_http.smtp import MailRefused, try_login
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import HttpRequest, HttpResponse
from workflows_app.models import Credential
from workflows_app.services import oauth2
from workflows_app.services.credentials import TestResult, fields_of
from workflows_app.services.outbound import fetch, outbound_policy, server_of
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


def asked(credential: Credential, kind: CredentialType[Any]) -> TestResult:
    """What the service says about it."""
    redactor = Redactor()
    try:
        fields = kind.read(fields_of(credential))
        redactor.learn(kind.secrets_of(fields))
        draft = kind.test_request(fields)
        if draft is None:
            oauth2.renewed(credential.pk, oauth2.token_in(credential))
            return TestResult(True, "The service gave a token.")
        if isinstance(kind, TokenType):
            fields = kind.read(oauth2.fresh(credential))
            redactor.learn(kind.secrets_of(fields))
        hosts = tuple(credential.allowed_hosts) or kind.hosts_of(fields)
        wire = TestWire(credential, redactor)
        bound = replace(draft, allowed_hosts=hosts)
        response = kind.send(bound, fields, wire) if kind.is_for_requests else wire.call(bound.to_request())
    except OutboundError as error:
        return TestResult(False, redactor.text(error.message))
    except PumpFlixError as error:
        return TestResult(False, redactor.text(error.message))
    return result_of(response, redactor)


def mail_login(fields: JsonObject) -> TestResult:
    """Sign in with the mail server, and send nothing."""
    try:
        try_login(Dialer(outbound_policy()), server_of(fields))
    except (OutboundError, MailRefused) as error:
        return TestResult(False, error.message)
    return TestResult(True, "The mail server lets it in.")


def result_of(response: HttpResponse, redactor: Redactor) -> TestResult:
    """Some services answer 200 to a refused sign-in and say so in the body."""
    said = redactor.text(message_of(response))
    is_refused = response.status >= 400 or b'"ok":false' in response.body.replace(b" ", b"")[:2000]
    if is_refused:
        text = f"The service answered {response.status}: {said}" if said else f"The service answered {response.status}."
        return TestResult(False, text, response.status)
    return TestResult(True, "The service accepts it.", response.status)
