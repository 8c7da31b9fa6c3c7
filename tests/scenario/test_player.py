"""The player, told line by line what happens: what it wants, and what it says in the end."""

from __future__ import annotations

import pytest

from fixgate.scenario.commands import AskIt, ConnectIt, SendIt, SetNumbersIt
from fixgate.scenario.expressions import Expression
from fixgate.scenario.model import Requirement
from fixgate.scenario.records import Asked, Done, LoggedOn, Outcome, Sent, StepEnded
from fixgate.scenario.steps import (
    Advance,
    AnyOf,
    Ask,
    Clear,
    Disconnect,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    HowClosed,
    Logout,
    Never,
    Parallel,
    Repeat,
    Send,
    SetSeqNum,
    Wait,
)
from tests.fixtext import fix
from tests.scenario.build import SECOND, Told, connect, expect, match, place, scenario

ORDER = "35=D|34=2|11=A|55=ABC|54=1|38=100|40=1"


def silence(for_s: float) -> ExpectSilence:
    return ExpectSilence(place("expect nothing"), "client", int(for_s * SECOND))


def closed(how: HowClosed | None = None, within_s: int = 5) -> ExpectClosed:
    return ExpectClosed(place("expect closed"), "client", how, within_s * SECOND)


def wait(seconds: float) -> Wait:
    return Wait(place("wait"), int(seconds * SECOND))


def send(msg_type: bytes, *fields: tuple[int, object], name: str = "") -> Send:
    return Send(place("send"), "client", msg_type, fields, name)


class TestConnect:
    def test_it_ends_when_both_logons_have_been_exchanged(self):
        told = Told(scenario(connect()))
        assert told.commands() == [ConnectIt(1, "client", logon=True)]
        told.opened().rx("35=A|34=1|98=0|108=30").at(1)
        assert told.result == ""
        told.tell(LoggedOn("client"), "=").end()
        assert told.result == "PASS"

    def test_what_never_answered_cannot_be_judged(self):
        told = Told(scenario(connect())).end()
        assert (told.result, told.came) == ("INCONCLUSIVE", "nothing")

    def test_a_refused_connection_is_told(self):
        told = Told(scenario(connect())).not_done("connection refused")
        assert (told.result, told.came) == ("INCONCLUSIVE", "connection refused")

    def test_the_last_word_of_the_peer_is_told(self):
        told = Told(scenario(connect())).done().opened().rx("35=5|34=1|58=go away").closed()
        assert told.result == "INCONCLUSIVE"
        assert told.came == "Logout(5) with MsgSeqNum(34) = 1, Text(58) = go away"

    def test_once_it_has_been_seen_not_to_come_back_is_a_failure(self):
        told = Told(scenario(connect(), closed(), connect())).logged_on().closed().end()
        assert (told.result, told.came) == ("FAIL", "nothing")

    def test_a_person_may_take_longer_to_start_it(self):
        told = Told(scenario(connect()), patience_s=60).done().at(59).opened().logged_on().end()
        assert told.result == "PASS"

    def test_with_an_engine_of_somebody_else_gaps_of_earlier_runs_are_closed_first(self):
        played = scenario(connect(), expect("0", t112="HELLO"))
        told = Told(played, patience_s=60).done().opened().rx("35=A|34=9|98=0|108=30").logged_on()
        told.rx("35=2|34=10|7=3|16=0").rx("35=4|34=4|43=Y|123=Y|36=9").at(0.49)
        told.rx("35=8|34=4|43=Y|37=O").at(0.51).rx("35=0|34=11|112=HELLO").end()
        assert told.result == "PASS"
        told = Told(played, patience_s=60).done().opened().rx("35=A|34=9|98=0|108=30").logged_on()
        told.at(0.51).rx("35=2|34=10|7=3|16=0").end()
        assert told.result == "FAIL", "that is of this run"


class TestExpect:
    def test_the_message_that_comes_next(self):
        told = Told(scenario(connect(), expect("0", t112="HELLO"))).logged_on()
        told.rx("35=0|34=2|112=HELLO").end()
        assert told.result == "PASS"

    def test_heartbeats_and_test_requests_are_passed_over(self):
        told = Told(scenario(connect(), expect("3"))).logged_on()
        told.rx("35=0|34=2").rx("35=1|34=3|112=X").rx("35=3|34=4|45=2").end()
        assert told.result == "PASS"

    def test_anything_else_that_comes_instead_fails_at_once(self):
        told = Told(scenario(connect(), expect("0", t112="HELLO"))).logged_on()
        told.rx("35=3|34=2|45=2|58=no")
        assert told.result == "FAIL"
        assert told.came.startswith("Reject(3) with MsgSeqNum(34) = 2, RefSeqNum(45) = 2, Text(58)")

    def test_what_the_scenario_ignores_is_passed_over(self):
        told = Told(scenario(connect(), expect("3"), ignore=frozenset({b"B"}))).logged_on()
        told.rx("35=B|34=2|148=x|33=1|58=y").rx("35=3|34=3|45=2").end()
        assert told.result == "PASS"

    def test_the_same_type_with_another_value_says_in_what_it_is_unlike(self):
        told = Told(scenario(connect(), expect("3", t45="2"))).logged_on().rx("35=3|34=2|45=7")
        assert told.result == "FAIL"
        assert told.came.endswith("RefSeqNum(45): received '7', expected '2'")

    @pytest.mark.parametrize(("second", "result"), [(4.999, "PASS"), (5, "PASS"), (5.001, "FAIL")])
    def test_up_to_its_deadline(self, second: float, result: str):
        told = Told(scenario(connect(), expect("3", within_s=5))).logged_on()
        told.now_s = second  # and nobody wakes the player before the message
        told.rx("35=3|34=2|45=2").end()
        assert told.result == result

    def test_nothing(self):
        told = Told(scenario(connect(), expect("3", within_s=5))).logged_on().end()
        assert (told.result, told.came) == ("FAIL", "nothing within 5 s")

    def test_the_last_that_was_nearly_it_is_told(self):
        told = Told(scenario(connect(), expect("0", t112="HELLO", within_s=5))).logged_on()
        told.rx("35=0|34=2").rx("35=0|34=3|112=HALLO").end()
        assert told.came == (
            "nothing within 5 s but Heartbeat(0) with MsgSeqNum(34) = 3, TestReqID(112) = HALLO:"
            " TestReqID(112): received 'HALLO', expected 'HELLO'"
        )

    def test_bytes_that_are_no_message(self):
        told = Told(scenario(connect(), expect("3"))).logged_on().garbage("CheckSum(10) is wrong")
        assert told.came == "bytes that are no message: CheckSum(10) is wrong"

    def test_an_end_of_the_connection_instead(self):
        told = Told(scenario(connect(), expect("3"))).logged_on().closed(reset=True)
        assert (told.result, told.came) == ("FAIL", "the connection was reset")

    def test_a_field_of_an_earlier_message(self):
        again = expect("0", t112="X")
        told = Told(
            scenario(
                connect(),
                send(b"1", (112, b"A7"), name="asked"),
                type(again)(again.place, "client", match("0"), again.within_ns, "answer"),
                send(b"0", (58, Expression("answer.TestReqID"))),
            )
        ).logged_on()
        told.sent("35=1|34=2|112=A7").rx("35=0|34=2|112=A7")
        (command,) = told.commands()
        assert command == SendIt(3, "client", b"0", ((58, b"A7"),))

    def test_a_should_that_is_not_met_is_a_deviation(self):
        told = Told(scenario(connect(), expect("3", should=True), expect("0"))).logged_on()
        told.at(6).rx("35=0|34=2").end()
        assert told.result == "PASS"
        (deviation,) = told.player.verdict.deviations
        assert deviation.came == "nothing within 5 s"
        ended = [r.what.outcome for r in told.history if isinstance(r.what, StepEnded)]
        assert ended == [Outcome.OK, Outcome.DEVIATION, Outcome.OK]

    def test_a_scenario_that_is_a_should_never_fails(self):
        told = Told(scenario(connect(), expect("3"), requirement=Requirement.SHOULD)).logged_on()
        told.end()
        assert told.result == "PASS"
        assert len(told.player.verdict.deviations) == 1


class TestTheEndOfAConnection:
    def test_closed(self):
        assert Told(scenario(connect(), closed())).logged_on().closed().end().result == "PASS"

    @pytest.mark.parametrize(
        ("how", "reset", "result"),
        [
            (HowClosed.RST, True, "PASS"),
            (HowClosed.RST, False, "FAIL"),
            (HowClosed.FIN, True, "FAIL"),
            (HowClosed.FIN, False, "PASS"),
        ],
    )
    def test_in_one_way(self, how: HowClosed, reset: bool, result: str):
        told = Told(scenario(connect(), closed(how))).logged_on().closed(reset=reset).end()
        assert told.result == result

    def test_a_message_before_it(self):
        told = Told(scenario(connect(), closed())).logged_on().rx("35=5|34=2").closed()
        assert told.came == "Logout(5) with MsgSeqNum(34) = 2"

    def test_an_end_of_ours_is_none_of_the_peers(self):
        told = Told(scenario(connect(), Disconnect(place(), "client", HowClosed.FIN), closed()))
        told.logged_on().done().closed(by_peer=False).end()
        assert told.result == "FAIL"

    def test_another_connection(self):
        again = ExpectConnection(place(), "client", 5 * SECOND)
        told = Told(scenario(connect(), closed(), again)).logged_on().closed().at(4).opened().end()
        assert told.result == "PASS"

    def test_no_other_connection(self):
        again = ExpectConnection(place(), "client", 5 * SECOND)
        told = Told(scenario(connect(), closed(), again)).logged_on().closed().at(6).opened().end()
        assert told.result == "FAIL"


class TestSilence:
    def test_nothing_but_what_is_passed_over(self):
        told = Told(scenario(connect(), silence(60))).logged_on().rx("35=0|34=2").at(30)
        assert told.result == ""
        assert told.end().result == "PASS"

    def test_a_message(self):
        told = Told(scenario(connect(), silence(60))).logged_on().at(59).rx("35=5|34=2")
        assert told.result == "FAIL"

    def test_a_message_after_it_is_the_next_steps(self):
        told = Told(scenario(connect(), silence(10), expect("3"))).logged_on()
        told.now_s = 11
        told.rx("35=3|34=2|45=1").end()
        assert told.result == "PASS"


class TestAnyOf:
    STEP = AnyOf(
        place("any of"), ((expect("3"),), (expect("5"), closed()), (silence(3),))
    )  # fmt: skip

    @pytest.mark.parametrize("told", ["reject", "logout", "silence"])
    def test_one_of_them(self, told: str):
        player = Told(scenario(connect(), self.STEP)).logged_on()
        if told == "reject":
            player.rx("35=3|34=2|45=1")
        elif told == "logout":
            player.rx("35=5|34=2").closed()
        assert player.end().result == "PASS"

    def test_none_of_them(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().rx("35=8|34=2|37=x")
        assert told.result == "FAIL"
        assert told.came == "ExecutionReport(8) with MsgSeqNum(34) = 2, OrderID(37) = x"

    def test_half_of_one_is_none(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().rx("35=5|34=2").end()
        assert (told.result, told.came.split("; ")[-1]) == ("FAIL", "nothing within 5 s")

    def test_what_the_winner_took_is_gone(self):
        told = Told(scenario(connect(), self.STEP, expect("3", t45="9"))).logged_on()
        told.rx("35=3|34=2|45=1").rx("35=3|34=3|45=9").end()
        assert told.result == "PASS"


class TestNever:
    def never(self, name: str = "", *, should: bool = False) -> Never:
        return Never(place("never D", should=should), "client", match("D"), name)

    def test_it_comes(self):
        told = Told(scenario(connect(), self.never(), wait(10))).logged_on().at(5).rx(ORDER)
        assert told.result == "FAIL"
        assert told.player.verdict.findings[0].step == 2

    def test_something_else_comes(self):
        told = Told(scenario(connect(), self.never(), expect("0"))).logged_on().rx("35=0|34=2")
        assert told.end().result == "PASS"

    def test_until_it_is_cleared(self):
        clear = Clear(place(), "client", "no-orders")
        told = Told(scenario(connect(), self.never("no-orders"), wait(1), clear, expect("D")))
        told.logged_on().at(2).rx(ORDER).end()
        assert told.result == "PASS"

    def test_a_should(self):
        steps = (connect(), self.never(should=True), expect("D"))
        told = Told(scenario(*steps)).logged_on().rx(ORDER).end()
        assert told.result == "PASS"
        assert len(told.player.verdict.deviations) == 1


class TestTheEnd:
    def test_what_is_left_over(self):
        told = Told(scenario(connect(), expect("3"))).logged_on().rx("35=3|34=2|45=1")
        told.rx("35=5|34=3").end()
        assert (told.result, told.came) == ("FAIL", "Logout(5) with MsgSeqNum(34) = 3")

    def test_what_comes_a_moment_later_is_left_over_too(self):
        told = Told(scenario(connect(), expect("3"))).logged_on().rx("35=3|34=2|45=1")
        told.at(0.2).rx("35=5|34=3").end()
        assert told.result == "FAIL"

    def test_allowed(self):
        told = Told(scenario(connect(), leftovers=True)).logged_on().rx("35=8|34=2|37=x").end()
        assert told.result == "PASS"

    def test_an_end_of_the_connection_that_nobody_expected(self):
        told = Told(scenario(connect(), wait(1))).logged_on().closed().end()
        assert (told.result, told.came) == ("FAIL", "the connection was closed")

    def test_an_end_after_a_goodbye(self):
        told = Told(scenario(connect(), expect("5"))).logged_on().rx("35=5|34=2").closed().end()
        assert told.result == "PASS"

    def test_a_client_that_comes_back(self):
        told = Told(scenario(connect(), closed())).logged_on().closed().opened()
        assert told.rx("35=A|34=2|98=0|108=30").end().result == "PASS"

    def test_a_scenario_that_takes_too_long(self):
        told = Told(scenario(connect(), wait(700), limit_s=600)).logged_on().end()
        assert (told.result, told.came) == ("INCONCLUSIVE", "it goes on")

    def test_a_fault_of_ours(self):
        told = Told(scenario(connect()))
        told.player.abandon("ZeroDivisionError")
        assert (told.result, told.came) == ("INCONCLUSIVE", "ZeroDivisionError")
        assert told.player.deadline_ns is None

    def test_nothing_is_done_after_it(self):
        told = Told(scenario(connect(), expect("3"), send(b"1", (112, b"X")))).logged_on()
        told.rx("35=5|34=2")
        assert told.commands() == []


class TestLogout:
    STEP = Logout(place(), "client", "", 5 * SECOND)

    def test_a_logout_and_the_end(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().done().rx("35=5|34=2")
        assert told.result == ""
        assert told.closed().end().result == "PASS"

    def test_no_logout(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().done().end()
        assert (told.result, told.came) == ("FAIL", "no Logout(5)")

    def test_no_end(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().done().rx("35=5|34=2").end()
        assert (told.result, told.came) == ("FAIL", "a Logout(5), no end")

    def test_an_end_without_a_logout(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().done().closed()
        assert told.came == "the connection was closed without a Logout(5)"

    def test_no_session(self):
        told = Told(scenario(self.STEP)).not_done("there is no session")
        assert (told.result, told.came) == ("INCONCLUSIVE", "there is no session")


class TestSeveralLines:
    def test_each_takes_what_it_waits_for(self):
        lines = ((expect("3"),), (expect("8"), expect("5")))
        told = Told(scenario(connect(), Parallel(place(), lines))).logged_on()
        told.rx("35=8|34=2|37=x").rx("35=5|34=3").rx("35=3|34=4|45=1").end()
        assert told.result == "PASS"

    def test_all_must_end_well(self):
        lines = ((expect("3"),), (expect("8"),))
        told = Told(scenario(connect(), Parallel(place(), lines))).logged_on()
        assert told.rx("35=3|34=2|45=1").end().result == "FAIL"

    def test_what_nobody_took_is_found_at_the_end(self):
        lines = ((expect("3"),), (expect("8"),))
        told = Told(scenario(connect(), Parallel(place(), lines))).logged_on()
        told.rx("35=D|34=2|11=A").rx("35=3|34=3|45=1").rx("35=8|34=4|37=x").end()
        assert (told.result, told.came) == (
            "FAIL", "NewOrderSingle(D) with MsgSeqNum(34) = 2, ClOrdID(11) = A"
        )  # fmt: skip

    def test_rounds_are_counted(self):
        steps = (send(b"1", (112, Expression("concat('R', round)"))),)
        told = Told(scenario(connect(), Repeat(place(), 3, steps, "round"))).logged_on()
        sent = []
        while commands := told.commands():
            sent += [command.fields for command in commands]
            for command in commands:
                told.player.observe(0, "#", Sent("client", command.number, fix("35=1|34=2|112=x")))
        assert sent == [((112, b"R1"),), ((112, b"R2"),), ((112, b"R3"),)]


class TestTime:
    def test_a_wait(self):
        told = Told(scenario(connect(), wait(10), send(b"1", (112, b"X")))).logged_on().at(9.99)
        assert told.commands() == []
        assert len(told.at(10).commands()) == 1

    @pytest.mark.parametrize(
        ("to", "seconds"), [("09:00:10", 10), ("21:00:00", 12 * 3600), ("08:59:00", 24 * 3600 - 60)]
    )
    def test_to_a_time_of_day(self, to: str, seconds: int):
        hours, minutes, rest = map(int, to.split(":"))
        to_ns = (hours * 3600 + minutes * 60 + rest) * SECOND
        step = Advance(place(), None, to_ns)
        told = Told(scenario(connect(), step, send(b"1", (112, b"X")), limit_s=100_000))
        told.logged_on().at(seconds - 1)
        assert told.commands() == []
        assert len(told.at(seconds).commands()) == 1


class TestAsking:
    STEP = Ask(place(), "send an order", Send(place(), "client", b"D", ((11, b"A"),)))

    def test_somebody_may_take_longer(self):
        told = Told(scenario(connect(), self.STEP, expect("D", within_s=1)), patience_s=60)
        told.logged_on().at(1)
        (command,) = told.commands()
        assert command == AskIt(2, self.STEP, ((11, b"A"),))
        told.tell(Asked("send an order"), "#")
        told.player.observe(0, "#", Done(2))
        assert told.at(59).rx(ORDER).end().result == "PASS"

    def test_nobody_is_there(self):
        told = Told(scenario(connect(), self.STEP)).logged_on().not_done("nobody is there")
        assert (told.result, told.came) == ("INCONCLUSIVE", "nobody is there")


def test_numbers_are_worked_out():
    step = SetSeqNum(place(), "client", Expression("2 + 3"), None)
    told = Told(scenario(connect(), step)).logged_on()
    assert told.commands() == [SetNumbersIt(2, "client", 5, None)]


def test_a_number_that_is_none_cannot_be_judged():
    step = SetSeqNum(place(), "client", Expression("'x'"), None)
    assert Told(scenario(connect(), step)).logged_on().result == "INCONCLUSIVE"


def test_a_value_that_cannot_be_worked_out_cannot_be_judged():
    steps = (connect(), expect("0", name="beat"), send(b"1", (112, Expression("beat.Text"))))
    told = Told(scenario(*steps)).logged_on().rx("35=0|34=2")
    assert told.result == "INCONCLUSIVE"
    assert "beat.Text" in told.came
