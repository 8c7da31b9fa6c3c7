"""Two sessions of ours in a world that drops, cuts, restarts and steps clocks, in virtual time.

    python -m tests.session.simulation --events 100000

Everything follows from a seed. After every event an oracle of each side (`tests.session.oracle`)
has agreed with what the side wrote, what its application was given, and the numbers in its store.
In the end the clocks are set right and both sides must agree on everything, then log out.
"""

from __future__ import annotations

import argparse
import random

from fixgate.session.dialect import QUICKFIX, STANDARD, Dialect
from fixgate.session.events import AppMessage, Event, LoggedOut
from fixgate.session.phase import Phase
from fixgate.session.policies import NumberingPolicy, RequestEnd, ResendPolicy
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.session.oracle import Habits, Oracle
from tests.session.side import Pipe, Side
from tests.session.tap import DisobedienceError

SECOND = 1_000_000_000
START = 1_772_442_000 * SECOND
EVENTS_A_SEED = 1000
VERSIONS = (("FIX.4.0", None), ("FIX.4.2", None), ("FIX.4.4", None), ("FIXT.1.1", "9"))
WAKES_AT_ONCE = 50


class World:
    """Two sides, their clocks, the wire between them and the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.true = START
        self.calm = False
        dice = self.dice
        begin, version = dice.choice(VERSIONS)
        heartbeat = dice.choice((0, 1, 5, 30))
        self.resets = begin != "FIX.4.0" and dice.random() < 0.1
        self.sides = (
            self._side(
                Role.ACCEPTOR, ("A", "B"), begin, version, 30, dice.choice((STANDARD, QUICKFIX))
            ),
            self._side(
                Role.INITIATOR,
                ("B", "A"),
                begin,
                version,
                heartbeat,
                dice.choice((STANDARD, QUICKFIX)),
            ),
        )
        for side in self.sides:
            side.oracle.heartbeat_s = heartbeat
        self.heartbeat = heartbeat
        self.violence = dice.choice((0.005, 0.02, 0.08))
        self.count = 0

    def _side(
        self, role: Role, ids: tuple[str, str], begin: str, version: str | None, heartbeat: int,
        dialect: Dialect,
    ) -> Side:  # fmt: skip
        initiator = role is Role.INITIATOR
        resets = initiator and self.resets
        settings = SessionSettings(
            SessionId(begin, *ids), role, heartbeat, version, reset_on_logon=resets,
            dialect=dialect, numbering=NumberingPolicy(next_expected=self.dice.random() < 0.5),
            resends=ResendPolicy(
                request_size=self.dice.choice((None, None, 1, 5)),
                request_end=self.dice.choice((RequestEnd.VERSION, RequestEnd.EXACT)),
            ),
        )  # fmt: skip
        strict = dialect is STANDARD
        old = begin == "FIX.4.0"
        new = begin in ("FIX.4.4", "FIXT.1.1")
        exact = settings.resends.request_end is RequestEnd.EXACT
        habits = Habits(
            silent_refusal=not strict,
            confirm_high_logout=not strict,
            serve_low=not strict,
            close_after_reply=not strict,
            mute_while_challenged=not strict,
            seconds_only=old,
            end_of_range=b"" if exact else b"999999" if old else b"0",
            resets=resets,
            next_expected=new and settings.numbering.next_expected,
            obeys_next_expected=new,
            chunk=settings.resends.request_size or 0,
            gap_fill_ends_chunk=not strict,
        )
        ours, theirs = (name.encode() for name in ids)
        oracle = Oracle(begin.encode(), ours, theirs, initiator, heartbeat, habits)
        return Side(settings, 0 if old else 3, oracle)

    # Turns of one side.

    def now(self, side: Side) -> int:
        return self.true + side.offset

    def other(self, side: Side) -> Side:
        return self.sides[side is self.sides[0]]

    def turn(self, side: Side, events: list[Event] | None = None, *, dies: bool = False) -> None:
        """End a turn of a side: its application takes what came, its bytes go out."""
        now = self.now(side)
        for event in events or ():
            side.events.append(event)
            if isinstance(event, AppMessage):
                side.got.append(event.message[11])
        data = side.session.output()
        side.oracle.wrote(data, now)
        if side.writes is not None and not side.writes.ended and not dies:
            side.writes.data += data
        self.compare(side)
        if dies:
            self.hang_up(side, abrupt=True)
            side.start()
        elif side.oracle.closing and not side.session.wants_close:
            raise DisobedienceError("the connection must be closed")
        elif side.session.wants_close:
            if side.oracle.phase == "active" and not side.oracle.closing:
                raise DisobedienceError("closed a connection that was in order")
            self.hang_up(side, abrupt=not self.calm and self.dice.random() < 0.2)

    def compare(self, side: Side) -> None:
        """The session and the oracle agree."""
        oracle, store = side.oracle, side.store
        ours = (store.next_in, store.next_out, side.got)
        foretold = (oracle.next_in, oracle.next_out, oracle.delivered)
        if ours != foretold:
            raise DisobedienceError(f"the session has {ours}, the oracle {foretold}")

    def hang_up(self, side: Side, *, abrupt: bool) -> None:
        """A side's connection ends; what it has written may be lost from any byte on."""
        if side.writes is not None:
            side.writes.ended = True
            if abrupt and side.writes.data:
                del side.writes.data[self.dice.randrange(len(side.writes.data) + 1) :]
        side.reads = side.writes = None
        side.oracle.closed()
        side.events += side.session.disconnected(self.now(side))
        side.session.output()
        self.compare(side)

    # Events.

    def connect(self) -> None:
        acceptor, initiator = self.sides
        if initiator.connected:
            return
        there, back = Pipe(), Pipe()
        initiator.reads, initiator.writes = back, there
        if acceptor.connected:
            back.ended = True  # the identity is connected already: closed without a word
        else:
            acceptor.reads, acceptor.writes = there, back
            acceptor.session.connected(self.now(acceptor))
            acceptor.oracle.opened(self.now(acceptor))
            self.turn(acceptor)
        initiator.session.connected(self.now(initiator))
        initiator.oracle.opened(self.now(initiator))
        self.turn(initiator)

    def deliver(self, side: Side, most: int = 0, *, dies: bool = False) -> bool:
        """A side reads some bytes, or the end of its connection; ``False`` if there is neither."""
        pipe = side.reads
        if pipe is None or pipe.dead:
            return False
        if pipe.data:
            size = min(most or len(pipe.data), len(pipe.data))
            data = bytes(pipe.data[:size])
            del pipe.data[:size]
            side.oracle.received(data, self.now(side))
            self.turn(side, self.read(side, data), dies=dies)
            return True
        if pipe.ended:
            self.hang_up(side, abrupt=False)
            return True
        return False

    def read(self, side: Side, data: bytes) -> list[Event]:
        """A side's session reads; while it has a backlog it asks to be woken at once."""
        now = self.now(side)
        events = side.session.receive(data, now)
        for _ in range(WAKES_AT_ONCE):
            due = side.session.deadline_ns
            if side.store.next_in >= side.oracle.next_in or due is None or due > now:
                break
            events += side.session.wake(now)
        return events

    def deliver_all(self) -> None:
        """Both sides read until there is nothing left to read."""
        a, b = self.sides
        while self.deliver(a) | self.deliver(b):
            pass

    def drain(self, side: Side) -> None:
        """What was written has gone out: the next chunk of a resend may follow."""
        if side.session.resending:
            side.session.continue_resend(self.now(side))
            self.turn(side)

    def send(self, side: Side, size: int) -> None:
        text = b"%b-%d" % (side.oracle.ours, len(side.asked))
        side.asked.append(text)
        foretold = side.oracle.asked(text, self.now(side))
        body = b"11=%b\x0154=1\x0155=ABC\x01107=%b\x01" % (text, b"x" * size)
        if side.session.send(b"H", body, self.now(side)) != foretold:
            raise DisobedienceError(f"{text!r} has another number than {foretold}")
        self.turn(side)

    def pass_time(self, span: int) -> None:
        """Let time pass, waking each side at its own deadlines and at no other instant."""
        end = self.true + span
        at_once = 0
        while True:
            due = [
                (side.session.deadline_ns - side.offset, number)
                for number, side in enumerate(self.sides)
                if side.connected and side.session.deadline_ns is not None
            ]
            if not due or min(due)[0] > end:
                break
            at, number = min(due)
            at_once = 0 if at > self.true else at_once + 1
            if at_once > WAKES_AT_ONCE:
                raise DisobedienceError("a timer fires without end")
            self.true = max(at, self.true)
            side = self.sides[number]
            side.oracle.woke(self.now(side))
            self.turn(side, side.session.wake(self.now(side)))
        self.true = end
        for side in self.sides:
            if side.connected:
                side.oracle.on_time(self.now(side))

    def step_clock(self, side: Side) -> None:
        dice = self.dice
        largest = dice.choice((0.01, 2.0, 20.0, 20.0, 400.0))
        before, side.offset = side.offset, int(dice.uniform(-largest, largest) * SECOND)
        if dice.random() < 0.5:  # an owner that notices tells its session
            side.session.clock_stepped(side.offset - before)
            side.oracle.clock_stepped(side.offset - before)
        self.true += 1
        self.pass_time(0)

    def cut(self) -> None:
        """The line breaks: each direction loses its bytes from anywhere on."""
        for side in self.sides:
            if side.writes is not None:
                self.break_off(side.writes)

    def break_off(self, pipe: Pipe) -> None:
        if pipe.data:
            del pipe.data[self.dice.randrange(len(pipe.data) + 1) :]
        if self.heartbeat and self.dice.random() < 0.3:
            pipe.dead = True
        pipe.ended = True

    def event(self) -> None:
        """One random event: mostly reading and sending, and now and then a blow."""
        dice, side = self.dice, self.dice.choice(self.sides)
        self.count += 1
        if not self.sides[1].connected and dice.random() < 0.4:
            self.connect()
        elif dice.random() < self.violence:
            self.blow(side)
        else:
            roll = dice.random()
            if roll < 0.55:
                self.deliver(side, dice.choice((0, 0, dice.randrange(1, 300))))
            elif roll < 0.75:
                for _ in range(dice.randrange(1, 4)):
                    self.send(side, dice.choice((1, 1, 1, 1, 20_000)))
            elif roll < 0.85:
                self.drain(side)
            elif roll < 0.95:
                span = dice.choice((0.01, 0.5, 3.0, 40.0)) * dice.random()
                self.pass_time(int(span * SECOND))
            elif side.session.phase is Phase.ACTIVE:
                self.test(side)

    def blow(self, side: Side) -> None:
        """Something that a session must survive."""
        match self.dice.randrange(6):
            case 0 | 1:
                self.cut()
            case 2:
                self.deliver(side, dies=True)
            case 3:
                self.turn(side, dies=True)
            case 4:
                self.step_clock(side)
            case 5 if side.connected:
                self.ask_logout(side)

    def test(self, side: Side) -> None:
        side.oracle.asked_test(b"T%d" % self.count, self.now(side))
        side.session.test_request(b"T%d" % self.count, self.now(side))
        self.turn(side)

    def ask_logout(self, side: Side) -> None:
        side.oracle.asked_logout(self.now(side))
        side.session.logout("", self.now(side))
        self.turn(side)

    # The end.

    def converge(self) -> None:
        """Set the clocks right, mend the line, and wait until nothing is missing."""
        self.calm = True
        for side in self.sides:
            side.offset = 0
        self.true += 1  # no clock shows the same instant twice
        self.pass_time(0)
        for _ in range(500):
            self.deliver_all()
            for side in self.sides:
                self.drain(side)
            busy = any(side.session.resending for side in self.sides)
            settled = not busy and all(side.oracle.settled for side in self.sides)
            if settled and self.agreed():
                return
            self.connect()
            self.pass_time(0 if busy else 2 * SECOND)
        raise DisobedienceError("the sides do not come to an agreement")

    def agreed(self) -> bool:
        a, b = self.sides
        numbers = a.store.next_in == b.store.next_out and b.store.next_in == a.store.next_out
        for sender, receiver in ((a, b), (b, a)):
            if self.resets:
                continue
            wanted = [text for text in sender.asked if text not in receiver.oracle.rejected]
            if receiver.got != wanted:
                return False
        return numbers

    def log_out(self) -> None:
        """An orderly end: both sides see it as clean."""
        for side in self.sides:
            side.events.clear()
        self.ask_logout(self.dice.choice(self.sides))
        for _ in range(30):
            self.deliver_all()
            if not any(each.connected for each in self.sides):
                break
            self.pass_time(SECOND)
        for each in self.sides:
            ends = [event for event in each.events if isinstance(event, LoggedOut)]
            if each.connected or [end.clean for end in ends] != [True]:
                raise DisobedienceError(f"not logged out cleanly: {ends}")


def run(seed: int, events: int = EVENTS_A_SEED) -> World:
    """Run one seed to its end.

    Raises:
        DisobedienceError: With the seed and the event in its notes.
    """
    world = World(seed)
    try:
        for _ in range(events):
            world.event()
        world.converge()
        world.log_out()
    except BaseException as error:
        error.add_note(f"seed {seed}, event {world.count}")
        raise
    return world


def main() -> None:
    """Run seeds one after another until so many events have passed."""
    parser = argparse.ArgumentParser(description="Two sessions through random events.")
    parser.add_argument("--events", type=int, default=100_000, help="in all seeds together")
    parser.add_argument("--seed", type=int, default=1, help="the first")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + -(-given.events // EVENTS_A_SEED))
    texts = 0
    for seed in seeds:
        world = run(seed)
        texts += sum(len(side.got) for side in world.sides)
    print(
        f"{len(seeds) * EVENTS_A_SEED} events, seeds {seeds[0]} to {seeds[-1]}: "
        f"{texts} application messages delivered, both sides agreed every time"
    )


if __name__ == "__main__":
    main()
