"""Who calls, where proxies stand in front."""


def nearest_untrusted(direct: str, forwarded_for: str, trusted_proxies: int) -> str:
    """The address next to the proxies that are trusted: the one they added to `X-Forwarded-For`, never one that the
    caller sent. `direct` is the other end of the connection."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    return hops[-trusted_proxies] if trusted_proxies and len(hops) >= trusted_proxies else direct
