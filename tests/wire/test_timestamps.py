from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import LocalProtocolError
from fixgate.wire.timestamps import (
    UtcTimestamp,
    format_utc_timestamp,
    parse_utc_timestamp,
    utc_ns,
)

# 2026-11-22 10:30:00 UTC, counted by hand: 20779 days after 1970-01-01.
SECOND = 20_779 * 86_400 + 10 * 3600 + 30 * 60
NS = SECOND * 10**9 + 123_456_789


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        (0, b"20261122-10:30:00"),
        (3, b"20261122-10:30:00.123"),
        (6, b"20261122-10:30:00.123456"),
        (9, b"20261122-10:30:00.123456789"),
        (12, b"20261122-10:30:00.123456789000"),
    ],
)
def test_digits(digits, text):
    assert format_utc_timestamp(NS, digits) == text
    parsed = parse_utc_timestamp(text)
    assert parsed is not None
    unit = 10 ** (9 - min(9, digits))
    assert parsed == UtcTimestamp(NS // unit * unit, 0, digits)
    assert utc_ns(text) == parsed.ns


def test_three_digits_are_the_default_and_never_round_up():
    assert format_utc_timestamp(SECOND * 10**9 + 999_999_999) == b"20261122-10:30:00.999"
    assert format_utc_timestamp(SECOND * 10**9 + 10**9) == b"20261122-10:30:01.000"


def test_picoseconds():
    parsed = parse_utc_timestamp(b"20261122-10:30:00.123456789012")
    assert parsed == UtcTimestamp(NS, 12, 12)


def test_before_1970_and_the_ends_of_the_calendar():
    assert format_utc_timestamp(-1) == b"19691231-23:59:59.999"
    assert utc_ns(b"19691231-23:59:59.999") == -1_000_000
    assert utc_ns(b"00010101-00:00:00") == -62_135_596_800 * 10**9
    assert utc_ns(b"99991231-23:59:59") == 253_402_300_799 * 10**9
    assert format_utc_timestamp(253_402_300_799 * 10**9, 0) == b"99991231-23:59:59"
    with pytest.raises(LocalProtocolError, match="outside the years 1 to 9999"):
        format_utc_timestamp(253_402_300_800 * 10**9)


@pytest.mark.parametrize("digits", [-1, 1, 2, 4, 15])
def test_other_digits_are_refused(digits):
    with pytest.raises(LocalProtocolError, match="expected 0, 3, 6, 9 or 12"):
        format_utc_timestamp(NS, digits)


def test_leap_second():
    assert utc_ns(b"20161231-23:59:60") == utc_ns(b"20170101-00:00:00")
    assert utc_ns(b"20161231-23:59:60.500") == utc_ns(b"20170101-00:00:00.500")
    assert utc_ns(b"99991231-23:59:60") == 253_402_300_800 * 10**9


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"20261122",
        b"10:30:00",
        b"20261122-24:00:00",
        b"20261122-10:60:00",
        b"20261122-10:30:60",
        b"20261122-23:59:61",
        b"00000101-00:00:00",
        b"20260229-00:00:00",
        b"20261301-00:00:00",
        b"20260001-00:00:00",
        b"20260100-00:00:00",
        b"100000101-00:00:00",
        b"20261122 10:30:00",
        b"20261122-10-30-00",
        b"20261122-10:30:00.",
        b"20261122-10:30:00.1",
        b"20261122-10:30:00.12",
        b"20261122-10:30:00.1234",
        b"20261122-10:30:00.1234567890123",
        b"20261122-10:30:00.abc",
        b"20261122-10:30:00,123",
        b"20261122-10:30:00.-12",
        b"20261122-10:30:00Z",
        b"20261122-10:30:00+00",
        b"+0261122-10:30:00",
        b"2026112 -10:30:00",
        b" 0261122-10:30:00",
        b"2026_122-10:30:00",
        b"\xb20261122-10:30:0",
        b"20261122-10:30:0\x01",
    ],
)
def test_what_is_no_timestamp(value):
    assert utc_ns(value) is None
    assert parse_utc_timestamp(value) is None


@given(st.binary(max_size=32))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(value):
    parse_utc_timestamp(value)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 999),
    st.sampled_from([3, 6, 9, 12]),
)
@settings(max_examples=200, deadline=None)
def test_round_trip_against_datetime(at, nanos, digits):
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    ns = (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000 + nanos
    text = format_utc_timestamp(ns, digits)
    assert text.startswith(f"{at.year:04}{at:%m%d-%H:%M:%S}.".encode())
    unit = 10 ** (9 - min(9, digits))
    assert utc_ns(text) == ns // unit * unit


def test_many_seconds_do_not_fill_our_memory():
    for minute in range(24 * 60):
        text = b"20261122-%02d:%02d:00" % divmod(minute, 60)
        assert utc_ns(text) == (20_779 * 1440 + minute) * 60 * 10**9
