"""Runs built by hand: what happened and the verdict are literals, nothing is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fixgate.history import History
from fixgate.report.runs.facts import RunFacts
from fixgate.scenario.model import Requirement, Scenario, Side
from fixgate.scenario.records import (
    Asked,
    Closed,
    Done,
    Ended,
    Faulted,
    LoggedOn,
    NotDone,
    Opened,
    Outcome,
    Sent,
    StepBegan,
    StepEnded,
    Told,
    Wire,
)
from fixgate.scenario.runner import Run
from fixgate.scenario.steps import AnyOf, Expect, ExpectClosed, Place, Wait
from fixgate.scenario.verdict import Finding, Result, Verdict
from tests.fixtext import fix
from tests.scenario import build

SECOND = 1_000_000_000
START = 1_772_442_000 * SECOND
"""2026-03-02 09:00:00 UTC."""
PASSWORD = "canary-5f1c"
FILE = "scenarios/heartbeats/test-request.yaml"

OURS, THEIRS = "49=CLIENT|56=VENUE", "49=VENUE|56=CLIENT"

FACTS = RunFacts(
    version="0.9.0",
    seed=7,
    world="virtual",
    began_ns=1_790_000_000 * SECOND,
    duration_ns=1_240_000_000,
)


def at(line: int, text: str, *, should: bool = False, path: str = FILE) -> Place:
    return Place(path, line, text, should)


def step(place: Place) -> Expect:
    return Expect(place, "client", build.match("0"), 5 * SECOND)


def story(*places: Place, **changes) -> Scenario:
    """A scenario whose steps stand at these places."""
    made = replace(
        build.scenario(*map(step, places)),
        id="heartbeats/test-request@venue",
        path=FILE,
        title="A TestRequest is answered with its TestReqID",
        story="A desk that sees no answer to its TestRequest takes the line for dead.",
        reaction="A Heartbeat with the same TestReqID(112), at once.",
        spec="FIX Session Layer Test Cases 1.0, case 4.b",
        tags=("heartbeats", "quick"),
    )
    return replace(made, **changes)


def history(*records: tuple[float, str, object]) -> History:
    """Records at seconds after the beginning."""
    made = History()
    for second, glyph, what in records:
        made.add((START + round(second * SECOND), glyph, what))
    return made


def tx(body: str, actor: str = "client") -> Wire:
    return Wire(actor, fix(body))


def rx(body: str, actor: str = "client") -> Wire:
    return Wire(actor, fix(body))


def ended(
    scenario: Scenario,
    result: Result,
    records: Sequence[tuple[float, str, object]] = (),
    *,
    findings: tuple[Finding, ...] = (),
    deviations: tuple[Finding, ...] = (),
    why: str = "",
    seed: int = 7,
) -> Run:
    verdict = Verdict(result, findings, deviations, why)
    return Run(scenario, seed, "virtual", 0, verdict, history(*records))


CONNECT = at(10, "connect")
SEND = at(11, "send TestRequest(1) with TestReqID(112) = HELLO")
FAULT = at(13, "fault drop")
EXPECT = at(23, "expect Heartbeat(0) with TestReqID(112) = HELLO")
WAIT = at(30, "wait 1 s")

LOGON = (
    (0.0, "#", StepBegan(1, 10, CONNECT.text)),
    (0.0, "~", Opened("client")),
    (0.0, ">", tx(f"35=A|34=1|{OURS}|98=0|108=30|553=desk|554={PASSWORD}")),
    (0.001, "<", rx(f"35=A|34=1|{THEIRS}|98=0|108=30")),
    (0.001, "=", LoggedOn("client")),
    (0.001, "#", Done(1)),
    (0.001, "#", StepEnded(1, Outcome.OK)),
)
ASKS = (
    (0.001, "#", StepBegan(2, 11, SEND.text)),
    (0.0012, ">", tx(f"35=1|34=2|{OURS}|112=HELLO")),
    (0.0012, "#", Sent("client", 2, fix(f"35=1|34=2|{OURS}|112=HELLO"))),
    (0.0012, "#", StepEnded(2, Outcome.OK)),
    (0.0012, "#", StepBegan(3, 23, EXPECT.text)),
)
SOURED = "Heartbeat(0) with MsgSeqNum(34) = 2, TestReqID(112) = HELO"
UNLIKE = f"{SOURED}: TestReqID(112): received 'HELO', expected 'HELLO'"


def passed() -> Run:
    return ended(
        story(CONNECT, SEND, EXPECT),
        Result.PASS,
        (
            *LOGON,
            *ASKS,
            (0.002, "<", rx(f"35=0|34=2|{THEIRS}|112=HELLO")),
            (0.002, "#", StepEnded(3, Outcome.OK)),
            (0.252, "#", Ended("PASS")),
        ),
    )


def failed() -> Run:
    """The venue answers another TestReqID; a fault of ours had acted before."""
    return ended(
        story(CONNECT, SEND, EXPECT, WAIT),
        Result.FAIL,
        (
            *LOGON,
            *ASKS,
            (0.0015, "!", Faulted("client", "deaf", "dropped Heartbeat(0), MsgSeqNum(34) 3")),
            (0.002, "<", rx(f"35=0|34=2|{THEIRS}|112=HELO")),
            (0.002, "#", StepEnded(3, Outcome.FAILED, UNLIKE)),
            (0.002, "#", Ended("FAIL")),
        ),
        findings=(Finding(EXPECT, 3, EXPECT.text, UNLIKE, START + 2_000_000),),
    )


ANY_OF = at(40, "any of 2")
REJECT = at(41, "expect Reject(3)")
LOGOUT = at(42, "expect Logout(5)")
CLOSED = at(43, "expect closed")


def late() -> Run:
    """Nothing comes of what would be allowed, after four hours of heartbeats."""
    choice = AnyOf(
        ANY_OF,
        ((step(REJECT),), (step(LOGOUT), ExpectClosed(CLOSED, "client", None, 5 * SECOND))),
    )
    scenario = story(CONNECT, id="gaps/late", path="scenarios/gaps/late.yaml", tags=("gaps",))
    hours: list[tuple[float, str, object]] = []
    for number in range(2, 482):
        hours.append((30.0 * number, ">", tx(f"35=0|34={number}|{OURS}")))
        hours.append((30.0 * number + 0.001, "<", rx(f"35=0|34={number}|{THEIRS}")))
    place = replace(ANY_OF, path=scenario.path)
    return ended(
        replace(
            scenario,
            title="A gap that nobody fills",
            steps=(*scenario.steps, Wait(WAIT, 4 * 3600 * SECOND), replace(choice, place=place)),
        ),
        Result.FAIL,
        (
            *LOGON,
            (0.002, "#", StepBegan(2, 30, WAIT.text)),
            *hours,
            (14431.0, "#", StepEnded(2, Outcome.OK)),
            (14431.0, "#", StepBegan(3, 40, ANY_OF.text)),
            (14431.5, "=", Told("client", "MsgSeqNum(34) too high: received 9, expected 7")),
            (14436.0, "#", StepEnded(3, Outcome.FAILED, "nothing within 5 s")),
            (14436.0, "#", Ended("FAIL")),
        ),
        findings=(Finding(place, 3, ANY_OF.text, "nothing within 5 s", START + 14436 * SECOND),),
    )


SHOULD = at(23, EXPECT.text, should=True)


def deviating() -> Run:
    """A SHOULD is not met, and the story goes on."""
    return ended(
        story(CONNECT, SEND, SHOULD, WAIT, id="heartbeats/sloppy@venue"),
        Result.PASS,
        (
            *LOGON,
            *ASKS,
            (0.002, "<", rx(f"35=0|34=2|{THEIRS}|112=HELO")),
            (0.002, "#", StepEnded(3, Outcome.DEVIATION, UNLIKE)),
            (0.002, "#", StepBegan(4, 30, WAIT.text)),
            (0.5, ">", tx(f"35=0|34=3|{OURS}")),
            (1.002, "#", StepEnded(4, Outcome.OK)),
            (1.252, "#", Ended("PASS")),
        ),
        deviations=(Finding(SHOULD, 3, SHOULD.text, UNLIKE, START + 2_000_000),),
    )


def unreached() -> Run:
    """Nobody listens, so nothing can be said."""
    return ended(
        story(CONNECT, SEND, id="logon/refused@venue", title="A Logon is answered"),
        Result.INCONCLUSIVE,
        (
            (0.0, "#", StepBegan(1, 10, CONNECT.text)),
            (0.0, "#", NotDone(1, "127.0.0.1:9876: connection refused")),
            (0.0, "#", StepEnded(1, Outcome.INCONCLUSIVE, "connection refused")),
            (0.0, "#", Ended("INCONCLUSIVE")),
        ),
        findings=(Finding(CONNECT, 1, "both Logons within 30 s", "connection refused", START),),
    )


def skipped() -> Run:
    return ended(
        story(CONNECT, id="orders/late-fill@client", under_test=Side.CLIENT, title="A late fill"),
        Result.SKIPPED,
        why="needs ask, orders",
    )


def asked() -> Run:
    """Somebody was asked for an order; the connection went instead."""
    ask = at(5, "ask: send an order for 100 ABC")
    order = at(6, "expect NewOrderSingle(D)")
    return ended(
        story(
            ask, order, id="orders/asked@client", under_test=Side.CLIENT, spec="",
            requirement=Requirement.SHOULD,
        ),
        Result.PASS,
        (
            (0.0, "#", StepBegan(1, 5, ask.text)),
            (0.0, "#", Asked("send an order for 100 ABC")),
            (0.0, "#", StepEnded(1, Outcome.OK)),
            (0.0, "#", StepBegan(2, 6, order.text)),
            (61.25, "~", Closed("venue", by_peer=True, reset=True)),
            (61.25, "#", StepEnded(2, Outcome.DEVIATION, "the connection was reset")),
            (61.5, "#", Ended("PASS")),
        ),
        deviations=(
            Finding(order, 2, order.text, "the connection was reset", START + 61_250_000_000),
        ),
    )  # fmt: skip


def all_kinds() -> list[Run]:
    return [passed(), failed(), late(), deviating(), unreached(), skipped(), asked()]
