from __future__ import annotations

from ipaddress import ip_address

import pytest

from fixgate.net.refusals import Refusal, Refusals

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HERE, THERE = ip_address("192.0.2.7"), ip_address("198.51.100.1")


@pytest.fixture
def lines(caplog):
    caplog.set_level("INFO", "fixgate.gateway")
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_line_says_who_and_why(lines):
    Refusals().tell(Refusal.STRANGER, HERE, "FIX.4.4 A to B", 0)
    assert lines() == ["x 192.0.2.7 turned away: no session of this venue: FIX.4.4 A to B"]


def test_the_like_is_told_once_a_minute_and_then_counted(lines):
    refusals = Refusals()
    for second in range(61):
        refusals.tell(Refusal.ADDRESS, HERE, "", second * SECOND_NS)
    assert lines() == [
        "x 192.0.2.7 turned away: its address may not connect here",
        "x 192.0.2.7 turned away: its address may not connect here"
        " (59 more like it since the last such line)",
    ]


def test_each_address_and_each_reason_has_its_own_line(lines):
    refusals = Refusals()
    for _ in range(3):
        refusals.tell(Refusal.ADDRESS, HERE, "", 0)
        refusals.tell(Refusal.ADDRESS, THERE, "", 0)
        refusals.tell(Refusal.NO_ROOM, HERE, "", 0)
    assert len(lines()) == 3


def test_addresses_of_one_ipv6_network_share_a_line(lines):
    refusals = Refusals()
    for number in range(100):
        refusals.tell(Refusal.ADDRESS, ip_address(f"2001:db8::{number:x}"), "", 0)
    assert len(lines()) == 1


def test_no_number_of_addresses_floods_the_log(lines):
    refusals = Refusals()
    for second in range(120):
        for number in range(100):
            address = ip_address((10 << 24) + second * 100 + number)
            refusals.tell(Refusal.ADDRESS, address, "", second * SECOND_NS)
    told = lines()
    assert len(told) < 2 * 202
    assert "x further addresses turned away: its address may not connect here" in told
    assert len(refusals._told) <= 201


def test_where_it_came_from_may_be_unknown(lines):
    Refusals().tell(Refusal.TOO_LATE, None, "", 0)
    assert lines() == ["x unknown turned away: no Logon in time"]
