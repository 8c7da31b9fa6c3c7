"""A session keeps its hours and restarts its numbers, in virtual time and both roles.

The rig's clock starts on Monday 2026-03-02 at 09:00 UTC.
"""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from fixgate.session.dialect import QUICKFIX
from fixgate.session.events import (
    HoursEnded,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    Reaction,
    SequenceReset,
    TimedOut,
    Violation,
)
from fixgate.session.phase import Phase
from fixgate.session.schedule import Schedule, Weekday
from fixgate.session.settings import Credentials, Role
from fixgate.session.store import MemoryStore
from tests.session.rig import EPOCH, SECOND, Rig, order

HOUR = 3600
DAY = 24 * HOUR
START_NS = int(EPOCH.timestamp()) * SECOND
OFFICE = Schedule(time(8), time(17))
AFTERNOON = Schedule(time(13), time(17), ZoneInfo("Europe/London"))
AROUND = Schedule(time(22), time(22))
BOTH = pytest.mark.parametrize("role", Role)


def at(rig: Rig, seconds: float) -> Rig:
    """Go to another instant, nobody being connected."""
    rig.seconds = seconds
    return rig


def log_off(rig: Rig, number: int) -> None:
    """The peer logs out, and the connection closes."""
    rig.rx(f"35=5|34={number}")
    rig.tx()
    rig.session.disconnected(rig.now_ns)
    rig.events.clear()


class TestOutOfHours:
    def test_an_acceptor_says_when_it_opens(self):
        rig = Rig(schedule=AFTERNOON).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        text = "the session is closed; it opens Mon 2026-03-02 13:00 Europe/London"
        assert rig.tx() == [f"35=5|34=1|58={text}"]
        assert rig.session.wants_close
        violation, refused = rig.events
        assert isinstance(violation, Violation)
        assert (violation.rule, violation.reaction) == ("out-of-hours", Reaction.LOGOUT)
        assert isinstance(refused, LogonRefused)
        assert (refused.by_peer, refused.text) == (False, text)

    def test_its_number_is_not_counted(self):
        rig = Rig(schedule=AFTERNOON).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.store.next_in == 1

    def test_quickfix_closes_without_a_word(self):
        rig = Rig(schedule=AFTERNOON, dialect=QUICKFIX).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx() == []
        assert rig.session.wants_close

    def test_the_hours_are_no_strangers_business(self):
        rig = Rig(schedule=AFTERNOON, credentials=Credentials("me", "pw")).connect()
        rig.rx("35=A|34=1|98=0|108=30|553=me|554=no")
        assert rig.tx() == ["35=5|34=1|58=Username(553) or Password(554) not accepted"]

    def test_a_minute_later_it_is_open(self):
        rig = at(Rig(schedule=AFTERNOON), 4 * HOUR - 1).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx()[0].startswith("35=5")
        rig.session.disconnected(rig.now_ns)
        at(rig, 4 * HOUR).connect().rx("35=A|34=1|98=0|108=30")
        assert rig.tx() == ["35=A|34=2|98=0|108=30"]

    def test_a_reset_does_not_open_it(self):
        rig = Rig(schedule=AFTERNOON, store=MemoryStore(next_out=5, next_in=7)).connect()
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert rig.tx()[0].startswith("35=5|34=5|58=the session is closed")
        assert rig.store.next_in == 7

    def test_an_initiator_sends_nothing(self):
        rig = Rig(Role.INITIATOR, schedule=AFTERNOON).connect()
        assert rig.tx() == []
        assert rig.session.wants_close
        (refused,) = rig.session.disconnected(rig.now_ns)
        assert isinstance(refused, LogonRefused)
        assert refused.text.startswith("the session is closed; it opens Mon 2026-03-02 13:00")

    def test_on_a_holiday(self):
        holiday = Schedule(time(8), time(17), holidays=(date(2026, 3, 2),))
        rig = Rig(schedule=holiday).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx()[0].endswith("it opens Tue 2026-03-03 08:00 UTC")


class TestTheEnd:
    @BOTH
    def test_we_log_out_at_the_second(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        assert rig.session.deadline_ns == START_NS + 8 * HOUR * SECOND
        rig.after(8 * HOUR - 0.001)
        assert rig.tx() == []
        events = rig.after(0.001)
        text = "end of session; it opens again Tue 2026-03-03 08:00 UTC"
        assert events == [HoursEnded(text)]
        assert rig.tx() == [f"35=5|34=2|58={text}"]
        assert rig.session.phase is Phase.LOGOUT_SENT
        assert not rig.session.wants_close

    @BOTH
    def test_the_peers_logout_ends_it(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        rig.after(8 * HOUR)
        assert rig.rx("35=5|34=2") == [LoggedOut(by_peer=False, clean=True, text="")]
        assert rig.session.wants_close

    @BOTH
    def test_a_peer_that_stays_is_left(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        rig.after(8 * HOUR)
        assert rig.after(10) == [TimedOut("Logout")]
        assert rig.session.wants_close

    @BOTH
    def test_orders_on_their_way_still_count(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        rig.after(8 * HOUR)
        rig.rx(order(2))
        assert rig.store.next_in == 3

    @BOTH
    def test_heartbeats_come_until_then(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(HOUR)
        for number in range(2, 9):
            rig.after(HOUR)
            assert rig.tx() == [f"35=0|34={number}"]
            rig.rx(f"35=0|34={number}")
        rig.after(HOUR)
        assert [text[:9] for text in rig.tx()] == ["35=5|34=9"]

    @BOTH
    def test_both_deadlines_at_one_instant_end_it(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(8 * HOUR)
        rig.after(8 * HOUR)
        assert [text[:4] for text in rig.tx()] == ["35=5"]

    @BOTH
    def test_without_a_schedule_it_stays(self, role):
        rig = Rig(role).log_on(0)
        assert rig.session.deadline_ns is None
        rig.after(100 * DAY)
        assert rig.tx() == []

    def test_an_answer_that_comes_after_hours_logs_on_and_out(self):
        rig = at(Rig(Role.INITIATOR, schedule=OFFICE), 8 * HOUR - 1).connect()
        rig.after(1)
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.session.deadline_ns == rig.now_ns
        rig.after(0)
        assert [type(event) for event in rig.events] == [LoggedOn, HoursEnded]
        assert [text[:4] for text in rig.tx()] == ["35=A", "35=5"]

    @BOTH
    def test_the_next_period_may_begin_at_once(self, role):
        rig = Rig(role, schedule=AROUND).log_on(0)
        rig.after(13 * HOUR)
        assert rig.tx() == ["35=5|34=2|58=end of session; the next one has begun"]
        rig.rx("35=5|34=2")
        rig.session.disconnected(rig.now_ns)
        rig.connect().rx("35=A|34=3|98=0|108=0")
        assert rig.tx()[-1].startswith("35=A|34=3")
        assert rig.store.next_in == 4


class TestNumbersRestart:
    @BOTH
    def test_when_the_next_period_begins(self, role):
        rig = Rig(role, schedule=OFFICE, reset_schedule=OFFICE).log_on(0)
        log_off(rig, 2)
        assert (rig.store.next_out, rig.store.next_in) == (3, 3)
        at(rig, DAY).connect().rx("35=A|34=1|98=0|108=0")
        assert rig.tx() == ["35=A|34=1|98=0|108=" + ("30" if role is Role.INITIATOR else "0")]
        assert [type(event) for event in rig.events] == [SequenceReset, LoggedOn]
        assert rig.events[0] == SequenceReset(by_peer=False)
        assert (rig.store.next_out, rig.store.next_in) == (2, 2)

    @BOTH
    def test_not_within_a_period(self, role):
        store = MemoryStore(since_ns=START_NS - 10 * SECOND)
        rig = Rig(role, store=store, schedule=OFFICE, reset_schedule=OFFICE).log_on(0)
        log_off(rig, 2)
        at(rig, HOUR).connect().rx("35=A|34=3|98=0|108=0")
        assert rig.tx()[0].startswith("35=A|34=3")
        assert [type(event) for event in rig.events] == [LoggedOn]

    @BOTH
    def test_never_unless_told(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        log_off(rig, 2)
        at(rig, 30 * DAY).connect().rx("35=A|34=3|98=0|108=0")
        assert rig.tx()[0].startswith("35=A|34=3")

    @BOTH
    def test_also_when_the_process_was_down_over_it(self, role):
        # A store that was begun on Friday; opened again in a new process.
        store = MemoryStore(next_out=812, next_in=540, since_ns=START_NS - 3 * DAY * SECOND)
        rig = Rig(role, store=store, reset_schedule=OFFICE).log_on(0)
        assert (rig.store.next_out, rig.store.next_in) == (2, 2)
        assert rig.store.since_ns == START_NS

    @BOTH
    @pytest.mark.parametrize(("before_s", "restarted"), [(1, True), (0, False), (-1, False)])
    def test_the_instant_itself_belongs_to_the_new_period(self, role, before_s, restarted):
        opening_ns = START_NS - HOUR * SECOND
        store = MemoryStore(next_out=9, next_in=9, since_ns=opening_ns - before_s * SECOND)
        rig = Rig(role, store=store, reset_schedule=OFFICE)
        rig.session.renew(rig.now_ns)
        assert rig.store.next_out == (1 if restarted else 9)

    @BOTH
    def test_while_connected_only_after_a_logout(self, role):
        rig = Rig(role, reset_schedule=AROUND).log_on(0)
        assert rig.session.deadline_ns == START_NS + 13 * HOUR * SECOND
        assert rig.after(13 * HOUR) == [
            HoursEnded("sequence numbers restart at 1 now; log on again")
        ]
        assert rig.tx() == ["35=5|34=2|58=sequence numbers restart at 1 now; log on again"]
        rig.session.renew(rig.now_ns)
        assert rig.store.next_out == 3  # the Logout of the old numbers is still on its way
        rig.rx("35=5|34=2")
        rig.session.disconnected(rig.now_ns)
        rig.connect().rx("35=A|34=1|98=0|108=0")
        assert rig.tx()[-1].startswith("35=A|34=1|")

    @BOTH
    def test_at_an_hour_of_its_own_within_a_session(self, role):
        rig = Rig(role, schedule=OFFICE, reset_schedule=Schedule(time(12), time(12))).log_on(0)
        rig.after(3 * HOUR)
        assert rig.tx() == ["35=5|34=2|58=sequence numbers restart at 1 now; log on again"]

    @BOTH
    def test_weekly(self, role):
        sunday = Weekday.SUNDAY
        week = Schedule(time(22), time(22), start_day=sunday, end_day=sunday)
        store = MemoryStore(next_out=7, next_in=7, since_ns=START_NS - 2 * DAY * SECOND)
        rig = Rig(role, store=store, reset_schedule=week)
        rig.session.renew(rig.now_ns)
        assert rig.store.next_out == 1  # begun on Saturday
        rig.store.next_out = 9
        at(rig, 6 * DAY).session.renew(rig.now_ns)
        assert rig.store.next_out == 9
        at(rig, 7 * DAY).session.renew(rig.now_ns)
        assert rig.store.next_out == 1

    def test_a_message_for_a_client_that_is_away_is_numbered_anew(self):
        rig = Rig(schedule=OFFICE, reset_schedule=OFFICE).log_on(0)
        log_off(rig, 2)
        report = b"37=1\x0117=1\x01150=0\x0139=0\x0155=ABC\x0154=1\x01151=1\x0114=0\x016=0\x01"
        at(rig, DAY).session.send(b"8", report, rig.now_ns)
        rig.session.send(b"8", report, rig.now_ns)
        assert rig.store.next_out == 3
        rig.connect().rx("35=A|34=1|98=0|108=30", "35=2|34=2|7=1|16=2")
        kinds_and_numbers = [text.split("|")[:3] for text in rig.tx()]
        assert kinds_and_numbers == [
            ["35=A", "34=3", "98=0"],
            ["35=8", "34=1", "43=Y"],
            ["35=8", "34=2", "43=Y"],
        ]

    def test_one_that_waits_for_its_logon_too(self):
        rig = Rig(reset_schedule=OFFICE, store=MemoryStore(next_out=50)).connect()
        rig.session.send(b"8", b"37=1\x01", rig.now_ns)
        assert rig.store.next_out == 2

    def test_no_flag_says_so(self):
        store = MemoryStore(next_out=812, next_in=540)
        rig = Rig(Role.INITIATOR, store=store, reset_schedule=OFFICE).connect()
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]

    def test_an_acceptor_that_resets_at_every_logon_does_so_once_more(self):
        rig = Rig(store=MemoryStore(next_out=9, next_in=9), reset_on_logon=True,
                  reset_schedule=OFFICE).connect()  # fmt: skip
        rig.rx("35=A|34=1|98=0|108=0")
        assert rig.tx() == ["35=A|34=1|98=0|108=0"]
        assert (rig.store.next_out, rig.store.next_in) == (2, 2)


def test_out_of_hours_nothing_restarts():
    """The next period may be far: until then the old numbers stay for whoever looks."""
    store = MemoryStore(next_out=9, next_in=9, since_ns=START_NS - 12 * HOUR * SECOND)
    rig = Rig(schedule=AFTERNOON, reset_schedule=AFTERNOON, store=store)
    rig.connect().rx("35=A|34=1|98=0|108=30")
    assert rig.store.next_in == 9
