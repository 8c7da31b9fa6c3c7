from __future__ import annotations

import pytest

from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.fields import FieldWalk, excerpt, field_reader
from fixgate.wire.frame import decode
from fixgate.wire.limits import DEFAULT_LIMITS, Limits
from fixgate.wire.message import Message
from tests.fixtext import fix
from tests.wire.samples import HEARTBEAT


def body_of(text):
    message = decode(fix(text))
    assert isinstance(message, Message), message
    return list(message.fields())[2:-1]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("35=", [(35, b"")]),
        ("35=0|0=HI", [(35, b"0"), (0, b"HI")]),
        ("35=0|-1=HI", [(35, b"0"), (-1, b"HI")]),
        ("35=0|58=|112=", [(35, b"0"), (58, b""), (112, b"")]),
        ("35=0|58=a=b==", [(35, b"0"), (58, b"a=b==")]),
        ("35=0|58=1=2=3", [(35, b"0"), (58, b"1=2=3")]),
        ("35=0|34=1|34=2", [(35, b"0"), (34, b"1"), (34, b"2")]),
        ("35=0|123456789=x|9999=y", [(35, b"0"), (123456789, b"x"), (9999, b"y")]),
        ("35=0|58=\xe9\xff\x00", [(35, b"0"), (58, b"\xe9\xff\x00")]),
        ("35=0|35=1|8=FIX.4.4|9=5", [(35, b"0"), (35, b"1"), (8, b"FIX.4.4"), (9, b"5")]),
        ("35=0|95=0|96=", [(35, b"0"), (95, b"0"), (96, b"")]),
        ("35=0|95=3|96=a\x01b", [(35, b"0"), (95, b"3"), (96, b"a\x01b")]),
        ("35=0|95=7|96=\x0110=12\x01|", [(35, b"0"), (95, b"7"), (96, b"\x0110=12\x01")]),
        ("35=0|95=3|58=x", [(35, b"0"), (95, b"3"), (58, b"x")]),
        ("35=0|95=3|213=x", [(35, b"0"), (95, b"3"), (213, b"x")]),
        ("35=0|96=x", [(35, b"0"), (96, b"x")]),
        ("35=0|95=abc|96=x", [(35, b"0"), (95, b"abc"), (96, b"x")]),
        ("35=0|95=|96=x", [(35, b"0"), (95, b""), (96, b"x")]),
        ("35=0|95=-1|96=x", [(35, b"0"), (95, b"-1"), (96, b"x")]),
        ("35=0|95=" + "9" * 5000 + "|96=x", [(35, b"0"), (95, b"9" * 5000), (96, b"x")]),
    ],
)
def test_fields_as_they_came(text, fields):
    assert body_of(text) == fields


@pytest.mark.parametrize(("length", "data"), list(DATA_FIELDS.items()))
def test_every_data_field_is_read_by_its_length(length, data):
    value = b"a=1\x0110=000\x01=b"
    text = f"35=0|{length}={len(value)}|{data}=".encode() + value + b"|58=after"
    assert body_of(text) == [
        (35, b"0"),
        (length, b"%d" % len(value)),
        (data, value),
        (58, b"after"),
    ]


def test_separators_that_balance_but_do_not_alternate():
    # As many "=" as SOH: two in one field, none in another.
    message = decode(fix("35=0|58=a=5|garb"))
    assert isinstance(message, Message)
    assert list(message.fields())[3:-1] == [(58, b"a=5\x01garb")]


def test_a_peer_that_invents_tags_does_not_fill_our_memory():
    reader = field_reader(DEFAULT_LIMITS)
    for start in range(10_000, 60_000, 1000):
        message = decode(fix("35=0|" + "|".join(f"{n}=x" for n in range(start, start + 1000))))
        assert isinstance(message, Message)
        assert message.tags[3] == start
    assert len(reader._tag.__self__) <= 16_384


def test_there_is_one_reader_for_equal_limits():
    assert field_reader(Limits()) is field_reader(DEFAULT_LIMITS)


def test_walk_waits_for_a_data_field_that_has_not_come():
    whole = fix("35=B|95=12|96=ab\x0110=123\x01cd|58=x")
    body, end = whole.index(b"35="), len(whole) - 7
    growing = bytearray()
    walk = FieldWalk(growing, body, end, DEFAULT_LIMITS)
    for byte in whole:
        growing.append(byte)
        assert walk.early() is None
    assert walk.run(end) is None
    assert walk.tags == [8, 9, 35, 95, 96, 58]


@pytest.mark.parametrize(
    ("data", "shown"),
    [(b"", "''"), (b"a\x01\xff\n", r"'a|\xff\n'"), (b"x" * 30, f"'{'x' * 24}'...")],
)
def test_excerpts_are_printable(data, shown):
    assert excerpt(data) == shown


def test_duplicates_and_the_fast_way():
    message = decode(HEARTBEAT)
    assert isinstance(message, Message)
    assert not message.has_duplicates
