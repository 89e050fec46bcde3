"""Which addresses may be reached: a table of our own, since `ipaddress.is_global` changes between Python versions and
calls NAT64 and 6to4 forms of 127.0.0.1 global."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

DENIED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier NAT, and Alibaba's metadata service
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's wire server: a public number that is only ever the host beside us
        "169.254.0.0/16",  # link-local, and most metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, and Oracle's metadata service
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

# Only this is handed out as global unicast: ::/96, ::1, fc00::/7, fe80::/10, fec0::/10 and ff00::/8 lie outside it.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
DENIED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "3ffe::/16",  # the returned 6bone
        "3fff::/20",  # documentation
    )
)

_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


def canonical(address: IPAddress) -> IPAddress:
    """`::ffff:a.b.c.d` leaves this machine as plain IPv4, so it is judged and allow-listed as that."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped if mapped is not None else address


def embedded_v4(address: IPv6Address) -> Iterator[IPv4Address]:
    """IPv4 addresses that a gateway would take out of this one: NAT64's well-known prefix and 6to4.

    IPv4-compatible, Teredo and NAT64's local prefix (64:ff9b:1::/48) need no unwrapping: their ranges are denied whole.
    """
    if address in _TRANSLATED:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    elif address in _SIX_TO_FOUR:
        yield IPv4Address((int(address) >> 80) & 0xFFFF_FFFF)


def is_public(address: IPAddress) -> bool:
    """True for addresses of the open internet, also when wrapped in an IPv6 transition form."""
    address = canonical(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in DENIED_V4)
    if getattr(address, "scope_id", None):
        return False
    wrapped = list(embedded_v4(address))
    if wrapped and not all(is_public(inner) for inner in wrapped):
        return False
    if address in _TRANSLATED:
        return True
    return address in _GLOBAL_UNICAST and not any(address in network for network in DENIED_V6)


def parse_network(text: str) -> IPNetwork:
    """A network in CIDR form, or one address. Raises ValueError, also when host bits are set."""
    return ip_network(text)


def parse_address(text: str) -> IPAddress:
    """An address as a resolver gives it; a zone (`%eth0`) is kept and makes it local."""
    return ip_address(text)
