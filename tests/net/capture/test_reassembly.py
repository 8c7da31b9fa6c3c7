from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.capture.reassembly import Gap, Piece, Reassembly

MS = 1_000_000


def played(*steps: tuple[int, int, bytes], begin: int | None = 100) -> tuple[Reassembly, list]:
    """Take segments of (instant, seq, data)."""
    stream = Reassembly()
    if begin is not None:
        stream.begin(begin)
    found = []
    for at_ns, seq, data in steps:
        found += stream.take(at_ns, seq, data, len(data))
    return stream, found


def test_in_order():
    stream, found = played((1, 100, b"abc"), (2, 103, b"de"))
    assert found == [Piece(1, b"abc"), Piece(2, b"de")]
    assert (stream.resent_ns, stream.resent, stream.reordered, stream.waits) == (None, 0, 0, False)


def test_without_a_syn_the_first_segment_is_the_beginning():
    _, found = played((1, 4_000_000_000, b"abc"), begin=None)
    assert found == [Piece(1, b"abc")]


def test_sequence_numbers_wrap_around():
    _, found = played(
        (1, 2**32 - 2, b"ab"), (2, 0, b"cd"), (3, 5, b"h"), (4, 2, b"efg"), begin=2**32 - 2
    )
    assert found == [Piece(1, b"ab"), Piece(2, b"cd"), Piece(4, b"efg"), Piece(3, b"h")]


def test_each_byte_keeps_the_instant_at_which_it_was_first_seen():
    stream, found = played((5 * MS, 103, b"def"), (6 * MS, 109, b"j"), (8 * MS, 100, b"abc"))
    assert found == [Piece(8 * MS, b"abc"), Piece(5 * MS, b"def")]
    assert stream.waits
    assert stream.resent == 1
    assert stream.resent_ns == 8 * MS


def test_what_fills_a_hole_at_once_was_only_out_of_order():
    stream, found = played((5 * MS, 103, b"def"), (5 * MS + 1000, 100, b"abc"))
    assert found == [Piece(5 * MS + 1000, b"abc"), Piece(5 * MS, b"def")]
    assert (stream.resent, stream.reordered, stream.resent_ns) == (0, 1, None)


@pytest.mark.parametrize(("seq", "data"), [(100, b"abc"), (100, b"a"), (101, b"bc"), (98, b"ZZab")])
def test_what_was_seen_is_seen_again(seq, data):
    stream, found = played((1, 100, b"abc"), (7, seq, data), (8, 103, b"d"))
    assert found == [Piece(1, b"abc"), Piece(8, b"d")]
    assert (stream.resent, stream.resent_ns) == (1, 7)


def test_an_overlap_gives_only_what_is_new_and_the_first_data_win():
    stream, found = played((1, 100, b"abc"), (2, 101, b"XXde"))
    assert found == [Piece(1, b"abc"), Piece(2, b"de")]
    assert stream.resent == 1


def test_overlaps_of_what_is_held():
    stream, found = played(
        (1, 102, b"cd"), (2, 106, b"gh"), (3, 101, b"XXXXXXXXi"), (4, 100, b"XXXXXXXXXXj")
    )
    assert found == [
        Piece(4, b"X"),
        Piece(3, b"X"),
        Piece(1, b"cd"),
        Piece(3, b"XX"),
        Piece(2, b"gh"),
        Piece(3, b"Xi"),
        Piece(4, b"j"),
    ]
    assert stream.resent == 2


def test_a_keep_alive_is_no_retransmission():
    stream, found = played((1, 100, b"abc"), (2, 102, b"\0"), (3, 103, b"d"))
    assert found == [Piece(1, b"abc"), Piece(3, b"d")]
    assert stream.resent == 0


def test_a_probe_of_a_closed_window_is_data():
    stream, found = played((1, 100, b"abc"), (2, 103, b"d"), (3, 103, b"def"))
    assert found == [Piece(1, b"abc"), Piece(2, b"d"), Piece(3, b"ef")]
    assert stream.resent_ns == 3


@pytest.mark.parametrize("begin", [100, 3_000_000_000, 2**32 - 5])
def test_a_hole_that_the_other_side_acknowledges_is_the_captures(begin):
    steps = (1, begin, b"abc"), (2, (begin + 10) % 2**32, b"k")
    stream, found = played(*steps, begin=begin)
    assert found == [Piece(1, b"abc")]
    assert stream.acknowledged(begin + 3) == []
    gap, piece = stream.acknowledged((begin + 11) % 2**32)
    assert (gap, piece) == (Gap(7), Piece(2, b"k"))
    assert (gap.before_ns, piece.end) == (2, begin + 11)
    assert stream.take(3, begin + 3, b"defghij", 7) == []
    assert stream.take(4, begin + 11, b"l", 1) == [Piece(4, b"l")]


def test_a_hole_that_is_acknowledged_before_anything_comes_behind_it():
    stream, _ = played((1, 100, b"abc"))
    assert stream.acknowledged(110) == []
    assert stream.take(2, 110, b"k", 1) == [Gap(7), Piece(2, b"k")]


def test_a_hole_of_which_a_part_is_acknowledged():
    stream, _ = played((1, 100, b"abc"), (2, 110, b"k"))
    assert stream.acknowledged(105) == [Gap(2)]
    assert stream.take(3, 105, b"fghij", 5) == [Piece(3, b"fghij"), Piece(2, b"k")]


def test_an_acknowledgement_of_what_nobody_sent_proves_nothing():
    stream, _ = played((1, 100, b"abc"), (2, 104, b"e"))
    assert stream.acknowledged(9_000) == []
    assert stream.acknowledged(100 + 2**31 - 1) == []
    assert stream.take(3, 103, b"d", 1) == [Piece(3, b"d"), Piece(2, b"e")]


def test_acknowledgements_of_a_stream_that_has_not_begun():
    assert Reassembly().acknowledged(5) == []


def test_what_the_capture_cut_off_is_a_hole():
    stream = Reassembly()
    assert stream.take(1, 100, b"abc", 10) == [Piece(1, b"abc"), Gap(7)]
    assert stream.take(2, 110, b"", 5) == [Gap(5)]
    assert stream.take(3, 117, b"r", 2) == []
    assert stream.take(4, 115, b"pq", 2) == [Piece(4, b"pq"), Piece(3, b"r"), Gap(1)]


def test_the_end_gives_what_was_held():
    stream, _ = played((1, 102, b"c"), (2, 105, b"f"))
    assert stream.flush() == [Gap(2), Piece(1, b"c"), Gap(2), Piece(2, b"f")]
    assert stream.flush() == []
    assert not stream.waits


def test_no_more_is_held_than_a_window():
    stream = Reassembly()
    stream.begin(0)
    found = []
    for number in range(6):
        found += stream.take(number, 10 + number * 2**20, bytes(2**20), 2**20)
    assert found == [Gap(10), *(Piece(number, bytes(2**20)) for number in range(6))]


def test_no_more_is_held_than_a_number_of_segments():
    stream = Reassembly()
    stream.begin(0)
    found = []
    for number in range(4097):
        found += stream.take(number, 10 + 2 * number, b"x", 1)
    assert found == [Gap(10), Piece(0, b"x")]


@pytest.mark.parametrize("seq", [3_000_000_000, 1_000_000_000])
def test_numbers_that_are_far_away_are_of_another_stream(seq):
    stream, found = played((1, 2_000_000_000, b"abc"), (2, 2_000_000_005, b"f"), begin=None)
    found += stream.take(3, seq, b"xyz", 3)
    assert found == [
        Piece(1, b"abc"), Gap(2), Piece(2, b"f"), Gap(abs(seq - 2_000_000_003)), Piece(3, b"xyz")
    ]  # fmt: skip


def test_near_is_within_a_window():
    stream, _ = played((1, 100, b"abc"))
    assert stream.is_near(103)
    assert stream.is_near(90)
    assert not stream.is_near(103 + 2**31)
    assert Reassembly().is_near(7)


def test_segments_without_an_instant():
    stream = Reassembly()
    assert stream.take(None, 100, b"a", 1) == [Piece(None, b"a")]
    assert stream.take(None, 102, b"c", 1) == []
    assert stream.take(None, 100, b"abc", 3) == [Piece(None, b"b"), Piece(None, b"c")]
    assert stream.resent_ns is None


@st.composite
def deliveries(draw):
    """A stream, the segments that it was sent in, in the order in which they were captured."""
    data = draw(st.binary(min_size=1, max_size=60))
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=8))
    edges = sorted({0, len(data), *cuts})
    segments = list(pairwise(edges))
    place = st.integers(0, len(data))
    again = draw(st.lists(st.tuples(place, place), max_size=5))
    segments += [(min(pair), max(pair)) for pair in again if pair[0] != pair[1]]
    return data, draw(st.permutations(segments)), draw(st.integers(0, 2**32 - 1))


@settings(max_examples=300, deadline=None)
@given(deliveries())
def test_any_cutting_order_and_repetition_gives_the_same_bytes_with_their_first_instants(delivery):
    data, segments, begin = delivery
    stream = Reassembly()
    stream.begin(begin)
    first = [None] * len(data)
    found = []
    for at_ns, (start, end) in enumerate(segments):
        for place in range(start, end):
            first[place] = at_ns if first[place] is None else first[place]
        found += stream.take(at_ns, (begin + start) % 2**32, data[start:end], end - start)
    assert b"".join(piece.data for piece in found) == data
    instants = [piece.at_ns for piece in found for _ in piece.data]
    assert instants == first
    assert not stream.waits
    assert stream.flush() == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(0, 12), st.integers(0, 60)),
        max_size=30,
    )
)
def test_whatever_comes_every_place_is_told_once_and_in_order(steps):
    """Data, cut data and acknowledgements of any kind: pieces and gaps add up."""
    whole = bytes(range(64))
    stream = Reassembly()
    stream.begin(0)
    place = 0
    found = []
    for at_ns, (start, size, kept, ack) in enumerate(steps):
        found += stream.take(at_ns, start, whole[start : start + min(kept, size)], size)
        found += stream.acknowledged(ack)
    for each in [*found, *stream.flush()]:
        if isinstance(each, Piece):
            assert each.data == whole[place : place + len(each.data)]
            assert each.data
            place += len(each.data)
        else:
            assert each.size > 0
            place += each.size
    assert place == max((start + size for start, size, _, _ in steps), default=0)
