from __future__ import annotations

from dataclasses import replace

from fixgate.triage import Connect, Context, Exchange, Route, Sample, Surroundings
from fixgate.triage.context import NEAR_NS
from tests.triage.made import (
    HEARTBEAT,
    ORDER,
    START_NS,
    US,
    connect,
    made,
    plain,
    stall,
    tcp,
    usual,
    window,
)


def of(session: str, sample: Sample) -> Sample:
    return replace(sample, session=session)


def test_near_is_a_second_before_and_after_on_the_same_session():
    sample = made(ORDER, wire=9_000)
    reaches = made(at=-1_000_000 - 500)  # and was answered within the second
    long_ago = made(at=-1_000_000 - 700)
    after, later = made(at=1_009_000), made(at=1_009_200)
    other = of("other", made())
    around = Surroundings([sample, reaches, long_ago, after, later, other])
    assert around.context(sample).near == (reaches, after)
    assert NEAR_NS == 1_000_000 * US


def test_what_was_sent_long_before_and_is_on_its_way_is_near():
    sample, hanging = made(), made(ORDER, at=-5_000_000, wire=5_000_000)
    assert Surroundings([sample, hanging]).context(sample).near == (hanging,)


def test_of_a_flood_the_nearest_are_looked_at():
    flood = [made(at=n * 100, name=f"{n}") for n in range(-5_000, 5_000)]
    sample = made(ORDER)
    near = Surroundings([sample, *flood]).context(sample).near
    assert len(near) == 799
    assert {abs(int(each.name)) for each in near} <= set(range(405))


def test_baselines_of_another_day_come_first():
    yesterday = Surroundings(usual(wire=500)).baselines
    today = usual(wire=5_000, count=50)
    around = Surroundings(today, baselines=yesterday)
    assert all(around.is_slow(each) for each in today)
    assert around.context(today[0]).baseline == yesterday["venue", HEARTBEAT]


def test_connects_are_found_among_the_samples():
    sample = made()
    stands = replace(plain(made(Exchange.TCP, at=-500)), tcp_after=tcp(rtt_ns=444_000))
    untold = replace(plain(made(Exchange.TCP, at=-100)), tcp_before=None, tcp_after=None)
    around = Surroundings([sample, untold, stands], connects={"venue": [connect(300)]})
    found = around.context(sample).connects
    assert [each.rtt_ns for each in found] == [444_000, untold.app_ns, 430 * US]
    assert [each.by_kernel for each in found] == [True, False, True]
    assert found[0] == Connect(stands.app_sent_ns, stands.app_received_ns, 444_000)


def test_stalls_and_windows_are_those_of_the_time():
    sample = made(wait=200)
    due, early, late = stall(-250, -150), stall(-400, -210), stall(590, 700)
    quiet = replace(window(), begin_ns=START_NS + 10**9, end_ns=START_NS + 2 * 10**9)
    around = Surroundings([sample], stalls=[late, due, early], windows=[window(), quiet])
    context = around.context(sample)
    assert context.stalls == (due,)
    assert context.windows == (window(),)


def test_others_meanwhile():
    ours = made(wire=9_000)
    others = [of("B", each) for each in (*usual(), made(at=100, wire=9_000), made(at=200))]
    routes = {"venue": Route("A", "line"), "B": Route("A", "")}
    (found,) = Surroundings([ours, *others], routes=routes).context(ours).elsewhere
    assert (found.session, found.same_venue, found.same_path) == ("B", True, None)
    assert (found.slow, found.count) == (1, 2)


def test_who_was_silent_meanwhile_says_nothing():
    ours, other = made(), of("B", made(at=90_000))
    assert Surroundings([ours, other]).context(ours).elsewhere == ()


def test_beside_another_sample_of_the_same_session():
    order, heartbeat = made(ORDER, wire=9_000), made(at=100)
    around = Surroundings([order, heartbeat, *usual(), *usual(ORDER)])
    beside = around.context(heartbeat).beside(order)
    assert beside.baseline == around.baselines["venue", ORDER]
    assert order not in beside.near
    assert Context().beside(order).baseline.count == 0
