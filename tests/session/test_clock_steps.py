"""The owner's clock is set forward or back under a live session: no spurious end, in either role.

Threat 22: a wall clock that steps by an hour, spurious disconnects: none. The rig's clock starts on
Monday 2026-03-02 at 09:00 UTC; the peer's SendingTime(52) is the rig's.
"""

from __future__ import annotations

from datetime import time

import pytest

from fixgate.session.events import (
    GapOpened,
    HoursEnded,
    LoggedOn,
    LoggedOut,
    TimedOut,
    Violation,
)
from fixgate.session.phase import Phase
from fixgate.session.schedule import Schedule
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.session.rig import EPOCH, SECOND, Rig, order

HOUR = 3600
START_NS = int(EPOCH.timestamp()) * SECOND
BOTH = pytest.mark.parametrize("role", Role)
STEPS = pytest.mark.parametrize("step", [HOUR, -HOUR, 1, -1, 86_400, -86_400])
OFFICE = Schedule(time(8), time(17))


def shift(rig: Rig, seconds: float) -> None:
    """The clock is set, and the session told."""
    rig.seconds += seconds
    rig.session.clock_stepped(int(seconds * SECOND))


class TestLiveness:
    @BOTH
    @STEPS
    def test_the_next_heartbeat_is_due_after_as_long_as_before(self, role, step):
        rig = Rig(role).log_on(30)
        rig.after(20)
        shift(rig, step)
        assert rig.after(9.9) == []
        assert rig.tx() == []
        rig.after(0.1)
        assert rig.tx() == ["35=0|34=2"]

    @BOTH
    @STEPS
    def test_a_silent_peer_is_asked_and_given_up_as_late_as_before(self, role, step):
        rig = Rig(role).log_on(30)
        rig.after(30)
        shift(rig, step)
        rig.tx()
        rig.after(5.9)
        assert rig.tx() == []
        rig.after(0.1)
        assert rig.tx() == ["35=1|34=3|112=alive-3"]
        assert rig.after(35.9) == []
        (gone,) = rig.after(0.1)
        assert isinstance(gone, TimedOut)

    @BOTH
    @STEPS
    def test_a_challenged_peer_keeps_its_time_to_answer(self, role, step):
        rig = Rig(role).log_on(30)
        rig.after(40)
        assert rig.tx()[-1] == "35=1|34=3|112=alive-3"
        shift(rig, step)
        assert not any(isinstance(event, TimedOut) for event in rig.after(30))
        rig.rx("35=0|34=2|112=alive-3")
        assert not rig.session.wants_close
        assert rig.session.phase is Phase.ACTIVE
        rig.tx()
        rig.after(29)
        assert "35=1" not in "".join(rig.tx())

    @BOTH
    @STEPS
    def test_an_unanswered_challenge_still_ends_the_session(self, role, step):
        rig = Rig(role).log_on(30)
        rig.after(40)
        shift(rig, step)
        assert not any(isinstance(event, TimedOut) for event in rig.after(31.9))
        assert any(isinstance(event, TimedOut) for event in rig.after(0.1))


class TestHandshakes:
    @BOTH
    @STEPS
    def test_during_logon(self, role, step):
        rig = Rig(role).connect()
        rig.tx()
        rig.after(9)
        shift(rig, step)
        assert rig.after(0.9) == []
        events = rig.rx("35=A|34=1|98=0|108=30")
        assert [type(event) for event in events] == [LoggedOn]

    @BOTH
    @STEPS
    def test_a_logon_that_never_comes_is_waited_for_as_long(self, role, step):
        rig = Rig(role).connect()
        rig.after(9)
        shift(rig, step)
        assert rig.after(0.9) == []
        assert rig.after(0.1) == [TimedOut("Logon")]

    @BOTH
    @STEPS
    def test_during_logout(self, role, step):
        rig = Rig(role).log_on(30)
        rig.session.logout("", rig.now_ns)
        rig.after(9)
        shift(rig, step)
        assert rig.after(0.9) == []
        assert rig.rx("35=5|34=2") == [LoggedOut(by_peer=False, clean=True, text="")]

    @BOTH
    @STEPS
    def test_a_logout_that_is_not_confirmed_is_waited_for_as_long(self, role, step):
        rig = Rig(role).log_on(30)
        rig.session.logout("", rig.now_ns)
        rig.after(9)
        shift(rig, step)
        assert rig.after(0.9) == []
        assert rig.after(0.1) == [TimedOut("Logout")]

    @BOTH
    @STEPS
    def test_while_disconnected_nothing_is_due(self, role, step):
        rig = Rig(role)
        shift(rig, step)
        assert rig.session.deadline_ns is None


class TestWhatIsMissing:
    @BOTH
    @STEPS
    def test_is_asked_for_again_as_late_as_before(self, role, step):
        rig = Rig(role).log_on(0)
        assert rig.rx("35=0|34=5") == [GapOpened(2, 5)]
        rig.tx()
        rig.after(20)
        shift(rig, step)
        rig.after(9.9)
        assert rig.tx() == []
        assert rig.after(0.1) == [GapOpened(2, 5)]
        assert rig.tx() == ["35=2|34=3|7=2|16=0"]


class TestAPeerThatAsksAgain:
    @BOTH
    @pytest.mark.parametrize("step", [HOUR, 86_400])
    def test_within_a_second_has_not_seen_the_answer_whatever_the_clock_says(self, role, step):
        rig = Rig(role).log_on(0)
        rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns)
        for number in range(2, 12):
            rig.rx(f"35=2|34={number}|7=2|16=0")
            shift(rig, step)
        assert rig.session.phase is Phase.ACTIVE

    @BOTH
    def test_is_still_one_too_many_after_a_step_back(self, role):
        rig = Rig(role).log_on(0)
        rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns)
        for number in range(2, 7):
            rig.rx(f"35=2|34={number}|7=2|16=0")
            rig.seconds += 5
            shift(rig, -HOUR)
        assert rig.session.phase is Phase.LOGOUT_SENT


class TestHours:
    @BOTH
    def test_a_step_over_the_end_ends_the_session_in_order(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        rig.after(7.5 * HOUR)
        shift(rig, HOUR)
        text = "end of session; it opens again Tue 2026-03-03 08:00 UTC"
        assert rig.after(0) == [HoursEnded(text)]
        assert rig.tx() == [f"35=5|34=2|58={text}"]

    @BOTH
    def test_a_step_into_the_next_period_ends_it_too(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        shift(rig, 86_400)
        assert rig.after(0) == [HoursEnded("end of session; the next one has begun")]

    @BOTH
    def test_a_step_over_a_restart_of_the_numbers_ends_it(self, role):
        around = Schedule(time(10), time(10))
        rig = Rig(role, reset_schedule=around).log_on(0)
        shift(rig, 2 * HOUR)
        assert rig.after(0) == [HoursEnded("sequence numbers restart at 1 now; log on again")]

    @BOTH
    def test_a_step_within_the_hours_moves_nothing(self, role):
        rig = Rig(role, schedule=OFFICE).log_on(0)
        shift(rig, HOUR)
        assert rig.session.deadline_ns == START_NS + 8 * HOUR * SECOND
        shift(rig, -HOUR)
        assert rig.session.deadline_ns == START_NS + 8 * HOUR * SECOND

    @BOTH
    def test_a_step_back_before_the_opening_ends_it(self, role):
        """The clock was ahead when we logged on: the session is not open yet."""
        rig = Rig(role, schedule=OFFICE).log_on(0)
        shift(rig, -2 * HOUR)
        text = "end of session; it opens again Mon 2026-03-02 08:00 UTC"
        assert rig.after(0) == [HoursEnded(text)]

    @BOTH
    def test_a_restart_that_a_step_back_puts_ahead_is_waited_for(self, role):
        around = Schedule(time(8, 30), time(8, 30))
        rig = Rig(role, reset_schedule=around).log_on(0)
        shift(rig, -HOUR)
        assert rig.session.deadline_ns == START_NS - HOUR // 2 * SECOND

    @BOTH
    def test_a_restart_that_a_clock_ahead_brought_on_is_not_made_again(self, role):
        """The store says that its numbers began later than the restart that is due."""
        daily = Schedule(time(10), time(10))
        rig = Rig(role, reset_schedule=daily, store=MemoryStore(next_out=7, next_in=7))
        rig.store.since_ns = START_NS - 6 * HOUR * SECOND
        rig.seconds = HOUR + 1  # an hour ahead, it says 10:00:01
        rig.session.renew(rig.now_ns)
        assert rig.store.next_out == 1
        rig.store.next_out = 5
        for seconds in (1, HOUR - 1, HOUR, HOUR + 1):  # by the right time
            rig.seconds = seconds
            rig.session.renew(rig.now_ns)
        assert rig.store.next_out == 5

    @BOTH
    def test_a_restart_that_was_not_due_is_found_after_a_step_back(self, role):
        """Also where nobody was connected to be told."""
        rig = Rig(role, reset_schedule=Schedule(time(8), time(8)))
        rig.store.since_ns = START_NS - 6 * HOUR * SECOND  # 03:00
        rig.seconds = 24 * HOUR
        rig.session.renew(rig.now_ns)
        rig.store.reset(START_NS - 6 * HOUR * SECOND)
        rig.store.next_out = 7
        rig.seconds = 0
        rig.session.renew(rig.now_ns)
        assert rig.store.next_out == 1


class TestThePeersSendingTime:
    """Before it is held against a message, the owner may look at its clock again."""

    @staticmethod
    def doubting(rig: Rig) -> list[float]:
        asked: list[float] = []

        def look() -> None:
            asked.append(rig.seconds)
            if rig.seconds < HOUR:
                shift(rig, HOUR)
                raise LookedError

        rig.session.doubt(look)
        return asked

    @BOTH
    @pytest.mark.parametrize("text", ["35=0|34=2|52={t+3600}", order(2, more="|52={t+3600}")])
    def test_a_message_is_taken_again_as_if_it_had_not_been(self, role, text):
        rig = Rig(role).log_on(30)
        asked = self.doubting(rig)
        before = len(rig.history)
        data = rig.build(rig._times(text))
        with pytest.raises(LookedError):
            rig.raw(data)
        assert (len(rig.history), rig.store.next_in, rig.tx()) == (before, 2, [])
        rig.raw(data)
        assert asked == [0]
        assert not any(isinstance(event, Violation) for event in rig.events)
        assert rig.session.phase is Phase.ACTIVE
        assert rig.store.next_in == 3

    @BOTH
    def test_a_logon_too(self, role):
        rig = Rig(role).connect()
        rig.tx()
        self.doubting(rig)
        data = rig.build(rig._times("35=A|34=1|98=0|108=30|52={t+3600}"))
        with pytest.raises(LookedError):
            rig.raw(data)
        (event,) = rig.raw(data)
        assert isinstance(event, LoggedOn)

    @BOTH
    def test_a_peer_that_is_wrong_is_told_so(self, role):
        rig = Rig(role).log_on(30)
        rig.seconds = HOUR
        asked = self.doubting(rig)
        rig.rx("35=0|34=2|52={t-200}")
        assert asked == [HOUR]
        assert [event.rule for event in rig.events if isinstance(event, Violation)] == [
            "sending-time"
        ]

    @BOTH
    def test_nobody_is_asked_about_a_time_that_is_right(self, role):
        rig = Rig(role).log_on(30)
        asked = self.doubting(rig)
        rig.rx("35=0|34=2|52={t-119}", "35=0|34=3|52={t+119}", "35=0|34=5", "35=0|34=6|52=now")
        assert asked == []


class LookedError(Exception):
    pass


def test_a_store_keeps_the_instants_that_were_told():
    """What was recorded by a wrong clock stays as it was recorded."""
    store = MemoryStore(since_ns=START_NS)
    rig = Rig(store=store).log_on(0)
    shift(rig, -HOUR)
    assert store.since_ns == START_NS
