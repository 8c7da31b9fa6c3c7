from __future__ import annotations

import pytest

from fixgate.triage.failed import (
    FAILURE_RULES,
    Awaited,
    Connecting,
    Failure,
    judge_failure,
)
from fixgate.triage.model import Confidence, Layer, Verdict
from tests.triage.made import START_NS, stall, tcp

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
SECOND_NS = 1_000_000_000


def failure(awaited: Awaited = Awaited.LOGON, waited_ns: int = 5 * SECOND_NS, **changes) -> Failure:
    return Failure(awaited, START_NS, START_NS + waited_ns, **changes)


def said(verdict: Verdict) -> tuple[Layer, Confidence, str]:
    return verdict.layer, verdict.confidence, verdict.rule


def test_acknowledged_and_not_answered_is_the_gateway():
    verdict = judge_failure(failure(before=tcp(), after=tcp()))
    assert said(verdict) == (Layer.GATEWAY, HIGH, "delivered")
    assert "in 5.00 s" in verdict.summary


@pytest.mark.parametrize(
    "less",
    [
        {"waited_ns": SECOND_NS - 1},
        {"heard": 1},
        {"awaited": Awaited.ORDER},
        {"after": tcp(total_retrans=1)},
    ],
)
def test_the_same_is_less_sure(less: dict[str, object]):
    verdict = judge_failure(failure(**{"before": tcp(), "after": tcp(), **less}))
    assert said(verdict) == (Layer.GATEWAY, MEDIUM, "delivered")


def test_a_handshake_that_was_acknowledged_is_tls():
    verdict = judge_failure(failure(Awaited.HANDSHAKE, before=tcp(), after=tcp()))
    assert said(verdict) == (Layer.TLS, HIGH, "delivered")


def test_never_acknowledged_though_sent_again_is_the_path():
    after = tcp(unacked=1, retransmits=4, backoff=4, total_retrans=4, lost=1)
    verdict = judge_failure(failure(before=tcp(), after=after))
    assert said(verdict) == (Layer.PATH, MEDIUM, "unacknowledged")
    assert "4 time(s)" in verdict.summary


def test_not_acknowledged_yet_is_hardly_anything():
    verdict = judge_failure(failure(waited_ns=50_000_000, before=tcp(), after=tcp(unacked=1)))
    assert said(verdict) == (Layer.PATH, LOW, "unacknowledged")


def test_a_closed_window_is_a_peer_that_does_not_read():
    after = tcp(snd_wnd=0, notsent_bytes=500, unacked=1, retransmits=2)
    verdict = judge_failure(failure(Awaited.HEARTBEAT, before=tcp(), after=after))
    assert said(verdict) == (Layer.PEER_READING, HIGH, "window-closed")


def test_a_window_that_is_closed_with_nothing_to_send_says_nothing_of_it():
    verdict = judge_failure(failure(Awaited.HEARTBEAT, before=tcp(), after=tcp(snd_wnd=0)))
    assert verdict.rule == "delivered"


@pytest.mark.parametrize(("answered", "confidence"), [(0, MEDIUM), (1, HIGH)])
def test_an_order_that_is_not_answered_while_the_session_is(answered: int, confidence: Confidence):
    verdict = judge_failure(
        failure(Awaited.ORDER, before=tcp(), after=tcp(), heard=1, answered=answered)
    )
    assert said(verdict) == (Layer.MATCHING, confidence, "matching-silent")


@pytest.mark.parametrize(
    ("connecting", "layer", "confidence"),
    [
        (Connecting.REFUSED, Layer.GATEWAY, HIGH),
        (Connecting.UNREACHABLE, Layer.PATH, MEDIUM),
        (Connecting.NO_ANSWER, Layer.PATH, MEDIUM),
        (Connecting.LOCAL, Layer.HOST, HIGH),
    ],
)
def test_connecting(connecting: Connecting, layer: Layer, confidence: Confidence):
    verdict = judge_failure(failure(Awaited.CONNECT, connecting=connecting))
    assert said(verdict) == (layer, confidence, "connecting")


def test_a_process_that_was_held_up_all_along():
    verdict = judge_failure(failure(waited_ns=SECOND_NS, stalls=(stall(0, 600_000),)))
    assert said(verdict) == (Layer.HOST, MEDIUM, "held-up")
    shorter = judge_failure(failure(waited_ns=SECOND_NS, stalls=(stall(0, 400_000),)))
    assert shorter.layer is Layer.UNATTRIBUTED


def test_nothing_known_is_unattributed():
    verdict = judge_failure(failure())
    assert said(verdict) == (Layer.UNATTRIBUTED, Confidence.NONE, "unattributed")


def test_what_else_fired_comes_along():
    after = tcp(unacked=1, retransmits=3, total_retrans=3)
    verdict = judge_failure(
        failure(waited_ns=SECOND_NS, before=tcp(), after=after, stalls=(stall(0, 900_000),))
    )
    assert [each.rule for each in (verdict, *verdict.others)] == ["held-up", "unacknowledged"]


def test_every_rule_says_what_to_do():
    names = [rule.name for rule in FAILURE_RULES]
    assert len(set(names)) == len(names)
    assert all(
        rule.next_step.endswith(".") and rule.next_step[0].isupper() for rule in FAILURE_RULES
    )
