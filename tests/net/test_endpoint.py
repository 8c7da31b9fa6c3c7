"""The endpoint in virtual time: a loop, a clock and a transport that a test moves."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, time
from functools import partial

import pytest

from fixgate.dictionary import validator_for
from fixgate.errors import StoreError
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.endpoint import STALL_NS, Endpoint
from fixgate.net.events import CloseReason, ConnectionClosed
from fixgate.session.events import HoursEnded, LoggedOn, LoggedOut, TimedOut, Violation
from fixgate.session.schedule import Schedule
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from fixgate.wire.framer import Framer
from tests.live.peer import build, fields

START_NS = 1_767_225_600_000_000_000  # 2026-01-01 00:00:00 UTC
SECOND = 1_000_000_000


class Timer:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Virtual time for one endpoint."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.wall_ahead_ns = 0
        self.timers: list = []
        self.soon: list = []
        self.armed = 0

    @property
    def wall_ns(self) -> int:
        return self.now_ns + self.wall_ahead_ns

    def call_later(self, delay_s, callback):
        self.armed += 1
        timer = Timer()
        due_ns = self.now_ns + round(delay_s * 1e9)
        heapq.heappush(self.timers, (due_ns, self.armed, timer, callback))
        return timer

    def call_soon(self, callback, *args):
        self.soon.append(partial(callback, *args))

    def run_soon(self):
        ready, self.soon = self.soon, []
        for callback in ready:
            callback()

    def advance(self, seconds: float):
        """Let time pass, timers fire on the way."""
        end_ns = self.now_ns + round(seconds * 1e9)
        while self.timers and self.timers[0][0] <= end_ns:
            due_ns, _, timer, callback = heapq.heappop(self.timers)
            if not timer.cancelled:
                self.now_ns = max(self.now_ns, due_ns)
                callback()
                self.run_soon()
        self.now_ns = end_ns


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.unread = 0
        self.reading = True
        self.half_closed = self.aborted = self.closed = False

    def set_protocol(self, protocol):
        self.protocol = protocol

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return self.unread

    def write(self, data):
        self.written.append(bytes(data))

    def write_eof(self):
        self.half_closed = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def is_closing(self):
        return self.closed or self.aborted

    def close(self):
        self.closed = True

    def abort(self):
        self.aborted = True


class Rig:
    """An endpoint that has just been admitted, its peer played by the test."""

    def __init__(
        self, monkeypatch, heartbeat_s: int = 30, store=None, relieve=None, **settings: object
    ) -> None:
        self.loop = Loop()
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self.loop)
        settings = SessionSettings(
            SessionId("FIX.4.4", "VENUE", "CLIENT"), Role.ACCEPTOR, **settings
        )
        self.store = MemoryStore() if store is None else store
        self.history = History()
        self.events: list = []
        self.closed: list[ConnectionClosed] = []
        self.clock = Clock(lambda: self.loop.wall_ns, lambda: self.loop.now_ns)
        session = Session(settings, self.store, validator_for("FIX.4.4"), self.history)
        self.endpoint = Endpoint(
            session,
            self.clock,
            on_events=lambda events, _: self.events.extend(events),
            on_closed=lambda closed, _: self.closed.append(closed),
            history=self.history,
            max_write_buffer=1000,
            relieve=relieve,
        )
        self.transport = Transport()
        self.next_out = 1
        framer = Framer()
        items = framer.feed(self.message("A", f"98=0|108={heartbeat_s}|"))
        self.endpoint.adopt(self.transport, items, framer)

    def message(self, msg_type: str, body: str = "") -> bytes:
        at = datetime.fromtimestamp(self.loop.wall_ns // SECOND, UTC).strftime("%Y%m%d-%H:%M:%S")
        head = f"35={msg_type}|34={self.next_out}|49=CLIENT|52={at}|56=VENUE|"
        self.next_out += 1
        return build("FIX.4.4", head + body)

    def rx(self, msg_type: str, body: str = "") -> None:
        self.endpoint.data_received(self.message(msg_type, body))

    def tx(self) -> list[str]:
        """MsgTypes of what has been written since the last time."""
        written, self.transport.written = b"".join(self.transport.written), []
        return [fields(b"8=" + part)[35] for part in written.split(b"8=FIX")[1:]]

    def step(self, seconds: float, *, seen: bool = True) -> None:
        """The wall clock is set; whoever looks once a second has looked when ``seen``."""
        self.loop.wall_ahead_ns += round(seconds * 1e9)
        if seen:
            self.clock.follow()
            self.loop.run_soon()

    def sent_at(self) -> list[str]:
        """SendingTimes of what has been written since the last time, to the second."""
        written, self.transport.written = b"".join(self.transport.written), []
        return [fields(b"8=" + part)[52][:17] for part in written.split(b"8=FIX")[1:]]

    def lose(self, error: Exception | None = None) -> None:
        self.endpoint.connection_lost(error)


@pytest.fixture
def rig(monkeypatch) -> Rig:
    return Rig(monkeypatch)


def test_a_turn_is_one_write(rig):
    assert rig.tx() == ["A"]
    rig.endpoint.data_received(b"".join(rig.message("1", f"112={n}|") for n in range(3)))
    assert len(rig.transport.written) == 1
    assert rig.tx() == ["0", "0", "0"]


def test_the_timer_is_lazy_and_the_heartbeat_on_time(rig):
    rig.tx()
    armed = rig.loop.armed
    for _ in range(29):
        rig.loop.advance(1)
        rig.rx("1", "112=x|")
    assert rig.loop.armed <= armed + 1
    rig.tx()
    rig.loop.advance(29)
    assert rig.tx() == []
    rig.loop.advance(1)
    assert rig.tx() == ["0"]


def test_a_silent_peer_is_asked_then_left(rig):
    rig.tx()
    rig.loop.advance(200)
    assert "1" in rig.tx()
    assert any(isinstance(event, TimedOut) for event in rig.events)
    assert rig.transport.half_closed
    assert rig.transport.aborted
    rig.lose()
    assert rig.closed == [ConnectionClosed(CloseReason.OURS)]
    assert isinstance(rig.events[-1], LoggedOut)


def test_store_before_send(rig, monkeypatch):
    rig.tx()

    def full():
        raise StoreError("disk", "No space left on device")

    monkeypatch.setattr(rig.store, "flush", full, raising=False)
    rig.rx("1", "112=x|")
    assert rig.tx() == []
    assert rig.transport.aborted
    rig.rx("1", "112=late|")
    rig.lose()
    assert rig.closed[0].reason is CloseReason.STORE
    assert "No space left" in rig.closed[0].text


class SlowStore(MemoryStore):
    """A memory whose disk is as slow, and as full, as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = False
        self.full = 0
        self.number = 0
        self.hear = None

    def watch(self, on_stored):
        self.hear = on_stored

    def flush(self) -> int:
        if self.full:
            self.full -= 1
            raise StoreError("disk", "No space left on device", full=True)
        if not self.slow:
            return 0
        self.number += 1
        return self.number

    def land(self) -> None:
        self.hear(self.number, None)


def test_nothing_leaves_before_the_disk_has_it(monkeypatch):
    rig = Rig(monkeypatch, store=SlowStore())
    rig.tx()
    rig.store.slow = True
    rig.rx("1", "112=x|")
    rig.rx("1", "112=y|")
    assert rig.tx() == []
    rig.store.slow = False
    rig.store.land()
    assert rig.tx() == ["0", "0"]


def test_a_logout_is_on_disk_before_the_connection_closes(monkeypatch):
    rig = Rig(monkeypatch, store=SlowStore())
    rig.tx()
    rig.store.slow = True
    rig.rx("5")
    rig.endpoint.close()
    assert not rig.transport.half_closed
    rig.store.slow = False
    rig.store.land()
    assert rig.tx() == ["5"]
    assert rig.transport.half_closed


def test_while_the_disk_is_slow_nothing_more_is_read(monkeypatch):
    rig = Rig(monkeypatch, store=SlowStore())
    rig.tx()
    rig.store.slow = True
    for _ in range(20):
        rig.rx("1", f"112={'x' * 5000}|")
    assert not rig.transport.reading
    rig.endpoint.resume_writing()
    assert not rig.transport.reading
    rig.store.slow = False
    rig.store.land()
    assert rig.transport.reading
    assert rig.tx() == ["0"] * 20


def test_a_peer_that_has_left_gets_nothing_from_the_disk(monkeypatch):
    rig = Rig(monkeypatch, store=SlowStore())
    rig.tx()
    rig.store.slow = True
    rig.rx("1", "112=x|")
    rig.lose()
    assert rig.store.hear is None
    assert rig.tx() == []


def test_a_full_disk_with_room_for_it_ends_in_a_logout(monkeypatch):
    asked = []
    rig = Rig(monkeypatch, store=SlowStore(), relieve=lambda error: asked.append(error) or True)
    rig.tx()
    rig.store.full = 1
    rig.rx("1", "112=x|")
    assert [error.full for error in asked] == [True]
    written = b"".join(rig.transport.written)
    assert rig.tx() == ["0", "5"]
    assert b"58=messages cannot be stored: no space left\x01" in written
    assert not rig.transport.aborted
    rig.rx("5")
    assert rig.transport.half_closed


@pytest.mark.parametrize("room", [True, False])
def test_a_full_disk_without_room_for_a_logout_burns_no_number(monkeypatch, room):
    rig = Rig(monkeypatch, store=SlowStore(), relieve=lambda _: room)
    rig.tx()
    rig.store.full = 9
    rig.rx("1", "112=x|")
    assert rig.tx() == []
    assert rig.transport.aborted
    rig.lose()
    assert rig.closed[0].reason is CloseReason.STORE


def test_a_disk_that_fails_behind_our_back_ends_in_a_logout_too(monkeypatch):
    rig = Rig(monkeypatch, store=SlowStore(), relieve=lambda error: error.full)
    rig.tx()
    rig.store.slow = True
    rig.rx("1", "112=x|")
    rig.store.slow = False
    rig.store.hear(1, StoreError("disk", "No space left on device", full=True))
    assert rig.tx() == ["0", "5"]


def test_after_our_last_byte_the_peer_may_close_and_is_not_reset(rig):
    rig.rx("5")
    assert rig.tx() == ["A", "5"]
    assert not rig.transport.aborted
    rig.rx("1", "112=too late|")
    assert rig.tx() == []
    rig.endpoint.eof_received()
    rig.lose()
    assert rig.closed[0].reason in (CloseReason.OURS, CloseReason.PEER)


def test_closing_what_the_peer_has_reset_is_no_fault_of_ours(rig, caplog):
    def reset():
        raise OSError(107, "Transport endpoint is not connected")

    rig.transport.write_eof = reset
    rig.endpoint.close()
    assert rig.transport.aborted
    rig.lose()
    assert rig.closed[0].reason is CloseReason.OURS
    assert caplog.records == []


def test_a_peer_that_never_closes_is_cut_off_in_time(rig):
    rig.endpoint.close()
    assert rig.transport.half_closed
    rig.loop.advance(1.9)
    assert not rig.transport.aborted
    rig.loop.advance(0.2)
    assert rig.transport.aborted


def test_while_the_peer_does_not_read_nothing_is_read_from_it(rig):
    rig.endpoint.pause_writing()
    assert not rig.transport.reading
    rig.endpoint.resume_writing()
    assert rig.transport.reading
    rig.loop.advance(STALL_NS / SECOND + 1)
    assert not rig.transport.aborted


def test_after_a_large_read_the_other_peers_have_their_turn(rig):
    rig.endpoint.data_received(rig.message("0") * 1000)
    assert not rig.transport.reading
    rig.loop.run_soon()
    assert rig.transport.reading


def test_a_large_read_does_not_end_a_blockade(rig):
    rig.endpoint.data_received(rig.message("0") * 1000)
    rig.endpoint.pause_writing()
    rig.loop.run_soon()
    assert not rig.transport.reading


def test_after_a_large_read_a_connection_may_be_gone(rig):
    rig.endpoint.data_received(rig.message("0") * 1000)
    rig.transport.reading = False
    rig.endpoint.abort()
    rig.loop.run_soon()
    assert not rig.transport.reading


def test_a_blockade_of_ten_seconds_ends_the_connection(rig):
    rig.endpoint.pause_writing()
    rig.loop.advance(9.9)
    assert not rig.transport.aborted
    rig.loop.advance(0.2)
    assert rig.transport.aborted
    rig.lose()
    assert rig.closed[0].reason is CloseReason.STALLED


def test_too_much_unread_ends_the_connection_at_once(rig):
    rig.endpoint.pause_writing()
    rig.transport.unread = 1001
    rig.endpoint.turn(lambda now_ns: rig.endpoint.session.test_request(b"x", now_ns))
    assert rig.transport.aborted
    rig.lose()
    assert rig.closed == [ConnectionClosed(CloseReason.STALLED, "1001 bytes unread")]


def test_a_peer_that_we_did_not_read_does_not_count_as_mute(monkeypatch):
    rig = Rig(monkeypatch, heartbeat_s=1)
    rig.loop.advance(0.5)
    rig.endpoint.pause_writing()
    rig.loop.advance(9)
    assert not any(isinstance(event, TimedOut) for event in rig.events)
    rig.endpoint.resume_writing()
    rig.loop.advance(0.9)
    assert not any(isinstance(event, TimedOut) for event in rig.events)
    rig.rx("0")
    assert not rig.transport.aborted


def test_a_fault_of_ours_cuts_the_connection_and_is_logged(rig, monkeypatch, caplog):
    def broken(events, now_ns):
        raise RuntimeError("broken owner")

    monkeypatch.setattr(rig.endpoint, "_on_events", broken)
    rig.rx("0")
    assert rig.transport.aborted
    rig.lose()
    assert rig.closed[0] == ConnectionClosed(CloseReason.FAULT, "RuntimeError: broken owner")
    assert "broken owner" in caplog.text


def test_a_peer_that_does_not_answer_is_told_from_one_that_does(monkeypatch):
    rig = Rig(monkeypatch, heartbeat_s=10)
    rig.loop.advance(13.9)
    assert rig.tx() == ["A", "0", "1"]
    assert not rig.endpoint.unanswered(rig.loop.now_ns)
    rig.loop.advance(0.1)
    assert rig.endpoint.unanswered(rig.loop.now_ns)
    rig.rx("0")
    assert not rig.endpoint.unanswered(rig.loop.now_ns)


def test_a_peer_that_we_do_not_read_may_have_answered(monkeypatch):
    rig = Rig(monkeypatch, heartbeat_s=10)
    rig.loop.advance(13)
    rig.endpoint.pause_writing()
    rig.loop.advance(5)
    assert not rig.endpoint.unanswered(rig.loop.now_ns)
    rig.endpoint.resume_writing()
    assert not rig.endpoint.unanswered(rig.loop.now_ns)
    rig.loop.advance(1)
    assert rig.endpoint.unanswered(rig.loop.now_ns)


def test_making_way_ends_it_at_once_and_only_once(rig):
    rig.endpoint.make_way(CloseReason.REPLACED)
    assert rig.transport.aborted
    assert rig.closed == [ConnectionClosed(CloseReason.REPLACED)]
    assert isinstance(rig.events[-1], LoggedOut)
    rig.tx()
    rig.rx("1", "112=too late|")
    rig.lose()
    assert rig.tx() == []
    assert len(rig.closed) == 1
    assert not any(not timer.cancelled for _, _, timer, _ in rig.loop.timers)


def test_what_lingers_after_its_logout_makes_way_as_ours(rig):
    assert not rig.endpoint.over
    rig.rx("5")
    assert rig.endpoint.over
    rig.endpoint.make_way(CloseReason.OURS)
    assert rig.closed == [ConnectionClosed(CloseReason.OURS)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, CloseReason.PEER),
        (ConnectionResetError(104, "Connection reset by peer"), CloseReason.RESET),
        (TimeoutError(110, "Connection timed out"), CloseReason.LOST),
    ],
)
def test_how_a_connection_was_lost(rig, error, reason):
    assert isinstance(rig.events[0], LoggedOn)
    rig.lose(error)
    rig.lose(error)
    assert [closed.reason for closed in rig.closed] == [reason]
    assert [r.what for r in rig.history if r.glyph == "~"][-1] == rig.closed[0]
    assert not any(not timer.cancelled for _, _, timer, _ in rig.loop.timers)


# The clock steps: threat 22, no spurious disconnect.

HOUR = 3600.0
STEPS = pytest.mark.parametrize("step_s", [HOUR, -HOUR, 1.0, -1.0])
SEEN = pytest.mark.parametrize("seen", [True, False])


@STEPS
@SEEN
def test_heartbeats_go_on_at_their_pace_with_the_new_time(rig, step_s, seen):
    rig.tx()
    rig.loop.advance(20)
    rig.step(step_s, seen=seen)
    rig.rx("0")
    rig.loop.advance(9.9)
    assert rig.sent_at() == []
    rig.loop.advance(0.2)
    at = datetime.fromtimestamp(START_NS // SECOND + 30 + step_s, UTC)
    assert rig.sent_at() == [at.strftime("%Y%m%d-%H:%M:%S")]
    assert rig.closed == []
    assert not rig.transport.half_closed


@STEPS
@SEEN
def test_a_challenged_peer_is_not_left_for_a_step(rig, step_s, seen):
    rig.tx()
    rig.loop.advance(40)
    assert rig.tx() == ["0", "1"]
    rig.step(step_s, seen=seen)
    rig.loop.advance(30)
    assert not rig.transport.half_closed
    rig.rx("0", "112=alive-3|")
    rig.loop.advance(30)
    assert not rig.transport.half_closed
    assert not any(isinstance(event, TimedOut) for event in rig.events)


@STEPS
def test_a_peer_that_is_gone_is_left_as_soon_as_without_a_step(rig, step_s):
    rig.tx()
    rig.loop.advance(40)
    rig.step(step_s)
    rig.loop.advance(31.9)
    assert not rig.transport.half_closed
    rig.loop.advance(0.2)
    assert rig.transport.half_closed


@STEPS
def test_a_message_is_not_held_against_a_peer_whose_clock_is_right(rig, step_s):
    """It comes before the second is over after which the clock would have been looked at."""
    rig.tx()
    rig.step(step_s, seen=False)
    data = b"".join(rig.message("1", f"112={n}|") for n in range(3))
    rig.endpoint.data_received(data)
    rig.loop.run_soon()
    assert not any(isinstance(event, Violation) for event in rig.events)
    at = datetime.fromtimestamp(START_NS // SECOND + step_s, UTC)
    # A second is no reason to doubt: whoever tolerates 120 s does not mind it.
    told = at if abs(step_s) > 120 else datetime.fromtimestamp(START_NS // SECOND, UTC)
    assert rig.sent_at() == [told.strftime("%Y%m%d-%H:%M:%S")] * 3
    assert [r.glyph for r in rig.history].count("<") == 4
    rig.loop.advance(29.9)
    assert rig.tx() == []
    rig.loop.advance(0.2)
    assert rig.tx() == ["0"]


def test_what_was_sent_before_the_step_is_taken_as_it_is(rig):
    rig.tx()
    early = rig.message("1", "112=early|")
    rig.step(HOUR, seen=False)
    rig.endpoint.data_received(early + rig.message("1", "112=late|"))
    assert rig.tx() == ["0", "0"]
    assert rig.loop.wall_ns - rig.clock.now_ns() == 0


def test_a_logon_is_not_refused_for_a_step(monkeypatch):
    class Stepped(Rig):
        def message(self, msg_type: str, body: str = "") -> bytes:
            self.loop.wall_ahead_ns = int(HOUR * SECOND)
            return super().message(msg_type, body)

    rig = Stepped(monkeypatch)
    assert rig.tx() == ["A"]
    assert isinstance(rig.events[0], LoggedOn)
    rig.loop.run_soon()
    rig.loop.advance(29.9)
    assert rig.tx() == []
    rig.loop.advance(0.2)
    assert rig.tx() == ["0"]


def test_an_initiator_looks_at_the_clock_before_its_logon(monkeypatch):
    rig = Rig(monkeypatch)
    settings = SessionSettings(SessionId("FIX.4.4", "CLIENT", "VENUE"), Role.INITIATOR)
    session = Session(settings, MemoryStore(), validator_for("FIX.4.4"))
    endpoint = Endpoint(
        session, rig.clock, on_events=lambda *_: None, on_closed=lambda *_: None,
        history=History(), max_write_buffer=1000,
    )  # fmt: skip
    rig.step(HOUR, seen=False)
    rig.transport = Transport()
    endpoint.connection_made(rig.transport)
    assert rig.sent_at() == ["20260101-01:00:00"]


@SEEN
def test_a_step_over_the_end_of_hours_ends_the_session_in_order(monkeypatch, seen):
    rig = Rig(monkeypatch, schedule=Schedule(time(23), time(1)))
    rig.tx()
    rig.loop.advance(20)
    rig.step(HOUR, seen=seen)
    rig.loop.advance(0.1 if seen else 10.1)
    assert "5" in rig.tx()
    assert any(isinstance(event, HoursEnded) for event in rig.events)
    rig.rx("5")
    assert any(event == LoggedOut(by_peer=False, clean=True, text="") for event in rig.events)


@STEPS
def test_a_logout_gets_its_time_to_be_answered(rig, step_s):
    rig.endpoint.logout("", rig.clock.now_ns())
    rig.loop.advance(9)
    rig.step(step_s)
    rig.loop.advance(0.9)
    assert not rig.transport.half_closed
    rig.loop.advance(0.2)
    assert rig.transport.half_closed


@STEPS
def test_a_closing_peer_gets_its_time_too(rig, step_s):
    rig.endpoint.close()
    rig.loop.advance(1)
    rig.step(step_s)
    rig.loop.advance(0.9)
    assert not rig.transport.aborted
    rig.loop.advance(0.2)
    assert rig.transport.aborted


@STEPS
def test_a_blockade_lasts_as_long_as_ever(rig, step_s):
    rig.endpoint.pause_writing()
    rig.loop.advance(9)
    rig.step(step_s)
    rig.loop.advance(0.9)
    assert not rig.transport.aborted
    rig.loop.advance(0.2)
    assert rig.transport.aborted


def test_an_hours_sleep_is_no_reason_to_leave(rig):
    """The monotonic clock and the timers stood still; peers that stayed are welcome."""
    rig.tx()
    rig.loop.advance(20)
    rig.step(HOUR, seen=False)
    rig.rx("1", "112=still there?|")
    assert rig.tx() == ["0"]
    rig.loop.advance(29)
    assert not any(isinstance(event, TimedOut) for event in rig.events)


def test_after_an_hours_sleep_the_peers_goodbye_is_read(rig):
    rig.tx()
    goodbye = rig.message("1", "112=?|") + rig.message("5", "58=no answer|")
    rig.step(HOUR, seen=False)
    rig.endpoint.data_received(goodbye)
    rig.endpoint.eof_received()
    rig.lose()
    assert LoggedOut(by_peer=True, clean=True, text="no answer") in rig.events
    rig.clock.follow()
    rig.loop.run_soon()
    assert len(rig.closed) == 1


def test_who_is_gone_hears_of_no_step(rig):
    rig.step(HOUR, seen=False)
    rig.clock.follow()
    rig.lose()
    rig.loop.run_soon()
    rig.step(-HOUR)
    assert len(rig.closed) == 1
