"""The bad inputs that every wire has met: each is told by name, and the next message comes."""

from __future__ import annotations

import pytest

from fixgate.wire.framer import Framer
from fixgate.wire.garbled import GarbledReason as R
from fixgate.wire.message import Message
from tests.fixtext import fix, soh
from tests.wire.samples import HEARTBEAT, LOGON, ORDER, chunkings, fed, messages, runs

CLIENT_HELLO = bytes.fromhex(
    "16030100c8010000c40303" + "01" * 32 + "20" + "5a" * 32 + "0008130213031301009f010000"
)
LENGTH = HEARTBEAT[12:14]


def with_length(text: str | bytes) -> bytes:
    text = text.encode() if isinstance(text, str) else text
    return HEARTBEAT.replace(b"9=" + LENGTH, b"9=" + text, 1)


def with_checksum(text: bytes) -> bytes:
    return HEARTBEAT[:-4] + text + b"\x01"


GARBLED = [
    ("3 TLS ClientHello", CLIENT_HELLO, R.NO_MESSAGE_START),
    ("4 HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", R.NO_MESSAGE_START),
    ("5 PROXY v1", b"PROXY TCP4 10.0.0.1 10.0.0.2 5000 9878\r\n", R.NO_MESSAGE_START),
    ("5 PROXY v2", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12), R.NO_MESSAGE_START),
    ("7 out of order", soh("9=5|8=FIX.4.4|35=0|10=163|"), R.NO_MESSAGE_START),
    ("7 out of order", soh("8=FIX.4.4|35=0|9=5|10=163|"), R.BODY_LENGTH),
    ("8 no MsgType", fix("34=2|49=TW|56=ISLD"), R.MSG_TYPE_NOT_THIRD),
    ("9 empty length", with_length(""), R.BODY_LENGTH),
    ("10 negative length", with_length("-5"), R.BODY_LENGTH),
    ("11 plus", with_length(b"+" + LENGTH), R.BODY_LENGTH),
    ("11 space", with_length(b" " + LENGTH), R.BODY_LENGTH),
    ("11 leading zeros", with_length(b"00" + LENGTH), R.BODY_LENGTH),
    ("12 2**31", with_length("2147483648"), R.BODY_LENGTH),
    ("12 2**31-1", with_length("2147483647"), R.BODY_LENGTH),
    ("12 nine digits", with_length("999999999"), R.MESSAGE_TOO_LONG),
    ("13 40 digits", with_length("1" * 40), R.BODY_LENGTH),
    ("14 one short", with_length(b"%d" % (int(LENGTH) - 1)), R.BODY_LENGTH),
    ("15 one long", with_length(b"%d" % (int(LENGTH) + 1)), R.BODY_LENGTH),
    ("16 wrong sum", with_checksum(b"%03d" % ((int(HEARTBEAT[-4:-1]) + 1) % 256)), R.CHECKSUM),
    ("17 10=1", with_checksum(b"1"), R.CHECKSUM_FORMAT),
    ("17 10=0001", with_checksum(b"0001"), R.CHECKSUM_FORMAT),
    ("17 10=abc", with_checksum(b"abc"), R.CHECKSUM_FORMAT),
    ("18 no final SOH", HEARTBEAT[:-1], R.CHECKSUM_FORMAT),
    ("19 NUL bytes", bytes(100), R.NO_MESSAGE_START),
    ("21 field without =", fix("35=0|garbled|34=2|49=TW"), R.FIELD),
    ("23 tag 00035", fix("35=0|00035=1"), R.TAG),
    ("23 tag 99999999999", fix("35=0|99999999999=1"), R.TAG),
    ("25 tag after 10", soh("58=after|"), R.NO_MESSAGE_START),
]

GOOD = [
    ("6 unknown version", fix("35=A|34=1", "FIX.9.9")),
    ("19 NUL in a value", fix("35=B|58=a\x00b")),
    ("20 bytes from 0x80", fix(b"35=B|58=\x80\xff\xfe|347=Shift_JIS|354=2|355=\x82\x01|")),
    ("22 empty MsgType", fix("35=|34=2")),
    ("23 tag 0", fix("35=0|0=HI")),
    ("23 tag -1", fix("35=0|-1=HI")),
    ("24 duplicate 34", fix("35=0|34=2|34=3")),
]


@pytest.mark.parametrize("to_checksum", [False, True])
@pytest.mark.parametrize(("name", "bad", "reason"), GARBLED, ids=[g[0] for g in GARBLED])
def test_garbled_is_named_and_costs_nothing_else(name, bad, reason, to_checksum):
    if to_checksum and name.startswith(("15 ", "18 ")):
        return  # takes the next message too: see TestGarbledEndsAtChecksum
    for chunks in chunkings(LOGON + bad + ORDER + HEARTBEAT):
        found, framer = fed(chunks, to_checksum=to_checksum)
        assert messages(found) == [LOGON, ORDER, HEARTBEAT]
        (_, (offset, data, told), *_) = runs(found)
        assert (offset, data) == (len(LOGON), bad)
        assert told is reason
        assert framer.pending == 0


@pytest.mark.parametrize(("name", "good"), GOOD, ids=[g[0] for g in GOOD])
def test_the_session_and_the_dictionary_judge_these(name, good):
    for chunks in chunkings(LOGON + good + ORDER):
        assert messages(fed(chunks)[0]) == [LOGON, good, ORDER]


def test_1_zero_bytes_then_the_end():
    framer = Framer()
    assert framer.feed(b"") == []
    assert framer.end() is None


def test_2_one_byte_at_a_time_shows_nothing_before_the_end():
    framer = Framer()
    assert all(framer.feed(bytes([b])) == [] for b in LOGON[:-1])
    assert framer.pending == len(LOGON) - 1


def test_26_glued_and_split():
    stream = LOGON + HEARTBEAT + ORDER
    for chunks in chunkings(stream):
        found, _ = fed(chunks)
        assert all(isinstance(item, Message) for item in found)
        assert messages(found) == [LOGON, HEARTBEAT, ORDER]
