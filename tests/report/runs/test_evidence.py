from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.report.runs.evidence import LONG, SHORT, Evidence, around
from fixgate.report.runs.timeline import entries_of
from fixgate.report.runs.veil import Veil
from fixgate.scenario.records import Closed, Ended, Outcome, StepBegan, StepEnded, Wire
from fixgate.scenario.steps import Never
from fixgate.scenario.verdict import Finding, Result
from tests.report.runs.sample import (
    CONNECT,
    EXPECT,
    OURS,
    SECOND,
    START,
    THEIRS,
    asked,
    deviating,
    ended,
    failed,
    late,
    rx,
    story,
    tx,
    unreached,
)
from tests.scenario import build


def shown(run, finding=None, window=LONG):
    """Each line around a finding, the decisive one marked with ``*``."""
    verdict = run.verdict
    finding = finding or (*verdict.findings, *verdict.deviations)[0]
    entries = entries_of(run, Veil(run))
    return [
        f"{'*' if e.decisive else ''}{e.glyph} {e.title or e.text}".strip()
        for e in Evidence(run, entries).of(finding, window)
    ]


def test_the_message_that_was_not_as_expected_is_marked():
    assert shown(failed())[-5:] == [
        "# step 3: expect Heartbeat(0) with TestReqID(112) = HELLO",
        "! fault deaf: dropped Heartbeat(0), MsgSeqNum(34) 3",
        "*< Heartbeat(0) #2",
        "# step 3 failed: Heartbeat(0) with MsgSeqNum(34) = 2, TestReqID(112) = HELO: "
        "TestReqID(112): received 'HELO', expected 'HELLO'",
        "# FAIL",
    ]


def test_where_nothing_came_the_end_of_waiting_is_marked():
    assert shown(late()) == [
        "# step 1: connect",
        "~ connection open",
        "> Logon(A) #1",
        "< Logon(A) #1",
        "= logged on",
        "# step 2: wait 1 s",
        "> Heartbeat(0) #2",
        "958 heartbeats left out",
        "< Heartbeat(0) #481",
        "# step 3: any of 2",
        "= MsgSeqNum(34) too high: received 9, expected 7",
        "*# step 3 failed: nothing within 5 s",
        "# FAIL",
    ]


def test_a_deviation_shows_what_went_on_but_less():
    assert shown(deviating(), window=SHORT) == [
        "< Logon(A) #1",
        "= logged on",
        "# step 2: send TestRequest(1) with TestReqID(112) = HELLO",
        "> TestRequest(1) #2",
        "# step 3: expect Heartbeat(0) with TestReqID(112) = HELLO",
        "*< Heartbeat(0) #2",
        "# step 3 deviation: Heartbeat(0) with MsgSeqNum(34) = 2, TestReqID(112) = HELO: "
        "TestReqID(112): received 'HELO', expected 'HELLO'",
        "# step 4: wait 1 s",
        "> Heartbeat(0) #3",
        "# PASS",
    ]


def test_a_closed_connection_is_marked():
    assert "*~ connection reset by the other side" in shown(asked())


def test_where_there_is_no_wire_the_outcome_is_marked():
    assert shown(unreached()) == [
        "# step 1: connect",
        "# not possible: 127.0.0.1:9876: connection refused",
        "*# step 1 inconclusive: connection refused",
        "# INCONCLUSIVE",
    ]


def heard(*numbers_and_texts, came, at_s=20.0):
    """A step at which several messages have come, and what the finding quotes of them."""
    records = [
        (float(n), "<", rx(f"35=B|34={number}|58={text}"))
        for n, (number, text) in enumerate(numbers_and_texts)
    ]
    end = (at_s, "#", StepEnded(1, Outcome.FAILED, came))
    finding = Finding(EXPECT, 1, EXPECT.text, came, START + round(at_s * SECOND))
    begin = (0.0, "#", StepBegan(1, 23, EXPECT.text))
    run = ended(
        story(EXPECT), Result.FAIL, [begin, *records, end, (at_s, "#", Ended("FAIL"))],
        findings=(finding,),
    )  # fmt: skip
    return next(line for line in shown(run) if line.startswith("*"))


def test_the_quoted_message_is_found_though_others_came_later():
    came = "News(B) with MsgSeqNum(34) = 3, Text(58) = b"
    assert heard((2, "a"), (3, "b"), (4, "c"), came=came) == "*< News(B) #3"


def test_the_longest_quotation_counts():
    came = "News(B) with MsgSeqNum(34) = 23, Text(58) = a: something"
    assert heard((23, "a"), (2, "a"), came=came) == "*< News(B) #23"


def test_of_several_quoted_the_newest_counts():
    came = "News(B) with MsgSeqNum(34) = 2, Text(58) = a"
    assert heard((2, "a"), (2, "a"), (9, "x"), came=came) == "*< News(B) #2"


def test_garbage_is_found_by_what_is_wrong_with_it():
    flaw = "CheckSum(10) is wrong: received 000, expected 123"
    came = f"bytes that are no message: {flaw}"
    finding = Finding(EXPECT, 1, EXPECT.text, came, START + SECOND)
    run = ended(
        story(EXPECT), Result.FAIL,
        [(0.0, "<", Wire("client", b"8=FIX.4.4\x01", flaw)), (0.5, "<", rx("35=0|34=2")),
         (1.0, "#", StepEnded(1, Outcome.FAILED, came))],
        findings=(finding,),
    )  # fmt: skip
    assert shown(run)[0] == "*< bytes"


def test_what_we_closed_ourselves_is_never_to_blame():
    came = "the connection was closed"
    finding = Finding(EXPECT, 1, EXPECT.text, came, START + SECOND)
    run = ended(
        story(EXPECT), Result.FAIL,
        [(0.0, "~", Closed("client", by_peer=False, reset=False)),
         (1.0, "#", StepEnded(1, Outcome.FAILED, came))],
        findings=(finding,),
    )  # fmt: skip
    assert shown(run)[-1] == "*# step 1 failed: the connection was closed"


def test_a_never_points_at_what_came_though_its_own_step_ended_well():
    forbidden = "NewOrderSingle(D) with MsgSeqNum(34) = 3, ClOrdID(11) = A"
    finding = Finding(EXPECT, 1, "never: D", forbidden, START + 2 * SECOND)
    run = ended(
        story(EXPECT), Result.FAIL,
        [(0.0, "#", StepBegan(1, 1, "never: D")), (0.0, "#", StepEnded(1, Outcome.OK)),
         (1.0, ">", tx(f"35=0|34=2|{OURS}")), (2.0, "<", rx(f"35=D|34=3|{THEIRS}|11=A")),
         (2.0, "#", Ended("FAIL"))],
        findings=(finding,),
    )  # fmt: skip
    assert shown(run)[-2:] == ["*< NewOrderSingle(D) #3", "# FAIL"]


def test_the_beginning_of_a_long_step_stays_in_sight():
    records = [(float(n), "<", rx(f"35=0|34={n}|112=Q{n}")) for n in range(1, 30)]
    run = ended(
        story(CONNECT), Result.FAIL,
        [(0.0, "#", StepBegan(1, 10, "connect")), *records,
         (30.0, "#", StepEnded(1, Outcome.FAILED, "nothing"))],
        findings=(Finding(CONNECT, 1, "both Logons", "nothing", START + 30 * SECOND),),
    )  # fmt: skip
    assert shown(run, window=SHORT) == [
        "# step 1: connect",
        "27 lines left out",
        "< Heartbeat(0) #28",
        "< Heartbeat(0) #29",
        "*# step 1 failed: nothing",
    ]


@pytest.mark.parametrize("record", [None, 0, 99])
def test_a_history_may_be_empty_or_shorter_than_it_should_be(record):
    assert around((), record, 1, LONG) == ()
    entries = entries_of(failed(), Veil(failed()))
    assert sum(e.decisive for e in around(entries, record, 1, LONG)) == 1


def test_a_finding_from_before_anything_happened():
    run = replace(failed(), verdict=failed().verdict)
    finding = Finding(EXPECT, 0, "", "", START - 1)
    assert shown(run, finding)[-1] == "*# FAIL"


def forbid(msg_type):
    return Never(build.place("never"), "client", build.match(msg_type))


ORDER = "35=D|34=2|11=A|55=ABC|54=1|38=100|40=1"


@pytest.mark.parametrize(
    ("steps", "happens", "marked"),
    [
        ([build.expect("8")], lambda told: told.rx(ORDER), "< NewOrderSingle(D) #2"),
        ([build.expect("0", t112="Q")], lambda told: told.rx("35=3|34=2|45=9"), "< Reject(3) #2"),
        (
            [build.expect("8")],
            lambda told: told.rx("35=0|34=2").rx("35=0|34=3").rx(ORDER).closed(),
            "< NewOrderSingle(D) #2",
        ),
        ([build.expect("8")], lambda told: told.garbage("BodyLength(9) is a lie"), "< bytes"),
        ([build.expect("8")], lambda told: told.closed(), "~ connection closed by the other side"),
        (
            [build.expect("8")],
            lambda told: told.closed(reset=True),
            "~ connection reset by the other side",
        ),
        ([build.expect("8")], lambda told: told.end(), "# step 2 failed: nothing within 5 s"),
        (
            [forbid("D"), build.expect("8")],
            lambda told: told.rx("35=0|34=9").rx(ORDER),
            "< NewOrderSingle(D) #2",
        ),
        ([], lambda told: told.rx(ORDER).end(), "< NewOrderSingle(D) #2"),
    ],
    ids=[
        "other",
        "unlike",
        "passed-over",
        "garbage",
        "closed",
        "reset",
        "nothing",
        "never",
        "left",
    ],
)
def test_what_the_player_says_is_found_again(steps, happens, marked):
    """The player's own words lead to what it speaks of: told live, nothing here is a literal."""
    played = build.scenario(build.connect(), *steps)
    told = build.Told(played).logged_on()
    happens(told)
    verdict = told.player.verdict
    assert verdict is not None
    assert verdict.result is Result.FAIL
    run = replace(ended(played, Result.FAIL), verdict=verdict, history=told.history)
    assert [line for line in shown(run) if line.startswith("*")] == [f"*{marked}"]
