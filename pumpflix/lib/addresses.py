"""Who calls, where proxies stand in front."""

from ipaddress import IPv6Address, IPv6Network, ip_address

ONE_SUBSCRIBER = 64
"""The part of an IPv6 address that a provider gives to one line; the rest is for whoever has the line to choose."""


def nearest_untrusted(direct: str, forwarded_for: str, trusted_proxies: int) -> str:
    """The address next to the proxies that are trusted: the one they added to `X-Forwarded-For`, never one that the
    caller sent. `direct` is the other end of the connection."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    return hops[-trusted_proxies] if trusted_proxies and len(hops) >= trusted_proxies else direct


def line_of(address: str) -> str:
    """What limits count by: an IPv4 address, or the network of an IPv6 one: in it a caller has 2^64 to choose from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Network((found, ONE_SUBSCRIBER), strict=False).network_address)
