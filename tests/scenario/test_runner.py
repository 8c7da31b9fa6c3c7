"""Whole scenarios in the virtual world, our client against our venue and the other way around."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest

from fixgate.faults import ArmedFault, Way
from fixgate.faults.model import Drop, RefuseConnections
from fixgate.scenario.archive import judge_again, read_run, write_run
from fixgate.scenario.expressions import Expression
from fixgate.scenario.matching import FieldMatch, MessageMatch, Present
from fixgate.scenario.model import Side
from fixgate.scenario.records import Wire
from fixgate.scenario.runner import Run, play, play_virtually
from fixgate.scenario.simulated import SimulatedVenue
from fixgate.scenario.stage import Stage, virtual_stage
from fixgate.scenario.steps import (
    ArmFault,
    Ask,
    Connect,
    Disconnect,
    Expect,
    ExpectClosed,
    ExpectConnection,
    HowClosed,
    Logout,
    Restart,
    Send,
    SendRaw,
    SetSeqNum,
    Step,
    StoreFate,
    Wait,
)
from fixgate.scenario.tap import Record
from fixgate.scenario.virtual import VirtualLoop
from fixgate.scenario.vocabulary import vocabulary_of
from fixgate.wire.mask import mask
from tests.fixtext import soh
from tests.scenario.build import CLIENT, SECOND, SERVER, START, match, place, scenario

OURS = {Side.VENUE: "client", Side.CLIENT: "venue"}
BOTH = pytest.mark.parametrize("under_test", [Side.VENUE, Side.CLIENT])


class Story:
    """Steps of our actor."""

    def __init__(self, under_test: Side) -> None:
        self.under_test = under_test
        self.on = OURS[under_test]

    def connect(self, *, logon: bool = True) -> Step:
        return Connect(place("connect"), self.on, logon, 10 * SECOND)

    def send(self, msg_type: bytes, *fields, name: str = "") -> Step:
        return Send(place("send"), self.on, msg_type, fields, name)

    def expect(self, msg_type: str, name: str = "", **fields: str) -> Step:
        wanted = match(msg_type, **fields)
        return Expect(place(f"expect {msg_type}"), self.on, wanted, 5 * SECOND, name)

    def closed(self, within_s: int = 15) -> Step:
        return ExpectClosed(place("closed"), self.on, None, within_s * SECOND)

    def disconnect(self, how: HowClosed) -> Step:
        return Disconnect(place("disconnect"), self.on, how)

    def logout(self) -> Step:
        return Logout(place("logout"), self.on, "", 5 * SECOND)

    def play(self, *steps: Step, **options) -> Run:
        run = play_virtually(scenario(*steps, under_test=self.under_test, **options), 1)
        assert judged_again(run) == run.verdict
        return run

    def passes(self, *steps: Step, **options) -> list[str]:
        """Play steps that end well; return the wire."""
        run = self.play(*steps, **options)
        assert run.verdict.result.value == "PASS", "\n".join(
            (*(f"{each.wanted}: {each.came}" for each in run.verdict.findings), *wire(run))
        )
        return wire(run)


def wire(run: Run) -> list[str]:
    return [f"{r.glyph} {mask(r.what.data)}" for r in run.history if isinstance(r.what, Wire)]


def judged_again(run: Run):
    file = io.StringIO()
    write_run(file, run.scenario, run.history, seed=run.seed, patience_ns=0, world="virtual")
    archived = read_run(file.getvalue().splitlines(), "run.jsonl")
    assert archived.history == tuple(run.history)
    verdict, history = judge_again(run.scenario, archived.history, vocabulary_of("FIX.4.4"))
    assert list(history) == list(run.history)
    return verdict


@BOTH
def test_a_test_request_is_answered(under_test: Side):
    story = Story(under_test)
    story.passes(
        story.connect(),
        story.send(b"1", (112, b"HELLO"), name="asked"),
        story.expect("0", t112="HELLO"),
        story.logout(),
    )


@BOTH
def test_a_wrong_expectation_fails(under_test: Side):
    story = Story(under_test)
    run = story.play(
        story.connect(), story.send(b"1", (112, b"HELLO")), story.expect("0", t112="HALLO")
    )
    assert run.verdict.result.value == "FAIL"


@BOTH
def test_the_same_seed_gives_the_same_history(under_test: Side):
    story = Story(under_test)
    steps = (story.connect(), Wait(place(), 500 * SECOND), story.logout())
    one, other = (story.play(*steps) for _ in range(2))
    assert list(one.history) == list(other.history)
    assert len(wire(one)) > 30


@BOTH
def test_a_number_of_ones_own_goes_beside_the_session(under_test: Side):
    story = Story(under_test)
    lines = story.passes(
        story.connect(),
        story.send(b"1", (34, b"7"), (112, b"HIGH")),
        story.expect("2", t7="2"),
        story.send(b"1", (112, b"NEXT")),
        story.expect("0", t112="NEXT"),
        story.logout(),
    )
    assert sum("|34=7|" in line for line in lines if line.startswith(">")) == 1


def test_a_connection_without_a_session_takes_the_next_number():
    story = Story(Side.VENUE)
    lines = story.passes(
        story.connect(logon=False),
        story.send(b"A", (98, b"0"), (108, b"30"), name="logon"),
        story.expect("A", name="answer"),
        SetSeqNum(place(), story.on, None, Expression("answer.MsgSeqNum + 1")),
        story.disconnect(HowClosed.FIN), Wait(place(), SECOND),
        story.connect(), story.logout(),
    )  # fmt: skip
    logons = [line for line in lines if line.startswith(">") and "|35=A|" in line]
    assert ["|34=1|" in logons[0], "|34=2|" in logons[1]] == [True, True]
    assert not any("|35=2|" in line for line in lines), "neither side has missed anything"


@BOTH
def test_the_next_number_of_the_session_beside_it(under_test: Side):
    story = Story(under_test)
    lines = story.passes(
        story.connect(),
        story.send(b"1", (34, b"@"), (112, b"BESIDE")),
        story.expect("0", t112="BESIDE"),
        SetSeqNum(place(), story.on, Expression("3"), None),
        story.send(b"1", (112, b"NEXT")),
        story.expect("0", t112="NEXT"),
        story.logout(),
    )
    assert [line for line in lines if "|34=2|" in line and "|112=BESIDE|" in line]


@BOTH
def test_bytes_with_what_is_filled_in(under_test: Side):
    story = Story(under_test)
    ours, theirs = ("CLIENT", "VENUE") if under_test is Side.VENUE else ("VENUE", "CLIENT")
    raw = "8=@|9=@|35=1|34=@|49=@|56=@|52=@|112=RAW|10=@|"
    step = SendRaw(place(), story.on, soh(raw))
    number = SetSeqNum(place(), story.on, Expression("3"), None)
    lines = story.passes(
        story.connect(), step, number, story.expect("0", t112="RAW"),
        story.send(b"1", (112, b"NEXT")), story.expect("0", t112="NEXT"), story.logout(),
    )  # fmt: skip
    sent = next(line for line in lines if "112=RAW" in line)
    assert f"8=FIX.4.4|9=62|35=1|34=2|49={ours}|56={theirs}|52=2026" in sent


@BOTH
def test_a_sum_of_ones_own_is_ignored(under_test: Side):
    story = Story(under_test)
    raw = soh("8=FIX.4.4|9=5|35=0|10=000|")
    run = story.play(story.connect(), SendRaw(place(), story.on, raw), story.logout())
    assert run.verdict.result.value == "PASS"


@BOTH
@pytest.mark.parametrize("how", [HowClosed.FIN, HowClosed.RST])
def test_a_broken_connection_comes_back(under_test: Side, how: HowClosed):
    story = Story(under_test)
    again = (
        (ExpectConnection(place(), story.on, 5 * SECOND), story.expect("A"), story.closed(1))[:2]
        if under_test is Side.CLIENT
        else (story.connect(),)
    )
    lines = story.passes(story.connect(), story.disconnect(how), *again, story.logout())
    assert sum("|35=A|" in line for line in lines) == 4


@BOTH
@pytest.mark.parametrize("again", [True, False])
def test_a_connection_right_after_a_logout(under_test: Side, again: bool):
    story = Story(under_test)
    story.passes(story.connect(), story.logout(), story.connect(logon=again), leftovers=True)


@pytest.mark.parametrize("how", list(HowClosed))
def test_a_client_that_is_back_before_it_is_awaited(how: HowClosed):
    story = Story(Side.CLIENT)
    story.passes(
        story.connect(), story.disconnect(how), Wait(place(), 100 * SECOND), story.connect(),
        story.send(b"1", (112, b"BACK")), story.expect("0", t112="BACK"), story.logout(),
    )  # fmt: skip


def test_a_connection_that_is_gone_again_is_not_the_one_awaited():
    story = Story(Side.CLIENT)
    lines = story.passes(
        story.connect(), story.disconnect(HowClosed.FIN), Wait(place(), 3 * SECOND),
        story.disconnect(HowClosed.FIN), story.connect(),
        story.send(b"1", (112, b"BACK")), story.expect("0", t112="BACK"), story.logout(),
    )  # fmt: skip
    assert sum("|35=A|" in line for line in lines) == 6


def test_a_venue_gives_up_a_client_that_fell_silent():
    story = Story(Side.VENUE)
    run = story.play(
        story.connect(), story.disconnect(HowClosed.SILENT), Wait(place(), 30 * SECOND),
        story.connect(),
    )  # fmt: skip
    assert run.verdict.result.value == "FAIL", "the identity is taken until the venue notices"
    story.passes(
        story.connect(), story.disconnect(HowClosed.SILENT), Wait(place(), 80 * SECOND),
        story.connect(), story.logout(),
    )  # fmt: skip


@BOTH
@pytest.mark.parametrize("fate", list(StoreFate))
def test_the_system_under_test_starts_again(under_test: Side, fate: StoreFate):
    story = Story(under_test)
    restart = Restart(place(), under_test.value, fate, lost=1, down_ns=SECOND)
    closed = story.closed()
    back: tuple[Step, ...] = (story.connect(),)
    if under_test is Side.CLIENT:
        back = (ExpectConnection(place(), story.on, 5 * SECOND), story.expect("A", "logon"))
    steps = (
        story.connect(), story.send(b"1", (112, b"X")), story.expect("0", t112="X"),
        restart, closed, *back, Wait(place(), SECOND),
    )  # fmt: skip
    run = story.play(*steps, leftovers=True)
    logons = [line for line in wire(run) if line.startswith("<") and "|35=A|" in line]
    number = {StoreFate.KEPT: "3", StoreFate.LOST: "1", StoreFate.ROLLED_BACK: "2"}[fate]
    if under_test is Side.CLIENT:
        assert f"|34={number}|" in logons[1]
    elif fate is StoreFate.KEPT:
        assert "|34=3|" in logons[1]


@BOTH
def test_we_start_again(under_test: Side):
    story = Story(under_test)
    restart = Restart(place(), story.on, StoreFate.KEPT)
    back: tuple[Step, ...] = (story.connect(),)
    if under_test is Side.CLIENT:
        back = (ExpectConnection(place(), story.on, 5 * SECOND), story.expect("A"))
    lines = story.passes(story.connect(), restart, *back, Wait(place(), SECOND), story.logout())
    assert [line for line in lines if line.startswith(">") and "|35=A|34=2|" in line]


def test_a_client_does_what_it_is_asked():
    story = Story(Side.CLIENT)
    order = ((11, b"A1"), (55, b"ABC"), (54, b"1"), (38, b"100"), (40, b"1"),
             (60, b"20260302-09:00:00.000"))  # fmt: skip
    wanted = MessageMatch((b"D",), (FieldMatch(11, Present()),))
    story.passes(
        story.connect(),
        Ask(place(), "send an order", Send(place(), "client", b"D", order)),
        Expect(place(), "venue", wanted, 5 * SECOND),
        Ask(place(), "log out", Logout(place(), "client", "", SECOND)),
        story.expect("5"), story.closed(), Wait(place(), 60 * SECOND),
        Ask(place(), "come back", Connect(place(), "client", logon=True, within_ns=SECOND)),
        ExpectConnection(place(), "venue", 5 * SECOND), story.expect("A"),
    )  # fmt: skip


@pytest.mark.parametrize("again", [True, False])
def test_a_client_of_ours_comes_back_at_once(again: bool):
    story = Story(Side.VENUE)
    end = (story.logout(),) if again else (story.disconnect(HowClosed.RST),)
    story.passes(story.connect(), story.logout(), story.connect(logon=again), *end)


@BOTH
def test_faults_end_before_our_actor_says_goodbye(under_test: Side):
    """Or what comes next would begin with the gap that they have left."""
    story = Story(under_test)
    fault = ArmFault(place(), story.on, ArmedFault("lost", Drop()))
    played = scenario(story.connect(), fault, Wait(place(), SECOND), under_test=under_test)
    stages: list[Stage] = []
    loop = VirtualLoop(START)

    def stage(record: Record) -> Stage:
        stages.append(virtual_stage(played, 1, loop, record))
        return stages[0]

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        run = runner.run(play(played, 1, stage))
    assert run.verdict.result.value == "PASS"
    whom = SERVER if under_test is Side.VENUE else CLIENT
    # A Logon and a Logout have come.
    assert stages[0].under_test._stores.open(whom.id, 0).next_in == 3


def test_a_client_finds_the_backup_which_has_the_numbers_that_it_was_given():
    story = Story(Side.CLIENT)
    primary = scenario(under_test=Side.CLIENT).actors
    backup = replace(primary[1], name="backup")
    steps = (
        story.connect(),
        ArmFault(place(), "venue", ArmedFault("down", RefuseConnections(), Way.IN)),
        SetSeqNum(place(), "backup", b"40", b"2"),
        story.disconnect(HowClosed.RST),
        Connect(place(), "backup", logon=True, within_ns=10 * SECOND),
        Expect(place(), "backup", match("2", t7="2"), 5 * SECOND),
        Wait(place(), SECOND),
    )
    run = play_virtually(
        replace(scenario(*steps, under_test=Side.CLIENT), actors=(*primary, backup)), 1
    )
    assert run.verdict.result.value == "PASS", run.verdict.findings
    assert any("|35=A|34=40|" in line for line in wire(run))


def test_an_order_is_acknowledged():
    story = Story(Side.VENUE)
    order = ((11, b"A1"), (55, b"ABC"), (54, b"1"), (38, b"100"), (40, b"2"), (44, b"1"),
             (60, b"20260302-09:00:00.000"))  # fmt: skip
    story.passes(story.connect(), story.send(b"D", *order), story.expect("8", t39="0"))


def test_a_connection_without_a_session_of_ours():
    story = Story(Side.VENUE)
    story.passes(
        story.connect(logon=False), story.send(b"0", (34, b"1")), story.closed(), leftovers=False
    )


def test_a_client_refuses_what_only_venues_act_on():
    story = Story(Side.CLIENT)
    order = (
        (11, b"A"),
        (55, b"ABC"),
        (54, b"1"),
        (60, b"20260302-09:00:00"),
        (38, b"1"),
        (40, b"1"),
    )
    lines = story.passes(
        story.connect(), story.send(b"D", *order), story.expect("j", t372="D", t380="3", t45="2"),
        story.send(b"B", (148, b"NEWS"), (33, b"1"), (58, b"line")),
        story.send(b"1", (112, b"NEXT")), story.expect("0", t112="NEXT"), story.logout(),
    )  # fmt: skip
    assert sum("|35=j|" in line for line in lines) == 1


def test_a_world_that_turns_in_circles_is_left(monkeypatch):
    """Somebody whose timer is due again and again at the same instant."""

    def circle():
        asyncio.get_running_loop().call_soon(circle)

    start = SimulatedVenue.start

    async def start_and_circle(self):
        await start(self)
        asyncio.get_running_loop().call_later(1, circle)

    monkeypatch.setattr(SimulatedVenue, "start", start_and_circle)
    story = Story(Side.VENUE)
    run = play_virtually(scenario(story.connect(), Wait(place(), 5 * SECOND)), 1)
    assert run.verdict.result.value == "INCONCLUSIVE"
    assert "time stands still" in run.verdict.findings[0].came
