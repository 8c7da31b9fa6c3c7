"""Whatever is planted is found, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixgate.health.judge import judge
from fixgate.health.model import Phase, Status
from fixgate.health.persistence.events import LineCut, Returning, Settled, Unread
from fixgate.health.persistence.flaw import minus, runs, size_of
from fixgate.health.persistence.plan import Cut
from fixgate.health.persistence.story import story_of
from fixgate.health.persistence.verdict import verdicts_of
from tests.health.helpers import Story, message
from tests.health.persistence.venue import Habits, checked, history_of, plan

MANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)

SOUND = st.builds(
    Habits,
    expects=st.booleans(),
    cancels=st.booleans(),
    no_status=st.booleans(),
    gives_up_s=st.sampled_from([None, 35.0, 50.0]),
)
HOW = st.fixed_dictionaries(
    {"orders": st.booleans(), "messages": st.integers(1, 5), "withhold": st.integers(0, 3)}
)
CUTS = st.lists(st.sampled_from(Cut), min_size=1, max_size=4, unique=True)


@MANY
@given(SOUND, HOW, CUTS)
def test_a_sound_venue_is_never_accused(habits, how, cuts):
    report, venue = checked(plan(*cuts, **how), habits)
    assert report.findings == (), [f.summary for f in report.findings]
    assert report.status is Status.PASS
    assert all(order.status == "4" for order in venue.orders.values())
    party = next(r for r in reversed(report.transcript) if "our store: next" in r.text)
    assert f"out {venue.next_in}, in {venue.next_out}" in party.text


PLANTED = st.one_of(
    st.integers(-9, -1).map(lambda k: {"out_by": k}),
    st.integers(1, 9).map(lambda k: {"out_by": k}),
    st.integers(-9, -1).map(lambda k: {"in_by": k}),
    st.integers(1, 9).map(lambda k: {"in_by": k}),
    st.sampled_from(["flag", "both", "out", "in"]).map(lambda how: {"resets": how}),
    st.sampled_from(
        ["gapfill", "ignore", "reject", "reset", "unmarked", "unmarked_n", "no_orig", "late_orig",
         "changed", "shifted", "twice", "new_numbers", "new_numbers_too", "end"]
    ).map(lambda how: {"replay": how}),
    st.integers(1, 2).map(lambda count: {"reports_again": count}),
    st.sampled_from(["same", "other"]).map(lambda how: {"sends_old": how}),
    st.sampled_from(["no", "close", "ResetSeqNumFlag required"]).map(lambda t: {"answers": t}),
    st.just({"forgets": True}),
)  # fmt: skip


def shows(planted: dict, cut: Cut, orders: bool) -> bool:
    """Whether a habit can be seen from outside at all."""
    if "replay" in planted or "sends_old" in planted or "reports_again" in planted:
        return orders and cut is not Cut.LOGOUT
    if planted.get("out_by", 0) > 0:
        return cut is Cut.LOGOUT and not orders  # else it may have been Heartbeats, or reports
    return orders or "forgets" not in planted


@MANY
@given(SOUND, PLANTED, st.sampled_from(Cut), st.booleans(), st.integers(1, 5))
def test_what_is_planted_is_found(sound, planted, cut, orders, messages):
    # What the venue tells by itself, or does at once, is not missed.
    habits = replace(sound, cancels=False, expects=False, **planted)
    report, _ = checked(plan(cut, orders=orders, messages=messages), habits)
    if shows(planted, cut, orders):
        assert report.findings, "continued"
        assert report.status is not Status.PASS
    told = " ".join(f.summary for f in report.findings)
    if "out_by" in planted and planted["out_by"] < 0:
        at_one = "MsgSeqNum(34) 1, expected" in told  # back to the very beginning: a reset
        assert f"went back by {-planted['out_by']}" in told or at_one
    elif planted.get("in_by", 0) > 0:
        assert f"{planted['in_by']} ahead" in told
    elif planted.get("in_by", 0) < 0:
        at_one = "MsgSeqNum(34) 1 again"  # it cannot go back further
        assert f"its count went back by {-planted['in_by']}" in told or at_one in told


# The numbers that were missed, one by one.

FATES = st.lists(
    st.sampled_from(["again", "filled", "lost", "unmarked", "filled over a report"]),
    min_size=1,
    max_size=30,
)


def told(fates: list[str]) -> Story:
    """A return of which each missed number has a fate; the history is written by hand."""
    begin = Story().logon_sent().rx("35=A|34=1|98=0|108=30").step(LineCut(Cut.SILENCE))
    for number, fate in enumerate(fates, 2):
        kind = "0" if fate == "filled" else "8"
        body = "" if kind == "0" else f"|37=O|17=E{number}|39=0|150=0|11=C{number}"
        raw = message(f"35={kind}|34={number}{body}", ours=False, at=begin.at)
        begin.step(Unread(raw))
    high = len(fates) + 2
    back = begin.step(Returning()).tx("35=A|34=2|98=0|108=30")
    back.rx(f"35=A|34={high}|98=0|108=30").tx("35=2|34=3|7=2|16=0")
    for number, fate in enumerate(fates, 2):
        body = f"|37=O|17=E{number}|39=0|150=0|11=C{number}"
        match fate:
            case "again":
                back.rx(f"35=8|34={number}|43=Y|122=20261122-08:30:00.000{body}")
            case "unmarked":
                back.rx(f"35=8|34={number}{body}")
            case "filled" | "filled over a report":
                back.rx(f"35=4|34={number}|43=Y|123=Y|36={number + 1}")
    return back.tx("35=1|34=4|112=x").rx(f"35=0|34={high + 1}|112=x").step(Settled())


@given(FATES)
def test_every_number_has_its_own_fate(fates):
    (verdict,) = verdicts_of(story_of(told(fates).records), next_in=1)
    planted = {
        fate: {number for number, each in enumerate(fates, 2) if each == fate}
        for fate in set(fates)
    }
    lost = [n for a, b in verdict.replay.lost(verdict.back.missed) for n in range(a, b + 1)]
    assert lost == sorted(planted.get("lost", set()))
    found = {flaw.cause for flaw in verdict.flaws}
    wanted = {
        "messages-lost": "lost",
        "possdup-missing": "unmarked",
        "application-gap-filled": "filled over a report",
    }
    assert found == {cause for cause, fate in wanted.items() if fate in planted}
    assert verdict.continued == (set(planted) <= {"again", "filled"})


@given(st.integers(3, 10**19 - 1), st.integers(0, 10**19 - 1))
def test_no_claim_of_a_venue_takes_long(high, new):
    """Millions of numbers that a Logon and a GapFill speak of are never counted one by one."""
    begin = Story().logon_sent().rx("35=A|34=1|98=0|108=30").step(LineCut(Cut.RST))
    back = begin.step(Returning()).tx("35=A|34=2|98=0|108=30").rx(f"35=A|34={high}|98=0|108=30")
    back.tx("35=2|34=3|7=2|16=0").rx(f"35=4|34=2|43=Y|123=Y|36={new}")
    (verdict,) = verdicts_of(story_of(back.step(Settled()).records), next_in=1)
    lost = verdict.replay.lost(verdict.back.missed)
    assert lost == ([(max(new, 2), high - 1)] if new < high else [])


@MANY
@given(SOUND, CUTS, st.data())
def test_a_history_that_ends_anywhere_is_judged_and_never_passes(habits, cuts, data):
    made = plan(*cuts, orders=True)
    records = history_of(made, habits)
    end = data.draw(st.integers(0, len(records) - 1))
    report = judge(made, records[:end])
    logged_out = any(p.phase is Phase.LOGOUT and p.status is Status.PASS for p in report.phases)
    assert report.status is not Status.PASS or logged_out


@given(st.sets(st.integers(1, 60)), st.lists(st.tuples(st.integers(-5, 70), st.integers(0, 9))))
def test_ranges_are_what_sets_are(numbers, parts):
    ranges = [(first, first + more) for first, more in parts]
    covered = {n for first, last in ranges for n in range(first, last + 1)}
    left = minus((1, 60), ranges)
    assert {n for a, b in left for n in range(a, b + 1)} == set(range(1, 61)) - covered
    assert size_of(left) == len(set(range(1, 61)) - covered)
    assert {n for a, b in runs(numbers) for n in range(a, b + 1)} == numbers
