from __future__ import annotations

from decimal import Decimal

import pytest

from fixgate.errors import LocalProtocolError
from fixgate.wire.encode import encode_fields, finish
from tests.fixtext import fix, soh


def test_finish_is_what_others_make_of_it():
    body = soh("35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|108=30|")
    assert finish(b"FIX.4.2", body) == soh(
        "8=FIX.4.2|9=65|35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|108=30|10=062|"
    )
    assert finish(b"FIXT.1.1", body) == fix(body, "FIXT.1.1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"x", b"x"),
        ("x", b"x"),
        ("\u00e9", b"\xc3\xa9"),
        (0, b"0"),
        (-7, b"-7"),
        (2**70, b"%d" % 2**70),
        (True, b"Y"),
        (False, b"N"),
        (Decimal("100.250"), b"100.250"),
        (Decimal("1E+3"), b"1000"),
        (Decimal("1E-9"), b"0.000000001"),
        (Decimal(-5), b"-5"),
    ],
)
def test_values(value, text):
    assert encode_fields([(58, value), (12345, b"z")]) == b"58=%b\x0112345=z\x01" % text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([(0, b"x")], "tag 0 cannot be sent, expected 1 to 999999999"),
        ([(-1, b"x")], "tag -1 cannot be sent, expected 1 to 999999999"),
        ([(10**9, b"x")], "tag 1000000000 cannot be sent, expected 1 to 999999999"),
        ([(None, b"x")], "tag None cannot be sent, expected 1 to 999999999"),
        ([("", b"x")], "tag '' cannot be sent, expected 1 to 999999999"),
        ([(58, b"")], "Text(58) is empty, expected a value"),
        ([(58, "")], "Text(58) is empty, expected a value"),
        ([(58, b"a\x01b")], "Text(58) holds SOH, which only a data field may"),
        ([(58, "a\x01b")], "Text(58) holds SOH, which only a data field may"),
        ([(44, Decimal("NaN"))], "Price(44) is NaN, expected a finite number"),
        ([(44, Decimal("-Infinity"))], "Price(44) is -Infinity, expected a finite number"),
        (
            [(96, b"a\x01b")],
            "RawData(96) holds SOH and needs RawDataLength(95) just before it",
        ),
        (
            [(95, 3), (58, b"x"), (96, b"a\x01b")],
            "RawData(96) holds SOH and needs RawDataLength(95) just before it",
        ),
        ([(95, 4), (96, b"abc")], "RawDataLength(95) is 4, but RawData(96) has 3 bytes"),
        ([(95, b"x"), (96, b"abc")], "RawDataLength(95) is x, but RawData(96) has 3 bytes"),
        (
            [(95, b"8" * 5000), (96, b"abc")],
            "RawDataLength(95) is 888888888, but RawData(96) has 3 bytes",
        ),
    ],
)
def test_refusals(fields, text):
    with pytest.raises(LocalProtocolError) as raised:
        encode_fields(fields)
    assert str(raised.value) == text


def test_data_fields():
    assert encode_fields([(95, 3), (96, b"a\x01b")]) == b"95=3\x0196=a\x01b\x01"
    assert encode_fields([(96, b"abc")]) == b"96=abc\x01"
    assert encode_fields([(58, b"a="), (95, 1), (96, b"=")]) == b"58=a=\x0195=1\x0196==\x01"


def test_bytes_of_a_subclass():
    class Name(bytes):
        __slots__ = ()

    assert encode_fields([(58, Name(b"x")), (96, Name(b"y"))]) == b"58=x\x0196=y\x01"


def test_many_tags_do_not_fill_our_memory():
    fields = [(tag, b"x") for tag in range(100_000, 120_000)]
    assert encode_fields(fields) == b"".join(b"%d=x\x01" % tag for tag, _ in fields)


def test_any_iterable_of_fields():
    assert encode_fields([]) == b""
    assert encode_fields(iter([(58, b"x"), (95, 1), (96, b"y")])) == b"58=x\x0195=1\x0196=y\x01"
    assert encode_fields(((58, "x="), (112, "y"))) == b"58=x=\x01112=y\x01"
