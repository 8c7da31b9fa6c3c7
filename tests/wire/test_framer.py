from __future__ import annotations

import pytest

from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled, GarbledReason
from fixgate.wire.limits import Limits
from fixgate.wire.message import Message
from tests.fixtext import fix, soh
from tests.wire.samples import (
    HEARTBEAT,
    LOGON,
    ORDER,
    SIGNED,
    chunkings,
    fed,
    messages,
    runs,
)

STREAMS = [
    LOGON,
    LOGON + HEARTBEAT + ORDER,
    SIGNED + HEARTBEAT,
    b"GET / HTTP/1.1\r\n\r\n" + LOGON,
    LOGON + b"garbage" + HEARTBEAT + b"\x018=FIX.4.4\x01" + ORDER,
    LOGON + HEARTBEAT[:30] + ORDER + HEARTBEAT,
    HEARTBEAT.replace(b"9=", b"9=1", 1) + ORDER + LOGON,
    HEARTBEAT.replace(b"10=", b"1O=", 1) + ORDER,
    SIGNED.replace(b"95=14", b"95=15", 1) + ORDER,
    SIGNED.replace(b"95=14", b"95=99", 1) + ORDER,
    b"8=FI8=FIX" + LOGON,
]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("to_checksum", [False, True])
def test_any_chunking_gives_the_same(stream, to_checksum):
    whole, _ = fed([stream], to_checksum=to_checksum)
    expected = runs(whole)
    for chunks in chunkings(stream):
        found, framer = fed(chunks, to_checksum=to_checksum)
        assert runs(found) == expected
        assert framer.pending == 0


@pytest.mark.parametrize("message", [LOGON, HEARTBEAT, ORDER, SIGNED])
def test_nothing_comes_before_the_last_byte(message):
    framer = Framer()
    for byte in message[:-1]:
        assert framer.feed(bytes([byte])) == []
    (found,) = framer.feed(message[-1:])
    assert isinstance(found, Message)
    assert found.raw == message


@pytest.mark.parametrize("message", [LOGON, HEARTBEAT, ORDER, SIGNED])
def test_trailing_bytes_stay_pending(message):
    framer = Framer()
    (found,) = framer.feed(message + b"8=FIX.4.")
    assert found.raw == message
    assert framer.pending == 8
    assert framer.take_pending() == b"8=FIX.4."
    assert framer.pending == 0


def test_three_messages_in_one_segment_keep_their_order():
    found, _ = fed([LOGON + HEARTBEAT + ORDER])
    assert messages(found) == [LOGON, HEARTBEAT, ORDER]


def test_feeding_nothing_finds_nothing():
    framer = Framer()
    assert framer.feed(b"") == []
    framer.feed(LOGON[:10])
    assert framer.feed(b"") == []
    assert framer.feed(LOGON[10:])[0].raw == LOGON


def test_other_begin_strings_in_one_stream():
    stream = b"".join(fix("35=0|34=1", begin) for begin in ("FIX.4.0", "FIXT.1.1", "FIX.9.9"))
    found, _ = fed([stream])
    assert [m.begin_string for m in found] == [b"FIX.4.0", b"FIXT.1.1", b"FIX.9.9"]


def test_offsets_are_of_the_stream():
    framer = Framer()
    framer.feed(LOGON)
    (first, _) = framer.feed(b"abc" + HEARTBEAT)
    assert (first.offset, first.data) == (len(LOGON), b"abc")
    (second,) = framer.feed(b"xyz")
    assert second.offset == len(LOGON) + 3 + len(HEARTBEAT)
    assert not second.continued
    (third,) = framer.feed(b"more")
    assert third.offset == second.offset + 3
    assert third.continued


def test_a_run_of_garbage_in_one_feed_is_one_piece():
    bad = HEARTBEAT.replace(b"34=2", b"34=9")
    found, _ = fed([LOGON + bad + b"??" + bad + ORDER])
    assert [type(item) for item in found] == [Message, Garbled, Message]
    assert found[1].data == bad + b"??" + bad
    assert found[1].reason is GarbledReason.CHECKSUM


def test_foreign_bytes_are_told_at_once():
    (found,) = Framer().feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert found.data == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert found.text == (
        "received 'GET / HTTP/1.1\\x0d\\x0aHost: a\\x0d\\x0a\\x0d\\x0a',"
        " expected BeginString(8) '8=FIX'"
    )


def test_the_beginning_of_a_start_is_kept_behind_garbage():
    framer = Framer()
    (found,) = framer.feed(b"garbage8=FI")
    assert found.data == b"garbage"
    assert framer.pending == 4
    assert messages(framer.feed(LOGON[4:])) == [LOGON]


def test_starts_that_no_length_follows_are_passed_over():
    judged = []

    class Watched(Framer):
        def _judge(self, data, pos):
            judged.append(pos)
            return super()._judge(data, pos)

    found = Watched().feed(b"8=FIX" * 10_000 + b"8=FIX.4.4\x01" * 10_000 + ORDER)
    assert [type(item) for item in found] == [Garbled, Message]
    assert len(judged) < 20


@pytest.mark.parametrize("size", range(len(ORDER)))
def test_the_beginning_of_a_message_in_a_run_is_kept(size):
    framer = Framer()
    assert not messages(framer.feed(b"8=FIX8=FIX.4.4\x01" + ORDER[:size]))
    assert messages(framer.feed(ORDER[size:])) == [ORDER]


def test_garbled_fields_are_handed_out_whole():
    framer = Framer()
    (first,) = framer.feed(soh("8=FIX.4.4|9=x|35=A|554=hunt"))
    assert first.data == soh("8=FIX.4.4|9=x|35=A|")
    assert framer.feed(b"er") == []
    (second,) = framer.feed(soh("2|108"))
    assert second.data == soh("554=hunter2|")
    assert second.continued
    last = framer.end()
    assert last is not None
    assert (last.data, last.continued) == (b"108", True)


def test_a_garbled_field_without_end_is_not_held_for_ever():
    framer = Framer()
    framer.feed(soh("8=FIX.4.4|9=x|58=") + b"y" * 4000)
    assert framer.pending == 4003
    (found,) = framer.feed(b"y" * 200)
    assert len(found.data) == 4203
    assert framer.pending == 0


class TestEnd:
    def test_nothing_pending(self):
        framer = Framer()
        framer.feed(LOGON)
        assert framer.end() is None

    def test_half_a_message(self):
        framer = Framer()
        framer.feed(LOGON + HEARTBEAT[:20])
        found = framer.end()
        assert found == Garbled(
            HEARTBEAT[:20],
            len(LOGON),
            GarbledReason.TRUNCATED,
            "the stream ended 20 bytes into a message",
        )
        assert framer.end() is None


class TestBodyLength:
    """Spec: test case 2m."""

    @pytest.mark.parametrize("by", [-30, -2, -1, 1, 2, 6, 7, 8, 100])
    def test_wrong_length_costs_its_own_message_only(self, by):
        length = HEARTBEAT[12:14]
        lying = HEARTBEAT.replace(b"9=" + length, b"9=%d" % (int(length) + by))
        stream = LOGON + lying + ORDER + HEARTBEAT
        for chunks in chunkings(stream):
            found, _ = fed(chunks)
            assert messages(found) == [LOGON, ORDER, HEARTBEAT]
            assert runs(found)[1][1] == lying
            assert runs(found)[1][2] is GarbledReason.BODY_LENGTH

    def test_too_long_is_known_at_its_checksum(self):
        framer = Framer()
        (found,) = framer.feed(soh("8=FIX.4.4|9=60000|35=0|34=2|49=A|10=000|"))
        assert found.text == "BodyLength(9) is 60000, but CheckSum(10) comes after 15 bytes"
        assert messages(framer.feed(LOGON)) == [LOGON]

    @pytest.mark.parametrize(
        "length", ["", "-5", "+12", " 12", "12 ", "0012", "00", "1e3", "9" * 40, "x", "-0", "1.0"]
    )
    def test_no_number_is_garbled_before_the_body_comes(self, length):
        framer = Framer()
        (found, *_) = framer.feed(soh(f"8=FIX.4.4|9={length}|"))
        assert found.reason is GarbledReason.BODY_LENGTH
        assert framer.pending <= 40
        assert messages(framer.feed(soh("35=0|10=000|") + LOGON)) == [LOGON]

    @pytest.mark.parametrize("length", ["65513", "99999", "2147483647", "2147483648", "999999999"])
    def test_more_than_the_limit_is_garbled_at_once(self, length):
        (found,) = Framer().feed(soh(f"8=FIX.4.4|9={length}|35="))
        assert found.reason in (GarbledReason.MESSAGE_TOO_LONG, GarbledReason.BODY_LENGTH)

    @pytest.mark.parametrize("length", ["0", "1", "3"])
    def test_less_than_a_msg_type_is_garbled(self, length):
        (found,) = Framer().feed(soh(f"8=FIX.4.4|9={length}|35=|10=000|"))
        assert found.text == f"BodyLength(9) is {length}, expected at least 4 for MsgType(35)"

    def test_a_length_past_a_data_field_waits_for_the_rest(self):
        whole = fix("35=B|95=28|96=x\x0110=111\x0110=222\x018=FIX.4.4\x01zz|148=y")
        for chunks in chunkings(whole + LOGON):
            assert messages(fed(chunks)[0]) == [whole, LOGON]


DATA_PAIRS = [(95, 96), (212, 213), (354, 355)]


@pytest.mark.parametrize("pair", DATA_PAIRS, ids=lambda pair: f"{pair[1]}")
@pytest.mark.parametrize("said", ["0", "1", "15", "17", "60", "60000", "999999999"])
def test_a_lying_data_length_costs_its_own_message_only(pair, said):
    """The value holds SOH, and what looks like the end of a message and the start of another."""
    length, data = pair
    value = "a|10=000|8=FIX.z"
    assert len(value) == 16
    lying = fix(f"35=B|34=2|148=x|{length}={said}|{data}={value}|58=y")
    for chunks in chunkings(LOGON + lying + ORDER + HEARTBEAT):
        found, _ = fed(chunks)
        assert messages(found) == [LOGON, ORDER, HEARTBEAT]
        assert runs(found)[1][1] == lying
    told = fix(f"35=B|34=2|148=x|{length}=16|{data}={value}|58=y")
    assert messages(fed([LOGON + told + ORDER])[0]) == [LOGON, told, ORDER]


@pytest.mark.parametrize("pair", DATA_PAIRS, ids=lambda pair: f"{pair[1]}")
@pytest.mark.parametrize("said", ["", "x", "-16", "+16", "99999999999999999999"])
def test_a_data_length_that_is_none_measures_nothing(pair, said):
    """The value then ends at its first SOH, and the dictionary has its say about the length."""
    length, data = pair
    message = fix(f"35=B|34=2|{length}={said}|{data}=plain|58=y")
    for chunks in chunkings(LOGON + message + ORDER):
        found, _ = fed(chunks)
        assert messages(found) == [LOGON, message, ORDER]
        assert found[1].get(data) == b"plain"


class TestLimits:
    def test_a_mebibyte_of_xml_costs_its_own_message_only(self):
        """Its end is not waited for; what it says is passed over up to the next message."""
        xml = "<order>" + "<leg/>" * 175_000 + "</order>"
        large = fix(f"35=n|34=2|212={len(xml)}|213={xml}")
        framer, found, pending = Framer(), [], 0
        for at in range(0, len(large), 1460):
            found += framer.feed(large[at : at + 1460])
            pending = max(pending, framer.pending)
        found += framer.feed(ORDER)
        assert messages(found) == [ORDER]
        assert found[0].reason is GarbledReason.MESSAGE_TOO_LONG
        assert pending < 8192

    def test_the_largest_message_is_taken(self):
        body = "35=B|58=" + "x" * 300
        message = fix(body)
        limits = Limits(max_message_bytes=len(message))
        assert messages(fed([message], limits)[0]) == [message]
        smaller = Limits(max_message_bytes=len(message) - 1)
        (found,) = fed([message], smaller)[0]
        assert found.text == (
            f"BodyLength(9) is 309: a message of {len(message)} bytes,"
            f" expected at most {len(message) - 1}"
        )

    def test_too_many_fields(self):
        message = fix("35=B|" + "58=x|" * 10)
        assert messages(fed([message], Limits(max_fields=14))[0]) == [message]
        (found,) = fed([message], Limits(max_fields=13))[0]
        assert found.text == "received more than 13 fields"

    def test_the_learnt_header_does_not_loosen_the_limits(self):
        limits = Limits(max_message_bytes=60)
        framer = Framer(limits)
        small = fix("35=0|58=" + "x" * 29)
        assert len(small) == 60
        assert messages(framer.feed(small)) == [small]
        large = fix("35=0|58=" + "x" * 29, "FIXT.1.1")
        (found,) = framer.feed(large)
        assert found.reason is GarbledReason.MESSAGE_TOO_LONG

    def test_more_lengths_than_are_learnt(self):
        stream = [fix("35=B|58=" + "x" * size) for size in range(1, 1200)]
        assert messages(fed(stream)[0]) == stream

    @pytest.mark.parametrize("to_checksum", [False, True])
    def test_pending_is_bounded(self, to_checksum):
        limits = Limits(max_message_bytes=1000)
        framer = Framer(limits, garbled_ends_at_checksum=to_checksum)
        hostile = soh("8=FIX.4.4|9=900|35=B|58=") + b"x" * 5000
        hostile += b"8=FIX" + b"y" * 5000 + soh("8=FIX.4.4|9=") + b"1" * 5000
        hostile += soh("8=FIX.4.4|9=x|58=") + b"z" * 9000
        for byte in hostile:
            framer.feed(bytes([byte]))
            assert framer.pending <= 1000 + 4096


class TestGarbledEndsAtChecksum:
    """As QuickFIX does; its acceptance definitions 2m, 2d and 2t rely on it."""

    def test_a_length_that_is_too_long_takes_the_next_message_too(self):
        lying = HEARTBEAT.replace(b"9=" + HEARTBEAT[12:14], b"9=%d" % (int(HEARTBEAT[12:14]) + 6))
        for chunks in chunkings(LOGON + lying + ORDER + HEARTBEAT):
            found, _ = fed(chunks, to_checksum=True)
            assert messages(found) == [LOGON, HEARTBEAT]
            assert runs(found)[1][1] == lying + ORDER

    def test_a_length_that_is_too_short_takes_only_its_own(self):
        lying = ORDER.replace(b"9=" + ORDER[12:15], b"9=30")
        for chunks in chunkings(LOGON + lying + ORDER):
            found, _ = fed(chunks, to_checksum=True)
            assert messages(found) == [LOGON, ORDER]
            assert runs(found)[1][1] == lying

    def test_short_checksum_and_bad_tags(self):
        bad = soh("8=FIX.4.4|9=52|35=0|34=2|4garbled9=TW|52=20261122-10:30:00|56=ISLD|10=0|")
        found, _ = fed([bad + HEARTBEAT], to_checksum=True)
        assert messages(found) == [HEARTBEAT]
        assert found[0].data == bad

    def test_msg_type_first(self):
        bad = soh("35=0|8=FIX.4.4|9=29|34=2|49=TW|52=20261122-10:30:00|56=ISLD|10=121|")
        found, _ = fed([bad + HEARTBEAT], to_checksum=True)
        assert messages(found) == [HEARTBEAT]

    def test_no_checksum_within_the_limit(self):
        limits = Limits(max_message_bytes=200)
        bad = soh("8=FIX.4.4|9=20|35=0|58=") + b"x" * 300
        for chunks in chunkings(bad + HEARTBEAT):
            found, _ = fed(chunks, limits, to_checksum=True)
            assert messages(found) == [HEARTBEAT]
            assert runs(found)[0][2] is GarbledReason.BODY_LENGTH


LIAR = soh("8=FIX.4.4|9=60000|35=0|")
HOLDER = soh("8=FIX.4.4|9=60000|35=0|95=40|96=10=000|58=x|10=1|")


SHORT = (
    b"??8=FIX8=FIX.4.4",
    b"8=FIX" * 30,
    soh("8=FIX.4.4|9=5|35=0|10=000|") * 20,
)
LONG = (b"??" + LIAR * 5, b"??" + HOLDER * 3 + soh("10=0|"), b"??" + LIAR + HOLDER + LIAR)


# In QuickFIX's way, what a length claims is dropped with it.
@pytest.mark.parametrize(
    ("garbage", "to_checksum"),
    [*((each, False) for each in (*SHORT, *LONG)), *((each, True) for each in SHORT)],
)
def test_no_good_message_behind_starts_that_lie_is_lost(garbage, to_checksum):
    for chunks in chunkings(garbage + ORDER + HEARTBEAT):
        found, framer = fed(chunks, to_checksum=to_checksum)
        assert messages(found) == [ORDER, HEARTBEAT]
        assert framer.pending == 0


def test_a_start_with_another_in_its_name_is_none_in_a_run():
    odd = fix("35=0|34=2", begin="FIX8=FIX.4.4")
    assert messages(fed([odd])[0]) == [odd]
    assert messages(fed([b"??" + odd + ORDER])[0]) == [ORDER]


@pytest.mark.parametrize("stream", [b"8\x00", b"8=\x00", b"8=F\x00", b"8=FI\x00"])
def test_what_is_no_start_is_told_however_few_bytes_it_has(stream):
    for chunks in chunkings(stream):
        found, framer = fed(chunks)
        rest = framer.end()
        assert {each.reason for each in (*found, *filter(None, [rest]))} == {
            GarbledReason.NO_MESSAGE_START
        }
