from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.capture.packet import Packet
from fixgate.net.capture.segment import ACK, FIN, SYN, Segment, endpoint_text, read_segment
from tests.net.capture.craft import ethernet, ip_packet, tcp

AT = 1_700_000_000_000_000_001
BODY = tcp(40000, 9876, 0xFFFFFFF0, 77, ACK | FIN, b"8=FIX")
V4 = ip_packet("10.0.0.1", "10.0.0.2", BODY, ident=5)
V6 = ip_packet("2001:db8::1", "2001:db8::2", BODY)


def read(link: int, data: bytes, *, length: int | None = None) -> Segment | str:
    return read_segment(Packet(AT, link, data, length or len(data), 0, 1))


def assert_is_it(found: Segment | str, *, first: str = "10.0.0.1", second: str = "10.0.0.2"):
    assert isinstance(found, Segment)
    assert found.at_ns == AT
    assert found.source == (ip_address(first).packed, 40000)
    assert found.target == (ip_address(second).packed, 9876)
    assert (found.seq, found.ack, found.flags) == (0xFFFFFFF0, 77, ACK | FIN)
    assert (found.payload, found.size) == (b"8=FIX", 5)


TAG = struct.pack(">HH", 0x8100, 42)
QINQ = struct.pack(">HH", 0x88A8, 7) + TAG
MPLS = struct.pack(">II", 16 << 12, (17 << 12) | 0x100)

WRAPPED = {
    "Ethernet": (1, ethernet(V4)),
    "a short frame, padded": (1, ethernet(V4, pad=bytes(18))),
    "VLAN": (1, ethernet(V4, tags=TAG)),
    "QinQ": (1, ethernet(V4, tags=QINQ)),
    "MPLS": (1, ethernet(MPLS + V4, kind=0x8847)),
    "raw": (101, V4),
    "raw of OpenBSD": (14, V4),
    "raw of FreeBSD": (12, V4),
    "IPv4": (228, V4),
    "null, little-endian": (0, struct.pack("<I", 2) + V4),
    "null, big-endian": (0, struct.pack(">I", 2) + V4),
    "loop": (108, struct.pack(">I", 2) + V4),
    "Linux cooked": (113, struct.pack(">HHHQH", 0, 772, 6, 0, 0x0800) + V4),
    "Linux cooked, VLAN": (
        113,
        struct.pack(">HHHQH", 0, 1, 6, 0, 0x8100) + struct.pack(">HH", 42, 0x0800) + V4,
    ),
    "Linux cooked 2": (276, struct.pack(">HHIHBBQ", 0x0800, 0, 3, 772, 0, 6, 0) + V4),
}
WRAPPED_V6 = {
    "Ethernet": (1, ethernet(V6)),
    "VLAN": (1, ethernet(V6, tags=TAG)),
    "raw": (101, V6),
    "IPv6": (229, V6),
    "null": (0, struct.pack("<I", 30) + V6),
    "Linux cooked": (113, struct.pack(">HHHQH", 0, 772, 6, 0, 0x86DD) + V6),
    "Linux cooked 2": (276, struct.pack(">HHIHBBQ", 0x86DD, 0, 3, 772, 0, 6, 0) + V6),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_every_link_type(name):
    assert_is_it(read(*WRAPPED[name]))


@pytest.mark.parametrize("name", WRAPPED_V6)
def test_every_link_type_with_ipv6(name):
    assert_is_it(read(*WRAPPED_V6[name]), first="2001:db8::1", second="2001:db8::2")


def test_options_of_ip_and_tcp():
    body = tcp(40000, 9876, 0xFFFFFFF0, 77, ACK | FIN, b"8=FIX", options=bytes(12))
    packet = ip_packet("10.0.0.1", "10.0.0.2", body, options=bytes(8))
    assert_is_it(read(101, packet))


@pytest.mark.parametrize("kind", [0, 43, 60])
def test_extension_headers_of_ipv6(kind):
    auth = struct.pack(">BB", 6, 1) + bytes(10)
    extensions = struct.pack(">BB", 51, 1) + bytes(14) + auth
    packet = ip_packet("2001:db8::1", "2001:db8::2", BODY, protocol=kind, extensions=extensions)
    assert_is_it(read(101, packet), first="2001:db8::1", second="2001:db8::2")


def test_a_segment_that_the_card_is_to_cut_up_has_no_length():
    payload = bytes(100_000)
    body = tcp(1, 2, 3, 4, ACK, payload)
    for packet in (
        ip_packet("10.0.0.1", "10.0.0.2", body, length=0),
        ip_packet("::1", "::1", body, length=0),
    ):
        found = read(101, packet)
        assert isinstance(found, Segment)
        assert found.size == 100_000


def test_a_packet_of_which_only_the_beginning_was_kept():
    found = read(1, ethernet(V4)[:-3], length=len(ethernet(V4)))
    assert isinstance(found, Segment)
    assert (found.payload, found.size) == (b"8=", 5)


@pytest.mark.parametrize(
    ("link", "data", "reason"),
    [
        (105, b"", "link type 105"),
        (1, ethernet(b"\0" * 46, kind=0x0806), "EtherType 0806"),
        (1, ethernet(V4)[:9], "a frame that is cut short"),
        (1, ethernet(V4, tags=TAG)[:16], "a frame that is cut short"),
        (1, ethernet(MPLS[:4], kind=0x8847), "an MPLS packet that is cut short"),
        (101, b"", "a packet that is cut short"),
        (101, V4[:19], "a packet that is cut short"),
        (101, V4[:39], "a packet that is cut short"),
        (101, V6[:39], "a packet that is cut short"),
        (101, V6[:5], "a packet that is cut short"),
        (101, V6[:59], "a packet that is cut short"),
        (101, b"\x10" + bytes(60), "no IP packet"),
        (101, ip_packet("10.0.0.1", "10.0.0.2", BODY, protocol=17), "other protocols than TCP"),
        (101, ip_packet("::1", "::1", BODY, protocol=17), "other protocols than TCP"),
        (101, ip_packet("::1", "::1", b"", protocol=0), "a packet that is cut short"),
        (101, ip_packet("10.0.0.1", "10.0.0.2", BODY, fragment=0x2000), "IP fragments"),
        (101, ip_packet("10.0.0.1", "10.0.0.2", BODY, fragment=0x0003), "IP fragments"),
        (101, ip_packet("::1", "::1", BODY, protocol=44), "IP fragments"),
        (
            101,
            ip_packet("10.0.0.1", "10.0.0.2", BODY[:12] + b"\x40" + BODY[13:]),
            "TCP headers that contradict themselves",
        ),
        (
            101,
            ip_packet("10.0.0.1", "10.0.0.2", BODY[:12] + b"\xf0" + BODY[13:]),
            "TCP headers that contradict themselves",
        ),
    ],
)
def test_what_is_no_segment_is_told(link, data, reason):
    assert read(link, data) == reason


def test_what_two_captures_of_a_segment_have_in_common():
    def fingerprint(ident: int = 5, **more) -> int:
        body = tcp(1, 2, more.pop("seq", 3), 4, ACK, b"x", **more)
        found = read(101, ip_packet("10.0.0.1", "10.0.0.2", body, ident=ident, ttl=63))
        assert isinstance(found, Segment)
        assert found.sure is (ident != 0)
        return found.fingerprint

    assert fingerprint() == fingerprint(checksum=7)
    assert len({fingerprint(), fingerprint(6), fingerprint(seq=4), fingerprint(window=1)}) == 4
    assert fingerprint(0) == fingerprint(0)


def test_endpoints_as_people_write_them():
    assert endpoint_text((ip_address("10.0.0.1").packed, 80)) == "10.0.0.1:80"
    assert endpoint_text((ip_address("::1").packed, 80)) == "[::1]:80"


@settings(deadline=None)
@given(st.sampled_from([0, 1, 101, 108, 113, 276]), st.binary(max_size=80), st.data())
def test_no_bytes_raise(link, data, draw):
    prefix = draw.draw(st.sampled_from([b"", ethernet(V4)[:30], V4[:25], V6[:45]]))
    whole = prefix + data
    found = read(link, whole, length=draw.draw(st.integers(len(whole), 2**32 - 1)))
    if isinstance(found, Segment):
        assert len(found.payload) <= found.size
        assert found.payload in whole


def test_a_syn():
    found = read(101, ip_packet("10.0.0.1", "10.0.0.2", tcp(1, 2, 9, 0, SYN)))
    assert isinstance(found, Segment)
    assert (found.flags, found.seq, found.size) == (SYN, 9, 0)
