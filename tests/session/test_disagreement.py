"""Two sessions of ours that disagree: on their numbers, on a restart, on the time of day.

The rows of "When the two sides disagree" in docs/schedules.md: each ends in the state that is said
there. What one side alone does is in the transcripts of `test_handshake`, `test_hours` and others.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from fixgate.dictionary import validator_for
from fixgate.session.events import (
    Event,
    GapClosed,
    GapOpened,
    HoursEnded,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    SequenceReset,
)
from fixgate.session.phase import Phase
from fixgate.session.policies import NumberingPolicy, ResetFlag
from fixgate.session.schedule import Schedule, Weekday
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Schedule(time(8), time(17))
AROUND = Schedule(time(22), time(22))


def instant(*when: int, zone=UTC) -> int:
    return int(datetime(*when, tzinfo=zone).timestamp()) * SECOND


MONDAY = instant(2026, 3, 2, 9)


class Side:
    """One process: it keeps its store and may be started anew."""

    def __init__(self, role: Role, out: int, in_: int, since: int, **changes: object) -> None:
        ours, theirs = ("VENUE", "DESK") if role is Role.ACCEPTOR else ("DESK", "VENUE")
        self.settings = SessionSettings(
            SessionId("FIX.4.4", ours, theirs), role, **{"heartbeat_s": 0, **changes}
        )
        self.store = MemoryStore(next_out=out, next_in=in_, since_ns=since)
        self.ahead_ns = 0
        self.events: list[Event] = []
        self.start()

    def start(self) -> None:
        self.session = Session(self.settings, self.store, validator_for("FIX.4.4"))

    @property
    def numbers(self) -> tuple[int, int]:
        return self.store.next_out, self.store.next_in

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


class Two:
    """A venue and a desk, a wire without delay between them, and the time."""

    def __init__(
        self,
        venue: tuple[int, int] = (1, 1),
        desk: tuple[int, int] = (1, 1),
        *,
        now: int = MONDAY,
        since: int | None = None,
        venue_is: dict[str, object] | None = None,
        desk_is: dict[str, object] | None = None,
        **both: object,
    ) -> None:
        since = now if since is None else since
        self.now = now
        self.venue = Side(Role.ACCEPTOR, *venue, since, **{**both, **(venue_is or {})})
        self.desk = Side(Role.INITIATOR, *desk, since, **{**both, **(desk_is or {})})
        self.said: list[str] = []

    def clock(self, side: Side) -> int:
        return self.now + side.ahead_ns

    def connect(self) -> Two:
        self.said.clear()
        for side in (self.venue, self.desk):
            side.events.clear()
            side.session.connected(self.clock(side))
        self.settle()
        return self

    def settle(self) -> None:
        """Deliver until nobody has anything to say, then close what is to be closed."""
        pairs = ((self.desk, self.venue), (self.venue, self.desk))
        moved = True
        while moved:
            moved = False
            for side, other in pairs:
                while data := side.session.output():
                    name = side.settings.id.ours
                    self.said += [f"{name} {body}" for body in _bodies(data)]
                    other.events += other.session.receive(data, self.clock(other))
                    moved = True
                if side.session.resending:
                    side.session.continue_resend(self.clock(side))
                    moved = True
        if any(side.session.wants_close for side, _ in pairs):
            self.cut()

    def cut(self) -> None:
        for side in (self.venue, self.desk):
            side.events += side.session.disconnected(self.clock(side))

    def wait(self, seconds: float) -> None:
        """Let time pass, waking both at their deadlines."""
        end = self.now + int(seconds * SECOND)
        while True:
            due = [
                (max(side.session.deadline_ns - side.ahead_ns, self.now), n)
                for n, side in enumerate((self.venue, self.desk))
                if side.session.deadline_ns is not None
            ]
            if not due or min(due)[0] > end:
                break
            self.now = min(due)[0]
            for side in (self.venue, self.desk):
                deadline = side.session.deadline_ns
                if deadline is not None and deadline <= self.clock(side):
                    side.events += side.session.wake(self.clock(side))
            self.settle()
        self.now = end

    @property
    def up(self) -> bool:
        return self.venue.session.phase is self.desk.session.phase is Phase.ACTIVE

    @property
    def down(self) -> bool:
        return self.venue.session.phase is self.desk.session.phase is Phase.DISCONNECTED

    @property
    def agree(self) -> bool:
        return self.venue.numbers == self.desk.numbers[::-1]

    def logouts(self) -> list[str]:
        return [said for said in self.said if " 35=5|" in said]


def _bodies(data: bytes) -> list[str]:
    """Messages without 8, 9, 10, 49, 52 and 56."""
    found: list[list[str]] = []
    for part in data.decode("latin-1").split("\x01")[:-1]:
        tag = part.partition("=")[0]
        if tag == "8":
            found.append([])
        elif tag not in ("9", "10", "49", "52", "56", "122"):
            found[-1].append(part)
    return ["|".join(parts) for parts in found]


EXPECT = pytest.mark.parametrize(
    "both",
    [{}, {"numbering": NumberingPolicy(next_expected=True)}],
    ids=["asked for", "expected"],
)


class TestNumbers:
    @EXPECT
    @pytest.mark.parametrize(
        ("venue", "desk"),
        [
            ((7, 5), (5, 7)),
            ((7, 5), (9, 7)),
            ((12, 5), (5, 7)),
            ((12, 5), (9, 7)),
            ((1, 1), (400, 1)),
        ],
        ids=["agree", "desk ahead", "venue ahead", "both ahead", "venue has forgotten what it had"],
    )
    def test_whoever_is_ahead_is_asked_and_both_agree(self, venue, desk, both):
        """Each has sent what the other never got: a gap fill passes over what nobody can repeat."""
        two = Two(venue, desk, **both).connect()
        assert two.up
        assert two.agree
        for side in (two.venue, two.desk):
            assert len(side.of(GapOpened)) == len(side.of(GapClosed))
        assert two.logouts() == []

    @EXPECT
    @pytest.mark.parametrize("lost", ["desk", "desk and more of the venue's"])
    def test_a_desk_that_is_behind_is_refused_for_ever(self, lost, both):
        """It has lost its store: every Logon takes one number more, and fares no better."""
        desk = (3, 7) if lost == "desk" else (3, 2)
        two = Two((7, 5), desk, **both)
        for tries in range(2):
            two.connect()
            text = f"MsgSeqNum too low, expecting 5 but received {3 + tries}"
            assert two.logouts()[0] == f"VENUE 35=5|34={7 + tries}|58={text}"
            (refused,) = two.desk.of(LogonRefused)
            assert (refused.by_peer, refused.expected_seq_num) == (True, 5)
            two.wait(3)
            assert two.down
            assert two.venue.numbers == (8 + tries, 5)
            assert two.desk.numbers == (4 + tries, desk[1])

    def test_a_venue_that_is_behind_is_refused_for_ever(self):
        two = Two((2, 5), (5, 7))
        for tries in range(2):
            two.connect()
            text = f"MsgSeqNum too low, expecting 7 but received {2 + 2 * tries}"
            assert two.logouts()[0].endswith(f"|58={text}")
            assert two.logouts()[0].startswith("DESK ")
            (refused,) = two.desk.of(LogonRefused)
            assert not refused.by_peer
            two.wait(3)
            assert two.down
            assert two.desk.numbers[1] == 7

    def test_both_behind_the_venue_is_the_first_to_say_so(self):
        two = Two((2, 5), (3, 7)).connect()
        assert two.logouts()[0].startswith("VENUE 35=5|34=2|58=MsgSeqNum too low, expecting 5")
        two.wait(3)
        assert two.down

    def test_one_behind_and_one_ahead(self):
        two = Two((2, 5), (9, 7)).connect()
        assert two.logouts()[0].startswith("DESK ")
        two.wait(3)
        assert two.down

    def test_more_expected_than_was_ever_sent(self):
        """The venue's store was set back. Its number is no lower than expected; 789 tells."""
        numbering = NumberingPolicy(next_expected=True)
        two = Two((5, 9), (9, 7), numbering=numbering).connect()
        text = "NextExpectedMsgSeqNum too high, expecting 5 but received 7"
        assert two.logouts()[0] == f"VENUE 35=5|34=5|58={text}"
        assert two.down
        assert two.desk.of(LogonRefused)


class TestTheFlag:
    """ResetSeqNumFlag(141)."""

    def test_the_desk_restarts_and_the_venue_follows(self):
        two = Two((12, 40), (40, 12), desk_is={"reset_on_logon": True}).connect()
        assert two.up
        assert two.venue.numbers == two.desk.numbers == (2, 2)
        assert two.venue.of(SequenceReset) == [SequenceReset(by_peer=True)]

    def test_the_desk_restarts_and_the_venue_refuses(self):
        refuse = {"numbering": NumberingPolicy(reset_flag=ResetFlag.REFUSE)}
        two = Two((12, 40), (40, 12), desk_is={"reset_on_logon": True}, venue_is=refuse).connect()
        assert two.down
        (refused,) = two.desk.of(LogonRefused)
        assert refused.text.startswith("ResetSeqNumFlag(141)=Y is not taken here")
        assert two.venue.numbers == (13, 40)
        assert two.desk.numbers == (2, 1), "ours have restarted: whoever asks for it means it"

    def test_the_venue_restarts_unasked_and_the_desk_refuses(self):
        force = {"numbering": NumberingPolicy(reset_flag=ResetFlag.FORCE)}
        two = Two((12, 40), (40, 12), venue_is=force).connect()
        assert two.down
        assert two.desk.numbers == (42, 12)
        assert two.logouts() == [
            "DESK 35=5|34=41|58=ResetSeqNumFlag(141)=Y was not asked for; our numbers stay as they "
            "are"
        ]

    def test_the_venue_restarts_unasked_and_the_desk_follows(self):
        force = {"numbering": NumberingPolicy(reset_flag=ResetFlag.FORCE)}
        follow = {"numbering": NumberingPolicy(reset_flag=ResetFlag.FOLLOW)}
        two = Two((12, 40), (40, 12), venue_is=force, desk_is=follow).connect()
        assert two.up
        assert two.venue.numbers == two.desk.numbers == (2, 2)

    def answered(self, answer: str) -> Two:
        """A desk that asks for a restart, and the Logon that it is answered with, by hand."""
        two = Two((1, 1), (40, 12), desk_is={"reset_on_logon": True})
        two.desk.session.connected(two.now)
        assert _bodies(two.desk.session.output()) == ["35=A|34=1|98=0|108=0|141=Y"]
        two.desk.events += two.desk.session.receive(_whole(answer), two.now)
        return two

    def test_a_venue_that_answers_without_the_flag_from_1_has_restarted(self):
        two = self.answered("35=A|34=1|98=0|108=0")
        assert two.desk.session.phase is Phase.ACTIVE
        assert two.desk.numbers == (2, 2)

    def test_a_venue_that_answers_with_its_old_number_is_asked_for_what_we_miss(self):
        """It has restarted what it expects, or it would have refused us; not what it sends."""
        two = self.answered("35=A|34=812|98=0|108=0")
        assert two.desk.of(GapOpened) == [GapOpened(1, 812)]
        assert _bodies(two.desk.session.output()) == ["35=2|34=2|7=1|16=0"]
        two.desk.events += two.desk.session.receive(
            _whole("35=4|34=1|43=Y|122=20260302-09:00:00|36=812|123=Y"), two.now
        )
        assert two.desk.of(GapClosed) == [GapClosed(1, 811)]
        assert two.desk.numbers == (3, 813)

    def test_a_flag_with_another_number_than_1_is_refused(self):
        two = self.answered("35=A|34=5|98=0|108=0|141=Y")
        assert two.desk.session.wants_close
        (refused,) = two.desk.of(LogonRefused)
        assert "must be 1 with ResetSeqNumFlag(141)=Y" in refused.text


def _whole(body: str) -> bytes:
    kind, number, *rest = body.split("|")
    content = "|".join([kind, number, "49=VENUE", "52=20260302-09:00:00", "56=DESK", *rest, ""])
    inner = content.replace("|", "\x01").encode()
    head = b"8=FIX.4.4\x019=%d\x01" % len(inner) + inner
    return head + b"10=%03d\x01" % (sum(head) % 256)


MISSED = pytest.mark.parametrize(
    ("hours", "last", "back"),
    [
        (OFFICE, instant(2026, 3, 2, 16), instant(2026, 3, 3, 9)),
        (OFFICE, instant(2026, 3, 2, 16), instant(2026, 3, 5, 9)),
        (AROUND, instant(2026, 3, 2, 21, 59, 59), instant(2026, 3, 2, 22, 0, 1)),
        (AROUND, instant(2026, 3, 2, 21, 59, 59), instant(2026, 3, 2, 22)),
        (
            Schedule(time(8), time(17), NEW_YORK, weekdays=tuple(Weekday)[:5],
                     holidays=(date(2026, 3, 6), date(2026, 3, 9))),
            instant(2026, 3, 5, 15, zone=NEW_YORK),
            instant(2026, 3, 10, 8, zone=NEW_YORK),
        ),
        (
            Schedule(time(17), time(16), NEW_YORK, start_day=Weekday.SUNDAY,
                     end_day=Weekday.FRIDAY, holidays=(date(2026, 3, 8),)),
            instant(2026, 3, 6, 15, zone=NEW_YORK),
            instant(2026, 3, 9, 17, zone=NEW_YORK),
        ),
    ],
    ids=["a night", "over three restarts", "around the clock", "to the second",
         "holiday weekend and summer time", "week delayed by a holiday"],
)  # fmt: skip
DOWN = pytest.mark.parametrize("down", ["venue", "desk", "both", "nobody"])


class TestARestartThatWasMissed:
    @MISSED
    @DOWN
    def test_is_made_good_once_by_whoever_missed_it(self, hours, last, back, down):
        opened = hours.latest_period(last).start_ns
        two = Two((12, 40), (40, 12), now=last, since=opened, schedule=hours, reset_schedule=hours)
        two.connect()
        assert two.up
        assert two.venue.numbers == (13, 41)
        two.cut()
        two.now = back
        for name in ("venue", "desk"):
            if down in (name, "both"):
                getattr(two, name).start()
        two.connect()
        assert two.up
        assert two.agree
        assert two.venue.numbers == (2, 2)
        two.cut()
        two.now += 60 * SECOND
        two.venue.start()
        two.desk.start()
        two.connect()
        assert two.venue.numbers == (3, 3), "once is enough"

    @pytest.mark.parametrize("late", ["venue", "desk"])
    def test_and_the_other_side_does_not_restart_at_all(self, late):
        """Only one side was told that numbers restart."""
        told = {"schedule": OFFICE, "reset_schedule": OFFICE}
        two = Two(
            (12, 40), (40, 12), since=MONDAY - DAY,
            **{f"{'desk' if late == 'venue' else 'venue'}_is": told},
        ).connect()  # fmt: skip
        two.wait(3)
        assert two.down
        (said, *_) = two.logouts()
        if late == "venue":
            assert said.startswith("VENUE 35=5|34=12|58=MsgSeqNum too low, expecting 40 but rec")
        else:
            assert said.startswith("DESK 35=5|34=41|58=MsgSeqNum too low, expecting 12 but receiv")


class TestTheMomentOfARestart:
    """22:00, both restart their numbers; a process is started right before or after it."""

    @pytest.mark.parametrize("who", ["venue", "desk", "both"])
    @pytest.mark.parametrize("at_s", [-1, 1])
    def test_a_process_that_starts_a_second_before_or_after(self, who, at_s):
        two = Two((12, 40), (40, 12), now=instant(2026, 3, 2, 21), since=MONDAY - 2 * DAY,
                  reset_schedule=AROUND)  # fmt: skip
        two.venue.store.since_ns = two.desk.store.since_ns = MONDAY - DAY
        two.connect()
        before = two.venue.numbers
        two.cut()
        two.now = instant(2026, 3, 2, 22) + at_s * SECOND
        for name in ("venue", "desk"):
            if who in (name, "both"):
                getattr(two, name).start()
        two.connect()
        assert two.up
        assert two.agree
        fresh = (before[0] + 1, before[1] + 1) if at_s < 0 else (2, 2)
        assert two.venue.numbers == fresh
        two.wait(5)
        assert two.down is (at_s < 0), "who came before it is logged out at it"
        if at_s < 0:
            two.connect()
            assert two.venue.numbers == two.desk.numbers == (2, 2)

    @pytest.mark.parametrize("ahead_s", [-3, 3, -0.5, 0.5])
    def test_clocks_that_are_seconds_apart(self, ahead_s):
        """Whose clock is first logs out; a Logon in between meets two ideas of the numbers."""
        two = Two((12, 40), (40, 12), now=instant(2026, 3, 2, 21), since=MONDAY,
                  reset_schedule=AROUND)  # fmt: skip
        two.desk.ahead_ns = int(ahead_s * SECOND)
        two.connect()
        two.wait(3600 - max(ahead_s, 0))
        assert two.down
        two.connect()  # at once: the other side has not restarted yet
        said = "VENUE" if ahead_s > 0 else "DESK"
        assert two.logouts()[0].startswith(f"{said} 35=5|")
        assert "MsgSeqNum too low" in two.logouts()[0]
        two.wait(60)
        assert two.down
        two.connect()
        assert two.up
        assert two.agree


class TestTheEdgeOfTheHours:
    def test_a_logon_a_second_before_the_end_is_taken_and_ended_in_order(self):
        two = Two(now=instant(2026, 3, 2, 16, 59, 59), schedule=OFFICE).connect()
        assert two.up
        two.wait(1)
        assert two.down
        for side in (two.venue, two.desk):
            assert len(side.of(HoursEnded)) + len(side.of(LoggedOut)) >= 1
            assert all(event.clean for event in side.of(LoggedOut))

    @pytest.mark.parametrize("who", ["venue", "desk"])
    def test_a_logout_that_crosses_the_end(self, who):
        """One side asks for the end at the very moment at which the hours end it for both."""
        two = Two(now=instant(2026, 3, 2, 16, 59), schedule=OFFICE).connect()
        two.now = instant(2026, 3, 2, 17)
        side = getattr(two, who)
        side.session.logout("bye", two.now)
        other = two.desk if who == "venue" else two.venue
        other.events += other.session.wake(two.now)
        two.settle()
        assert two.down
        assert two.agree
        assert len(two.logouts()) == 2
        for each in (two.venue, two.desk):
            (out,) = each.of(LoggedOut)
            assert out.clean

    @pytest.mark.parametrize("ahead_s", [2, -2])
    def test_clocks_that_are_seconds_apart_at_the_opening(self, ahead_s):
        two = Two(now=instant(2026, 3, 2, 7, 59, 59), schedule=OFFICE)
        two.desk.ahead_ns = ahead_s * SECOND
        two.connect()
        assert two.down
        assert two.desk.of(LogonRefused)
        assert not two.desk.of(LoggedOn)
        # A minute later both clocks are well within the hours.
        two.now += 60 * SECOND
        two.connect()
        assert two.up
        assert two.agree

    @pytest.mark.parametrize("ahead_s", [2, -2])
    def test_clocks_that_are_seconds_apart_at_the_end(self, ahead_s):
        two = Two(now=instant(2026, 3, 2, 16), schedule=OFFICE)
        two.desk.ahead_ns = ahead_s * SECOND
        two.connect()
        two.wait(3600 + 3)
        assert two.down
        assert two.agree
        first = two.desk if ahead_s > 0 else two.venue
        assert first.of(HoursEnded)
        assert all(event.clean for side in (two.venue, two.desk) for event in side.of(LoggedOut))


CHANGES = pytest.mark.parametrize(
    ("hours", "night", "opens", "closes"),
    [
        # 02:00 to 03:00 is skipped on 29 March, 02:00 to 03:00 comes twice on 25 October.
        (Schedule(time(2, 30), time(8), BERLIN), date(2026, 3, 29), (1, 0), (6, 0)),
        (Schedule(time(22), time(2, 30), BERLIN), date(2026, 3, 28), (21, 0), (25, 0)),
        (Schedule(time(2, 30), time(8), BERLIN), date(2026, 10, 25), (0, 30), (7, 0)),
        (Schedule(time(22), time(2, 30), BERLIN), date(2026, 10, 24), (20, 0), (24, 30)),
        (Schedule(time(17), time(17), NEW_YORK), date(2026, 3, 7), (22, 0), (45, 0)),
        (Schedule(time(17), time(17), NEW_YORK), date(2026, 10, 31), (21, 0), (46, 0)),
        (Schedule(time(1, 30), time(1, 15), NEW_YORK), date(2026, 11, 1), (5, 30), (30, 15)),
    ],
    ids=["start skipped", "end skipped", "start comes twice", "end comes twice", "23 hours",
         "25 hours", "starts in the repeated hour"],
)  # fmt: skip


class TestTheClocksChange:
    @CHANGES
    def test_both_open_restart_and_close_at_the_same_instants(self, hours, night, opens, closes):
        """Hours and minutes of UTC after midnight of that date."""
        midnight = instant(night.year, night.month, night.day)
        begin, end = (midnight + h * HOUR + m * 60 * SECOND for h, m in (opens, closes))
        two = Two((12, 40), (40, 12), now=begin - SECOND, since=begin - 3 * DAY,
                  schedule=hours, reset_schedule=hours)  # fmt: skip
        two.venue.store.since_ns = two.desk.store.since_ns = begin - SECOND
        two.connect()
        was_open = hours.is_open(begin - SECOND)
        assert two.up is was_open
        if was_open:
            two.wait(1)  # a period without a pause before it: logged out at the restart
        assert two.down
        two.now = begin
        two.connect()
        assert two.up
        assert two.venue.numbers == two.desk.numbers == (2, 2)
        two.wait((end - two.now) / SECOND - 1)
        assert two.up
        two.wait(1)
        assert two.down
        assert two.agree
        # The second coming of an hour opens nothing again.
        two.now = end + 30 * 60 * SECOND
        two.connect()
        assert two.up is hours.is_open(two.now)
