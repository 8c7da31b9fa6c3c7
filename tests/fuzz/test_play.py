"""Each promise that a session is held to can be broken, and is seen to be."""

from __future__ import annotations

import random

import pytest

from fixgate.session.events import AppMessage, GarbledInput, TimedOut
from fixgate.session.phase import Phase
from fixgate.session.session import Session
from fuzz.cast import FEATURES, SECRET, any_options, good_logon, settings_of
from fuzz.play import Player
from fuzz.story import Story
from fuzz.watch import Watch
from tests.fixtext import fix

ORDER = "rx 35=D|34={n}|49=TRADER|52={t}|56=EXCH|11=A|55=ABC|54=1|60={t}|38=1|40=1|"
TEST = "rx 35=1|34={n}|49=TRADER|52={t}|56=EXCH|112=X|"


def played(*lines: str, kind: type[Session] = Session, options: str = "") -> Player:
    text = "\n".join([f"session {options}", *lines])
    player = Player(Story.parse(text.encode()), Watch(limit_ns=0), kind)
    player.play()
    return player


def replaced(old: bytes, new: bytes) -> type[Session]:
    """A session with another output."""

    class Altered(Session):
        def __init__(self, *given):
            super().__init__(*given)
            take = self.output
            self.output = lambda: take().replace(old, new)

    return Altered


def test_a_session_in_order_passes():
    player = played(TEST, ORDER, "wait 40", "send", "logout", "drop", TEST, "jump -100", TEST)
    assert player.watch.active > 3
    assert player.store.next_in > 3


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"112=X", b"112=Y", "BodyLength|CheckSum"),
        (b"\x0134=2\x01", b"\x0134=3\x01", "BodyLength|CheckSum"),
        (b"8=FIX", b"8=fix", "BodyLength"),
        (b"\x0110=", b"\x01", "no frame|CheckSum|unpack"),
    ],
)
def test_a_frame_that_nobody_could_read(old, new, told):
    with pytest.raises((AssertionError, ValueError), match=told):
        played(TEST, kind=replaced(old, new))


def test_what_is_stored_and_not_sent():
    class Silent(Session):
        def __init__(self, *given):
            super().__init__(*given)
            self.output = lambda: b""

    with pytest.raises(AssertionError, match="stored and not sent"):
        played(TEST, kind=Silent)


def test_what_is_sent_twice():
    class Twice(Session):
        def __init__(self, *given):
            super().__init__(*given)
            take = self.output
            self.output = lambda: take() * 2

    with pytest.raises(AssertionError, match="never stored"):
        played(TEST, kind=Twice)


def test_a_number_that_is_used_again_and_one_that_goes_back():
    player = played(TEST)
    with pytest.raises(AssertionError, match="the next number is"):
        player.store.sent(1, b"", 0)
    with pytest.raises(AssertionError, match="went back"):
        player.store.set_next_in(1, 0)
    with pytest.raises(AssertionError, match="expected"):
        player.store.received(9, b"", 0)


def altered(change) -> type[Session]:
    """A session that tells other events."""

    class Altered(Session):
        def take(self, item, now_ns):
            return change(super().take(item, now_ns))

    return Altered


def test_an_application_that_is_given_a_number_twice():
    twice = altered(lambda found: [e for e in found for _ in range(1 + isinstance(e, AppMessage))])
    with pytest.raises(AssertionError, match=r"MsgSeqNum\(34\) 2 twice"):
        played(ORDER, kind=twice)


def test_a_secret_in_an_event_or_on_the_wire():
    leaking = altered(lambda found: [*found, TimedOut(f"waiting for {SECRET}")])
    with pytest.raises(AssertionError, match="a secret in TimedOut"):
        played(TEST, kind=leaking)
    hidden = altered(lambda found: [*found, GarbledInput(SECRET.encode(), "x")])
    assert played(TEST, kind=hidden).store.next_in == 3


def test_a_timer_that_is_due_again_and_again():
    class Restless(Session):
        @property
        def deadline_ns(self):
            return 0 if self.phase is Phase.ACTIVE else super().deadline_ns

    with pytest.raises(AssertionError, match="a timer fires without end"):
        played(TEST, kind=Restless)


def test_a_session_that_waits_for_ever():
    class Patient(Session):
        @property
        def deadline_ns(self):
            return None

    with pytest.raises(AssertionError, match="waits for ever"):
        played(TEST, kind=Patient, options="role=initiator logon=by-hand")


def test_a_session_that_remembers_everything():
    class Hoarder(Session):
        def __init__(self, *given):
            super().__init__(*given)
            self.kept = []

        def take(self, item, now_ns):
            self.kept.append(item.raw * 9)
            return super().take(item, now_ns)

    with pytest.raises(AssertionError, match="the session holds"):
        played(TEST.replace("112=X", "112=" + "x" * 30_000), "again 50", kind=Hoarder)


@pytest.mark.parametrize("role", ["acceptor", "initiator"])
@pytest.mark.parametrize("feature", FEATURES)
def test_there_is_a_logon_for_every_kind_of_session(role, feature):
    """Or a session of that kind is never open, and little of it is fuzzed."""
    player = played(TEST, options=f"role={role} with={feature}")
    none = role == "acceptor" and feature in ("locked", "signature")
    assert (player.watch.active > 0) is not none
    assert good_logon(player.settings).startswith(b"35=A\x01")


def test_options_that_nobody_knows_change_nothing():
    plain = settings_of({})
    assert settings_of({"role": "x", "version": "y", "with": "z", "heartbeat": "9"}) == plain
    found = {tuple(any_options(random.Random(seed)).items()) for seed in range(200)}
    assert len(found) > 150


def test_what_is_sent_again_and_was_not_sent():
    again = ("send", "rx 35=2|34={n}|49=TRADER|52={t}|56=EXCH|7=1|16=0|")
    assert played(TEST, *again).store.next_out == 4
    player = Player(Story.parse("\n".join(("session", TEST, *again)).encode()), Watch(limit_ns=0))
    other = fix("35=8|34=3|49=EXCH|52=20260302-09:00:00.000|56=TRADER|58=other|")
    player.store.messages = lambda begin, end: iter([(3, other)])
    with pytest.raises(AssertionError, match="again, was"):
        player.play()


def test_a_clock_that_is_set_is_told_or_found_out():
    player = played(TEST, "step 4000", TEST, "slip -7200", TEST, ORDER, "wait 1")
    assert player.store.next_in == 6
    assert player.session.phase is Phase.ACTIVE


def test_a_session_that_keeps_its_deadline_when_the_clock_is_set():
    class Deaf(Session):
        def clock_stepped(self, step_ns: int) -> None:
            return

    with pytest.raises(AssertionError, match="moved by 0, the clock by 4000"):
        played(TEST, "step 4000", kind=Deaf)


def test_a_session_that_doubts_what_it_has_acted_on():
    class Hasty(Session):
        def doubt(self, look_again):
            def late():
                self.store.set_next_in(self.store.next_in + 1, 0)
                look_again()

            super().doubt(late)

    with pytest.raises(AssertionError, match="that was not taken"):
        played(TEST, "slip 4000", TEST, kind=Hasty)
