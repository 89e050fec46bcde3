"""Calls of workflows in the words of the one way out, which settings shape (`pumpflix.lib.outbound`)."""

from collections.abc import Mapping
from typing import Any

from pumpflix.lib.outbound import outbound_client, outbound_policy
from pumpflix.lib.safe_http import OutboundRequest, TlsIdentity
from pumpflix.lib.safe_http.smtp import MailServer
from workflows_app.engine.errors import ParameterError
from workflows_app.engine.ports import HttpRequest, HttpResponse

__all__ = ["fetch", "identity_of", "outbound_client", "outbound_policy", "outbound_request", "server_of"]


def outbound_request(request: HttpRequest) -> OutboundRequest:
    """A request of the engine in the dialer's words."""
    return OutboundRequest(
        method=request.method,
        url=request.url,
        headers=request.headers,
        body=request.body,
        timeout_s=request.timeout_s,
        follow_redirects=request.follow_redirects,
        max_redirects=request.max_redirects,
        verify_tls=request.verify_tls,
        max_bytes=request.max_bytes,
        secret_headers=request.secret_headers,
        allowed_hosts=request.allowed_hosts,
        identity=identity_of(request),
    )


def identity_of(request: HttpRequest) -> TlsIdentity | None:
    given = request.identity
    if given is None:
        return None
    return TlsIdentity(given.certificate, given.key, given.passphrase, given.authority)


def fetch(request: HttpRequest) -> HttpResponse:
    """One call outside of any run. Raises OutboundError."""
    answer = outbound_client().send(outbound_request(request))
    return HttpResponse(answer.status, answer.reason, answer.headers, answer.body, answer.url)


def server_of(credential: Mapping[str, Any]) -> MailServer:
    """The fields of an `smtp` credential. Raises ParameterError where they name no server."""
    host = str(credential.get("host") or "").strip()
    try:
        port = int(credential.get("port") or 465)
    except ValueError:
        port = 0
    if not host or not 0 < port < 65_536:
        raise ParameterError("The SMTP credential names no server.", hint="Enter host and port in the credential.")
    return MailServer(
        host=host,
        port=port,
        user=str(credential.get("user") or ""),
        password=str(credential.get("password") or ""),
        is_tls=bool(credential.get("secure", True)),
        allows_start_tls=not credential.get("disableStartTls", False),
        verify_tls=not credential.get("allowUnauthorizedCerts", False),
        own_name=str(credential.get("hostName") or ""),
    )
