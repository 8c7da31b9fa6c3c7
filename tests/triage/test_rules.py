"""Every rule: a sample that it fires for, and one that it just does not fire for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fixgate.host.facts.traffic import SoftnetCpu
from fixgate.host.stall import StallKind
from fixgate.triage import (
    RULES,
    Confidence,
    Context,
    Exchange,
    Layer,
    Mark,
    Route,
    Sample,
    StampSource,
    Surroundings,
    Verdict,
    judge,
)
from tests.triage.made import (
    CANCEL,
    HEARTBEAT,
    ORDER,
    beside,
    connect,
    connects,
    made,
    plain,
    staged,
    stall,
    tcp,
    usual,
    window,
)

HIGH, MEDIUM, LOW, NONE = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.NONE

Asked = tuple[Sample, Context]
"""A sample, and what it is judged beside."""


def alone(sample: Sample, *near: Sample, **others: object) -> Asked:
    return sample, beside(sample, *near, **others)


def said(asked: Asked, rule: str) -> Verdict | None:
    """What a rule said of a sample, first or among the others."""
    verdict = judge(*asked)
    return next((each for each in (verdict, *verdict.others) if each.rule == rule), None)


def slow_connects(*rtts: int) -> list[object]:
    """Usual ones long ago, and some while a request is on its way."""
    return [*connects(), *(connect(100 + 10 * n, rtt) for n, rtt in enumerate(rtts))]


def both_sides() -> list[Sample]:
    """TestRequests before and after an order, with nothing wrong."""
    return [made(at=-20_000), made(at=30_000)]


def other_session(name: str, wire: int) -> list[Sample]:
    """Another session: usual once, and so slow while ours is."""
    old = [replace(each, session=name) for each in usual(count=50)]
    return [*old, *(replace(made(at=n * 100, wire=wire), session=name) for n in range(3))]


CLOSED = tcp(snd_wnd=0, notsent_bytes=400)
RESENT = tcp(total_retrans=1)
DISORDER = tcp(rcv_ooopack=3)
DROPPING = replace(window(), softnet=(SoftnetCpu(0, 100, 2, 0),))

Row = tuple[str, Callable[[], Asked], tuple[Layer, Confidence], Callable[[], Asked]]

TABLE: list[Row] = [
    (
        "clock",
        lambda: alone(made(wire=9_000, marks=frozenset({Mark.CLOCK_STEPPED}))),
        (Layer.UNATTRIBUTED, NONE),
        lambda: alone(made(wire=9_000), windows=[window(step_us=49)]),
    ),
    (
        "clock",
        lambda: alone(made(wire=9_000), windows=[window(step_us=-60)]),
        (Layer.UNATTRIBUTED, NONE),
        lambda: alone(made(wire=9_000), windows=[window(step_us=-49)]),
    ),
    (
        "clock",
        lambda: alone(made(wire=9_000, home=-51)),
        (Layer.UNATTRIBUTED, NONE),
        lambda: alone(made(wire=9_000, home=-49)),
    ),
    (
        "usual",
        lambda: alone(made(wire=600)),
        (Layer.UNATTRIBUTED, NONE),
        lambda: alone(made(wire=900)),
    ),
    (
        "host-stalled",
        lambda: alone(made(home=5_000, stalls=(stall(600, 5_000),))),
        (Layer.HOST, HIGH),
        lambda: alone(made(home=5_000, stalls=(stall(600, 1_500),))),
    ),
    (
        "host-stalled",
        lambda: alone(made(wire=9_000, home=2_500, stalls=(stall(9_100, 11_500),))),
        (Layer.HOST, LOW),
        lambda: alone(made(wire=9_000, home=1_500, stalls=(stall(9_100, 10_500),))),
    ),
    (
        "host-stalled",
        lambda: alone(plain(made(wire=9_000, stalls=(stall(100, 5_500),)))),
        (Layer.HOST, MEDIUM),
        lambda: alone(plain(made(wire=9_000, stalls=(stall(100, 1_500),)))),
    ),
    (
        "host-stalled",
        lambda: alone(
            made(wire=9_000, marks=frozenset({Mark.COALESCED}), stalls=(stall(3_000, 9_050),))
        ),
        (Layer.HOST, MEDIUM),
        lambda: alone(
            made(wire=9_000, marks=frozenset({Mark.COALESCED}), stalls=(stall(1_000, 7_000),))
        ),
    ),
    (
        "host-stalled",
        lambda: alone(
            made(
                wire=9_000,
                after=DISORDER,
                marks=frozenset({Mark.COALESCED}),
                stalls=(stall(3_000, 9_050),),
            )
        ),
        (Layer.HOST, LOW),
        lambda: alone(made(wire=9_000, after=DISORDER, stalls=(stall(3_000, 9_050),))),
    ),
    (
        "kernel-queue",
        lambda: alone(made(queue=4_000)),
        (Layer.STACK, HIGH),
        lambda: alone(made(queue=4_000, wire=4_600)),
    ),
    (
        "kernel-queue",
        lambda: alone(made(queue=4_000, stalls=(stall(50, 3_000),))),
        (Layer.STACK, MEDIUM),
        lambda: alone(replace(made(queue=4_000), scheduled_ns=None)),
    ),
    (
        "network-card",
        lambda: alone(made(wire=9_000, card_ns=500_000, source=StampSource.HARDWARE)),
        (Layer.STACK, HIGH),
        lambda: alone(made(wire=9_000, card_ns=6_000_000, source=StampSource.HARDWARE)),
    ),
    (
        "held-back",
        lambda: alone(made(out=40_000, before=tcp(unacked=1))),
        (Layer.STACK, MEDIUM),
        lambda: alone(made(out=40_000)),
    ),
    (
        "held-back",
        lambda: alone(made(out=26_000, before=tcp(unacked=1))),
        (Layer.STACK, MEDIUM),
        lambda: alone(made(out=24_000, before=tcp(unacked=1))),
    ),
    (
        "host-late",
        lambda: alone(made(home=4_000)),
        (Layer.HOST, HIGH),
        lambda: alone(made(home=4_000, wire=4_700)),
    ),
    (
        "host-late",
        lambda: alone(made(wait=8_000)),
        (Layer.HOST, HIGH),
        lambda: alone(made(wait=8_000, before=CLOSED)),
    ),
    (
        "host-late",
        lambda: alone(made(out=8_000)),
        (Layer.HOST, HIGH),
        lambda: alone(made(out=8_000, before=tcp(snd_wnd=2_896))),
    ),
    (
        "host-late",
        lambda: alone(made(out=8_000, before=tcp(unacked=10))),
        (Layer.HOST, MEDIUM),
        lambda: alone(made(out=8_000, before=tcp(lost=1))),
    ),
    (
        "send-buffer",
        lambda: alone(made(wire=9_000, after=tcp(sndbuf_limited_ns=5_000_000))),
        (Layer.STACK, MEDIUM),
        lambda: alone(made(wire=9_000, after=tcp(sndbuf_limited_ns=4_000_000))),
    ),
    (
        "peer-not-reading",
        lambda: alone(made(wire=90_000, after=tcp(rwnd_limited_ns=60_000_000))),
        (Layer.PEER_READING, HIGH),
        lambda: alone(made(wire=90_000, after=tcp(rwnd_limited_ns=12_000_000))),
    ),
    (
        "peer-not-reading",
        lambda: alone(made(wire=30_000, after=tcp(rwnd_limited_ns=16_000_000))),
        (Layer.PEER_READING, MEDIUM),
        lambda: alone(made(wire=30_000, after=tcp(snd_wnd=0))),
    ),
    (
        "peer-not-reading",
        lambda: alone(made(wire=30_000, after=CLOSED)),
        (Layer.PEER_READING, MEDIUM),
        lambda: alone(made(wire=30_000, after=tcp(notsent_bytes=400))),
    ),
    (
        "local-drop",
        lambda: alone(made(wire=211_000, after=RESENT), windows=[DROPPING]),
        (Layer.STACK, MEDIUM),
        lambda: alone(made(wire=211_000), windows=[DROPPING]),
    ),
    (
        "loss",
        lambda: alone(made(wire=211_000, after=RESENT), windows=[window()]),
        (Layer.PATH, HIGH),
        lambda: alone(made(wire=211_000), windows=[window()]),
    ),
    (
        "loss",
        lambda: alone(made(wire=211_000, after=RESENT), windows=[DROPPING]),
        (Layer.PATH, MEDIUM),
        lambda: alone(made(home=9_000, after=RESENT), windows=[window()]),
    ),
    (
        "loss",
        lambda: alone(made(wire=120_000, after=RESENT), windows=[window()]),
        (Layer.PATH, MEDIUM),
        lambda: alone(made(home=120_000, after=RESENT), windows=[window()]),
    ),
    (
        "loss",
        lambda: alone(made(wire=211_000, ack=500, after=RESENT), windows=[window()]),
        (Layer.PATH, LOW),
        lambda: alone(made(wire=600, after=RESENT), windows=[window()]),
    ),
    (
        "loss",
        lambda: alone(
            staged(
                made(wire=211_000, after=tcp(total_retrans=1, dsack_dups=1)), to=200, matching=30
            )
        ),
        (Layer.PATH, HIGH),
        lambda: alone(staged(made(wire=211_000, after=tcp(dsack_dups=1)))),
    ),
    (
        "loss",
        lambda: alone(made(wire=14_400, after=tcp(total_retrans=1, dsack_dups=1))),
        (Layer.PATH, LOW),
        lambda: alone(made(wire=14_400, after=tcp(dsack_dups=1))),
    ),
    (
        "loss-toward-us",
        lambda: alone(made(wire=9_000, after=DISORDER)),
        (Layer.PATH, MEDIUM),
        lambda: alone(made(wire=9_000, after=tcp(rcv_ooopack=3, total_retrans=1))),
    ),
    (
        "loss-toward-us",
        lambda: alone(staged(made(wire=9_000, after=DISORDER)), windows=[window()]),
        (Layer.PATH, HIGH),
        lambda: alone(staged(made(home=9_000, after=DISORDER)), windows=[window()]),
    ),
    (
        "path",
        lambda: alone(made(wire=9_000), more=slow_connects(8_500, 8_800)),
        (Layer.PATH, HIGH),
        lambda: alone(made(wire=9_000), more=slow_connects(8_500, 1_500)),
    ),
    (
        "path",
        lambda: alone(made(wire=9_000), more=slow_connects(8_500)),
        (Layer.PATH, MEDIUM),
        lambda: alone(made(wire=9_000), more=slow_connects(4_500)),
    ),
    (
        "path",
        lambda: alone(made(wire=9_000, after=tcp(min_rtt_ns=8_000_000))),
        (Layer.PATH, MEDIUM),
        lambda: alone(made(wire=9_000, after=tcp(min_rtt_ns=4_000_000))),
    ),
    (
        "way-back",
        lambda: alone(staged(made(ORDER, wire=9_000)), more=slow_connects(4_000)),
        (Layer.PATH, MEDIUM),
        lambda: alone(staged(made(ORDER, wire=9_000), to=5_200), more=slow_connects(4_000)),
    ),
    (
        "way-back",
        lambda: alone(staged(made(ORDER, wire=9_000))),
        (Layer.PATH, LOW),
        lambda: alone(staged(made(ORDER, wire=9_000), to=5_200)),
    ),
    (
        "way-back",
        lambda: alone(staged(made(ORDER, wire=9_000)), more=slow_connects(440)),
        (Layer.GATEWAY, LOW),
        lambda: alone(staged(made(ORDER, wire=3_000), precision_ns=1_000_000)),
    ),
    (
        "several-venues",
        lambda: alone(
            made(wire=9_000),
            *other_session("B", 9_000),
            routes={"venue": Route("A", "line"), "B": Route("B", "line")},
        ),
        (Layer.PATH, MEDIUM),
        lambda: alone(
            made(wire=9_000),
            *other_session("B", 530),
            routes={"venue": Route("A", "line"), "B": Route("B", "line")},
        ),
    ),
    (
        "several-venues",
        lambda: alone(
            made(wire=9_000),
            *other_session("B", 9_000),
            routes={"venue": Route("A"), "B": Route("B")},
        ),
        (Layer.PATH, LOW),
        lambda: alone(
            made(wire=9_000),
            *other_session("B", 9_000),
            routes={"venue": Route("A"), "B": Route("A")},
        ),
    ),
    (
        "timeout-like",
        lambda: alone(made(wire=205_000)),
        (Layer.PATH, LOW),
        lambda: alone(made(wire=150_000)),
    ),
    (
        "timeout-like",
        lambda: alone(made(wire=613_000)),
        (Layer.PATH, LOW),
        lambda: alone(made(wire=300_000)),
    ),
    (
        "delayed-ack",
        lambda: alone(made(wire=40_600)),
        (Layer.GATEWAY, LOW),
        lambda: alone(made(wire=52_000)),
    ),
    (
        "queued",
        lambda: alone(
            staged(made(HEARTBEAT, at=2_000, wire=18_000), to=17_700),
            staged(made(ORDER, at=0, wire=19_500, name="O1"), matching=19_000),
        ),
        (Layer.MATCHING, MEDIUM),
        lambda: alone(
            staged(made(HEARTBEAT, at=2_000, wire=18_000), to=17_700),
            staged(made(ORDER, at=0, wire=6_500, name="O1"), matching=6_000),
        ),
    ),
    (
        "venue-stages",
        lambda: alone(staged(made(ORDER, wire=9_000), matching=8_400)),
        (Layer.MATCHING, HIGH),
        lambda: alone(staged(made(ORDER, wire=9_000), matching=4_000)),
    ),
    (
        "venue-stages",
        lambda: alone(staged(made(ORDER, wire=9_000), gateway=8_400)),
        (Layer.GATEWAY, HIGH),
        lambda: alone(staged(made(ORDER, wire=9_000), gateway=8_400, entered=False)),
    ),
    (
        "venue-stages",
        lambda: alone(staged(made(ORDER, wire=9_000), reply=8_400, precision_ns=1_000_000)),
        (Layer.GATEWAY, HIGH),
        lambda: alone(staged(made(ORDER, wire=3_800), reply=3_300, precision_ns=1_000_000)),
    ),
    (
        "venue-inside",
        lambda: alone(
            staged(made(ORDER, wire=9_000), matching=8_400, entered=False), made(at=1_000)
        ),
        (Layer.MATCHING, HIGH),
        lambda: alone(staged(made(ORDER, wire=9_000), reply=8_400, entered=False)),
    ),
    (
        "venue-inside",
        lambda: alone(
            staged(made(ORDER, wire=9_000), matching=8_400, entered=False),
            made(at=1_000, wire=8_000),
        ),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(staged(made(ORDER, wire=9_000), matching=4_000, entered=False)),
    ),
    (
        "overtaken",
        lambda: alone(made(ORDER, wire=9_000), made(at=1_000), made(at=7_000)),
        (Layer.MATCHING, HIGH),
        lambda: alone(made(ORDER, wire=9_000), made(at=4_500), made(at=7_000)),
    ),
    (
        "overtaken",
        lambda: alone(made(ORDER, wire=9_000), made(at=1_000)),
        (Layer.MATCHING, MEDIUM),
        lambda: alone(staged(made(ORDER, wire=9_000)), made(at=1_000)),
    ),
    (
        "overtaken",
        lambda: alone(
            made(ORDER, wire=9_000), made(at=1_000), more=[*connects(), connect(2_000, 440)]
        ),
        (Layer.MATCHING, HIGH),
        lambda: alone(made(ORDER, wire=9_000), made(at=1_000, wire=3_000)),
    ),
    (
        "overtaken",
        lambda: alone(plain(made(ORDER, wire=9_000)), made(at=1_000)),
        (Layer.MATCHING, MEDIUM),
        lambda: alone(made(ORDER, wire=9_000), made(at=-1_000)),
    ),
    (
        "session-layer",
        lambda: alone(*(made(at=at, wire=60_860, ack=532) for at in (0, 70_000, 140_000))),
        (Layer.GATEWAY, HIGH),
        lambda: alone(made(home=60_860, ack=100)),
    ),
    (
        "session-layer",
        lambda: alone(made(wire=60_860, ack=532)),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(made(wire=60_860, after=RESENT)),
    ),
    (
        "session-layer",
        lambda: alone(staged(made(wire=60_860, ack=532), to=60_400)),
        (Layer.GATEWAY, HIGH),
        lambda: alone(made(wire=60_860), more=slow_connects(60_000)),
    ),
    (
        "session-layer",
        lambda: alone(made(wire=60_860, ack=532), made(ORDER, at=-500)),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(made(wire=60_860), more=slow_connects(30_000)),
    ),
    (
        "session-layer",
        lambda: alone(made(wire=9_000), more=slow_connects(460)),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(made(wire=9_000, after=RESENT), more=slow_connects(460)),
    ),
    (
        # Seen on loopback: the gateway took 14 ms, and TCP probed meanwhile.
        "session-layer",
        lambda: alone(
            made(wire=14_400, after=tcp(total_retrans=1, dsack_dups=1)), more=slow_connects(460)
        ),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(
            made(wire=14_400, after=tcp(total_retrans=2, dsack_dups=1)), more=slow_connects(460)
        ),
    ),
    (
        "session-layer",
        lambda: alone(made(ORDER, wire=9_000), made(at=1_000, wire=8_000), more=slow_connects(460)),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(made(ORDER, wire=9_000), made(at=1_000, wire=3_000), more=slow_connects(460)),
    ),
    (
        "matching",
        lambda: alone(made(ORDER, wire=9_000), *both_sides(), more=slow_connects(460)),
        (Layer.MATCHING, MEDIUM),
        lambda: alone(made(ORDER, wire=9_000), *both_sides()[:1], more=slow_connects(460)),
    ),
    (
        "matching",
        lambda: alone(made(CANCEL, wire=9_000), *both_sides()),
        (Layer.MATCHING, LOW),
        lambda: alone(made(CANCEL, wire=9_000), *both_sides(), more=slow_connects(4_000)),
    ),
    (
        "peer",
        lambda: alone(made(ORDER, wire=9_000), more=slow_connects(460)),
        (Layer.GATEWAY, LOW),
        lambda: alone(made(ORDER, wire=9_000)),
    ),
    (
        "before-sending",
        lambda: alone(staged(made(wire=9_000), to=8_600)),
        (Layer.GATEWAY, LOW),
        lambda: alone(staged(made(wire=9_000))),
    ),
    (
        "venue-wide",
        lambda: alone(
            made(wire=9_000),
            *other_session("B", 9_000),
            routes={"venue": Route("A", "one"), "B": Route("A", "two")},
        ),
        (Layer.GATEWAY, MEDIUM),
        lambda: alone(
            made(wire=9_000),
            *other_session("B", 9_000),
            routes={"venue": Route("A", "one"), "B": Route("A", "one")},
        ),
    ),
]


@pytest.mark.parametrize(("rule", "fires", "answer", "not_quite"), TABLE)
def test_fires(rule: str, fires: Callable[[], Asked], answer: tuple[Layer, Confidence], not_quite):
    found = said(fires(), rule)
    assert found is not None, judge(*fires())
    assert (found.layer, found.confidence) == answer
    assert found.summary.endswith(".")
    assert found.next_step


@pytest.mark.parametrize(("rule", "fires", "answer", "not_quite"), TABLE)
def test_just_does_not_fire(rule: str, fires, answer, not_quite: Callable[[], Asked]):
    found = said(not_quite(), rule)
    assert found is None, found


# What is not of a request.


def once(kind: Exchange, app_us: int, **changes: object) -> Asked:
    """A connect or handshake beside others of other days."""
    old = [plain(replace(each, kind=kind)) for each in usual(count=40)]
    sample = plain(made(kind, wire=app_us, **changes))
    baselines = Surroundings([replace(each, kind=kind) for each in old]).baselines
    more = changes.get("more", ())
    around = Surroundings([sample], baselines=baselines, connects={"venue": [*connects(), *more]})
    return sample, around.context(sample)


def test_a_connect_is_the_paths():
    assert said(once(Exchange.TCP, 9_000), "connect") is not None
    held = once(Exchange.TCP, 9_000, stalls=(stall(100, 3_000),))
    assert said(held, "connect") is None


def test_a_handshake_is_of_tls():
    verdict = judge(*once(Exchange.TLS, 9_000))
    assert (verdict.layer, verdict.rule) == (Layer.TLS, "tls-handshake")
    held = once(Exchange.TLS, 9_000, stalls=(stall(100, 3_000),))
    assert said(held, "tls-handshake") is None


# How they go together.


def test_every_rule_is_tried():
    elsewhere = {"connect", "tls-handshake"}
    assert {row[0] for row in TABLE} | elsewhere == {rule.name for rule in RULES}


def test_the_surest_comes_first_and_of_equals_the_first_in_the_table():
    sample = staged(made(ORDER, wire=9_000, after=DISORDER), matching=8_400)
    verdict = judge(sample, beside(sample, *both_sides()))
    assert (verdict.rule, verdict.confidence) == ("venue-stages", HIGH)
    assert [each.rule for each in verdict.others] == ["loss-toward-us", "matching"]


def test_two_that_are_sure_of_different_layers_make_each_other_unsure():
    sample = staged(
        made(ORDER, wire=90_000, after=tcp(rwnd_limited_ns=60_000_000)), matching=80_000
    )
    verdict = judge(sample, beside(sample))
    assert (verdict.layer, verdict.confidence) == (Layer.PEER_READING, MEDIUM)
    assert (verdict.others[0].layer, verdict.others[0].confidence) == (Layer.MATCHING, MEDIUM)


def test_nothing_fires():
    sample = made(ORDER, wire=9_000)
    verdict = judge(sample, beside(sample))
    assert (verdict.layer, verdict.confidence, verdict.rule) == (
        Layer.UNATTRIBUTED,
        NONE,
        "unattributed",
    )
    assert ("wire to wire", "9.00 ms, 100 % of the excess") in verdict.evidence


def test_a_log_is_never_sure():
    sample = replace(staged(made(ORDER, wire=9_000), matching=8_400), source=StampSource.LOG)
    verdict = judge(sample, beside(sample))
    assert (verdict.layer, verdict.confidence) == (Layer.MATCHING, MEDIUM)


def test_nothing_to_compare_with():
    sample = made(wire=9_000)
    verdict = judge(sample, Context())
    assert (verdict.rule, verdict.confidence) == ("usual", NONE)
    assert "nothing to compare" in verdict.summary


def test_too_little_to_compare_with_is_not_sure():
    near = [made(at=-1_000_000 + n * 10_000) for n in range(18)]
    sample = made(wire=60_860, ack=532)
    around = Surroundings([*near, sample])
    assert judge(sample, around.context(sample)).confidence is MEDIUM


@pytest.mark.parametrize(
    ("kinds", "named"),
    [
        ([StallKind.SCHEDULING], "scheduling"),
        ([StallKind.SCHEDULING, StallKind.LOOP], "event loop"),
        ([StallKind.SCHEDULING, StallKind.LOOP, StallKind.GC], "garbage collection"),
    ],
)
def test_what_held_it_up_is_named_by_its_cause(kinds: list[StallKind], named: str):
    sample = made(home=5_000, stalls=tuple(stall(600, 5_000, kind) for kind in kinds))
    assert f"({named})" in judge(sample, beside(sample)).summary


def test_a_local_stall_makes_nobody_else_sure():
    sample = made(wire=60_860, ack=532, stalls=(stall(1_000, 20_000),))
    assert judge(sample, beside(sample)).confidence is MEDIUM


def test_every_rule_is_told_in_full():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert rule.looks_at, rule.name
        assert rule.fires, rule.name
        assert rule.next_step.endswith("."), rule.name
        assert rule.next_step[0].isupper(), rule.name
