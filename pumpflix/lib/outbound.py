"""The way out that settings allow: one policy for nodes, tests of credentials, sign-ins and imports."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from pumpflix.lib.safe_http import OutboundClient, OutboundPolicy, client_for


@lru_cache(maxsize=1)
def outbound_policy() -> OutboundPolicy:
    """What the settings allow. Our own listeners are denied by name and by port, whatever network is opened."""
    env, public_url = settings.PUMPFLIX, settings.PUMPFLIX_PUBLIC_URL
    own_ports = {env.port, urlsplit(public_url).port, urlsplit(env.database_url).port, urlsplit(env.redis_url).port}
    return OutboundPolicy.from_settings(
        allow=env.outbound_allow,
        public_url=public_url,
        own_ports=frozenset(port for port in own_ports if port),
        ca_file=env.ca_file,
    )


def outbound_client() -> OutboundClient:
    """The client of this process under the settings' policy."""
    return client_for(outbound_policy())
