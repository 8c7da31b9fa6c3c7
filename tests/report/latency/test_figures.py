"""Latencies as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.latency.model import Figure
from fixgate.report.latency.figures import (
    FIGURE_WORDS,
    LETTERS,
    format_count,
    format_latency,
    format_percentile,
    short,
    took,
    value_of,
)
from fixgate.triage.model import Exchange, Layer
from tests.latency.samples import MS, US, S, sample
from tests.report.latency.made import report


@pytest.mark.parametrize(
    ("value_ns", "precision_ns", "wanted"),
    [
        (None, 1, "-"),
        (1, 1, "1 ns"),
        (999, 1, "999 ns"),
        (1_234, 1, "1.23 us"),
        (12_345, 1, "12.3 us"),
        (345_678, 1, "346 us"),
        (999_600, 1, "1.00 ms"),
        (2_000_000, 1, "2.00 ms"),
        (204_321_000, 1, "204 ms"),
        (1_500_000_000, 1, "1.50 s"),
        (75_000_000_000, 1, "75.0 s"),
        (12_345, 1_000, "12 us"),
        (1_234_567, 1_000, "1.23 ms"),
        (1_234_567, 10_000, "1.23 ms"),
        (1_234_567, 100_000, "1.2 ms"),
        (1_234_567, MS, "1 ms"),
        (12_000_000, MS, "12 ms"),
        (1_234_000_000, MS, "1.23 s"),
        (1_234_000_000, S, "1 s"),
        (1, MS, "<1 ms"),
        (999_999, MS, "<1 ms"),
        (1, 1_000, "<1 us"),
        (1, 100_000, "<100 us"),
        (0, S, "<1 s"),
    ],
)
def test_three_digits_or_as_many_as_were_measured(value_ns, precision_ns, wanted):
    assert format_latency(value_ns, precision_ns) == wanted


def test_words_can_be_others():
    assert format_latency(1_500, micro="µs") == "1.50 µs"
    assert format_latency(1, 1_000, micro="µs") == "<1 µs"
    assert format_latency(None, nothing="") == ""


@given(st.integers(1, 10**13), st.sampled_from([1, 1_000, 1_000_000]))
def test_what_is_shown_is_what_was_measured(value_ns: int, precision_ns: int):
    text = format_latency(value_ns, precision_ns)
    number, unit = text.removeprefix("<").split()
    shown_ns = float(number) * {"ns": 1, "us": US, "ms": MS, "s": S}[unit]
    if text.startswith("<"):
        assert value_ns < shown_ns == precision_ns
    else:
        assert abs(shown_ns - value_ns) <= max(0.006 * value_ns, precision_ns / 2 + 1)
        assert len(number.replace(".", "")) <= 3 or unit == "s"


def test_percentiles_and_counts():
    assert [format_percentile(p) for p in (50.0, 99.9, 99.999, 100.0)] == [
        "p50", "p99.9", "p99.999", "max",
    ]  # fmt: skip
    assert (format_count(999), format_count(13_500)) == ("999", "13,500")


def test_a_percentile_that_so_few_cannot_tell_is_not_there():
    found = report(*[sample(at_ns=i) for i in range(100)]).series[0].figures[Figure.WIRE]
    assert value_of(found, 99.0) == 100 * US
    assert value_of(found, 99.9) is None
    assert value_of(None, 50.0) is None


def test_figures_of_one_sample():
    open_loop, closed = sample(late_ns=5 * US), sample(None, app_ns=7 * US)
    assert [took(open_loop, f) for f in Figure] == [100 * US, 130 * US, 135 * US]
    assert [took(closed, f) for f in Figure] == [None, 7 * US, None]


def test_everything_has_a_word_and_every_layer_a_letter_of_its_own():
    assert len({short(kind) for kind in Exchange}) == len(Exchange)
    assert set(FIGURE_WORDS) == set(Figure)
    assert set(LETTERS) == set(Layer)
    assert len(set(LETTERS.values())) == len(Layer)
