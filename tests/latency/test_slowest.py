"""The slowest of many, whole."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.latency.slowest import Context, Slowest
from tests.latency.samples import MS, US, sample


def test_the_wires_worst_and_the_callers_worst_are_both_kept():
    slowest = Slowest(1)
    venue = sample(5 * MS, at_ns=1)
    stalled = sample(50 * US, at_ns=2, after_ns=50 * MS)
    for each in (sample(at_ns=0), venue, sample(at_ns=3), stalled, sample(at_ns=4)):
        slowest.offer(each)
    assert {kept.sample.name for kept in slowest.kept()} == {venue.name, stalled.name}


def test_one_that_is_both_is_kept_once():
    slowest = Slowest(3)
    slowest.offer(sample(5 * MS))
    assert len(list(slowest.kept())) == 1


def test_context_is_asked_for_what_is_kept_only():
    asked: list[str] = []
    slowest = Slowest(1)

    def offer(name: str, wire_ns: int) -> None:
        def context() -> Context:
            asked.append(name)
            return Context((f"> {name}",), (("processor", "3"),))

        slowest.offer(sample(wire_ns), context)

    offer("first", 3 * MS)
    offer("faster", 2 * MS)
    offer("as slow", 3 * MS)
    offer("slower", 4 * MS)
    assert asked == ["first", "slower"]
    (kept,) = slowest.kept()
    assert kept.context == Context(("> slower",), (("processor", "3"),))


def test_none_is_kept_where_none_is_wanted():
    slowest = Slowest(0)
    slowest.offer(sample())
    assert list(slowest.kept()) == []


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=60), st.integers(1, 8))
def test_none_that_is_not_kept_is_slower(values: list[tuple[int, int]], limit: int):
    slowest = Slowest(limit)
    samples = [sample(w, at_ns=i, after_ns=a) for i, (w, a) in enumerate(values)]
    for each in samples:
        slowest.offer(each)
    kept = {each.sample.name for each in slowest.kept()}
    assert len(kept) <= 2 * limit
    for took in (lambda s: s.best_ns, lambda s: s.response_ns):
        worst = sorted((took(s) for s in samples), reverse=True)[:limit]
        assert sorted((took(s) for s in samples if s.name in kept), reverse=True)[:limit] == worst
