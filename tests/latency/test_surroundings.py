"""What slow samples are judged beside, and where the measuring runs."""

from fixgate.latency.surroundings import Kept, placement_of
from fixgate.triage.context import Placement
from tests.host.judging.helpers import BEST, changed
from tests.latency.samples import MS, START_NS, US, S, sample


def test_pinned_and_alone():
    assert placement_of(BEST) == Placement(pinned=True, isolated=True)


def test_pinned_among_others():
    assert placement_of(changed(process={"affinity": (0,)})) == Placement(
        pinned=True, isolated=False
    )


def test_anywhere():
    anywhere = changed(process={"affinity": tuple(range(8))}, processor={"isolated": ()})
    assert placement_of(anywhere) == Placement(pinned=False, isolated=False)


def test_not_known():
    assert placement_of(changed(process={"affinity": None})) == Placement()


def test_few_samples_are_all_kept():
    kept = Kept(limit=100)
    made = [sample(at_ns=n * MS) for n in range(99)]
    for each in made:
        kept.take(each)
    assert list(kept.samples()) == made


def test_of_too_many_what_is_near_to_the_slowest_stays_whole():
    """A slow second in the middle of a long run: its neighbourhood is what it is judged by."""
    kept = Kept(limit=2_000)
    slow_at = range(500_000, 500_010)
    for n in range(10_000):
        at_ns = n * 100 * MS
        kept.take(sample(50 * MS if at_ns // S == 500 else 100 * US, at_ns=at_ns))
        assert len(kept.samples()) < 2_000
    seconds = [each.app_sent_ns // S for each in kept.samples()]
    begin = START_NS // S
    assert seconds.count(begin + 500) == len(slow_at)
    assert seconds.count(begin + 499) >= 9
    assert seconds == sorted(seconds)
    # Of the rest something is left from everywhere.
    assert {second // 100 for second in seconds} == {(begin + n * 100) // 100 for n in range(10)}


def test_where_everything_is_slow_half_of_it_has_to_do():
    kept = Kept(limit=1_000)
    for n in range(5_000):
        kept.take(sample((1 + n % 7) * MS, at_ns=n * MS))
        assert len(kept.samples()) < 1_000
