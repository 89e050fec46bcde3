import socket
from ipaddress import ip_address, ip_network

import pytest

from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.policy import (
    DENIED_PORTS,
    OpenNetwork,
    OutboundPolicy,
    is_internal_name,
    is_this_machine,
    parse_open_networks,
)

pytestmark = pytest.mark.requirement(23)

PUBLIC = "93.184.216.34"


def verdict(policy: OutboundPolicy, *addresses: str, port: int = 443, host: str = "example.com", **kwargs) -> str:
    try:
        policy.check_name(host)
        policy.check_addresses(host, [ip_address(text) for text in addresses], port, **kwargs)
    except OutboundError as error:
        return error.code
    return "allowed"


def policy_for(text: str, **kwargs) -> OutboundPolicy:
    return OutboundPolicy(parse_open_networks(text), **kwargs)


def test_public_addresses_are_allowed_by_default():
    assert verdict(OutboundPolicy(), PUBLIC, "2606:4700::1111") == "allowed"


def test_one_private_address_among_public_ones_denies_the_host():
    assert verdict(OutboundPolicy(), PUBLIC, "10.0.0.1") == "address_not_allowed"
    assert verdict(OutboundPolicy(), "::1", PUBLIC) == "address_not_allowed"


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_an_opened_network_is_allowed_also_in_mapped_form(address):
    assert verdict(policy_for("10.0.0.0/8"), address) == "allowed"
    assert verdict(policy_for("10.0.0.0/8"), "192.168.0.1") == "address_not_allowed"


def test_opening_ipv4_does_not_open_its_nat64_form():
    assert verdict(policy_for("10.0.0.0/8"), "64:ff9b::10.1.2.3") == "address_not_allowed"


def test_a_port_opens_that_port_only():
    policy = policy_for("10.0.0.0/8:8080+5432")
    assert verdict(policy, "10.0.0.1", port=8080) == "allowed"
    assert verdict(policy, "10.0.0.1", port=5432) == "allowed"
    assert verdict(policy, "10.0.0.1", port=80) == "address_not_allowed"


def test_an_opened_network_without_ports_keeps_the_list_of_ports():
    assert verdict(policy_for("10.0.0.0/8"), "10.0.0.1", port=5432) == "port_not_allowed"


@pytest.mark.requirement(26)
@pytest.mark.parametrize("port", sorted(DENIED_PORTS))
def test_ports_of_other_protocols_are_denied(port):
    assert verdict(OutboundPolicy(), PUBLIC, port=port) == "port_not_allowed"


@pytest.mark.requirement(26)
def test_a_protocol_may_use_its_own_port():
    assert verdict(OutboundPolicy(), PUBLIC, port=25, service_ports=frozenset({25, 465})) == "allowed"
    assert verdict(OutboundPolicy(), PUBLIC, port=22, service_ports=frozenset({25})) == "port_not_allowed"


def test_a_denied_address_is_told_before_a_denied_port():
    assert verdict(OutboundPolicy(), "10.0.0.1", port=22) == "address_not_allowed"


def test_an_administrator_can_deny_more_networks():
    policy = OutboundPolicy(denied_networks=(ip_network("93.184.0.0/16"),))
    assert verdict(policy, PUBLIC) == "address_not_allowed"
    assert verdict(policy, "2606:4700::1111") == "allowed"


@pytest.mark.requirement(26)
class TestOurselves:
    def test_our_public_name_is_denied_at_every_port(self):
        policy = OutboundPolicy.from_settings(public_url="https://Flows.Example.org./x")
        assert verdict(policy, PUBLIC, host="flows.example.org") == "address_not_allowed"
        assert verdict(policy, PUBLIC, host="flows.example.org", port=8443) == "address_not_allowed"
        assert verdict(policy, PUBLIC, host="other.example.org") == "allowed"

    def test_our_ports_are_denied_on_this_machine_even_if_its_network_is_opened(self):
        policy = policy_for("127.0.0.0/8", own_ports=frozenset({8000}))
        assert verdict(policy, "127.0.0.1", port=8000) == "address_not_allowed"
        assert verdict(policy, "127.0.0.1", port=8001) == "allowed"
        assert verdict(policy, PUBLIC, port=8000) == "allowed"

    def test_naming_the_port_opens_us_on_purpose(self):
        policy = policy_for("127.0.0.0/8:8000", own_ports=frozenset({8000}), own_hosts=frozenset({"flows.example.org"}))
        assert verdict(policy, "127.0.0.1", port=8000) == "allowed"
        assert verdict(policy, "127.0.0.1", port=8000, host="flows.example.org") == "allowed"

    @pytest.mark.parametrize("url", ["", "http://127.0.0.1:8000", "http://localhost:8000", "http://pumpflix.local"])
    def test_local_names_of_ours_are_no_public_names(self, url):
        assert OutboundPolicy.from_settings(public_url=url).own_hosts == frozenset()

    def test_the_machine_knows_its_addresses(self):
        assert is_this_machine(ip_address("127.0.0.1"))
        assert not is_this_machine(ip_address(PUBLIC))
        assert is_this_machine(ip_address("::1")) is socket.has_dualstack_ipv6()


class TestInternalNames:
    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "db",
            "redis.local",
            "metadata.google.internal",
            "x.svc",
            "api.default.svc.cluster.local",
            "nas.home.arpa",
            "a.lan",
        ],
    )
    def test_names_of_networks_are_refused_unresolved(self, host):
        assert is_internal_name(host)
        assert verdict(OutboundPolicy(), PUBLIC, host=host) == "address_not_allowed"

    def test_they_are_resolved_once_a_network_is_opened(self):
        assert verdict(policy_for("10.0.0.0/8"), "10.0.0.5", host="db") == "allowed"
        assert verdict(policy_for("10.0.0.0/8"), "10.0.0.5", "127.0.0.1", host="db") == "address_not_allowed"

    @pytest.mark.parametrize("host", ["example.com", "internal.example.com", "mylocal.dev", "::1", "10.0.0.1"])
    def test_other_hosts_are_not_internal_names(self, host):
        assert not is_internal_name(host)


class TestSettingsText:
    def test_networks_are_read_with_and_without_ports(self):
        assert parse_open_networks(" 10.0.0.0/8, 127.0.0.1:80+81 ,fd00::/8,[fd00::1]:443,[::1] ,") == (
            OpenNetwork(ip_network("10.0.0.0/8")),
            OpenNetwork(ip_network("127.0.0.1/32"), frozenset({80, 81})),
            OpenNetwork(ip_network("fd00::/8")),
            OpenNetwork(ip_network("fd00::1/128"), frozenset({443})),
            OpenNetwork(ip_network("::1/128")),
        )

    @pytest.mark.parametrize(
        "entry",
        ["10.0.0.1/8", "example.com", "10.0.0.0/8:0", "10.0.0.0/8:70000", "10.0.0.0/8:a", "[::1", "10.0.0.0/33"],
    )
    def test_a_wrong_entry_is_quoted(self, entry):
        with pytest.raises(ValueError, match="is not a network") as caught:
            parse_open_networks(f"10.0.0.0/8, {entry}")
        assert f"'{entry}'" in str(caught.value)

    def test_equal_settings_give_equal_policies(self):
        assert policy_for("10.0.0.0/8") == policy_for(" 10.0.0.0/8 ")
        assert hash(policy_for("10.0.0.0/8")) == hash(policy_for("10.0.0.0/8"))


def test_a_denial_names_no_address():
    with pytest.raises(OutboundError) as caught:
        OutboundPolicy().check_addresses("db.example.com", [ip_address("10.9.8.7")], 443)
    assert caught.value.message == "The address of this host is not allowed."
    assert not caught.value.is_transient
