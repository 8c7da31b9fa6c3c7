from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.report.text import (
    format_duration,
    format_instant,
    format_time_of_day,
    printable,
    shorten,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\x01b", "a|b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("\x9bcsi", "\\x9bcsi"),
        ("\u202eevil", "\\u202eevil"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("éß", "éß"),
    ],
)
def test_printable(text, expected):
    assert printable(text) == expected


def test_printable_ascii_only():
    assert printable("éß😀", ascii_only=True) == "\\xe9\\xdf\\U0001f600"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=80))
def test_printable_is_printable_and_stays_so(text):
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    assert printable(text, ascii_only=True).isascii()


@pytest.mark.parametrize(
    ("duration_ns", "expected"),
    [
        (None, "-"),
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.00 us"),
        (12_345, "12.3 us"),
        (999_499, "999 us"),
        (999_500, "1.00 ms"),
        (1_240_000, "1.24 ms"),
        (9_999_000, "10.0 ms"),
        (123_456_789, "123 ms"),
        (8_000_000_000, "8.00 s"),
        (61_000_000_000, "61.0 s"),
        (4_000_000_000_000, "4000 s"),
    ],
)
def test_format_duration(duration_ns, expected):
    assert format_duration(duration_ns) == expected


def test_format_duration_in_other_words():
    assert format_duration(1_500, micro="µs") == "1.50 µs"
    assert format_duration(None, nothing="not reached") == "not reached"


def test_format_instant():
    at_ns = 1_795_336_200_000_000_001
    assert format_instant(at_ns) == "2026-11-22T08:30:00.000000001Z"
    assert format_instant(at_ns, digits=3) == "2026-11-22T08:30:00.000Z"
    assert format_instant(at_ns, digits=0) == "2026-11-22T08:30:00Z"
    assert format_time_of_day(at_ns) == "08:30:00.000000"


def test_shorten():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
    assert shorten("abc defg", 6, mark="..") == "abc.."
    assert shorten("abc", 0) == "…"
