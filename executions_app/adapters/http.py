"""The Http port made real: one call over the dialer, or to a handler of our own for the built-in hosts."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from pumpflix.lib.ids import idempotency_key
from pumpflix.lib.safe_http import OutboundClient, OutboundError, OutboundRequest, parse_url
from workflows_app.engine.errors import ParameterError, PumpFlixError, RemoteError
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse
from workflows_app.services.outbound import outbound_client, outbound_policy, outbound_request

log = structlog.get_logger(__name__)

Handler = Callable[[CallSite, HttpRequest], HttpResponse]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_OF_THE_AUTHOR = {
    "url_invalid": "Check the URL, and the expression it comes from.",
    "scheme_not_allowed": "Use an address that starts with https://.",
    "credentials_in_url": "Choose an authentication on the node instead.",
    "method_invalid": "Choose one of the usual methods, such as GET or POST.",
    "header_invalid": "Check the headers, and the expressions they come from.",
    "header_not_allowed": "Remove that header from the node.",
    "address_not_allowed": "Workflows reach the public internet only. An administrator can open private networks.",
    "host_not_allowed": "Use a credential that is meant for this host.",
    "port_not_allowed": "An administrator can open this port for a network.",
}
_OF_THE_WORLD = {
    "resolve_failed": "Check the spelling of the host name.",
    "connect_failed": "Check the address and the port, and whether the service is up.",
    "tls_failed": "Check the certificate of the service, or switch its verification off on the node.",
    "timed_out": "The service may be slow; try again, or allow more time on the node.",
    "deadline_exceeded": "The service may be slow; try again, or allow more time on the node.",
    "too_large": "Ask for less at a time, for example page by page.",
}


class HttpAdapter:
    """Calls of one execution. `barrier` is asked before a byte leaves; `poll` about once a second while waiting, and
    what it raises ends the call. `builtin` maps reserved hosts to handlers that answer without the network."""

    width = 16

    def __init__(
        self,
        client: OutboundClient,
        *,
        execution_id: str,
        barrier: Callable[[CallSite], None] | None = None,
        poll: Callable[[], None] | None = None,
        builtin: Mapping[str, Handler] | None = None,
    ) -> None:
        self._client = client
        self._execution_id = execution_id
        self._barrier = barrier
        self._poll = poll
        self._builtin = dict(builtin or {})

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        """Any status is an answer. Raises ParameterError for what the author must change, RemoteError for the rest."""
        try:
            handler = self._handler(request)
            if self._barrier is not None:
                self._barrier(site)
            if handler is not None:
                return handler(site, request)
            answer = self._client.send(self._outbound(site, request), poll=self._poll)
        except OutboundError as error:
            if error.code == "host_not_allowed":
                # Somebody may be trying where a secret can be sent to: the operator sees it, not the run alone.
                log.warning("credential_held_back", node=site.node, execution=self._execution_id, reason=error.message)
            raise engine_error(error) from None
        return HttpResponse(answer.status, answer.reason, answer.headers, answer.body, answer.url)

    def _handler(self, request: HttpRequest) -> Handler | None:
        return self._builtin.get(parse_url(request.url).host) if self._builtin else None

    def _outbound(self, site: CallSite, request: HttpRequest) -> OutboundRequest:
        return outbound_request(replace(request, headers=self._headers(site, request)))

    def _headers(self, site: CallSite, request: HttpRequest) -> tuple[tuple[str, str], ...]:
        has_own = any(name.lower() == "idempotency-key" for name, _ in request.headers)
        if has_own or not request.has_idempotency_key or request.method.upper() in _SAFE_METHODS:
            return request.headers
        key = idempotency_key(self._execution_id, site.node, site.run_index, site.item, site.call)
        return (*request.headers, ("Idempotency-Key", key))


def engine_error(error: OutboundError) -> PumpFlixError:
    """The dialer's error in the words of the engine; the code stays."""
    if error.code in _OF_THE_AUTHOR:
        return ParameterError(error.message, hint=_OF_THE_AUTHOR[error.code], code=error.code)
    hint = _OF_THE_WORLD.get(error.code, "")
    return RemoteError(error.message, permanent=not error.is_transient, hint=hint, code=error.code)


__all__ = ["Handler", "HttpAdapter", "engine_error", "outbound_client", "outbound_policy"]
