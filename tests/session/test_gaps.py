"""Asking for what is missing: in chunks, with an end or without, and again when nothing comes.

Spec: FIX 4.4 volume 2, "Resend Request"; test cases 2.b, 10.a. The transcripts in chunks follow
the definitions of QuickFIX/J and QuickFIX/Go, "SequenceGapFollowedByMessageResent" and
"SequenceGapFollowedBySequenceResetWithGapFill", whose chunk size is 5.
"""

from __future__ import annotations

import pytest

from fixgate.session.dialect import QUICKFIX
from fixgate.session.events import AppMessage, GapClosed, GapOpened, LoggedOut, Reaction
from fixgate.session.phase import Phase
from fixgate.session.policies import NumberingPolicy, RequestEnd, ResendPolicy
from fixgate.session.recovery import HELD_MESSAGES
from fixgate.session.settings import Role
from tests.session.rig import Rig, order, violation

FIVE = ResendPolicy(request_size=5)
BOTH = pytest.mark.parametrize("role", Role)


def again(number: int) -> str:
    return order(number, f"ID{number}", "|43=Y|122={t}")


def fill(number: int, new: int) -> str:
    return f"35=4|34={number}|43=Y|122={{t}}|36={new}|123=Y"


@BOTH
class TestChunks:
    def test_the_next_is_asked_for_when_the_first_has_come(self, role: Role):
        rig = Rig(role, resends=FIVE).log_on()
        rig.rx("35=0|34=2", "35=0|34=3", "35=0|34=10")
        assert rig.tx() == ["35=2|34=2|7=4|16=8"]
        rig.rx(*(again(number) for number in range(4, 8)))
        assert rig.tx() == []
        rig.rx(again(8))
        assert rig.tx() == ["35=2|34=3|7=9|16=0"]
        events = rig.rx(again(9))
        assert GapClosed(4, 9) in events
        rig.rx("35=1|34=11|112=TEST")
        assert rig.tx() == ["35=0|34=4|112=TEST"]
        assert [e for e in rig.events if isinstance(e, GapOpened)] == [GapOpened(4, 10)]

    def test_a_gap_of_one_chunk_is_one_request(self, role: Role):
        rig = Rig(role, resends=FIVE).log_on()
        rig.rx("35=0|34=7")
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        rig.rx(*(again(number) for number in range(2, 7)))
        assert rig.tx() == []
        assert rig.store.next_in == 8

    def test_a_gap_fill_over_the_end_of_a_chunk(self, role: Role):
        rig = Rig(role, resends=FIVE).log_on()
        rig.rx("35=0|34=15")
        rig.tx()
        rig.rx(fill(2, 7))
        assert rig.tx() == ["35=2|34=3|7=7|16=11"]
        rig.rx(fill(7, 13))
        assert rig.tx() == ["35=2|34=4|7=13|16=0"]
        rig.rx(fill(13, 15))
        assert rig.tx() == []
        assert rig.store.next_in == 16

    def test_a_gap_fill_up_to_the_last_of_a_chunk(self, role: Role):
        rig = Rig(role, resends=FIVE).log_on()
        rig.rx("35=0|34=15")
        rig.tx()
        rig.rx(fill(2, 6))
        assert rig.tx() == [], "number 6 is still to come"
        rig.rx(again(6))
        assert rig.tx() == ["35=2|34=3|7=7|16=11"]

    def test_dialect_such_a_gap_fill_ends_the_chunk(self, role: Role):
        rig = Rig(role, resends=FIVE, dialect=QUICKFIX).log_on()
        rig.rx("35=0|34=2", "35=0|34=3", "35=0|34=15")
        assert rig.tx() == ["35=2|34=2|7=4|16=8"]
        rig.rx(fill(4, 8))
        assert rig.tx() == ["35=2|34=3|7=8|16=12"]
        rig.rx(fill(8, 12))
        assert rig.tx() == ["35=2|34=4|7=12|16=0"]
        rig.rx(fill(12, 15))
        assert rig.tx() == []
        assert rig.store.next_in == 16

    def test_a_reset_ends_it(self, role: Role):
        rig = Rig(role, resends=FIVE).log_on()
        rig.rx("35=0|34=15")
        rig.tx()
        rig.rx("35=4|34=1|36=30")
        assert rig.tx() == []
        assert rig.store.next_in == 30

    def test_with_an_exact_end(self, role: Role):
        exact = ResendPolicy(request_size=5, request_end=RequestEnd.EXACT)
        rig = Rig(role, resends=exact).log_on()
        rig.rx("35=0|34=9")
        assert rig.tx() == ["35=2|34=2|7=2|16=6"]
        rig.rx(fill(2, 7))
        assert rig.tx() == ["35=2|34=3|7=7|16=8"]


@BOTH
@pytest.mark.parametrize(
    ("end", "begin", "expected"),
    [
        (RequestEnd.VERSION, "FIX.4.1", "999999"),
        (RequestEnd.VERSION, "FIX.4.2", "0"),
        (RequestEnd.ZERO, "FIX.4.1", "0"),
        (RequestEnd.NINES, "FIX.4.4", "999999"),
        (RequestEnd.EXACT, "FIX.4.4", "3"),
        (RequestEnd.EXACT, "FIX.4.0", "3"),
    ],
)
def test_ends(role: Role, end: RequestEnd, begin: str, expected: str):
    rig = Rig(role, begin, resends=ResendPolicy(request_end=end)).log_on()
    rig.rx("35=0|34=4")
    assert rig.tx() == [f"35=2|34=2|7=2|16={expected}"]


@BOTH
def test_a_hole_above_an_exact_end_is_asked_for_when_it_shows(role: Role):
    rig = Rig(role, resends=ResendPolicy(request_end=RequestEnd.EXACT)).log_on()
    rig.rx(order(4, "C"), order(6, "E"))
    assert rig.tx() == ["35=2|34=2|7=2|16=3"]
    rig.rx(again(2), again(3))
    assert rig.tx() == ["35=2|34=3|7=5|16=5"]
    rig.rx(again(5))
    assert rig.store.next_in == 7


def busy(rig: Rig, seconds: int) -> list[str]:
    """The peer is alive and sends nothing that is missing; what we send but Heartbeats."""
    sent = []
    for _ in range(seconds):
        rig.after(1)
        rig.raw(rig.build(f"35=0|34={rig.number}"))
        rig.number += 1
        sent += rig.tx()
    return [text for text in sent if not text.startswith("35=0")]


@BOTH
class TestNobodyAnswers:
    def gap(self, role: Role, **changes: object) -> Rig:
        rig = Rig(role, **changes).log_on()
        rig.rx("35=0|34=5")
        rig.number = 6
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        return rig

    def test_we_ask_again_three_times_and_log_out(self, role: Role):
        rig = self.gap(role)
        assert busy(rig, 29) == []
        assert busy(rig, 2) == ["35=2|34=3|7=2|16=0"]
        assert busy(rig, 27) == []
        assert len(busy(rig, 33)) == 2
        text = "MsgSeqNum(34) 2 to 4 did not come, asked for 3 times again"
        (logout,) = busy(rig, 30)
        assert logout.startswith("35=5|")
        assert logout.endswith(f"|58={text}")
        assert violation(rig).rule == "gap-unfilled"
        assert violation(rig).reaction is Reaction.LOGOUT
        rig.after(2)
        assert rig.session.wants_close
        assert rig.session.disconnected(rig.now_ns) == [LoggedOut(True, False, "")]

    def test_a_prober_stays_and_asks_no_more(self, role: Role):
        rig = self.gap(role, observe=True)
        assert len(busy(rig, 300)) == 3
        assert violation(rig).rule == "gap-unfilled"
        assert rig.session.phase is Phase.ACTIVE

    def test_whoever_sends_some_of_it_has_time(self, role: Role):
        rig = self.gap(role)
        assert busy(rig, 25) == []
        rig.rx(again(2))
        assert busy(rig, 30) == []
        assert busy(rig, 6) == ["35=2|34=4|7=3|16=0"]
        rig.rx(again(3), again(4))
        assert busy(rig, 200) == []
        assert rig.store.next_in == rig.number

    def test_progress_counts_anew(self, role: Role):
        rig = self.gap(role, resends=ResendPolicy(retries=1))
        assert len(busy(rig, 40)) == 1
        rig.rx(again(2))
        assert len(busy(rig, 60)) == 1
        assert rig.session.phase is Phase.ACTIVE

    def test_chunks_are_asked_for_again_one_at_a_time(self, role: Role):
        rig = Rig(role, resends=ResendPolicy(request_size=2, retry_ns=5_000_000_000)).log_on()
        rig.rx("35=0|34=9")
        rig.number = 10
        assert rig.tx() == ["35=2|34=2|7=2|16=3"]
        rig.rx(again(2))
        assert busy(rig, 11) == ["35=2|34=3|7=3|16=4"]

    def test_never_when_told_so(self, role: Role):
        rig = self.gap(role, resends=ResendPolicy(retry_ns=None))
        assert busy(rig, 300) == []

    def test_a_gap_that_closed_is_forgotten(self, role: Role):
        rig = self.gap(role)
        rig.rx(fill(2, 5))
        assert busy(rig, 100) == []

    def test_a_reset_in_session_forgets_it(self, role: Role):
        rig = self.gap(role)
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        rig.tx()
        rig.number = 2
        assert busy(rig, 100) == []

    def test_so_does_the_end_of_the_connection(self, role: Role):
        rig = self.gap(role)
        rig.session.disconnected(rig.now_ns)
        assert rig.session.deadline_ns is None


@BOTH
def test_what_the_logons_asked_for_is_asked_for_aloud_when_it_does_not_come(role: Role):
    rig = Rig(role, numbering=NumberingPolicy(next_expected=True)).connect()
    rig.rx(f"35=A|34=3|98=0|108=30|789={1 if role is Role.ACCEPTOR else 2}")
    rig.tx()
    rig.number = 4
    assert busy(rig, 31) == ["35=2|34=2|7=1|16=0"]


def numbers(events: list) -> list[int]:
    return [int(event.message[34]) for event in events if isinstance(event, AppMessage)]


@BOTH
class TestABacklog:
    """Thousands of messages may wait for one: they are let in by and by, others get a turn."""

    def behind(self, role: Role, last: int = 1000) -> Rig:
        """A session in which 3 to ``last`` wait for 2, which has just come."""
        rig = Rig(role).log_on()
        rig.rx(*(order(number, f"ID{number}") for number in range(3, last + 1)))
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        rig.events.clear()
        rig.rx(order(2, "ID2", "|43=Y|122={t}"))
        assert numbers(rig.events)[:3] == [2, 3, 4]
        assert 3 < rig.store.next_in < last
        return rig

    def test_a_part_of_it_at_once_and_the_rest_when_woken(self, role: Role):
        rig = self.behind(role)
        assert rig.session.deadline_ns == rig.now_ns
        assert GapClosed(2, 2) in rig.events
        rig.after(0)
        assert numbers(rig.events) == list(range(2, 1001))
        assert rig.store.next_in == 1001
        assert rig.session.deadline_ns > rig.now_ns
        assert rig.tx() == []

    def test_what_comes_meanwhile_waits_for_its_turn(self, role: Role):
        rig = self.behind(role)
        rig.rx("35=1|34=1001|112=LAST", order(1002, "ID1002"), order(500, "ID500", "|43=Y|122={t}"))
        assert rig.tx() == [], "nothing is asked for: nothing is missing"
        rig.after(0)
        assert rig.tx() == ["35=0|34=3|112=LAST"]
        assert numbers(rig.events) == [*range(2, 1001), 1002]

    def test_a_second_gap_is_asked_for_in_the_end(self, role: Role):
        rig = self.behind(role)
        rig.rx(order(1003, "ID1003"))
        rig.after(0)
        assert rig.tx() == ["35=2|34=3|7=1001|16=0"]
        rig.rx(again(1001), again(1002))
        assert numbers(rig.events) == [*range(2, 1004)]

    def test_a_sequence_reset_passes_over_some_of_it(self, role: Role):
        rig = self.behind(role)
        done = rig.store.next_in - 1
        rig.rx("35=4|34=0|36=990")
        rig.after(0)
        assert numbers(rig.events) == [*range(2, done + 1), *range(990, 1001)]
        rig.rx(order(1002, "ID1002"))
        assert rig.tx() == ["35=2|34=3|7=1001|16=0"]

    def test_both_numbers_restart(self, role: Role):
        rig = self.behind(role)
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
        rig.after(0)
        assert rig.store.next_in == 2
        rig.rx("35=1|34=2|112=X")
        assert rig.tx() == ["35=0|34=2|112=X"]

    def test_the_connection_ends(self, role: Role):
        rig = self.behind(role)
        expected = rig.store.next_in
        rig.session.disconnected(rig.now_ns)
        assert rig.session.deadline_ns is None
        assert rig.store.next_in == expected, "the rest is asked for by the next connection"

    def test_a_logout_in_it_is_the_last_word(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(*(order(number, f"ID{number}") for number in range(3, 500)), "35=5|34=500")
        rig.rx(order(501, "ID501"), again(2))
        rig.tx()
        rig.after(0)
        assert rig.tx() == ["35=5|34=3"]
        assert rig.session.phase is Phase.LOGOUT_SENT
        assert rig.store.next_in == 501


@BOTH
def test_a_peer_that_skips_a_million_is_asked_once_and_loses_nothing(role: Role):
    """Threat: what waits behind a gap fills our memory (QuickFIX/J 477). What does not fit comes
    again, for the request has no end; one that has is followed by another."""
    exact = ResendPolicy(request_end=RequestEnd.EXACT)
    rig, last = Rig(role, resends=exact).log_on(0), 1_000_002
    rig.rx(*(order(number, f"ID{number}") for number in range(last, last + 3 * HELD_MESSAGES)))
    assert rig.tx() == [f"35=2|34=2|7=2|16={last - 1}"]
    rig.rx(fill(2, last))
    rig.after(0)
    held = rig.store.next_in
    assert last < held <= last + HELD_MESSAGES
    assert rig.tx() == []
    # The next that comes shows what was let go of.
    end = last + 3 * HELD_MESSAGES
    rig.rx(order(end, "LAST"))
    assert rig.tx() == [f"35=2|34=3|7={held}|16={end - 1}"]
    rig.rx(*(again(number) for number in range(held, end)))
    rig.after(0)
    taken = [int(e.message[34]) for e in rig.events if isinstance(e, AppMessage)]
    assert taken == list(range(last, end + 1))
