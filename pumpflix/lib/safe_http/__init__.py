"""The one way out: every outgoing connection of the product is opened here, under one address policy.

    client_for(policy).send(OutboundRequest("GET", "https://example.com"))      HTTP
    open_connection(Dialer(policy), "mail.example.com", 465)                   anything else

What it promises: the URL is read once and strictly; every address of the host is judged before one of them is dialled,
and nothing but a judged address is dialled; redirects are judged like first calls and lose credentials on the way to
another origin; size, time and unpacking are capped; errors have stable codes and say nothing about a denied host.
"""

from pumpflix.lib.safe_http.client import OutboundClient, OutboundRequest, OutboundResponse, client_for
from pumpflix.lib.safe_http.connection import OutboundConnection, open_connection
from pumpflix.lib.safe_http.dialer import Dialer, TlsIdentity
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.policy import DENIED_PORTS, Limits, OpenNetwork, OutboundPolicy, parse_open_networks
from pumpflix.lib.safe_http.urls import Url, parse_url

__all__ = [
    "DENIED_PORTS",
    "Dialer",
    "Limits",
    "OpenNetwork",
    "OutboundClient",
    "OutboundConnection",
    "OutboundError",
    "OutboundPolicy",
    "OutboundRequest",
    "OutboundResponse",
    "TlsIdentity",
    "Url",
    "client_for",
    "open_connection",
    "parse_open_networks",
    "parse_url",
]
