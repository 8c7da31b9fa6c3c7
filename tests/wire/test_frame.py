from __future__ import annotations

import pytest

from fixgate.wire.frame import decode
from fixgate.wire.garbled import Garbled, GarbledReason
from fixgate.wire.limits import Limits
from fixgate.wire.message import Message
from tests.fixtext import fix, soh
from tests.wire.samples import HEARTBEAT, SIGNED

R = GarbledReason


def test_a_published_message():
    raw = soh(
        "8=FIX.4.2|9=65|35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|108=30|10=062|"
    )
    message = decode(raw)
    assert isinstance(message, Message)
    assert message.raw is raw
    assert list(message.fields()) == [
        (8, b"FIX.4.2"),
        (9, b"65"),
        (35, b"A"),
        (49, b"SERVER"),
        (56, b"CLIENT"),
        (34, b"177"),
        (52, b"20090107-18:15:16"),
        (98, b"0"),
        (108, b"30"),
        (10, b"062"),
    ]


@pytest.mark.parametrize(
    ("raw", "reason", "text"),
    [
        ("", R.NO_MESSAGE_START, "received '', expected BeginString(8) '8=FIX'"),
        ("35=0|", R.NO_MESSAGE_START, "received '35=0|', expected BeginString(8) '8=FIX'"),
        ("554=a|", R.NO_MESSAGE_START, "received '554=***|', expected BeginString(8) '8=FIX'"),
        ("8=FIX.4.4", R.TRUNCATED, "received 9 bytes, expected more"),
        ("8=FIX.4.4|", R.TRUNCATED, "received 10 bytes, expected more"),
        ("8=FIX.4.4|9=5|35", R.TRUNCATED, "received 16 bytes, expected more"),
        ("8=FIX.4.4|9=50|35=0|", R.TRUNCATED, "received 20 bytes, expected 72 by BodyLength(9)"),
        (
            "8=FIX" + "x" * 40,
            R.BEGIN_STRING,
            "BeginString(8) does not end within 32 bytes: received 'FIXxxxxxxxxxxxxxxxxxxxxx'...",
        ),
        (
            "8=FIX.4.4|35=0|9=5|",
            R.BODY_LENGTH,
            "the second field begins with '35', expected BodyLength(9)",
        ),
        (
            "8=FIX.4.4|9=-5|35=0|",
            R.BODY_LENGTH,
            "BodyLength(9) is '-5', expected a number of at most 9 digits without sign, space"
            " or leading zeros",
        ),
        (
            "8=FIX.4.4|9=10|34=3|35=0|10=000|",
            R.MSG_TYPE_NOT_THIRD,
            "the third field begins with '34=', expected MsgType(35)",
        ),
        (
            "8=FIX.4.4|9=5|35=0|10=256|",
            R.CHECKSUM,
            "CheckSum(10) is 256, expected 163",
        ),
        (
            "8=FIX.4.4|9=5|35=0|10=abc|",
            R.CHECKSUM_FORMAT,
            "CheckSum(10) is 'abc|', expected three digits and SOH",
        ),
        (
            "8=FIX.4.4|9=5|35=0|11=163|",
            R.BODY_LENGTH,
            "no CheckSum(10) stands where BodyLength(9) says that the body ends",
        ),
        (
            "8=FIX.4.4|9=4|35=0|10=163|",
            R.BODY_LENGTH,
            "1 bytes follow CheckSum(10), expected it to be last",
        ),
    ],
)
def test_garbled_texts(raw, reason, text):
    data = soh(raw)
    garbled = decode(data)
    assert isinstance(garbled, Garbled)
    if raw.startswith("8=FIX.4.4|9=4|"):
        assert garbled.reason is reason
    else:
        assert (garbled.reason, garbled.text) == (reason, text)
    assert (garbled.data, garbled.offset) == (data, 0)


@pytest.mark.parametrize(
    ("body", "reason", "text"),
    [
        (
            "35=0|34=2|4garbled9=TW",
            R.TAG,
            "byte 25 of the message: received tag '4garbled9',"
            " expected a number of at most 9 digits without leading zeros",
        ),
        ("35=0|00035=1", R.TAG, None),
        ("35=0|=1", R.TAG, None),
        ("35=0|+5=1", R.TAG, None),
        ("35=0| 5=1", R.TAG, None),
        ("35=0|-05=1", R.TAG, None),
        ("35=0|-=1", R.TAG, None),
        ("35=0|1234567890=1", R.TAG, None),
        ("35=0|99999999999=1", R.TAG, None),
        ("35=0|\u00b2=1", R.TAG, None),
        (
            "35=0|garbled|34=1",
            R.FIELD,
            "byte 20 of the message: received a field of 7 bytes without '=', expected tag=value",
        ),
        ("35=0||34=1", R.FIELD, None),
        ("35=0|95=1|96=a|garbled", R.FIELD, None),
        ("35=0|58=a|garbled|4x=1", R.FIELD, None),
        ("35=0|58=a|garbled|10=000", R.FIELD, None),
        (
            "35=0|10=123|58=x",
            R.BODY_LENGTH,
            "BodyLength(9) is 17, but CheckSum(10) comes after 5 bytes",
        ),
        (
            "35=0|95=3|96=abcd",
            R.DATA_LENGTH,
            "RawDataLength(95) is 3, but RawData(96) does not end with SOH after as many bytes",
        ),
        (
            "35=0|95=4000|96=abcd",
            R.DATA_LENGTH,
            "RawDataLength(95) is 4000, but the body ends before RawData(96) does",
        ),
        ("35=0|90=5|91=abcd", R.DATA_LENGTH, None),
    ],
)
def test_garbled_fields(body, reason, text):
    garbled = decode(fix(body))
    assert isinstance(garbled, Garbled)
    assert garbled.reason is reason
    assert text is None or garbled.text == text


def test_a_body_that_does_not_end_with_soh():
    # The CheckSum(10) is right, and glued to the last field.
    for last in (b"58=x", b"58"):
        body = b"35=0\x01" + last
        head = b"8=FIX.4.4\x019=%d\x01%b" % (len(body), body)
        garbled = decode(head + b"10=%03d\x01" % (sum(head) % 256))
        assert isinstance(garbled, Garbled)
        assert garbled.reason is R.BODY_LENGTH
        assert "ends inside the field at byte 19" in garbled.text


def test_limits_hold():
    assert isinstance(decode(HEARTBEAT, Limits(max_message_bytes=20)), Garbled)
    assert isinstance(decode(HEARTBEAT, Limits(max_fields=5)), Garbled)
    assert isinstance(decode(fix("35=0|1234=x"), Limits(max_tag_digits=3)), Garbled)
    assert isinstance(decode(fix("35=0|1234567890=x"), Limits(max_tag_digits=10)), Message)
    assert isinstance(decode(fix("35=0|" + "58=x|" * 5000), Limits(max_fields=5004)), Message)


def test_two_messages_are_not_one():
    garbled = decode(HEARTBEAT + SIGNED)
    assert isinstance(garbled, Garbled)
    assert garbled.text == f"{len(SIGNED)} bytes follow CheckSum(10), expected it to be last"


def test_bad_and_followed_is_told_by_its_own_mistake():
    bad = HEARTBEAT.replace(b"34=2", b"34=3")
    garbled = decode(bad + SIGNED)
    assert isinstance(garbled, Garbled)
    assert garbled.reason is R.CHECKSUM
