from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.venue.prices import MAX_STEPS, NumberFault, Scale

CENT = Scale(Decimal("0.01"))


@pytest.mark.parametrize(
    ("step", "value", "steps", "text"),
    [
        ("0.01", b"150.25", 15025, b"150.25"),
        ("0.01", b"150", 15000, b"150.00"),
        ("0.01", b"150.", 15000, b"150.00"),
        ("0.01", b".5", 50, b"0.50"),
        ("0.01", b"000150.2500", 15025, b"150.25"),
        ("0.25", b"10.75", 43, b"10.75"),
        ("0.05", b"0.05", 1, b"0.05"),
        ("1", b"002000.00", 2000, b"2000"),
        ("10", b"120", 12, b"120"),
        ("1E+2", b"300", 3, b"300"),
        ("0.001", b"1.5", 1500, b"1.500"),
        ("0.01", b"10000000000.00", MAX_STEPS, b"10000000000.00"),
    ],
)
def test_whole_numbers_of_steps_are_read_and_written(step, value, steps, text):
    assert Scale(Decimal(step)).parse(value) == (steps, text)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (b"", NumberFault.NOT_A_NUMBER),
        (b".", NumberFault.NOT_A_NUMBER),
        (b"-", NumberFault.NOT_A_NUMBER),
        (b"NaN", NumberFault.NOT_A_NUMBER),
        (b"inf", NumberFault.NOT_A_NUMBER),
        (b"1e400", NumberFault.NOT_A_NUMBER),
        (b"1,5", NumberFault.NOT_A_NUMBER),
        (b"0x10", NumberFault.NOT_A_NUMBER),
        (b"+200", NumberFault.NOT_A_NUMBER),
        (b" 1", NumberFault.NOT_A_NUMBER),
        (b"1_0", NumberFault.NOT_A_NUMBER),
        (b"1.2.3", NumberFault.NOT_A_NUMBER),
        ("\u0663".encode(), NumberFault.NOT_A_NUMBER),
        (b"0", NumberFault.NOT_POSITIVE),
        (b"-0", NumberFault.NOT_POSITIVE),
        (b"0.000", NumberFault.NOT_POSITIVE),
        (b".0", NumberFault.NOT_POSITIVE),
        (b"-1", NumberFault.NOT_POSITIVE),
        (b"1.005", NumberFault.OFF_STEP),
        (b"0." + b"0" * 29 + b"1", NumberFault.OFF_STEP),
        (b"10000000000.01", NumberFault.TOO_LARGE),
        (b"1000000000000000000", NumberFault.TOO_LARGE),
        (b"9" * 5000, NumberFault.TOO_LARGE),
        (b"0" * 5000 + b"1", NumberFault.TOO_LARGE),
    ],
)
def test_what_is_no_whole_number_of_steps_is_named(value, fault):
    assert CENT.parse(value) is None
    assert CENT.fault(value) is fault


def test_numbers_can_be_written_as_short_as_they_are():
    scale = Scale(Decimal("0.001"), b"38=%b|", shortest=True)
    assert scale.parse(b"2") == (2000, b"38=2|")
    assert scale.parse(b"1.50") == (1500, b"38=1.5|")
    assert (scale.render(10_000), scale.render(1), scale.render(0)) == (b"10", b"0.001", b"0")
    assert Scale(Decimal(10), shortest=True).render(12) == b"120"


@pytest.mark.parametrize("step", ["0", "-1", "NaN", "Infinity"])
def test_a_step_must_be_a_number_above_0(step):
    with pytest.raises(ValueError, match="expected a number above 0"):
        Scale(Decimal(step))


def test_steps_round_down():
    assert CENT.steps(Decimal("100.019")) == 10001
    assert Scale(Decimal("0.25")).steps(Decimal("1.1")) == 4


@pytest.mark.parametrize(
    ("total", "count", "text"),
    [
        (0, 0, b"0"),
        (15025 * 7, 7, b"150.25"),
        (10000 + 10001, 2, b"100.005"),
        (10000 * 2 + 10001, 3, b"100.00333333"),
        (10000 + 10001 * 2, 3, b"100.00666667"),
        # Exactly half way between two numbers of eight decimals: to the even one.
        (1, 2_000_000, b"0.00"),
        (3, 2_000_000, b"0.00000002"),
    ],
)
def test_an_average_is_exact_or_rounded_to_eight_decimals(total, count, text):
    assert CENT.render_average(total, count) == text


@settings(deadline=None, max_examples=150)
@given(
    step=st.sampled_from(["0.01", "0.25", "1", "5", "0.001", "0.000000001"]),
    steps=st.integers(1, MAX_STEPS),
)
def test_what_is_written_is_read_back(step, steps):
    scale = Scale(Decimal(step))
    text = scale.render(steps)
    assert scale.parse(text) == (steps, text)
    assert Decimal(text.decode()) == steps * Decimal(step)


@settings(deadline=None, max_examples=150)
@given(total=st.integers(1, 10**15), count=st.integers(1, 10**6))
def test_an_average_agrees_with_fractions(total, count):
    exact = Fraction(total, count) / 100
    rounded = Decimal(CENT.render_average(total, count).decode())
    assert abs(Fraction(rounded) - exact) <= Fraction(1, 2 * 10**8)
    if (exact * 10**8).denominator == 1:
        assert Fraction(rounded) == exact
    assert rounded == rounded.quantize(Decimal("1E-8"), ROUND_HALF_EVEN)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60))
def test_no_value_raises_and_each_is_read_or_named(value):
    scale = Scale(Decimal("0.01"))
    assert scale.parse(value) is not None or isinstance(scale.fault(value), NumberFault)


def test_the_caches_are_bounded():
    scale = Scale(Decimal("0.01"))
    for steps in range(1, 10_000):
        text = scale.render(steps)
        assert scale.parse(text) == (steps, text)
    assert len(scale._parsed) <= 4096
    assert len(scale._texts) <= 4096
