"""The scenarios that were measured on an emulated line, 100 us each way (docs/triage.md).

Medians and 99th percentiles in microseconds, as they were found; each is one sample as it was.
"""

from __future__ import annotations

from dataclasses import replace

from fixgate.triage import Confidence, Layer, Mark, judge
from tests.triage.made import HEARTBEAT, beside, connect, connects, made, stall, tcp, window

HIGH, MEDIUM = Confidence.HIGH, Confidence.MEDIUM


def test_a_nothing_injected():
    for sample in (made(), made(out=19, wire=561, home=40)):
        verdict = judge(sample, beside(sample, more=connects()))
        assert (verdict.layer, verdict.rule) == (Layer.UNATTRIBUTED, "usual")


def test_b_network_5_ms_each_way():
    slow = tcp(min_rtt_ns=10_298_000, rtt_ns=10_691_000)
    sample = made(out=22, wire=10_543, home=87, before=slow, after=slow)
    verdict = judge(sample, beside(sample, more=[*connects(), connect(-3000, 10_534)]))
    assert (verdict.layer, verdict.confidence, verdict.rule) == (Layer.PATH, HIGH, "path")


def test_c_gateway_5_ms_although_srtt_rose_with_it():
    slow = tcp(min_rtt_ns=554_000, rtt_ns=5_955_000)
    sample = made(out=18, wire=5_835, home=73, before=slow, after=slow)
    verdict = judge(
        sample, beside(sample, more=[*connects(), connect(-3000, 587), connect(9000, 601)])
    )
    assert (verdict.layer, verdict.confidence) == (Layer.GATEWAY, MEDIUM)


def test_c_is_a_guess_where_one_connect_was_made_before_it():
    sample = made(out=18, wire=5_835, home=73)
    verdict = judge(sample, beside(sample, more=[*connects(), connect(-3000, 587)]))
    assert (verdict.layer, verdict.confidence) == (Layer.GATEWAY, Confidence.LOW)


def test_c_is_a_guess_where_nothing_tells_of_the_network():
    slow = tcp(min_rtt_ns=554_000, rtt_ns=5_955_000)
    sample = made(out=18, wire=5_835, home=73, before=slow, after=slow)
    verdict = judge(sample, beside(sample))
    assert (verdict.layer, verdict.confidence) == (Layer.GATEWAY, Confidence.LOW)


def test_f_gateway_60_ms_acknowledged_at_once():
    every = [made(at=at, out=16, wire=60_860, home=65, ack=532) for at in (0, 70_000, 140_000)]
    verdict = judge(every[0], beside(*every))
    assert (verdict.layer, verdict.confidence) == (Layer.GATEWAY, HIGH)
    assert verdict.rule == "session-layer"


def test_d_contention_for_our_core_by_the_canary():
    sample = made(out=30, wire=640, home=4_680, stalls=(stall(700, 5_200),))
    verdict = judge(sample, beside(sample))
    assert (verdict.layer, verdict.confidence) == (Layer.HOST, HIGH)
    assert verdict.rule == "host-stalled"


def test_d_contention_for_our_core_unseen():
    sample = made(out=30, wire=640, home=4_680)
    verdict = judge(sample, beside(sample))
    assert (verdict.layer, verdict.confidence, verdict.rule) == (Layer.HOST, HIGH, "host-late")


def test_e_loss_on_the_way_there():
    sample = made(
        wire=211_216, home=33, marks=frozenset({Mark.RETRANSMITTED}),
        after=tcp(total_retrans=1, bytes_retrans=80),
    )  # fmt: skip
    verdict = judge(sample, beside(sample, windows=[window()]))
    assert (verdict.layer, verdict.confidence, verdict.rule) == (Layer.PATH, HIGH, "loss")
    nobody_counted = judge(sample, beside(sample))
    assert (nobody_counted.layer, nobody_counted.confidence) == (Layer.PATH, MEDIUM)


def test_e_loss_of_the_reply():
    sample = made(wire=208_000, after=tcp(total_retrans=1, dsack_dups=1))
    verdict = judge(sample, beside(sample, windows=[window()]))
    assert (verdict.layer, verdict.confidence, verdict.rule) == (Layer.PATH, MEDIUM, "loss")


def test_the_same_without_stamps_is_never_sure():
    for sample in (
        made(wire=5_835), made(wire=60_860, ack=532), made(home=4_680), made(wire=211_216),
    ):  # fmt: skip
        bare = replace(
            sample, sent_ns=None, scheduled_ns=None, acked_ns=None, received_ns=None,
            stalls=(stall(0, 100_000),),
        )  # fmt: skip
        assert bare.kind is HEARTBEAT
        assert judge(bare, beside(bare)).confidence is not HIGH
