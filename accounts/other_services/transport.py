"""allauth talks to other services by `requests`; what it sends leaves through the one dialer, like everything else."""

from collections.abc import Mapping
from typing import Any

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from pumpflix.lib.outbound import outbound_client
from pumpflix.lib.safe_http import OutboundError, OutboundRequest

# The rest of this package takes its words from here: nothing else of the product may import what can open connections.
__all__ = ["RequestException", "Session", "session"]

WAIT_S = 10
MOST_BYTES = 1024 * 1024
MADE_BY_THE_DIALER = {"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}


class ThroughTheDialer(BaseAdapter):
    """Judges the address, caps size and time. Answers that redirect are refused: a secret is for one host."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the base class's signature
        timeout: Any = None,  # noqa: ARG002
        verify: Any = True,  # noqa: ARG002 - certificates are always checked
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> Response:
        body = request.body if isinstance(request.body, str | bytes) else b""
        headers = [(name, text(value)) for name, value in request.headers.items()]
        asked = OutboundRequest(
            request.method or "GET",
            request.url or "",
            headers=tuple(pair for pair in headers if pair[0].lower() not in MADE_BY_THE_DIALER),
            body=body.encode("utf-8") if isinstance(body, str) else body,
            timeout_s=WAIT_S,
            max_bytes=MOST_BYTES,
        )
        try:
            answer = outbound_client().send(asked)
        except OutboundError as error:
            raise RequestException(str(error), request=request) from error
        made = Response()
        made.status_code, made.reason, made.url, made.request = answer.status, answer.reason, answer.url, request
        made.headers = CaseInsensitiveDict(answer.headers)
        made._content = answer.body
        return made

    def close(self) -> None:
        """Connections belong to the process."""


def text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def session() -> Session:
    """For one exchange. No proxies, `.netrc` or redirects."""
    made = Session()
    made.trust_env = False
    made.max_redirects = 0
    for scheme in ("https://", "http://"):
        made.mount(scheme, ThroughTheDialer())
    return made
