from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pumpflix.lib.safe_http.addresses import DENIED_V4, DENIED_V6, is_public

pytestmark = pytest.mark.requirement(23)

DENIED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:1::1",
    "2002:a00:1::",
    "3fff::1",
    "3ffe::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "4000::1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450:4001::1",
    "2001:200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("text", DENIED)
def test_what_is_not_the_open_internet_is_denied(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_the_open_internet_is_public(text):
    assert is_public(ip_address(text))


# An oracle that shares nothing with the code: plain ranges of integers, and every wrapped form spelled out.
_RANGES_V4 = [
    (int(ip_network(text)[0]), int(ip_network(text)[-1]))
    for text in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
    ]
]


def oracle_v4(number: int) -> bool:
    return not any(first <= number <= last for first, last in _RANGES_V4)


def oracle_v6(number: int) -> bool:
    if number >> 32 in {0xFFFF, 0x64FF9B << 64}:
        return oracle_v4(number & 0xFFFFFFFF)
    if number >> 112 == 0x2002:
        return oracle_v4((number >> 80) & 0xFFFFFFFF)
    is_global_unicast = number >> 125 == 1
    is_protocol_range = number >> 105 == 0x20010000 >> 9
    is_documentation = number >> 96 == 0x20010DB8 or number >> 108 == 0x3FFF0
    return is_global_unicast and not is_protocol_range and not is_documentation and number >> 112 != 0x3FFE


_inner = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([int(net[0]) for net in DENIED_V4]))
_wrapped = st.one_of(
    st.integers(0, 2**128 - 1),
    st.integers(0, 2**125 - 1).map(lambda low: (1 << 125) | low),
    _inner.map(lambda v4: (0xFFFF << 32) | v4),
    _inner.map(lambda v4: (0x64FF9B << 96) | v4),
    _inner.map(lambda v4: (0x64FF9B0001 << 80) | v4),
    _inner.map(lambda v4: (0x2002 << 112) | (v4 << 80)),
    _inner.map(lambda v4: (0x20010000 << 96) | (v4 << 64) | (v4 ^ 0xFFFFFFFF)),
    _inner,
    st.builds(
        lambda net, offset: int(net[0]) + offset % net.num_addresses,
        st.sampled_from(DENIED_V6),
        st.integers(0, 2**128),
    ),
)


@given(_inner)
def test_ipv4_agrees_with_an_independent_oracle(number):
    assert is_public(IPv4Address(number)) is oracle_v4(number)


@given(_wrapped)
@example(0x64FF9B << 96 | 0x7F000001)
def test_ipv6_agrees_with_an_independent_oracle(number):
    assert is_public(IPv6Address(number)) is oracle_v6(number)


@given(_inner)
def test_no_wrapping_makes_a_denied_address_public(number):
    if oracle_v4(number):
        return
    forms = [f"::ffff:{IPv4Address(number)}", f"64:ff9b::{IPv4Address(number)}", f"::{IPv4Address(number)}"]
    forms.append(str(IPv6Address((0x2002 << 112) | (number << 80))))
    assert not any(is_public(ip_address(form)) for form in forms)
