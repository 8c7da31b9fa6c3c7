from __future__ import annotations

import io
import struct

import pytest

from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.reading import read_capture
from tests.net.capture.craft import (
    RAW,
    block,
    interface,
    option,
    packet_block,
    pcapng,
    section,
    simple_block,
)

AT = 1_700_000_000_123_456_789


def read(data: bytes) -> list[Packet | Damage]:
    return list(read_capture(io.BytesIO(data), "some.pcapng"))


@pytest.mark.parametrize("order", "<>")
def test_enhanced_packets_in_both_byte_orders(order):
    found = read(pcapng([(AT, b"one"), (AT + 1, b"four")], order=order))
    assert [(each.at_ns, each.data, each.link, each.unit_ns) for each in found] == [
        (AT, b"one", 1, 1),
        (AT + 1, b"four", 1, 1),
    ]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("resolution", "count", "at_ns", "unit_ns"),
    [
        (None, 1_700_000_000_123_456, 1_700_000_000_123_456_000, 1000),
        (6, 1_700_000_000_123_456, 1_700_000_000_123_456_000, 1000),
        (3, 1_700_000_000_123, 1_700_000_000_123_000_000, 1_000_000),
        (0, 1_700_000_000, 1_700_000_000_000_000_000, 1_000_000_000),
        (9, AT, AT, 1),
        (12, 1_700_000_123_456_789_012, 1_700_000_123_456_789, 1),
        (0x80 | 10, 1_700_000_000 * 1024 + 512, 1_700_000_000_500_000_000, 976_562),
        (0x80 | 32, (1_700_000_000 << 32) | (1 << 31), 1_700_000_000_500_000_000, 1),
    ],
)
def test_every_resolution(order, resolution, count, at_ns, unit_ns):
    options = b"" if resolution is None else option(order, 9, bytes([resolution]))
    data = section(order) + interface(order, options=options) + packet_block(order, count, b"x")
    (packet,) = read(data)
    assert (packet.at_ns, packet.unit_ns) == (at_ns, unit_ns)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("offset_s", [3600, -3600])
def test_an_offset_of_the_interface(order, offset_s):
    options = (
        option(order, 2, b"eth0")
        + option(order, 9, b"\x09")
        + option(order, 14, struct.pack(f"{order}q", offset_s))
        + option(order, 8, struct.pack(f"{order}Q", 10**10))  # if_speed
        + option(order, 0, b"")
        + b"rest"
    )
    (packet,) = read(
        section(order) + interface(order, options=options) + packet_block(order, AT, b"x")
    )
    assert packet.at_ns == AT + offset_s * 10**9


def test_an_interface_each():
    data = (
        section()
        + interface(link=1)
        + interface(link=RAW, options=option("<", 9, b"\x09"))
        + packet_block("<", AT, b"raw", number=1)
        + packet_block("<", 5, b"ether", number=0)
    )
    assert [(each.link, each.at_ns) for each in read(data)] == [(RAW, AT), (1, 5000)]


def test_a_section_begins_anew():
    first = pcapng([(AT, b"one")])
    second = pcapng([(AT + 1, b"two")], order=">", link=RAW)
    assert [(each.data, each.link) for each in read(first + second)] == [(b"one", 1), (b"two", RAW)]
    lost = read(first + section() + packet_block("<", 1, b"three"))
    assert lost[1].reason == "a packet of interface 0, of 0"


def test_simple_packets_have_no_time_and_the_length_of_the_first_interface():
    data = section() + interface(snap_bytes=4) + simple_block("<", b"1234", length=9)
    (packet,) = read(data)
    assert (packet.at_ns, packet.data, packet.length) == (None, b"1234", 9)
    (packet,) = read(section() + interface(snap_bytes=0) + simple_block("<", b"12345"))
    assert (packet.data, packet.length) == (b"12345", 5)


@pytest.mark.parametrize("order", "<>")
def test_the_obsolete_packet_block(order):
    data = section(order) + interface(order) + packet_block(order, 7, b"old", obsolete=True)
    (packet,) = read(data)
    assert (packet.at_ns, packet.data) == (7000, b"old")


def test_options_of_blocks_are_passed_over():
    options = option("<", 1, b"a comment") + option("<", 0, b"")
    data = (
        section(options=options)
        + interface(options=options)
        + packet_block("<", 7, b"abc", options=options)
    )
    (packet,) = read(data)
    assert packet.data == b"abc"


def test_blocks_that_nobody_knows_are_passed_over_however_long():
    data = (
        section()
        + block("<", 0x0BAD, bytes(3_000_000))
        + interface()
        + block("<", 4, b"names")
        + block("<", 5, b"statistics")
        + packet_block("<", 7, b"abc")
        + block("<", 0x0A, b"secrets")
    )
    (packet,) = read(data)
    assert packet.data == b"abc"
    assert packet.offset == len(section()) + 3_000_012 + len(interface()) + 20 + 24


def test_how_long_a_packet_was_on_the_line():
    data = section() + interface() + packet_block("<", 7, b"abc", length=1500)
    (packet,) = read(data)
    assert packet.length == 1500


START = section() + interface()


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (packet_block("<", 1, b"abc")[:-4] + b"\0\0\0\0", "a block of 36 bytes ends as one of 0"),
        (struct.pack("<II", 6, 13) + bytes(20), "a block of 13 bytes, expected a multiple of 4"),
        (struct.pack("<II", 99, 8) + bytes(20), "a block of 8 bytes, expected a multiple of 4"),
        (struct.pack("<II", 6, 2**31), "a block of 2147483648 bytes, expected 1114112 at the most"),
        (struct.pack("<II", 99, 2**31), "the file ends in a block of 2147483648 bytes"),
        (block("<", 6, b"short"), "a block of type 6 with 8 bytes is too short"),
        (block("<", 1, b""), "a block of type 1 with 0 bytes is too short"),
        (packet_block("<", 1, b"abc", number=3), "a packet of interface 3, of 1"),
        (
            block("<", 6, struct.pack("<IIIII", 0, 0, 0, 50, 50) + b"abcd"),
            "a packet of 50 bytes in a block that has 4",
        ),
        (b"\x0a\x0d\x0d\x0a" + bytes(24), "a section's byte order is 00 00 00 00, expected 1a 2b"),
        (b"\x06", "the file ends in the header of a block"),
        (b"\x06\0\0\0\x20", "the file ends in the header of a block"),
    ],
)
def test_damage_says_where_and_what(damaged, reason):
    before = START + packet_block("<", 7, b"abc")
    packet, damage = read(before + damaged)
    assert packet.data == b"abc"
    assert damage.offset == len(before)
    assert damage.reason.startswith(reason)


def test_damage_inside_a_block_costs_that_block():
    data = START + packet_block("<", 1, b"abc", number=3) + packet_block("<", 7, b"abc")
    damage, packet = read(data)
    assert isinstance(damage, Damage)
    assert packet.data == b"abc"


def test_a_file_that_ends_anywhere_gives_what_is_whole():
    whole = START + packet_block("<", 1, b"one") + packet_block("<", 2, b"twotwo")
    ends = [len(section()), len(START), len(START) + 36, len(whole)]
    for size in range(4, len(whole)):
        found = read(whole[:size])
        packets = [each for each in found if isinstance(each, Packet)]
        assert len(packets) == sum(end <= size for end in ends[2:])
        assert (len(packets) < len(found)) == (size not in ends)
