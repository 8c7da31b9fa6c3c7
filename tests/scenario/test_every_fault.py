"""Every fault of the catalogue on both sides of a whole session, in the virtual world.

What a sound counterparty makes of each is for scenarios to say. Here: it acts, fixgate stays whole
on both sides, and the same seed makes the same run.
"""

from __future__ import annotations

import logging

import pytest

from fixgate.faults import CATALOGUE, ActsOn, ArmedFault, Group, Way, build
from fixgate.scenario.model import Side
from fixgate.scenario.records import Faulted
from fixgate.scenario.runner import Run, play_virtually
from fixgate.scenario.steps import ArmFault, Ask, Clear, Connect, Send, Wait
from tests.faults.test_catalogue import sample
from tests.scenario.build import SECOND, place, scenario

ORDER = (
    (11, b"A"), (55, b"ABC"), (54, b"1"), (60, b"20260302-09:00:00"), (38, b"10"), (40, b"2"),
    (44, b"90"),
)  # fmt: skip
# What is said of an order comes to a client only when it has sent one; what is resent, only after
# a gap; a SequenceReset likewise.
RARE = frozenset(
    {"resend_without_poss_dup", "resend_forever", "new_seq_no_too_low", "new_seq_no_too_high",
     "gap_fill_without_flag", "gap_fill_as_reset", "reset_as_gap_fill", "slow_close",
     "duplicate_execution_reports", "late_execution_reports", "refuse_connections",
     "gap_fill_resend", "ignore_resend_request", "resend_wrong_range", "ignore"}
)  # fmt: skip

CASES = [
    pytest.param(name, way, under_test, id=f"{name}-{way.name.lower()}-{under_test.value}")
    for name, spec in CATALOGUE.items()
    for way in spec.ways
    for under_test in Side
    if under_test is Side.CLIENT or not (spec.on is ActsOn.LISTENER or spec.group is Group.LOGON)
]


def run_of(name: str, way: Way, under_test: Side) -> Run:
    ours = under_test.other.value
    spec = CATALOGUE[name]
    params = {each.name: sample(each) for each in spec.params if each.required}
    fault = ArmFault(place(), ours, ArmedFault(name, build(name, params), way))
    first = spec.group is Group.LOGON or spec.on is ActsOn.LISTENER
    connect = Connect(place(), ours, not first, 5 * SECOND)
    order = Send(place(), Side.CLIENT.value, b"D", ORDER)
    trade = order if under_test is Side.VENUE else Ask(place(), "send an order", order)
    question = Send(place(), ours, b"1", ((112, b"ALIVE"),))
    asked = Ask(place(), "send", Send(place(), under_test.value, b"1", ((112, b"YOU"),)))
    wait = Wait(place(), 45 * SECOND)
    steps = (
        *((fault, connect) if first else (connect, fault)),
        *(wait, trade, asked, wait, question, wait, Clear(place(), ours), wait),
    )
    return play_virtually(scenario(*steps, under_test=under_test, leftovers=True), 7)


def acted(run: Run) -> list[str]:
    return [record.what.name for record in run.history if isinstance(record.what, Faulted)]


@pytest.mark.parametrize(("name", "way", "under_test"), CASES)
def test_fixgate_stays_whole(name: str, way: Way, under_test: Side, caplog):
    with caplog.at_level(logging.ERROR):
        run, again = run_of(name, way, under_test), run_of(name, way, under_test)
    assert [r.getMessage() for r in caplog.records] == []
    assert (run.verdict, tuple(run.history)) == (again.verdict, tuple(again.history))
    assert name in RARE or set(acted(run)) == {name}
