from __future__ import annotations

import random

import pytest

from fixgate.net.capture.messages import MessageStream, Seen, Speech
from fixgate.net.capture.reassembly import Gap, Piece
from tests.fixtext import fix

ONE = fix("35=0|34=1|49=A|56=B")
TWO = fix("35=1|34=2|49=A|56=B|112=x")
THREE = fix("35=0|34=3|49=A|56=B")


def played(*pieces: Piece | Gap, whole: bool = True) -> tuple[MessageStream, list[tuple]]:
    stream = MessageStream(whole=whole)
    found: list[Seen] = []
    for piece in pieces:
        found += stream.take(piece)
    stream.end()
    return stream, [(each.message.raw, each.at_ns, each.coalesced) for each in found]


def test_a_message_passed_when_the_last_of_its_bytes_did():
    stream, found = played(Piece(1, ONE[:10]), Piece(2, ONE[10:]), Piece(3, TWO))
    assert found == [(ONE, 2, False), (TWO, 3, False)]
    assert (stream.speech, stream.garbled) == (Speech.FIX, 0)


def test_each_message_knows_its_place_in_the_stream():
    stream = MessageStream(whole=True)
    data = ONE + TWO + THREE
    found = stream.take(Piece(1, data[:70], 1070)) + stream.take(
        Piece(2, data[70:], 1000 + len(data))
    )
    found += stream.take(Gap(500)) + stream.take(Piece(3, ONE + b"8=", 2000))
    ends = [1000 + len(ONE), 1000 + len(ONE + TWO), 1000 + len(data), 1998]
    assert [each.end for each in found] == ends


def test_byte_by_byte():
    pieces = [Piece(at_ns, bytes([each])) for at_ns, each in enumerate(ONE + TWO)]
    _, found = played(*pieces)
    assert found == [(ONE, len(ONE) - 1, False), (TWO, len(ONE + TWO) - 1, False)]


def test_messages_that_end_in_one_packet_share_its_instant():
    _, found = played(Piece(1, ONE + TWO[:5]), Piece(2, TWO[5:] + THREE), Piece(3, ONE))
    assert found == [(ONE, 1, False), (TWO, 2, True), (THREE, 2, True), (ONE, 3, False)]


def test_the_rest_of_a_message_may_have_come_before_its_beginning():
    _, found = played(Piece(9, ONE[:10]), Piece(5, ONE[10:] + TWO))
    assert found == [(ONE, 9, True), (TWO, 5, True)]


def test_without_an_instant_of_every_byte_there_is_none():
    _, found = played(Piece(None, ONE[:10]), Piece(2, ONE[10:]), Piece(3, TWO))
    assert found == [(ONE, None, False), (TWO, 3, False)]


def test_a_capture_that_begins_in_the_middle_of_a_message():
    stream, found = played(Piece(1, ONE[20:] + TWO), whole=False)
    assert found == [(TWO, 1, False)]
    assert stream.garbled == 0


@pytest.mark.parametrize("place", [0, 5, 30])
def test_behind_a_gap_the_next_message_can_be_told(place):
    stream, found = played(Piece(1, ONE + TWO[:place]), Gap(7), Piece(2, TWO[30:] + THREE))
    assert found == [(ONE, 1, False), (THREE, 2, False)]
    assert stream.garbled == 0


def test_what_is_no_message_though_nothing_is_missing():
    broken = ONE.replace(b"10=", b"10=9")[:-1] + b"\x01"
    stream, found = played(Piece(1, ONE), Piece(2, broken), Piece(3, TWO), Piece(4, THREE))
    assert found == [(ONE, 1, False), (TWO, 3, False), (THREE, 4, False)]
    assert stream.garbled == 1


@pytest.mark.parametrize("record", [b"\x16\x03\x01\x02\0", b"\x17\x03\x03\0\x20", b"\x15\x03\x03"])
def test_tls_is_known_by_its_records(record):
    stream, found = played(Piece(1, record + ONE), Piece(2, ONE))
    assert (stream.speech, found) == (Speech.TLS, [])


@pytest.mark.parametrize("not_quite", [b"\x16", b"\x16\x02\x01", b"\x17\x03\x09"])
def test_what_only_begins_like_tls(not_quite):
    stream, found = played(Piece(1, not_quite + b"xx"), Piece(2, ONE))
    assert (stream.speech, found) == (Speech.FIX, [(ONE, 2, False)])


def test_something_else_than_fix():
    dice = random.Random(1)
    stream, found = played(*(Piece(at_ns, dice.randbytes(1000)) for at_ns in range(66)))
    assert (stream.speech, found) == (Speech.OTHER, [])
    assert stream.take(Piece(99, ONE)) == []


def test_a_direction_that_says_nothing():
    assert played()[0].speech is Speech.UNKNOWN


def test_a_session_is_fix_however_much_rubbish_follows():
    dice = random.Random(1)
    rubbish = (Piece(at_ns, dice.randbytes(1000)) for at_ns in range(1, 100))
    stream, found = played(Piece(0, ONE), *rubbish, Piece(100, ONE))
    assert stream.speech is Speech.FIX
    assert found == [(ONE, 0, False), (ONE, 100, False)]
