"""The HTTP client of everything that leaves: httpcore's pool over the guarded dialer; redirects, headers and
decompression are our own, because each of them is a place where a check can be walked around.

Proxy variables, `.netrc` and cookie jars do not exist here. One client serves many threads.
"""

import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import httpcore

from pumpflix.lib.safe_http.decoding import decoded
from pumpflix.lib.safe_http.dialer import (
    Dialer,
    GuardedBackend,
    Resolver,
    TlsIdentity,
    identified_context,
    system_resolver,
    tls_context,
)
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.exchange import Exchange, running
from pumpflix.lib.safe_http.headers import (
    Headers,
    check_headers,
    check_method,
    wire_headers,
    without_body_headers,
    without_credentials,
)
from pumpflix.lib.safe_http.policy import OutboundPolicy
from pumpflix.lib.safe_http.urls import Url, host_matches, join_url, parse_url

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
# Below the five seconds after which many servers hang up, so that a request rarely meets a closing connection.
_KEEPALIVE_S = 4.0
_MAX_IDLE = 64


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """`allowed_hosts` binds what the request carries: any other host is refused, and a redirect to one goes on without
    credentials, or not at all if it would take the body along. `secret_headers` stay behind, as Authorization and
    Cookie and the `identity` do, whenever a redirect leaves the origin."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    timeout_s: float = 300.0
    follow_redirects: bool = False
    max_redirects: int = 5
    verify_tls: bool = True
    max_bytes: int = 50 * 1024 * 1024
    secret_headers: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    identity: TlsIdentity | None = None


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """`body` is unpacked; then the headers that described the packed one are gone. `url` is the last one called."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    url: str
    redirects: tuple[str, ...] = ()


class OutboundClient:
    """Connections are shared by all requests under one policy and never with another."""

    def __init__(self, policy: OutboundPolicy, *, resolver: Resolver = system_resolver):
        self.policy = policy
        self._backend = GuardedBackend(Dialer(policy, resolver))
        self._pools = {verify: self._pool(verify) for verify in (True, False)}

    def _pool(self, verify: bool, identity: TlsIdentity | None = None) -> httpcore.ConnectionPool:
        ca_file = self.policy.ca_file
        return httpcore.ConnectionPool(
            ssl_context=identified_context(ca_file, verify, identity) if identity else tls_context(ca_file, verify),
            max_connections=None,
            max_keepalive_connections=_MAX_IDLE,
            keepalive_expiry=_KEEPALIVE_S,
            network_backend=self._backend,
        )

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def send(self, request: OutboundRequest, *, poll: Callable[[], None] | None = None) -> OutboundResponse:
        """The answer, whatever its status. Raises OutboundError when none came or none was allowed.

        `poll` is called before the first byte and about once a second, and raises whatever is to end the call.
        """
        limits = self.policy.limits
        request = replace(request, method=check_method(request.method), headers=check_headers(request.headers))
        url = parse_url(request.url)
        if not _is_bound(url, request):
            raise OutboundError("host_not_allowed", f"The credential of this call may not be sent to '{url.host}'.")
        visited: list[str] = []
        deadline_s = min(request.timeout_s, limits.deadline_s)
        with running(
            Exchange.start(deadline_s=deadline_s, read_s=min(deadline_s, limits.read_s), poll=poll)
        ) as exchange:
            while True:
                response = self._once(url, request, exchange)
                location = _location(response) if request.follow_redirects else ""
                if not location:
                    return replace(response, redirects=tuple(visited))
                visited.append(str(url))
                if len(visited) > min(request.max_redirects, limits.max_redirects):
                    raise OutboundError("too_many_redirects", "The host redirects again and again.")
                url, request = _redirected(url, location, response.status, request)

    def _once(self, url: Url, request: OutboundRequest, exchange: Exchange) -> OutboundResponse:
        """Connections that say who calls are used for this one call and shared with nobody."""
        if request.identity is None:
            return self._repeated(self._pools[request.verify_tls], url, request, exchange)
        with self._pool(request.verify_tls, request.identity) as pool:
            return self._repeated(pool, url, request, exchange)

    def _repeated(
        self, pool: httpcore.ConnectionPool, url: Url, request: OutboundRequest, exchange: Exchange
    ) -> OutboundResponse:
        exchange.has_dialled, exchange.received = False, 0
        try:
            return self._exchange(pool, url, request, exchange)
        except _STALE:
            # The server closed an idle connection just as we took it up. Nothing was answered; a fresh one may.
            if exchange.has_dialled or exchange.received or request.method not in _REPEATABLE:
                raise _lost() from None
        try:
            return self._exchange(pool, url, request, exchange)
        except _STALE:
            raise _lost() from None

    def _exchange(
        self, pool: httpcore.ConnectionPool, url: Url, request: OutboundRequest, exchange: Exchange
    ) -> OutboundResponse:
        limits = self.policy.limits
        max_bytes = min(request.max_bytes, limits.max_body_bytes)
        exchange.allowance = exchange.received + limits.max_head_bytes
        try:
            answer = pool.handle_request(_wire_request(url, request, exchange))
        except httpcore.LocalProtocolError:
            raise OutboundError("header_invalid", "The request cannot be written as HTTP.") from None
        except httpcore.RemoteProtocolError as error:
            if "disconnected" in str(error) and not exchange.received:
                raise _Stale from None
            raise _garbled() from None
        except OutboundError as error:
            raise _head_too_large(error) from None
        try:
            headers = _response_headers(answer)
            # Chunk sizes and the like come on top of the body; a body within its cap never meets this one.
            exchange.allowance = exchange.received + 2 * max_bytes + limits.max_head_bytes
            body, headers = self._body(request, answer, headers, max_bytes)
        except httpcore.RemoteProtocolError:
            raise _garbled() from None
        except _STALE:
            raise _lost() from None
        finally:
            answer.close()
        reason = bytes(answer.extensions.get("reason_phrase", b"")).decode("latin-1")
        return OutboundResponse(answer.status, reason, headers, body, str(url))

    def _body(
        self, request: OutboundRequest, answer: httpcore.Response, headers: Headers, max_bytes: int
    ) -> tuple[bytes, Headers]:
        if request.follow_redirects and answer.status in _REDIRECTS:
            return b"", headers
        declared = _first(headers, "content-length")
        if request.method != "HEAD" and declared.isdigit() and int(declared) > max_bytes:
            raise _too_large(max_bytes)
        assert isinstance(answer.stream, Iterable)
        encoding = _first(headers, "content-encoding").strip().lower()
        body = bytearray()
        for chunk in decoded(answer.stream, encoding, self.policy.limits):
            body += chunk
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
        if body and encoding not in {"", "identity"}:
            headers = tuple(pair for pair in headers if pair[0].lower() not in {"content-encoding", "content-length"})
        return bytes(body), headers


@functools.lru_cache(maxsize=64)
def client_for(policy: OutboundPolicy) -> OutboundClient:
    """One client, hence one pool, per policy and process."""
    return OutboundClient(policy)


class _Stale(Exception):
    """The connection ended before a byte of the answer came."""


_STALE = (_Stale, httpcore.ReadError, httpcore.WriteError)


def _wire_request(url: Url, request: OutboundRequest, exchange: Exchange) -> httpcore.Request:
    headers = wire_headers(request.headers, host=url.netloc, body=request.body, method=request.method)
    left = max(0.001, exchange.deadline - time.monotonic())
    return httpcore.Request(
        request.method.encode("ascii"),
        httpcore.URL(
            scheme=url.scheme.encode("ascii"),
            host=url.host.encode("ascii"),
            port=url.port,
            target=url.target.encode("ascii"),
        ),
        headers=headers,
        content=request.body,
        extensions={"timeout": {"pool": left}},
    )


def _response_headers(answer: httpcore.Response) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)


def _first(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _location(response: OutboundResponse) -> str:
    """Where a redirect points, or nothing. Servers that do not escape their URLs send them as UTF-8."""
    location = _first(response.headers, "location") if response.status in _REDIRECTS else ""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return location


def _redirected(url: Url, location: str, status: int, request: OutboundRequest) -> tuple[Url, OutboundRequest]:
    """The next hop and what may be sent there. 303 becomes a GET, and 301 and 302 do for a POST, as browsers do."""
    try:
        target = join_url(url, location)
    except OutboundError as error:
        raise OutboundError(
            "redirect_refused", f"The host redirects to where no call can go: {error.message}"
        ) from None
    headers = request.headers
    if target.origin != url.origin:
        headers = without_credentials(headers, request.secret_headers)
        request = replace(request, identity=None)
    if (status == 303 and request.method != "HEAD") or (status in {301, 302} and request.method == "POST"):
        return target, replace(request, method="GET", body=b"", headers=without_body_headers(headers))
    if request.body and not _is_bound(target, request):
        raise OutboundError(
            "redirect_refused", "The host redirects to one that this call's credential is not meant for."
        )
    return target, replace(request, headers=headers)


def _is_bound(url: Url, request: OutboundRequest) -> bool:
    return not request.allowed_hosts or any(host_matches(url.host, pattern) for pattern in request.allowed_hosts)


def _head_too_large(error: OutboundError) -> OutboundError:
    if error.code != "too_large":
        return error
    return OutboundError("too_large", "The headers of the response are larger than allowed.")


def _too_large(max_bytes: int) -> OutboundError:
    return OutboundError("too_large", f"The response is larger than the {max_bytes / 1024 / 1024:.0f} MB allowed.")


def _lost() -> OutboundError:
    return OutboundError("connection_lost", "The host closed the connection before its answer was complete.")


def _garbled() -> OutboundError:
    return OutboundError("response_invalid", "The host answered with something that is not HTTP.")
