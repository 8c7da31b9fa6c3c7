"""What holds for any sample whatever: see fixgate.triage.rules."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.stall import StallKind
from fixgate.triage import (
    Confidence,
    Context,
    Exchange,
    Layer,
    Mark,
    Sample,
    StampSource,
    Surroundings,
    VenueTimes,
    Verdict,
    judge,
    split,
)
from fixgate.triage.spans import Span, spans_of
from tests.triage.made import (
    HEARTBEAT,
    ORDER,
    START_NS,
    US,
    beside,
    connect,
    connects,
    made,
    staged,
    stall,
    tcp,
    usual,
)

INSTANTS = ("due_ns", "scheduled_ns", "sent_ns", "acked_ns", "received_ns", "done_ns")

instants = st.integers(START_NS - 10**9, START_NS + 10**9)
counts = st.integers(0, 2**32 - 1)
infos = st.builds(
    tcp,
    total_retrans=counts,
    dsack_dups=counts,
    rcv_ooopack=counts,
    rwnd_limited_ns=st.integers(0, 2**62),
    sndbuf_limited_ns=st.integers(0, 2**62),
    snd_wnd=counts,
    notsent_bytes=counts,
    unacked=counts,
    lost=counts,
    retransmits=st.integers(0, 255),
    rto_ns=st.integers(0, 2**42),
    min_rtt_ns=st.integers(0, 2**42),
    rtt_ns=st.integers(0, 2**42),
)
stalls = st.builds(
    lambda kind, begin, length: stall(begin, begin + length, kind),
    st.sampled_from(StallKind),
    st.integers(-1_000_000, 1_000_000),
    st.integers(0, 500_000),
)
venues = st.builds(
    VenueTimes,
    request_ns=st.none() | instants,
    transact_ns=st.none() | instants,
    sending_ns=st.none() | instants,
    precision_ns=st.sampled_from([1, 1_000, 1_000_000, 1_000_000_000]),
    entered_ns=st.none() | instants,
)
samples = st.builds(
    Sample,
    kind=st.sampled_from(Exchange),
    name=st.text(max_size=5),
    app_sent_ns=instants,
    app_received_ns=instants,
    source=st.sampled_from(StampSource),
    **{name: st.none() | instants for name in INSTANTS},
    card_ns=st.none() | st.integers(-1_000, 10**9),
    marks=st.frozensets(st.sampled_from(Mark)),
    tcp_before=st.none() | infos,
    tcp_after=st.none() | infos,
    stalls=st.lists(stalls, max_size=3).map(tuple),
    venue=st.none() | venues,
    session=st.sampled_from(["venue", "other"]),
    tls=st.booleans(),
)
connections = st.builds(connect, st.integers(-500_000, 500_000), st.integers(0, 100_000))

sizes = st.integers(0, 2_000_000)
ways = st.builds(
    made,
    st.sampled_from([HEARTBEAT, ORDER]),
    wait=sizes,
    out=sizes,
    queue=sizes,
    wire=sizes,
    home=sizes,
)
"""Samples whose instants are in order, of any length."""


@given(st.lists(samples, min_size=1, max_size=8), st.lists(connections, max_size=4))
def test_no_sample_raises_and_parts_are_never_negative(found: list[Sample], opened: list):
    around = Surroundings(found, connects={"venue": opened})
    for sample in found:
        for context in (around.context(sample), beside(sample), Context()):
            verdict = judge(sample, context)
            assert isinstance(verdict, Verdict)
            assert (verdict.layer is Layer.UNATTRIBUTED) == (verdict.confidence is Confidence.NONE)
            assert all(part.duration_ns > 0 for part in split(sample, context))


@given(ways, st.booleans(), st.none() | venues, st.none() | st.integers(0, 10_000))
def test_the_parts_sum_up_to_the_whole(
    sample: Sample, stamped: bool, venue: VenueTimes | None, decoding: int | None
):
    done_ns = None if decoding is None else sample.app_received_ns + decoding
    sample = replace(sample, venue=venue, done_ns=done_ns)
    if not stamped:
        sample = replace(sample, sent_ns=None, source=StampSource.USER)
    parts = split(sample, beside(sample))
    assert sum(part.duration_ns for part in parts) == sample.response_ns + (decoding or 0)


NAMED = {
    "host-stalled": "stalls",
    "loss": "retransmitted",
    "peer-not-reading": "rwnd_limited",
    "venue-stages": "venue",
    "venue-inside": "heartbeat",
    "overtaken": "heartbeat",
    "path": "connects",
    "session-layer": "ack",
    "kernel-queue": "queue",
    "host-late": "home",
    "loss-toward-us": "venue",
    "network-card": "card",
}
"""The rules that may be sure, and what each needs for that."""


@given(
    st.one_of(samples, ways),
    st.lists(samples, max_size=4),
    st.lists(connections, max_size=3),
)
def test_what_is_sure_has_its_evidence(sample: Sample, near: list[Sample], opened: list):
    context = beside(sample, *near, more=[*connects(), *opened])
    verdict = judge(sample, context)
    if verdict.confidence is not Confidence.HIGH:
        return
    before, after = sample.tcp_before, sample.tcp_after
    there = {
        "stalls": bool(sample.stalls),
        "retransmitted": Mark.RETRANSMITTED in sample.marks
        or (
            before is not None and after is not None and after.total_retrans > before.total_retrans
        ),
        "rwnd_limited": before is not None
        and after is not None
        and after.rwnd_limited_ns > before.rwnd_limited_ns,
        "venue": sample.venue is not None,
        "heartbeat": any(each.kind is HEARTBEAT for each in context.near),
        "connects": len(context.connects) > 1,
        "ack": sample.acked_ns is not None,
        "queue": sample.scheduled_ns is not None,
        "home": sample.sent_ns is not None and sample.received_ns is not None,
        "card": sample.card_ns is not None,
    }
    assert there[NAMED[verdict.rule]], verdict
    assert sample.source is not StampSource.LOG


elsewhere = st.integers(0, 100).map(lambda n: stall(-900_000 - n * 1_000, -899_500 - n * 1_000))


@given(ways, st.lists(elsewhere, min_size=1, max_size=3))
def test_a_stall_elsewhere_in_time_changes_nothing(sample: Sample, others: list):
    context = beside(sample)
    with_them = replace(context, stalls=tuple(others))
    if any(each.overlaps(sample.due_ns, sample.app_received_ns) for each in others):
        return
    assert judge(sample, with_them) == judge(sample, context)


def moved(sample: Sample, by_ns: int) -> Sample:
    known = {n: getattr(sample, n) for n in (*INSTANTS, "app_sent_ns", "app_received_ns")}
    shifted = {n: at + by_ns for n, at in known.items() if at is not None}
    held = tuple(
        replace(each, begin_ns=each.begin_ns + by_ns, end_ns=each.end_ns + by_ns)
        for each in sample.stalls
    )
    return replace(sample, **shifted, stalls=held, venue=_later(sample.venue, by_ns))


def _later(venue: VenueTimes | None, by_ns: int) -> VenueTimes | None:
    if venue is None:
        return None
    names = ("request_ns", "transact_ns", "sending_ns", "entered_ns")
    known = {name: getattr(venue, name) for name in names}
    return replace(venue, **{n: at + by_ns for n, at in known.items() if at is not None})


@given(
    st.one_of(ways, samples),
    st.lists(ways, max_size=3),
    st.integers(-(10**15), 10**15),
)
def test_another_day_changes_nothing(sample: Sample, near: list[Sample], by_ns: int):
    every = [replace(sample, session="venue"), *near, *usual(), *usual(ORDER)]
    later = [moved(each, by_ns) for each in every]
    today = judge(every[0], Surroundings(every).context(every[0]))
    then = judge(later[0], Surroundings(later).context(later[0]))
    assert then == today


KNOWN = {
    Span.OUT: (Layer.HOST,),
    Span.IN: (Layer.HOST,),
    Span.QUEUE: (Layer.STACK, Layer.HOST),
    Span.MATCHING: (Layer.MATCHING,),
    Span.GATEWAY: (Layer.GATEWAY,),
    Span.REPLY: (Layer.GATEWAY,),
}


@given(
    st.sampled_from(list(KNOWN)),
    st.integers(2_000, 300_000),
    st.none() | st.integers(1, 400),
    st.lists(ways, max_size=3),
    st.lists(connections, max_size=4),
)
def test_what_lies_at_a_known_part_is_never_surely_anothers(
    span: Span, size: int, ack: int | None, near: list[Sample], opened: list
):
    at_home = {Span.OUT: "out", Span.IN: "home", Span.QUEUE: "queue"}
    if span in at_home:
        sample = staged(made(ORDER, ack=ack, **{at_home[span]: size}))
    else:
        within = {span.name.lower(): size}
        sample = staged(made(ORDER, wire=size + 500, ack=ack), **within)
    assert spans_of(sample)[span] == size * US
    verdict = judge(sample, beside(sample, *near, more=[*connects(), *opened]))
    if verdict.confidence is Confidence.HIGH:
        assert verdict.layer in KNOWN[span]
