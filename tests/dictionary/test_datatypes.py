import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.dictionary.datatypes import EXPECTED, FORMATS, PATTERNS, FieldType
from fixgate.wire.timestamps import utc_ns

_DECIMALS = {
    "good": "0 100 -5 100.25 100. .25 -.25 00100.2500 002000.00 -0 123456789012345.123456789",
    "bad": "+1 +200.00 1e3 1E400 0x10 NaN inf -inf 1,5 - . -. 1.2.3 1_000 --1 1- ²",
}
_WHOLES = {"good": "0 1 0023 18446744073709551615", "bad": "-1 +1 1.0 1e3 abc " + "9" * 21}

TABLE = {
    FieldType.INT: {"good": "0 23 -23 00023 -9223372036854775808", "bad": "+1 1.0 - 1e3 abc"},
    FieldType.LENGTH: _WHOLES,
    FieldType.SEQ_NUM: _WHOLES,
    FieldType.NUM_IN_GROUP: _WHOLES,
    FieldType.TAG_NUM: {"good": "1 55 999999999", "bad": "0 055 -1 1234567890 x"},
    FieldType.DAY_OF_MONTH: {"good": "1 01 9 10 29 30 31", "bad": "0 00 32 -1 1.5 001"},
    FieldType.FLOAT: _DECIMALS,
    FieldType.QTY: _DECIMALS,
    FieldType.PRICE: _DECIMALS,
    FieldType.PRICE_OFFSET: _DECIMALS,
    FieldType.AMT: _DECIMALS,
    FieldType.PERCENTAGE: _DECIMALS,
    FieldType.CHAR: {"good": "a Z 1 * é", "bad": "ab 12 \x01 \t \x7f"},
    FieldType.BOOLEAN: {"good": "Y N", "bad": "y n 1 0 YES true YN"},
    FieldType.MONTH_YEAR: {
        "good": "202611 20261122 20240229 202611w1 202611w5",
        "bad": "2026 202600 202613 20261131 202611w0 202611w6 202611w 20261122w1 000001",
    },
    FieldType.UTC_TIMESTAMP: {
        "good": (
            "20261122-17:02:33 20261122-17:02:33.123 20261122-17:02:33.123456 "
            "20261122-17:02:33.123456789 20261122-17:02:33.123456789012 20240229-00:00:00 "
            "20000229-00:00:00 20161231-23:59:60 20261122-23:59:59.999 19700101-00:00:00 "
            "99991231-23:59:59"
        ),
        "bad": (
            "20261122 20261122-17:02 20261122-17:02:33. 20261122-17:02:33.1 "
            "20261122-17:02:33.12 20261122-17:02:33.1234 20261122-17:02:33.1234567890123 "
            "20261122-24:00:00 20261122-17:60:00 20261122-17:02:61 20261322-17:02:33 "
            "20261132-17:02:33 20260229-17:02:33 19000229-00:00:00 20260431-00:00:00 "
            "00000101-00:00:00 2026-11-22T17:02:33 20261122-17:02:33Z 100000101-00:00:00 "
            "+0261122-17:02:33 20261122-1:2:3 20261122-17:02:60 20261122-23:58:60"
        ),
    },
    FieldType.UTC_TIME_ONLY: {
        "good": "00:00:00 17:02:33 17:02:33.123 23:59:60",
        "bad": "24:00:00 17:02 17:02:33.1 170233 17:02:33Z 17:02:60",
    },
    FieldType.UTC_DATE_ONLY: {"good": "20261122 20240229", "bad": "20260229 2026112 261122 x"},
    FieldType.LOCAL_MKT_DATE: {"good": "20261122 00011231", "bad": "00000101 20261122-00:00:00"},
    FieldType.LOCAL_MKT_TIME: {"good": "09:30:00", "bad": "9:30:00 09:30 25:00:00"},
    FieldType.TZ_TIME_ONLY: {
        "good": "07:39Z 07:39:00Z 02:39-05 15:39+08 13:09:00+05:30 07:39:12.5+01"
        .replace("12.5", "12.500"),
        "bad": "7:39Z 07Z 07:39+15:00 07:39+0530 07:39X",
    },
    FieldType.TZ_TIMESTAMP: {
        "good": "20260901-07:39Z 20260901-02:39-05 20260901-13:09:00.123+05:30",
        "bad": "20260931-07:39Z 20260901 20260901T07:39Z",
    },
}  # fmt: skip

CASES = [
    (kind, value, which == "good")
    for kind, values in TABLE.items()
    for which, text in values.items()
    for value in text.split(" ")
]


@pytest.mark.parametrize(("kind", "value", "good"), CASES)
def test_values_of_each_type(kind, value, good):
    assert bool(FORMATS[kind](value.encode("latin-1"))) is good


@pytest.mark.parametrize("kind", FORMATS)
def test_no_format_takes_an_empty_value_or_a_newline_at_the_end(kind):
    assert not FORMATS[kind](b"")
    if not kind.is_multiple:
        assert not FORMATS[kind](b"1\n")


@pytest.mark.parametrize(
    ("kind", "value", "good"),
    [
        (FieldType.MULTIPLE_CHAR_VALUE, b"A", True),
        (FieldType.MULTIPLE_CHAR_VALUE, b"A B C", True),
        (FieldType.MULTIPLE_CHAR_VALUE, b"AB", False),
        (FieldType.MULTIPLE_CHAR_VALUE, b"A  B", False),
        (FieldType.MULTIPLE_CHAR_VALUE, b"A ", False),
        (FieldType.MULTIPLE_CHAR_VALUE, b" A", False),
        (FieldType.MULTIPLE_STRING_VALUE, b"AV AN A", True),
        (FieldType.MULTIPLE_STRING_VALUE, b"AV  AN", False),
        (FieldType.MULTIPLE_VALUE_STRING, b"2 G 1", True),
        (FieldType.MULTIPLE_VALUE_STRING, b" ", False),
    ],
)
def test_multiple_values(kind, value, good):
    assert bool(FORMATS[kind](value)) is good


def test_every_type_is_in_the_table_or_takes_any_bytes():
    assert set(FORMATS) == set(TABLE) | {kind for kind in FieldType if kind.is_multiple}
    assert set(EXPECTED) == set(FORMATS)


def test_no_pattern_takes_soh():
    for kind, pattern in PATTERNS.items():
        for _, value, good in (case for case in CASES if case[0] is kind):
            text = value.encode("latin-1")
            assert bool(re.fullmatch(b"(?:%b)\x01" % pattern, text + b"\x01")) is good
            assert not re.fullmatch(pattern, text + b"\x01")
            assert not re.fullmatch(pattern, text + b"\x01" + text)


def test_a_long_value_is_judged_at_once():
    for test in FORMATS.values():
        test(b"1" * 100_000)
        test(b"A " * 50_000)


@given(st.from_regex(re.compile(PATTERNS[FieldType.UTC_TIMESTAMP]), fullmatch=True))
@settings(deadline=None, max_examples=300)
def test_whatever_is_a_timestamp_is_an_instant(value):
    """Or a SendingTime(52) would pass the dictionary, and its distance from our clock unseen."""
    assert utc_ns(value) is not None


@given(st.from_regex(rb"[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?", fullmatch=True))
@settings(deadline=None, max_examples=300)
def test_whatever_looks_like_one_is_judged_alike(value):
    assert (utc_ns(value) is not None) == (FORMATS[FieldType.UTC_TIMESTAMP](value) is not None)
