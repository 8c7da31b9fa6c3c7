import random

from hypothesis import given
from hypothesis import strategies as st

from fixgate.dice import Exponential, Fixed, LogNormal, Normal, Spike, Uniform, draw_ns, pick

MS = 1_000_000


def many(distribution, count=4000):
    dice = random.Random(3)
    return [draw_ns(distribution, dice) for _ in range(count)]


def test_fixed_is_always_the_same():
    assert set(many(Fixed(5), 10)) == {5}


def test_uniform_has_both_ends_and_all_between():
    assert set(many(Uniform(3, 6))) == {3, 4, 5, 6}


def test_normal_is_around_its_mean_and_never_below_zero():
    found = many(Normal(100 * MS, 10 * MS))
    assert abs(sum(found) / len(found) - 100 * MS) < MS
    assert 0.64 < sum(90 * MS < each < 110 * MS for each in found) / len(found) < 0.72
    assert min(many(Normal(0, MS))) == 0


def test_lognormal_has_its_median_and_its_tail():
    found = many(LogNormal(300_000, 5 * MS))
    assert 0.47 < sum(each <= 300_000 for each in found) / len(found) < 0.53
    assert 0.985 < sum(each <= 5 * MS for each in found) / len(found) < 0.995
    assert max(found) > 5 * MS
    assert set(many(LogNormal(7, 7), 10)) == {7}
    assert set(many(LogNormal(0, 7), 10)) == {0}


def test_exponential_is_mostly_short():
    found = many(Exponential(100 * MS))
    assert abs(sum(found) / len(found) - 100 * MS) < 8 * MS
    assert 0.60 < sum(each < 100 * MS for each in found) / len(found) < 0.67


def test_spikes_are_rare():
    found = many(Spike(1, 1000, 0.01))
    assert set(found) == {1, 1000}
    assert 20 <= found.count(1000) <= 65


class Extreme:
    def __init__(self, value: float):
        self.value = value

    def random(self) -> float:
        return self.value


@given(st.sampled_from([0.0, 0.5, 1 - 2**-53]), st.integers(1, 10**6))
def test_the_ends_of_the_dice_are_safe(value: float, count: int):
    dice = Extreme(value)
    assert 0 <= pick(count, dice) < count
    for each in (
        Uniform(0, count),
        Normal(count, count),
        LogNormal(count, 2 * count),
        Exponential(count),
        Spike(1, 2, 0.5),
    ):
        assert draw_ns(each, dice) >= 0
