from __future__ import annotations

import struct
from zlib import adler32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import StoreError
from fixgate.net.records import (
    MAX_NUMBER,
    RecordKind,
    Torn,
    decode_file_header,
    encode_file_header,
    encode_records,
    read_records,
)


def by_hand(kind: int, number: int, at_ns: int, message: bytes) -> bytes:
    head = struct.pack("<IBQqI", len(message), kind, number, at_ns, adler32(message))
    return head + struct.pack("<I", adler32(head)) + message


def reader(data: bytes):
    return lambda offset, size: data[offset : offset + size]


def test_a_record_on_disk_is_what_the_format_says():
    instant = 1_700_000_000_000_000_000
    data = encode_records([(1, 7, instant, b"8=FIX.4.4\x01"), (3, MAX_NUMBER, 0, b"")])
    assert data == by_hand(1, 7, instant, b"8=FIX.4.4\x01") + by_hand(3, 2**64 - 1, 0, b"")


@given(
    st.lists(st.tuples(st.sampled_from(RecordKind), st.integers(0, 2**64 - 1), st.binary())),
    st.integers(1, 200),
)
@settings(deadline=None, max_examples=100)
def test_reads_back_what_was_written_whatever_the_chunks(written, chunk_bytes):
    data = b"".join(by_hand(kind, number, 5, message) for kind, number, message in written)
    read = list(read_records(reader(data), 0, "f", chunk_bytes=chunk_bytes))
    assert [(kind, number, message) for _, kind, number, _, message in read] == written


@given(st.lists(st.binary(max_size=90), min_size=1, max_size=4), st.data(), st.integers(1, 200))
@settings(deadline=None, max_examples=150)
def test_a_prefix_gives_whole_records_then_torn(messages, data, chunk_bytes):
    records = [by_hand(1, i, 5, message) for i, message in enumerate(messages)]
    whole = b"".join(records)
    cut = data.draw(st.integers(0, len(whole)))
    read = list(read_records(reader(whole[:cut]), 0, "f", chunk_bytes=chunk_bytes))
    complete = [sum(map(len, records[: i + 1])) for i in range(len(records))]
    kept = sum(end <= cut for end in complete)
    assert [r[-1] for r in read[:kept]] == messages[:kept]
    start = complete[kept - 1] if kept else 0
    assert read[kept:] == ([] if cut == start else [Torn(start)])


def test_a_tail_of_zeros_is_torn_as_a_power_cut_leaves_it():
    first = by_hand(1, 1, 5, b"hello")
    read = list(read_records(reader(first + bytes(5000)), 0, "f", chunk_bytes=64))
    assert read[1:] == [Torn(len(first))]


def test_damage_names_the_byte_offset():
    first = by_hand(1, 1, 5, b"hello")
    second = bytearray(by_hand(1, 2, 5, b"world"))
    second[-1] ^= 1
    with pytest.raises(StoreError, match=r"f: byte 34: damaged record: bad checksum of its mess"):
        list(read_records(reader(first + second), 0, "f"))
    second[-1] ^= 1
    second[0] ^= 0x80
    with pytest.raises(StoreError, match=r"f: byte 34: damaged record: bad checksum of its head"):
        list(read_records(reader(first + second), 0, "f"))


def test_the_file_header_reads_back():
    data = encode_file_header(3, 99, "FIX.4.4\x01VENUE\x01ÆØÅ\udc80")
    header = decode_file_header(data + b"records", "f")
    assert (header.generation, header.created_ns) == (3, 99)
    assert header.identity == "FIX.4.4\x01VENUE\x01ÆØÅ\udc80"
    assert header.size == len(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a journal of fixgate"),
        (b"\x89", "not a journal of fixgate"),
        (b"SQLite format 3\x00" * 10, "not a journal of fixgate"),
        (encode_file_header(1, 0, "x")[:-3], "header of the journal is incomplete"),
        (encode_file_header(1, 0, "x")[:8] + b"\x03\x00" + bytes(40), "format 3 is newer"),
        (encode_file_header(1, 0, "x")[:8] + b"\x01\x00" + bytes(40), "format 1 is older"),
        (encode_file_header(1, 0, "x")[:-1] + b"\xff", "header of the journal is damaged"),
    ],
)
def test_refuses_a_header_that_is_not_ours(data, reason):
    with pytest.raises(StoreError, match=reason):
        decode_file_header(data, "f")
