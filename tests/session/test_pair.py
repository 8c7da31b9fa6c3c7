"""Two sessions of ours through random drops, cuts and reconnects: nothing lost, nothing twice.

The oracle knows no session: it has the list of what each side's application asked to be sent,
and wants the other side's application to have been given exactly that, in that order.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fixgate.dictionary import validator_for
from fixgate.session.events import AppMessage
from fixgate.session.phase import Phase
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore

SECOND = 1_000_000_000
START = 1_772_442_000 * SECOND


class Side:
    """One session, what it was asked to send, and what its application got."""

    def __init__(self, role: Role, ours: str, theirs: str) -> None:
        ident = SessionId("FIX.4.4", ours, theirs)
        self.store = MemoryStore()
        # Messages may be on the wire for hours here; one that is late by more than is put up with
        # would be rejected and counted, as the standard has it (case 2.o), and so be lost.
        settings = SessionSettings(ident, role, sending_time_tolerance_ns=10**9 * SECOND)
        self.session = Session(settings, self.store, validator_for("FIX.4.4"))
        self.asked: list[bytes] = []
        self.got: list[bytes] = []

    def take(self, events: list[object]) -> None:
        self.got += [e.message[148] for e in events if isinstance(e, AppMessage)]


class Pair(RuleBasedStateMachine):
    """An acceptor and an initiator with a wire between them that loses whole flights."""

    def __init__(self) -> None:
        super().__init__()
        self.sides = (Side(Role.ACCEPTOR, "A", "B"), Side(Role.INITIATOR, "B", "A"))
        self.flights: tuple[list[bytes], list[bytes]] = ([], [])
        self.up = False
        self.now = START

    def collect(self) -> None:
        for side, flight in zip(self.sides, self.flights, strict=True):
            if data := side.session.output():
                flight.append(data)

    @precondition(lambda self: not self.up)
    @rule()
    def connect(self) -> None:
        self.up = True
        for side in self.sides:
            side.session.connected(self.now)
        self.collect()

    @precondition(lambda self: self.up)
    @rule()
    def cut(self) -> None:
        """What is in flight is lost."""
        self.up = False
        for side, flight in zip(self.sides, self.flights, strict=True):
            flight.clear()
            side.take(side.session.disconnected(self.now))

    @rule(which=st.integers(0, 1), count=st.integers(1, 4))
    def send(self, which: int, count: int) -> None:
        side = self.sides[which]
        for _ in range(count):
            text = b"%d-%d" % (which, len(side.asked))
            side.asked.append(text)
            side.session.send(b"B", b"148=%b\x0133=1\x0158=x\x01" % text, self.now)
        self.collect()

    @precondition(lambda self: self.up)
    @rule(which=st.integers(0, 1), split=st.integers(0, 400))
    def deliver(self, which: int, split: int) -> None:
        flight, other = self.flights[which], self.sides[1 - which]
        if not flight:
            return
        data = flight.pop(0)
        if 0 < split < len(data):
            flight.insert(0, data[split:])
            data = data[:split]
        other.take(other.session.receive(data, self.now))
        self.collect()
        if other.session.wants_close:
            self.cut()

    @rule(seconds=st.floats(0.001, 40))
    def wait(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)
        for side in self.sides:
            side.take(side.session.wake(self.now))
            while side.session.resending:
                side.session.continue_resend(self.now)
                self.collect()
        self.collect()
        if self.up and any(side.session.wants_close for side in self.sides):
            self.cut()

    @invariant()
    def nothing_twice_and_nothing_out_of_order(self) -> None:
        for sender, receiver in (self.sides, self.sides[::-1]):
            assert receiver.got == sender.asked[: len(receiver.got)]

    @invariant()
    def no_number_is_ahead_of_the_other_side(self) -> None:
        for sender, receiver in (self.sides, self.sides[::-1]):
            assert receiver.store.next_in <= sender.store.next_out

    def teardown(self) -> None:
        if self.up:
            self.cut()
        self.connect()
        for _ in range(200):
            if not any(self.flights) and not any(s.session.resending for s in self.sides):
                break
            for which in (0, 1):
                self.deliver(which, 0)
            self.wait(0.001)
        a, b = self.sides
        assert a.session.phase is b.session.phase is Phase.ACTIVE
        assert b.got == a.asked
        assert a.got == b.asked
        assert (a.store.next_out, a.store.next_in) == (b.store.next_in, b.store.next_out)


TestPair = Pair.TestCase
TestPair.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("lost", range(12))
def test_any_one_message_lost_in_the_stream_comes_again(lost: int):
    """A proxy that swallows one message: the gap shows at the next one and is filled."""
    pair = Pair()
    pair.connect()
    for _ in range(3):
        pair.send(0, 2)
        pair.send(1, 2)
    for which in (0, 1):
        for _ in range(4):
            pair.deliver(which, 0)
    a = pair.sides[0]
    pair.flights[0].clear()
    if lost < 6:
        a.session.send(b"B", b"148=gone\x0133=1\x0158=x\x01", pair.now)
        a.asked.append(b"gone")
        a.session.output()
    pair.send(0, 1)
    for _ in range(50):
        for which in (0, 1):
            pair.deliver(which, 0)
    pair.cut()
    pair.teardown()
