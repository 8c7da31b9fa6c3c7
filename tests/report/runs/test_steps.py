from __future__ import annotations

from fixgate.report.runs.steps import alternatives_at, steps_of
from fixgate.report.runs.veil import Veil
from fixgate.scenario.records import Outcome, StepBegan, StepEnded
from fixgate.scenario.steps import AnyOf, Parallel, Repeat
from fixgate.scenario.verdict import Result
from tests.report.runs.sample import (
    ANY_OF,
    EXPECT,
    REJECT,
    SEND,
    WAIT,
    at,
    deviating,
    ended,
    failed,
    late,
    skipped,
    step,
    story,
)


def told(run):
    return [
        (s.number, s.line, s.depth, s.outcome, s.at_ns, s.took_ns) for s in steps_of(run, Veil(run))
    ]


def test_each_step_says_how_it_ended_and_what_was_not_reached():
    assert told(failed()) == [
        (1, 10, 0, "ok", 0, 1_000_000),
        (2, 11, 0, "ok", 1_000_000, 200_000),
        (3, 23, 0, "failed", 1_200_000, 800_000),
        (0, 30, 0, "not reached", None, None),
    ]
    line = steps_of(failed(), Veil(failed()))[2]
    assert line.why.startswith("Heartbeat(0) with MsgSeqNum(34) = 2")


def test_a_deviation_is_told_apart():
    assert [outcome for *_, outcome, _, _ in told(deviating())] == ["ok", "ok", "deviation", "ok"]


def test_nothing_was_reached_of_what_was_skipped():
    assert told(skipped()) == [(0, 10, 0, "not reached", None, None)]


def test_rounds_are_inside_of_their_repetition():
    again = at(50, "repeat 2 times")
    run = ended(
        story(steps=(Repeat(again, 2, (step(SEND), Parallel(WAIT, ((step(EXPECT),),)))),)),
        Result.INCONCLUSIVE,
        [
            (0.0, "#", StepBegan(1, 50, again.text)),
            (0.0, "#", StepBegan(2, 11, SEND.text)),
            (1.0, "#", StepEnded(2, Outcome.OK)),
            (1.0, "#", StepBegan(3, 30, WAIT.text)),
            (1.0, "#", StepBegan(4, 23, EXPECT.text)),
        ],
    )
    assert told(run) == [
        (1, 50, 0, "interrupted", 0, None),
        (2, 11, 1, "ok", 0, 1_000_000_000),
        (3, 30, 1, "interrupted", 1_000_000_000, None),
        (4, 23, 2, "interrupted", 1_000_000_000, None),
    ]


def test_what_would_have_been_allowed():
    (place,) = (s.place for s in late().scenario.steps if isinstance(s, AnyOf))
    assert alternatives_at(late().scenario.steps, place) == (
        ("expect Reject(3)",),
        ("expect Logout(5)", "expect closed"),
    )


def test_alternatives_are_found_inside_of_other_steps():
    choice = AnyOf(ANY_OF, ((step(REJECT),),))
    inside = Repeat(WAIT, 2, (step(SEND), Parallel(WAIT, ((step(SEND),), (choice,)))))
    assert alternatives_at((step(SEND), inside), ANY_OF) == (("expect Reject(3)",),)
    assert alternatives_at((inside,), EXPECT) == ()
