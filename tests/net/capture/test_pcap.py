from __future__ import annotations

import gzip
import io
import struct

import pytest

from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.reading import read_capture
from tests.net.capture.craft import RAW, pcap

AT = 1_700_000_000_123_456_789
PACKETS = [(AT, b"first"), (AT + 5_000, b""), (AT + 4_294_967_296_000_000_000 // 2**31, b"x" * 99)]


def read(data: bytes) -> list[Packet | Damage]:
    return list(read_capture(io.BytesIO(data), "some.pcap"))


@pytest.mark.parametrize("order", "<>")
def test_nanoseconds_in_both_byte_orders(order):
    found = read(pcap(PACKETS, order=order, link=RAW))
    assert [(each.at_ns, each.data, each.link, each.unit_ns) for each in found] == [
        (at_ns, data, RAW, 1) for at_ns, data in PACKETS
    ]
    assert [each.offset for each in found] == [24, 24 + 21, 24 + 21 + 16]


@pytest.mark.parametrize("order", "<>")
def test_microseconds_in_both_byte_orders(order):
    found = read(pcap(PACKETS, order=order, nano=False))
    assert [(each.at_ns, each.unit_ns) for each in found] == [
        (at_ns // 1000 * 1000, 1000) for at_ns, _ in PACKETS
    ]


def test_how_long_a_packet_was_on_the_line():
    (cut,) = read(pcap([(AT, b"12345")], lengths={0: 1500}))
    assert (cut.data, cut.length) == (b"12345", 1500)


def test_the_frame_check_sequence_is_no_part_of_the_link_type():
    (packet,) = read(pcap([(AT, b"")], link=0x5400_0001))
    assert packet.link == 1


def test_a_file_that_ends_anywhere_gives_what_is_whole_and_says_where():
    whole = pcap(PACKETS)
    ends = [24, 45, 61, len(whole)]
    for size in range(4, len(whole)):
        found = read(whole[:size])
        packets = [each for each in found if isinstance(each, Packet)]
        assert len(packets) == sum(end <= size for end in ends[1:])
        if size in ends:
            assert len(packets) == len(found)
        else:
            damage = found[-1]
            assert isinstance(damage, Damage)
            assert damage.reason.startswith("the file ends in ")
            assert damage.offset == max((end for end in ends if end <= size), default=size)


def test_the_text_of_a_cut_packet():
    *_, damage = read(pcap(PACKETS)[:-1])
    assert damage == Damage(61, "the file ends in a packet: 98 of its 99 bytes")


def test_a_length_that_cannot_be_ends_the_reading():
    data = pcap(PACKETS[:1]) + struct.pack("<IIII", 1, 0, 2**31, 2**31)
    assert read(data)[1] == Damage(45, "a packet of 2147483648 bytes, expected 1048576 at the most")


def test_gzip_that_is_cut_short():
    packed = gzip.compress(pcap([(AT, bytes(range(256)) * 40)] * 20))
    with gzip.GzipFile(fileobj=io.BytesIO(packed[: len(packed) * 3 // 4])) as stream:
        found = list(read_capture(stream, "some.pcap.gz"))
    assert all(each.data == bytes(range(256)) * 40 for each in found[:-1])
    assert found[-1].reason.startswith("the gzip data is cut short or damaged in ")
