from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.logtime import LogClock

NINE = 1_767_258_000_000_000_000  # 2026-01-01 09:00 UTC


@pytest.mark.parametrize(
    ("text", "at_ns", "precision_ns"),
    [
        ("20260101-09:00:00", NINE, 10**9),
        ("20260101-09:00:00.123", NINE + 123_000_000, 10**6),
        ("20260101-09:00:00.123456", NINE + 123_456_000, 1000),
        ("20260101-09:00:00.123456789", NINE + 123_456_789, 1),
        ("20260101-09:00:00.123456789012", NINE + 123_456_789, 1),
        ("2026/01/01 09:00:00.123456", NINE + 123_456_000, 1000),
        ("2026-01-01T09:00:00.5Z", NINE + 500_000_000, 10**8),
        ("2026-01-01 09:00:00,123", NINE + 123_000_000, 10**6),
        ("2026-01-01T10:00:00.000+01:00", NINE, 10**6),
        ("2026-01-01T03:30:00.000-0530", NINE, 10**6),
        ("20260101-08:59:60.250", NINE + 250_000_000, 10**6),
        ("09:00:00.001", 9 * 3600 * 10**9 + 1_000_000, 10**6),
    ],
)
def test_every_habit(text, at_ns, precision_ns):
    clock = LogClock()
    assert not clock.used
    assert clock.read(text) == at_ns
    assert clock.precision_ns == precision_ns
    assert clock.used
    assert clock.dated is ("2026" in text)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "20261301-09:00:00", "20260230-09:00:00", "25:00:00", "09:61:00", "09:00:61",
     "2026-01-01T09:00:00+99:00", "0000-01-01 00:00:00"],
)  # fmt: skip
def test_what_is_no_time(text):
    clock = LogClock()
    assert clock.read(text) is None
    assert not clock.used


def test_the_finest_time_says_how_fine_the_log_is():
    clock = LogClock()
    for text in ("09:00:00", "09:00:00.123", "09:00:00.5"):
        clock.read(text)
    assert clock.precision_ns == 10**6


def test_times_without_a_date_go_on_past_midnight():
    clock = LogClock()
    times = ("23:59:59.9", "00:00:00.1", "23:59:59.8", "12:00:00", "11:30:00", "10:00:00")
    found = [clock.read(text) for text in times]
    day, hour = 86_400 * 10**9, 3600 * 10**9
    assert found == [
        day - 100_000_000, day + 100_000_000, day - 200_000_000,
        day + 12 * hour, day + 23 * hour // 2, 2 * day + 10 * hour,
    ]  # fmt: skip


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)))
def test_any_instant_is_read_back(at):
    text = at.strftime("%Y%m%d-%H:%M:%S.%f")
    expected = (at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // datetime.resolution
    assert LogClock().read(text) == expected * 1000


@settings(deadline=None)
@given(st.text(alphabet="0123456789:-/.,TZ+ ", max_size=40))
def test_no_text_raises(text):
    found = LogClock().read(text)
    assert found is None or isinstance(found, int)
