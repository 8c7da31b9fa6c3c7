"""Questions to the kernel's routing and its answers, byte by byte."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.route import interface_index, route_request

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="bytes of this order")

# RTM_NEWROUTE of Linux 6.18 for 8.8.8.8: RTA_TABLE, RTA_DST, RTA_OIF 4, RTA_PREFSRC, RTA_GATEWAY.
ANSWER = bytes.fromhex(
    "5000000018000000" "01000000d9400000" "02200000fe000001" "00020000"
    "08000f00fe000000" "0800010008080808" "0800040004000000" "08000700c0000202"
    "08000500c0000201" "08001900" "00000000"
)  # fmt: skip
ERROR = bytes.fromhex("240000000200000001000000d94000009bffffff24000000" + "00" * 16)


def test_a_question_about_an_ipv4_address():
    assert route_request("10.1.2.3").hex() == (
        "240000001a000100" "0100000000000000" "0220000000000000" "00000000" "080001000a010203"
    )  # fmt: skip


def test_a_question_about_an_ipv6_address():
    data = route_request("fe80::1%eth0")
    assert len(data) == 48
    assert data[:4] == b"\x30\0\0\0"
    assert data[16:18] == bytes((10, 128))
    assert data[28:32] == b"\x14\0\x01\0"
    assert data[32:].hex() == "fe80" + "00" * 13 + "01"


def test_no_address():
    with pytest.raises(ValueError, match="does not appear to be"):
        route_request("venue.example")


def test_the_interface_of_an_answer():
    assert interface_index(ANSWER) == 4


def test_no_way():
    assert interface_index(ERROR) is None
    assert interface_index(b"") is None


@pytest.mark.parametrize("cut", range(len(ANSWER)))
def test_a_part_of_an_answer_is_none_or_the_same(cut: int):
    assert interface_index(ANSWER[:cut]) in (None, 4)


@given(st.binary(max_size=120) | st.binary(max_size=90).map(lambda rest: ANSWER[:28] + rest))
def test_no_bytes_raise(data: bytes):
    found = interface_index(data)
    assert found is None or found >= 0
