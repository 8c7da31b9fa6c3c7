from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.networks import Networks, address_of, origin_of, unmapped


def networks(*texts: str) -> Networks:
    return Networks(tuple(unmapped(ip_network(text)) for text in texts))


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("192.0.2.7", 40000), "192.0.2.7"),
        (("::1", 40000, 0, 0), "::1"),
        (("::ffff:192.0.2.7", 40000, 0, 0), "192.0.2.7"),
        (("fe80::1%eth0", 40000, 0, 2), "fe80::1"),
    ],
)
def test_the_address_of_a_peer(peer, address):
    assert address_of(peer) == ip_address(address)


@pytest.mark.parametrize("peer", [None, "", "/run/socket", b"\0name", ()])
def test_no_address(peer):
    assert address_of(peer) is None


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.0.0", True),
        ("10.1.255.255", True),
        ("10.2.0.0", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::1", True),
        ("::2", False),
        ("172.16.0.9", True),
        ("172.16.1.0", False),
        ("2001:db8:0:1::9", True),
        ("2001:db8:0:2::9", False),
    ],
)
def test_who_is_inside(address, inside):
    allowed = networks(
        "10.1.0.0/16", "::1", "192.0.2.7", "::ffff:172.16.0.0/120", "2001:db8:0:1::/64"
    )
    assert (ip_address(address) in allowed) is inside


def test_an_unknown_address_is_nowhere():
    assert None not in networks("0.0.0.0/0", "::/0")


def test_as_it_is_shown():
    assert str(networks("10.1.0.0/16", "::1", "192.0.2.7/32")) == "10.1.0.0/16, ::1, 192.0.2.7"


@pytest.mark.parametrize(
    ("texts", "everyone"),
    [(["10.0.0.0/8", "::1"], False), (["0.0.0.0/0"], True), (["10.0.0.0/8", "::/0"], True),
     (["::ffff:0:0/96"], True)],
)  # fmt: skip
def test_a_list_that_keeps_nobody_out(texts, everyone):
    assert networks(*texts).everyone is everyone


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (["10.0.0.0/8"], ["10.1.2.3"], True),
        (["10.1.2.3"], ["::1", "10.0.0.0/8"], True),
        (["10.0.0.0/8"], ["::1", "192.0.2.0/24"], False),
        (["::/0"], ["10.1.2.3"], False),
    ],
)
def test_whether_two_lists_meet(one, other, meet):
    assert networks(*one).meets(networks(*other)) is meet


@given(st.ip_addresses(v=4))
@settings(deadline=None)
def test_ipv4_and_its_mapped_form_are_one(address):
    mapped = f"::ffff:{address}"
    assert address_of((mapped, 1, 0, 0)) == address
    assert unmapped(ip_network(mapped)) == ip_network(address)


@given(st.ip_addresses(v=6))
@settings(deadline=None)
def test_an_ipv6_host_is_counted_under_its_64(address):
    host = ip_address(int(address) ^ 0x1234_5678_9ABC_DEF0)
    assert origin_of(address) == origin_of(host)
    assert address in ip_network(origin_of(address))
    assert origin_of(address) != origin_of(ip_address(int(address) ^ 1 << 64))


def test_an_ipv4_host_is_counted_by_itself():
    assert origin_of(ip_address("192.0.2.7")) == "192.0.2.7"
