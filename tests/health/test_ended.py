"""How a try, or a session that was up, ended: by histories written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from fixgate.health.ended import Ended, ending_of
from fixgate.health.endings import ENDINGS, Ending
from fixgate.health.events import (
    CheckCrashed,
    Closed,
    DeadlinePassed,
    ResolveFailed,
    StoreUnusable,
    TcpFailed,
    TcpFailure,
    TlsFailed,
    TlsFailure,
)
from fixgate.health.model import Phase
from fixgate.session.events import (
    HoursEnded,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    Reaction,
    TimedOut,
    Violation,
)
from fixgate.session.schedule import Schedule
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.health.helpers import PASSWORD, Story, message, plan


def ended(story: Story, **changes: object) -> Ended:
    return ending_of(plan(**changes), story.records)


def refused(body: str) -> Ended:
    story = Story().logon_sent(7).rx(body).event(LogonRefused(by_peer=True, text=""))
    return ended(story.net(Closed(by_peer=True)))


class TestNoConnection:
    @pytest.mark.parametrize(
        ("event", "cause"),
        [
            (TcpFailed(TcpFailure.REFUSED), "refused"),
            (TcpFailed(TcpFailure.UNREACHABLE, "no route"), "unreachable"),
            (TcpFailed(TcpFailure.TIMEOUT), "connect-timeout"),
            (TcpFailed(TcpFailure.LOCAL, "too many open files"), "local-socket"),
        ],
    )
    def test_of_tcp(self, event, cause):
        found = ended(Story().resolved().phase(Phase.TCP).net(event).done(Phase.TCP))
        assert (found.ending, found.cause) == (Ending.UNREACHABLE, cause)
        assert "127.0.0.1:9801" in found.text
        assert found.next_step.endswith(".")

    def test_of_a_name(self):
        story = Story().phase(Phase.RESOLVE).net(ResolveFailed("venue", "no such name"))
        found = ended(story.done(Phase.RESOLVE))
        assert (found.ending, found.cause) == (Ending.UNREACHABLE, "dns")

    def test_of_a_resolver_that_gives_no_answer(self):
        story = Story().phase(Phase.RESOLVE).step(DeadlinePassed(10**10))
        assert ended(story).ending is Ending.UNREACHABLE

    def test_that_is_closed_before_our_logon(self):
        story = Story().connected().phase(Phase.LOGON).net(Closed(by_peer=True, reset=True))
        found = ended(story)
        assert (found.ending, found.cause) == (Ending.UNREACHABLE, "closed-at-connect")

    @pytest.mark.parametrize("failure", list(TlsFailure))
    def test_of_tls(self, failure):
        story = Story().connected().phase(Phase.TLS).net(TlsFailed(failure, "x"))
        found = ended(story, tls=True)
        ours = failure is TlsFailure.LOCAL
        assert found.ending is (Ending.SETTINGS if ours else Ending.TLS_FAILED)
        assert found.cause == f"tls-{failure.value}"


class TestNoSession:
    def test_no_answer(self):
        story = Story().logon_sent().event(TimedOut("Logon")).net(Closed(by_peer=False))
        found = ended(story)
        assert (found.ending, found.cause) == (Ending.UNANSWERED, "silent")

    def test_closed_without_a_word(self):
        found = ended(Story().logon_sent().net(Closed(by_peer=True)))
        assert (found.ending, found.cause) == (Ending.CLOSED_UNANSWERED, "closed-after-logon")

    @pytest.mark.parametrize(
        ("fields", "ending"),
        [
            ("58=Gateway busy", Ending.REFUSED),
            ("", Ending.REFUSED),
            ("58=MsgSeqNum too low, expecting 812 but received 7", Ending.NUMBERS),
            ("58=Sequence number is too high", Ending.NUMBERS),
            ("58=Invalid NextExpectedMsgSeqNum", Ending.NUMBERS),
            ("1409=9", Ending.NUMBERS),
            ("1409=10", Ending.NUMBERS),
            ("58=Username(553) or Password(554) not accepted", Ending.CREDENTIALS),
            ("1409=5", Ending.CREDENTIALS),
            ("1409=3", Ending.CREDENTIALS),
            ("58=Account locked", Ending.LOCKED),
            ("58=Gateway busy|1409=6", Ending.LOCKED),
            ("58=Password expired", Ending.EXPIRED),
            ("1409=8", Ending.EXPIRED),
            ("58=the session is closed; it opens Mon", Ending.VENUE_CLOSED),
            ("1409=7", Ending.VENUE_CLOSED),
            ("58=Already logged on", Ending.DUPLICATE),
            ("58=Already logged on|1409=4", Ending.DUPLICATE),
            ("58=?|1409=99", Ending.REFUSED),
        ],
    )
    def test_a_logout_instead_of_a_logon(self, fields, ending):
        found = refused(f"35=5|34=1|{fields}".rstrip("|"))
        assert found.ending is ending
        assert found.cause in ("logon-refused", "seqnum-too-low", "seqnum-too-high",
                               "venue-seqnum-too-low")  # fmt: skip

    def test_the_numbers_are_told(self):
        found = refused("35=5|34=1|58=MsgSeqNum too low, expecting 812 but received 7")
        assert "the venue expects 812 and received 7" in found.text

    def test_a_reject_instead(self):
        found = refused("35=3|34=1|45=7|371=108|373=5|58=bad")
        assert (found.ending, found.cause) == (Ending.REFUSED, "logon-rejected")

    def test_another_message_instead(self):
        found = refused("35=0|34=1")
        assert (found.ending, found.cause) == (Ending.REFUSED, "logon-not-answered")

    def test_an_echo(self):
        story = Story().logon_sent()
        raw = story.records[-1].what
        found = ended(story._add("<", raw).net(Closed(by_peer=False)))
        assert (found.ending, found.cause) == (Ending.NOT_FIX, "not-fix")

    def test_a_password_in_their_words_does_not_show(self):
        found = refused(f"35=5|34=1|58=no such password: {PASSWORD}")
        assert found.ending is Ending.CREDENTIALS
        assert PASSWORD not in repr(found)

    def test_their_number_below_what_we_expect(self):
        text = "MsgSeqNum too low, expecting 540 but received 1"
        story = Story().logon_sent(7, next_in=540).rx("35=A|34=1|98=0|108=30")
        story.event(Violation("seqnum-too-low", 34, None, Reaction.LOGOUT, text))
        story.event(LogonRefused(by_peer=False, text=text)).tx(f"35=5|34=8|58={text}")
        found = ended(story.net(Closed(by_peer=True)))
        assert (found.ending, found.cause) == (Ending.NUMBERS, "venue-seqnum-too-low")

    def test_a_restart_that_we_did_not_ask_for(self):
        story = Story().logon_sent(7, next_in=540).rx("35=A|34=1|98=0|108=30|141=Y")
        story.event(LogonRefused(by_peer=False, text="x")).tx("35=5|34=8")
        found = ended(story.net(Closed(by_peer=True)))
        assert (found.ending, found.cause) == (Ending.NUMBERS, "reset-unasked")

    def test_something_else_that_we_refuse(self):
        text = "MsgSeqNum(34): received nothing, expected a number"
        story = Story().logon_sent().rx("35=A|34=1|98=0|108=30")
        story.event(LogonRefused(by_peer=False, text=text)).tx("35=5|34=2")
        found = ended(story.net(Closed(by_peer=False)))
        assert (found.ending, found.text) == (Ending.NOT_AGREED, f"{text}.")

    def test_hours_that_ended_before_our_logon(self):
        story = Story().connected().phase(Phase.LOGON)
        story.event(LogonRefused(by_peer=False, text="the session is closed"))
        found = ended(story.net(Closed(by_peer=False)))
        assert (found.ending, found.text) == (Ending.CLOSED, "The session is closed.")

    def test_a_store_that_cannot_be_used(self):
        found = ended(Story().connected().phase(Phase.LOGON).step(StoreUnusable("in use")))
        assert found.ending is Ending.STORE
        assert "in use" in found.text

    def test_a_fault_of_ours(self):
        found = ended(Story().connected().phase(Phase.LOGON).step(CheckCrashed("KeyError: 1")))
        assert found.ending is Ending.FAULT

    def test_only_the_last_try_counts(self):
        story = Story().logon_sent().net(Closed(by_peer=True))
        story.resolved().phase(Phase.TCP).net(TcpFailed(TcpFailure.REFUSED))
        assert ended(story).cause == "refused"

    def test_a_try_that_says_nothing_at_all(self):
        assert ended(Story().phase(Phase.RESOLVE)).ending is Ending.UNREACHABLE


def up() -> Story:
    logon = decode(message("35=A|34=1|98=0|108=30", ours=False, at=0))
    assert isinstance(logon, Message)
    return Story().logged_on().event(LoggedOn(30, 30, False, logon))


class TestASessionThatWasUp:
    @pytest.mark.parametrize(
        ("closed", "how"),
        [
            (Closed(by_peer=True), "closed, without a Logout"),
            (Closed(by_peer=True, reset=True), "reset, without a Logout"),
            (Closed(by_peer=True, text="lost by the network: x"), "Logout: lost by the network: x"),
        ],
    )
    def test_whose_line_broke(self, closed, how):
        story = up().net(closed).event(LoggedOut(by_peer=True, clean=False, text=""))
        found = ended(story)
        assert found.ending is Ending.LOST
        assert how in found.text

    def test_that_says_no_more(self):
        assert ended(up()) == Ended.plainly(Ending.LOST)

    def test_whose_peer_is_mute(self):
        story = up().event(TimedOut("any message after our TestRequest"))
        assert ended(story.net(Closed(by_peer=False))).ending is Ending.MUTE

    @pytest.mark.parametrize(
        ("fields", "ending"),
        [
            ("", Ending.LOGGED_OUT),
            ("58=the venue is closing", Ending.LOGGED_OUT),
            ("58=sequence numbers restart at 1 now; log on again", Ending.LOGGED_OUT),
            ("58=end of session; it opens again Tue", Ending.VENUE_CLOSED),
            ("58=MsgSeqNum too low, expecting 9 but received 2", Ending.NUMBERS),
            ("58=bye|1409=6", Ending.LOCKED),
            ("58=Logged on from another connection", Ending.DUPLICATE),
        ],
    )
    def test_that_the_venue_logged_out(self, fields, ending):
        story = up().rx(f"35=5|34=2|{fields}".rstrip("|"))
        story.event(LoggedOut(by_peer=True, clean=True, text="")).tx("35=5|34=2")
        found = ended(story.net(Closed(by_peer=True)))
        assert found.ending is ending
        assert (fields.partition("=")[2].partition("|")[0] in found.text) is True

    def test_that_a_step_for_a_locked_account_is_told(self):
        story = up().rx("35=5|34=2|1409=6").event(LoggedOut(by_peer=True, clean=True, text=""))
        found = ended(story)
        assert found.text == "The venue has logged us out: SessionStatus(1409) 6, Account locked."
        assert "unlock the account" in found.next_step

    def test_whose_hours_ended(self):
        story = up().event(HoursEnded("end of session")).tx("35=5|34=2").rx("35=5|34=2")
        story.event(LoggedOut(by_peer=False, clean=True, text="")).net(Closed(by_peer=True))
        hours = Schedule(time(8), time(8, 30))  # the story begins at 08:30
        closed = ended(story, session=replace(plan().session, schedule=hours))
        assert (closed.ending, closed.text) == (Ending.CLOSED, "End of session.")
        assert ended(story).ending is Ending.RESTART

    @pytest.mark.parametrize(
        ("rule", "ending"),
        [("seqnum-too-low", Ending.NUMBERS), ("gap-unfilled", Ending.NUMBERS),
         ("comp-id", Ending.NOT_AGREED), ("garbled", Ending.NOT_AGREED)],
    )  # fmt: skip
    def test_that_we_logged_out(self, rule, ending):
        story = up().event(Violation(rule, 34, None, Reaction.NONE, "only noted"))
        story.event(Violation(rule, 34, None, Reaction.LOGOUT, f"wrong {PASSWORD}"))
        found = ended(story.net(Closed(by_peer=True)))
        assert found.ending is ending
        assert found.text == f"The venue broke the rule {rule}: wrong ***."

    def test_whose_store_could_not_be_written(self):
        assert ended(up().step(StoreUnusable("disk full"))).ending is Ending.STORE

    def test_that_we_are_to_blame_for(self):
        assert ended(up().step(CheckCrashed("KeyError: 1"))).ending is Ending.FAULT

    def test_of_a_long_one_the_newest_records_are_enough(self):
        story = up()
        story.rx("35=0|34=2").tx("35=0|34=2").event(TimedOut("any message after our TestRequest"))
        assert ending_of(plan(), story.records[-2:]).ending is Ending.MUTE
        assert ending_of(plan(), []) == Ended.plainly(Ending.LOST)


def test_what_is_plain_is_the_tables():
    for ending, course in ENDINGS.items():
        assert Ended.plainly(ending) == Ended(
            ending, ending.value, course.text, course.next_step
        )  # fmt: skip
    assert Ended.plainly(Ending.LOST, "x", "y") == Ended(Ending.LOST, "lost", "x", "y")
