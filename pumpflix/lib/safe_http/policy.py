"""What may be reached: a value, built from settings, handed to every client and compared by content.

Judging is pure. A denial never says which of several addresses it was for, nor what a name resolved to.
"""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from pumpflix.lib.safe_http.addresses import IPAddress, IPNetwork, canonical, is_public, parse_address, parse_network
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.urls import is_ip_literal, parse_url

# SSH, SMTP, RPC, NetBIOS, SMB, Docker, MySQL, PostgreSQL, Redis, Elasticsearch, Memcached, MongoDB.
DENIED_PORTS = frozenset({22, 25, 111, 135, 139, 445, 2375, 2379, 3306, 5432, 6379, 9200, 11211, 27017})

# Names that only mean something inside a network. Without an opened network they are refused unresolved, so that
# nobody can learn which of them exist.
_INTERNAL_SUFFIXES = (
    ".localhost", ".local", ".internal", ".intranet", ".private", ".corp", ".home", ".lan", ".home.arpa",
    ".localdomain", ".svc", ".cluster.local", ".consul", ".onion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenNetwork:
    """A network opened on purpose. With `ports`, only those, and then also ports and listeners otherwise denied."""

    network: IPNetwork
    ports: frozenset[int] = frozenset()

    def covers(self, address: IPAddress, port: int) -> bool:
        if address.version != self.network.version or address not in self.network:
            return False
        return not self.ports or port in self.ports


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one exchange, whatever the request asks for."""

    connect_s: float = 10.0
    # Models and reports may think for minutes before the first byte; a request's own deadline is mostly shorter.
    read_s: float = 900.0
    deadline_s: float = 3600.0
    max_body_bytes: int = 50 * 1024 * 1024
    max_head_bytes: int = 256 * 1024
    max_ratio: int = 100
    ratio_grace_bytes: int = 8 * 1024 * 1024
    max_redirects: int = 5
    # Every failure to connect takes at least this long, so that time does not tell a denied host from a closed port.
    failure_s: float = 0.05


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """Everything not public is denied; `open_networks` are the exceptions. `own_hosts` and `own_ports` are ours."""

    open_networks: tuple[OpenNetwork, ...] = ()
    denied_networks: tuple[IPNetwork, ...] = ()
    denied_ports: frozenset[int] = DENIED_PORTS
    own_hosts: frozenset[str] = frozenset()
    own_ports: frozenset[int] = frozenset()
    ca_file: str = ""
    limits: Limits = field(default=Limits())

    @classmethod
    def from_settings(
        cls, *, allow: str = "", public_url: str = "", own_ports: frozenset[int] = frozenset(), ca_file: str = ""
    ) -> "OutboundPolicy":
        """`allow` as `parse_open_networks` reads it. Local names and addresses of ours are told by port instead."""
        own_host = parse_url(public_url).host if public_url else ""
        is_local = not own_host or is_internal_name(own_host) or not _is_public_host(own_host)
        own_hosts = frozenset() if is_local else frozenset({own_host})
        return cls(parse_open_networks(allow), own_hosts=own_hosts, own_ports=own_ports, ca_file=ca_file)

    def check_name(self, host: str) -> None:
        """Judge a canonical host name before it is resolved."""
        if is_internal_name(host) and not self.open_networks:
            raise address_not_allowed()

    def check_addresses(
        self, host: str, addresses: Sequence[IPAddress], port: int, *, service_ports: frozenset[int] = frozenset()
    ) -> list[IPAddress]:
        """The addresses in canonical form, if every one of them may be reached at that port.

        `service_ports` are those a node's own protocol needs (25 for mail); they are not held against it.
        """
        found = [canonical(address) for address in addresses]
        if not all(self._allows_address(address, port) for address in found):
            raise address_not_allowed()
        if not all(self._opens(address, port) for address in found):
            if host in self.own_hosts or (port in self.own_ports and any(map(is_this_machine, found))):
                raise address_not_allowed()
            if port in self.denied_ports - service_ports:
                raise OutboundError("port_not_allowed", f"Port {port} is not allowed.")
        return found

    def _allows_address(self, address: IPAddress, port: int) -> bool:
        if any(network.covers(address, port) for network in self.open_networks):
            return True
        denied = any(address.version == net.version and address in net for net in self.denied_networks)
        return is_public(address) and not denied

    def _opens(self, address: IPAddress, port: int) -> bool:
        """Opened by name of the port: then neither the list of ports nor the ban on ourselves applies."""
        return any(network.ports and network.covers(address, port) for network in self.open_networks)


def is_internal_name(host: str) -> bool:
    return ("." not in host and ":" not in host) or host.endswith(_INTERNAL_SUFFIXES)


def _is_public_host(host: str) -> bool:
    """True for a name, and for an address that is public."""
    return not is_ip_literal(host) or is_public(parse_address(host))


def is_this_machine(address: IPAddress) -> bool:
    """True if the address is one of this machine's own, public ones included: only those can be bound to."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError as error:
        return error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
    return True


def parse_open_networks(text: str) -> tuple[OpenNetwork, ...]:
    """`10.0.0.0/8, 127.0.0.1/32:8080+8081, [fd00::/8]:5432` as settings write it. Raises ValueError with the entry."""
    return tuple(_open_network(entry) for entry in (part.strip() for part in text.split(",")) if entry)


def _open_network(entry: str) -> OpenNetwork:
    inside, bracket, rest = entry.removeprefix("[").partition("]")
    if entry.startswith("["):
        network, ports = inside if bracket else "", rest.removeprefix(":")
    elif entry.count(":") > 1:
        network, ports = entry, ""
    else:
        network, _, ports = entry.partition(":")
    try:
        numbers = frozenset(int(port) for port in ports.split("+")) if ports else frozenset()
        opened = OpenNetwork(parse_network(network), numbers)
    except ValueError:
        opened = None
    if opened is None or not all(0 < number < 65_536 for number in opened.ports):
        raise ValueError(f"'{entry}' is not a network; write 10.0.0.0/8, 127.0.0.1/32:8080 or [fd00::/8]:8080")
    return opened


def address_not_allowed() -> OutboundError:
    return OutboundError("address_not_allowed", "The address of this host is not allowed.")
