"""Which of the slow samples are shown first."""

from __future__ import annotations

from fixgate.report.latency.incidents import incidents, primary_of, shown_slow
from fixgate.triage.model import Confidence, Exchange, Layer
from tests.report.latency.made import MS, US, report, sample, verdict


def test_the_wires_worst_and_the_callers_worst_are_shown():
    stalled = [sample(100 * US, at_ns=i, after_ns=50 * MS + i) for i in range(5)]
    venue = [sample(8 * MS + i, at_ns=100 + i) for i in range(5)]
    shown = shown_slow(report(*stalled, *venue), 4)
    assert [each.sample.name for each in shown] == ["T4", "T3", "T104", "T103"]


def test_what_is_usual_comes_after_what_is_not():
    slow = sample(5 * MS, at_ns=1)
    usual = sample(50 * MS, at_ns=2)
    made = report(slow, usual, verdicts={"T2": verdict(Layer.UNATTRIBUTED, rule="usual")})
    assert [each.sample.name for each in shown_slow(made, 1)] == ["T1"]
    assert made.layers == {Layer.GATEWAY: 1}


def test_requests_come_before_what_is_done_once():
    made = report(sample(9 * MS, kind=Exchange.LOGON, at_ns=1), sample(at_ns=2))
    assert [each.sample.name for each in shown_slow(made, 1)] == ["T2"]


def test_the_layer_that_is_blamed_most_is_acted_on_and_by_the_surest_verdict():
    verdicts = {
        "T1": verdict(Layer.HOST, Confidence.HIGH),
        "T2": verdict(Layer.PATH, Confidence.LOW),
        "T3": verdict(Layer.PATH, Confidence.HIGH, next_step="Ask the carrier."),
        **{f"T{i}": verdict(Layer.UNATTRIBUTED, Confidence.NONE) for i in (4, 5, 6)},
    }
    found = primary_of(report(*[sample(at_ns=i) for i in range(1, 7)], verdicts=verdicts))
    assert found is not None
    assert (found.layer, found.next_step) == (Layer.PATH, "Ask the carrier.")


def test_where_no_layer_is_blamed_there_is_nothing_to_act_on():
    nothing = verdict(Layer.UNATTRIBUTED, Confidence.NONE)
    assert primary_of(report(sample(), verdicts={"T0": nothing})) is None


def test_what_stands_still_for_a_moment_is_one_incident():
    stalled = [sample((90 - i) * MS, at_ns=i * MS) for i in range(8)]
    other = sample(70 * MS, at_ns=3 * MS, session="xpar")
    later = sample(5 * MS, at_ns=500 * MS)
    found = incidents(report(*stalled, other, later, worst=20), 10)
    assert [(each.slow.sample.name, each.meanwhile) for each in found] == [
        ("T0", 7),
        ("T3000000", 0),
        ("T500000000", 0),
    ]


def test_what_lies_with_another_layer_is_another_incident():
    host = verdict(Layer.HOST)
    made = report(sample(9 * MS, at_ns=0), sample(9 * MS, at_ns=US), verdicts={"T1000": host})
    assert [each.meanwhile for each in incidents(made, 10)] == [0, 0]


def test_what_is_done_once_and_is_usual_is_none():
    usual = verdict(Layer.UNATTRIBUTED, rule="usual")
    logon = sample(9 * MS, kind=Exchange.LOGON, at_ns=1)
    assert incidents(report(logon, verdicts={"T1": usual}), 10) == []
    assert len(incidents(report(logon), 10)) == 1


def test_no_more_incidents_than_wanted():
    made = report(*[sample(MS, at_ns=i * 100 * MS) for i in range(6)])
    assert len(incidents(made, 4)) == 4
    assert incidents(report(), 4) == []
