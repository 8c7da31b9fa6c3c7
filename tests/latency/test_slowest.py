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


def test_one_standstill_does_not_hide_the_others():
    """Twenty requests meet a standstill of 90 ms; a second later one takes 5 ms."""
    slowest = Slowest(4)
    for i in range(20):
        slowest.offer(sample((90 - 4 * i) * MS, at_ns=4 * i * MS))
    slowest.offer(sample(5 * MS, at_ns=1_000 * MS))
    for i in range(200):
        slowest.offer(sample(at_ns=(2_000 + i) * MS))
    kept = {each.sample.name for each in slowest.kept()}
    assert {"T0", "T4000000", "T8000000", "T12000000", "T1000000000"} <= kept
    assert len(kept) <= 8


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=60), st.integers(1, 8))
def test_none_that_is_not_kept_is_slower(values: list[tuple[int, int]], limit: int):
    slowest = Slowest(limit)
    samples = [sample(w, at_ns=i * 70 * MS, after_ns=a) for i, (w, a) in enumerate(values)]
    for each in samples:
        slowest.offer(each)
    kept = {each.sample.name for each in slowest.kept()}
    assert len(kept) <= 2 * limit
    worst = sorted((s.best_ns for s in samples), reverse=True)[:limit]
    assert sorted((s.best_ns for s in samples if s.name in kept), reverse=True)[:limit] == worst
    moments: dict[int, int] = {}
    for each in samples:
        moment = each.app_sent_ns // (200 * MS)
        moments[moment] = max(moments.get(moment, 0), each.response_ns)
    waited = {s.response_ns for s in samples if s.name in kept}
    assert set(sorted(moments.values(), reverse=True)[:limit]) <= waited
