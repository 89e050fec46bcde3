"""Reading URLs: one strict reading, so that what was checked is what is dialled, sent as Host and shown to TLS."""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote, urljoin

import idna

from pumpflix.lib.safe_http.errors import OutboundError

_MAX_URL = 65_536
_DEFAULT_PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# RFC 3986 without what would end the component; existing %XX stay as they are.
_PATH_SAFE = "/:@!$&'()*+,;=~%"
_QUERY_SAFE = _PATH_SAFE + "?[]|{}^`"


@dataclass(frozen=True, slots=True)
class Url:
    """A canonical http(s) URL without credentials and fragment. `host` is ASCII; an IPv6 address has no brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """Host header: brackets for IPv6, the port unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"


def parse_url(text: str) -> Url:
    """Read an absolute URL. Raises OutboundError that says what is wrong with it, before anything is resolved."""
    if len(text) > _MAX_URL:
        raise _invalid(f"is longer than {_MAX_URL:,} characters")
    text = text.strip(" ")
    control = _CONTROL.search(text)
    if control:
        raise _invalid(f"has a control character or line break at position {control.start() + 1}")
    scheme, rest = _split_scheme(text)
    if not rest.startswith("//"):
        raise _invalid(f"needs two slashes after '{scheme}:'")
    end = next((i for i, char in enumerate(rest[2:], 2) if char in "/?#"), len(rest))
    authority, tail = rest[2:end], rest[end:].partition("#")[0]
    host, port = _split_authority(authority, scheme)
    return Url(scheme=scheme, host=host, port=port, target=_target(tail))


def join_url(base: Url, location: str) -> Url:
    """Where a redirect points. The result is read as strictly as the first URL was."""
    if "\\" in location or _CONTROL.search(location):
        raise _invalid("of the redirect contains a backslash or a control character")
    return parse_url(urljoin(str(base), location.strip(" ")))


def parse_host(text: str) -> str:
    """A host name or address in the one form that is compared, resolved and sent. Raises OutboundError."""
    if text.startswith("["):
        return _ipv6(text)
    if ":" in text:
        raise _invalid("has a colon in its host; write IPv6 addresses in brackets")
    host = _ascii_host(unicodedata.normalize("NFKC", _percent_decoded(text)))
    host = host.removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid("has no valid host name")
    return host


def is_ip_literal(host: str) -> bool:
    return ":" in host or bool(_NUMBER.fullmatch(host.rsplit(".", 1)[-1]))


def host_matches(host: str, pattern: str) -> bool:
    """`api.x.com` is that host, `*.x.com` any host below it. `host` is canonical."""
    pattern = pattern.strip().lower().removesuffix(".")
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and not is_ip_literal(host)
    return host == pattern


def _split_scheme(text: str) -> tuple[str, str]:
    match = _SCHEME.fullmatch(text)
    if not match:
        raise _invalid("needs to start with https:// or http://")
    scheme = match[1].lower()
    if scheme not in _DEFAULT_PORTS:
        raise OutboundError("scheme_not_allowed", "Only http:// and https:// addresses can be called.")
    return scheme, match[2]


def _split_authority(authority: str, scheme: str) -> tuple[str, int]:
    if "\\" in authority:
        raise _invalid("contains a backslash before its path")
    if "@" in authority:
        message = "User name and password do not belong into a URL. Put them into a credential."
        raise OutboundError("credentials_in_url", message)
    bracket = authority.rfind("]")
    colon = authority.rfind(":")
    has_port = colon > bracket
    host = authority[:colon] if has_port else authority
    if not host:
        raise _invalid("has no host")
    return parse_host(host), _port(authority[colon + 1 :] if has_port else "", scheme)


def _port(text: str, scheme: str) -> int:
    if not text:
        return _DEFAULT_PORTS[scheme]
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65_536:
        raise _invalid("has no valid port")
    return int(text)


def _percent_decoded(host: str) -> str:
    try:
        return unquote(host, errors="strict")
    except UnicodeDecodeError:
        raise _invalid("has no valid host name") from None


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise _invalid("has no valid host name") from None


def _ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        # 127.1, 2130706433, 0x7f.1, 0177.0.0.1: a resolver reads them as addresses, a person mostly does not.
        message = "Write an IPv4 address as four decimal numbers; other spellings of addresses are not allowed."
        raise OutboundError("address_not_allowed", message) from None


def _ipv6(text: str) -> str:
    if "%" in text:
        raise OutboundError("address_not_allowed", "An address with a zone is not allowed.")
    try:
        return str(IPv6Address(text[1:-1])) if text.endswith("]") else _not_ipv6()
    except AddressValueError:
        return _not_ipv6()


def _not_ipv6() -> str:
    raise _invalid("has no valid IPv6 address between its brackets")


def _target(tail: str) -> str:
    path, mark, query = tail.partition("?")
    path = quote(_PERCENT.sub("%25", path), safe=_PATH_SAFE, errors="surrogatepass")
    query = quote(_PERCENT.sub("%25", query), safe=_QUERY_SAFE, errors="surrogatepass")
    return (path if path.startswith("/") else "/" + path) + mark + query


def _invalid(what: str) -> OutboundError:
    return OutboundError("url_invalid", f"The URL {what}.")
