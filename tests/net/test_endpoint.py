"""The endpoint in virtual time: a loop, a clock and a transport that a test moves."""

from __future__ import annotations

import asyncio
import heapq

import pytest

from fixgate.dictionary import validator_for
from fixgate.errors import StoreError
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.endpoint import STALL_NS, Endpoint
from fixgate.net.events import CloseReason, ConnectionClosed
from fixgate.session.events import LoggedOn, LoggedOut, TimedOut
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
        self.timers: list = []
        self.soon: list = []
        self.armed = 0

    def call_later(self, delay_s, callback):
        self.armed += 1
        timer = Timer()
        due_ns = self.now_ns + round(delay_s * 1e9)
        heapq.heappush(self.timers, (due_ns, self.armed, timer, callback))
        return timer

    def call_soon(self, callback):
        self.soon.append(callback)

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

    def __init__(self, monkeypatch, heartbeat_s: int = 30, store=None, relieve=None) -> None:
        self.loop = Loop()
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self.loop)
        settings = SessionSettings(SessionId("FIX.4.4", "VENUE", "CLIENT"), Role.ACCEPTOR)
        self.store = MemoryStore() if store is None else store
        self.history = History()
        self.events: list = []
        self.closed: list[ConnectionClosed] = []
        session = Session(settings, self.store, validator_for("FIX.4.4"), self.history)
        self.endpoint = Endpoint(
            session,
            Clock(lambda: self.loop.now_ns, lambda: self.loop.now_ns),
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
        seconds = (self.loop.now_ns - START_NS) // SECOND
        at = f"20260101-{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        head = f"35={msg_type}|34={self.next_out}|49=CLIENT|52={at}|56=VENUE|"
        self.next_out += 1
        return build("FIX.4.4", head + body)

    def rx(self, msg_type: str, body: str = "") -> None:
        self.endpoint.data_received(self.message(msg_type, body))

    def tx(self) -> list[str]:
        """MsgTypes of what has been written since the last time."""
        written, self.transport.written = b"".join(self.transport.written), []
        return [fields(b"8=" + part)[35] for part in written.split(b"8=FIX")[1:]]

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
