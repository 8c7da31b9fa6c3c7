"""Budgets as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.latency.budget import parse_budget
from fixgate.latency.model import Budget, BudgetOutcome, Figure
from fixgate.latency.names import EXCHANGES, FIGURES, name_of
from fixgate.triage.model import Exchange

MS = 1_000_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("p99<2ms", Budget(99, 2 * MS, text="p99<2ms")),
        ("max < 10 ms", Budget(100, 10 * MS, text="max < 10 ms")),
        ("median<250us", Budget(50, 250_000, text="median<250us")),
        ("p50<250µs", Budget(50, 250_000, text="p50<250µs")),
        (
            "cancel p99.9<5ms",
            Budget(99.9, 5 * MS, kind=Exchange.CANCEL, text="cancel p99.9<5ms"),
        ),
        (
            "wire ack p50<=100us",
            Budget(50, 100_001, Exchange.ACKNOWLEDGEMENT, Figure.WIRE, "wire ack p50<=100us"),
        ),
        (
            "response p99<1.5s",
            Budget(99, 1500 * MS, figure=Figure.RESPONSE, text="response p99<1.5s"),
        ),
        (
            "  APP   Heartbeat P99.99<0.5ms ",
            Budget(99.99, 500_000, Exchange.HEARTBEAT, Figure.APP, "APP Heartbeat P99.99<0.5ms"),
        ),
        ("tls p100<30ms", Budget(100, 30 * MS, kind=Exchange.TLS, text="tls p100<30ms")),
        ("max<1ns", Budget(100, 1, text="max<1ns")),
    ],
)
def test_what_is_written_is_meant(text: str, wanted: Budget):
    assert parse_budget(text) == wanted


ORDER = (
    "expected a figure (wire, app, response), an exchange (heartbeat, ack, fill, cancel, logon, "
    "tcp, tls) or a percentile (p99, median, max), in this order"
)


@pytest.mark.parametrize(
    ("text", "message", "note"),
    [
        (
            "",
            "column 1: expected a percentile such as p99, or max; a budget is written such as "
            "'p99<2ms' or 'cancel p99.9<5ms'; found its end",
            None,
        ),
        ("99<2ms", "column 1: expected a percentile; found '99<2ms'", "p99"),
        ("99.9%<2ms", "column 1: expected a percentile; found '99.9%<2ms'", "p99.9"),
        ("cancle p99<2ms", f"column 1: {ORDER}; found 'cancle p99<2ms'", "cancel"),
        ("wire canel p99<2ms", f"column 6: {ORDER}; found 'canel p99<2ms'", "cancel"),
        ("cancel wire p99<2ms", f"column 8: {ORDER}; found 'wire p99<2ms'", None),
        ("qqq<2ms", f"column 1: {ORDER}; found 'qqq<2ms'", None),
        ("p0<2ms", "column 1: expected a percentile above 0, at most 100; found 'p0<2ms'", None),
        (
            "p101<2ms",
            "column 1: expected a percentile above 0, at most 100; found 'p101<2ms'",
            None,
        ),
        ("p99", "column 4: expected < or <=; found its end", None),
        ("p99>2ms", "column 4: expected < or <=; found '>2ms'", None),
        ("p99 = 2ms", "column 5: expected < or <=; found '= 2ms'", None),
        ("p99<", "column 5: expected a duration such as 2ms or 250us; found its end", None),
        ("p99<fast", "column 5: expected a duration such as 2ms or 250us; found 'fast'", None),
        ("p99<-2ms", "column 5: expected a duration such as 2ms or 250us; found '-2ms'", None),
        ("p99<2", "column 6: the unit is missing: expected ns, us, ms or s; found its end", None),
        ("p99<2MS", "column 6: unknown unit: expected ns, us, ms or s; found 'MS'", "ms"),
        ("p99<2min", "column 6: unknown unit: expected ns, us, ms or s; found 'min'", None),
        (
            "p99<0ms",
            "column 5: expected a duration of whole nanoseconds, above 0; found '0ms'",
            None,
        ),
        (
            "p99<0.5ns",
            "column 5: expected a duration of whole nanoseconds, above 0; found '0.5ns'",
            None,
        ),
        ("p99<2ms please", "column 9: expected nothing after the duration; found 'please'", None),
        ("p99<2ms p50<1ms", "column 9: expected nothing after the duration; found 'p50<1ms'", None),
    ],
)
def test_mistakes_are_told_with_their_column(text: str, message: str, note: str | None):
    with pytest.raises(ValueError, match="column") as caught:
        parse_budget(text)
    assert str(caught.value) == message
    notes = [f"did you mean '{note}'?"] if note else []
    assert getattr(caught.value, "__notes__", []) == notes


@given(st.text(max_size=30))
def test_no_text_does_more_than_be_refused(text: str):
    refusal = ""
    try:
        budget = parse_budget(text)
    except ValueError as error:
        refusal = str(error)
    assert refusal.startswith("column ") if refusal else budget.limit_ns > 0


def test_a_budget_without_an_exchange_is_about_requests():
    budget = parse_budget("p99<2ms")
    concerned = {kind for kind in Exchange if budget.concerns(kind)}
    assert concerned == {
        Exchange.HEARTBEAT,
        Exchange.ACKNOWLEDGEMENT,
        Exchange.FILL,
        Exchange.CANCEL,
    }
    assert [k for k in Exchange if parse_budget("tcp max<1s").concerns(k)] == [Exchange.TCP]


def test_a_limit_itself_is_not_below_it():
    below, upto = parse_budget("p99<2ms"), parse_budget("p99<=2ms")
    assert not BudgetOutcome(below, Figure.WIRE, 2 * MS).kept
    assert BudgetOutcome(below, Figure.WIRE, 2 * MS - 1).kept
    assert BudgetOutcome(upto, Figure.WIRE, 2 * MS).kept
    assert not BudgetOutcome(upto, Figure.WIRE, 2 * MS + 1).kept
    assert not BudgetOutcome(upto, Figure.WIRE, None).kept


def test_everything_that_is_measured_has_a_short_name():
    assert {FIGURES[name_of(figure)] for figure in Figure} == set(Figure)
    assert {EXCHANGES[name_of(kind)] for kind in Exchange} == set(Exchange)
