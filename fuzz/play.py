"""Plays a story on a session as its owner would, and holds the session to its contract.

Nothing raises; every message that is stored goes out once, in order, as a frame that a reader of
the tests' own accepts, and again as it was; numbers ascend by one, and what is expected next never
goes back without a reset; the application is given each number once; a timer that fires is not due
again at once; memory is bounded; a password of ours is shown nowhere.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator

from fixgate.errors import LocalProtocolError
from fixgate.session.events import AppMessage, Event
from fixgate.session.phase import Phase
from fixgate.session.session import Session
from fixgate.session.settings import SessionSettings
from fixgate.session.store import MemoryStore
from fixgate.session.validation import validator_of
from fixgate.wire.fields import field_reader
from fixgate.wire.garbled import Garbled
from fixgate.wire.limits import DEFAULT_LIMITS
from fixgate.wire.message import Message
from fuzz.cast import OURS, SECRET, THEIRS, good_logon, settings_of
from fuzz.damage import damage
from fuzz.memory import held_bytes
from fuzz.peer import build
from fuzz.story import Step, Story
from fuzz.watch import Watch
from tests.session.tap import Wire, split

__all__ = ["Player"]

_SECOND_NS = 1_000_000_000
_START_NS = 1_772_442_000 * _SECOND_NS  # 2026-03-02 09:00 UTC, a Monday
_MAX_NUMBER = (1 << 64) - 1  # what a journal can hold
_WAKES_AT_ONCE = 50
_WAKES = 2000
_CHUNKS = 2000
_MOST_BYTES = 5 << 20  # of one message sent again and again
_READ_BYTES = 1 << 16  # what a socket gives at most
_WEIGHED_EVERY = 50  # inputs
_MOST_HELD = 6 << 20  # what waits for missing messages, and one that is not whole
_AFTER_LOGOUT = 2
_ANSWER = b"37=O\x0117=E\x0139=0\x0158=answer\x01"


class _Store(MemoryStore):
    """A store that sees to it that its session treats it as a journal has to be treated."""

    def __init__(self) -> None:
        super().__init__()
        self.line: deque[int] = deque()
        self.raw: dict[int, bytes] = {}
        self.resets = 0

    def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
        assert seq_num == self.next_out, f"stored {seq_num}, the next number is {self.next_out}"
        assert seq_num < _MAX_NUMBER
        assert SECRET.encode() not in message, "a secret in the store"
        super().sent(seq_num, message, now_ns)
        self.line.append(seq_num)
        self.raw[seq_num] = message

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        assert next_in == self.next_in + 1, f"took {next_in - 1}, expected {self.next_in}"
        assert next_in <= _MAX_NUMBER
        super().received(next_in, message, now_ns)

    def set_next_in(self, next_in: int, now_ns: int) -> None:
        assert self.next_in <= next_in <= _MAX_NUMBER, f"went back to {next_in}"
        super().set_next_in(next_in, now_ns)

    def set_next_out(self, next_out: int, now_ns: int) -> None:
        assert self.next_out <= next_out <= _MAX_NUMBER
        super().set_next_out(next_out, now_ns)

    def reset(self, now_ns: int) -> None:
        super().reset(now_ns)
        self.raw.clear()
        self.resets += 1


class _FoundOutError(Exception):
    """The clock was found to have been set while a message was being taken."""


class Player:
    """A session, its clock, its application and its line.

    Args:
        story: What is to happen.
        watch: Counts and times.
        kind: The class of session; another one is for tests of this.
    """

    def __init__(self, story: Story, watch: Watch, kind: type[Session] = Session) -> None:
        self.story = story
        self.watch = watch
        self.settings: SessionSettings = settings_of(story.options)
        self.store = _Store()
        self._validator = validator_of(self.settings)
        self.session = kind(self.settings, self.store, self._validator)
        self.session.doubt(self._look_again)
        self.now_ns = _START_NS
        self._slipped_ns = 0
        self._begin = self.settings.id.begin_string.encode()
        self._by_hand = story.options.get("logon") == "by-hand"
        self._noise: int | None = None
        self._cut = 0
        self._last = Step("raw")
        self._tried = False
        self._delivered = (0, 0)
        self._leaving = 0
        self._whole = self._open = False

    def play(self) -> None:
        """Let everything happen."""
        for step in self.story.steps:
            self._step(step)
        if self.watch.inputs % _WEIGHED_EVERY == 0:
            held = held_bytes(self.session, self._shared)
            assert held < _MOST_HELD, f"the session holds {held} bytes"

    @property
    def _shared(self) -> tuple[object, ...]:
        """What a session leads to that is not its own."""
        return (self.store, self.settings, self._validator, field_reader(DEFAULT_LIMITS))

    def _step(self, step: Step) -> None:
        match step.verb:
            case "rx" | "raw":
                self._last = step
                self.watch.messages += 1
                self._feed(step, 0)
            case "again":
                most = _MOST_BYTES // (len(self._last.data) + 100)
                for count in range(1, min(int(step.number), most) + 1):
                    self._feed(self._last, count)
            case "noise":
                self._noise = int(step.number)
            case "cut":
                self._cut = max(1, int(step.number))
            case "wait":
                self._wait(int(step.number * _SECOND_NS))
            case "jump":
                self.now_ns += int(step.number * _SECOND_NS)
            case "step":
                self._set_clock(int(step.number * _SECOND_NS))
            case "slip":
                self._slipped_ns = int(step.number * _SECOND_NS)
            case "wake":
                self._turn(self.watch.time("wake", self.session.wake, self.now_ns))
            case "drop":
                self._hang_up()
            case _:
                self._command(step.verb)

    # What the owner does.

    def _command(self, verb: str) -> None:
        session = self.session
        if verb == "send":
            self._send(b"8", _ANSWER)
        elif verb == "logout":
            if self._is_connected():
                session.logout("bye", self.now_ns)
        elif session.phase is Phase.ACTIVE:
            session.test_request(b"ours", self.now_ns)
        else:
            try:
                session.test_request(b"ours", self.now_ns)
            except LocalProtocolError:
                return
            raise AssertionError(f"a TestRequest while the session is {session.phase.value}")
        self._turn([])

    def _send(self, msg_type: bytes, body: bytes) -> None:
        withheld = self.session.phase is not Phase.ACTIVE
        number = self.session.send(msg_type, body, self.now_ns)
        assert number in self.store.line
        if withheld:
            self.store.line.remove(number)

    def _set_clock(self, step_ns: int) -> None:
        """Tell the session that the clock was set; what is pending keeps its distance from now."""
        before = self.session.deadline_ns
        self.now_ns += step_ns
        self.watch.time("a step of the clock", self.session.clock_stepped, step_ns)
        after = self.session.deadline_ns
        assert (before is None) == (after is None)
        if before is not None and after is not None and not self._has_hours:
            assert after - before == step_ns, f"moved by {after - before}, the clock by {step_ns}"

    def _look_again(self) -> None:
        if self._slipped_ns:
            step_ns, self._slipped_ns = self._slipped_ns, 0
            self._set_clock(step_ns)
            raise _FoundOutError

    @property
    def _has_hours(self) -> bool:
        return self.settings.schedule is not None or self.settings.reset_schedule is not None

    def _is_connected(self) -> bool:
        return self.session.phase is not Phase.DISCONNECTED

    def _connect(self) -> None:
        if self._is_connected():
            return
        self.watch.time("connected", self.session.connected, self.now_ns)
        self._tried = self._by_hand
        self._leaving = 0
        self._turn([])

    def _log_on(self) -> None:
        """Bring the session up by a Logon of which nothing is wrong, once a connection."""
        self._connect()
        if self._tried or self.session.phase not in (Phase.AWAITING_LOGON, Phase.LOGON_SENT):
            return
        self._tried = True
        self._read(self._built(good_logon(self.settings), 0))

    def _hang_up(self) -> None:
        if not self._is_connected():
            return
        events = self.watch.time("disconnected", self.session.disconnected, self.now_ns)
        self._judge_events(events)
        self.store.line.clear()
        assert self.session.output() == b""
        assert not self._is_connected()
        assert not self.session.resending

    # What the peer sends.

    def _feed(self, step: Step, count: int) -> None:
        if self.session.phase is Phase.LOGOUT_SENT:
            # What comes after a Logout matters little; most messages are to meet an open session.
            self._leaving += 1
            if self._leaving > _AFTER_LOGOUT:
                self._hang_up()
        if step.verb == "rx" and not step.data.startswith(b"35=A"):
            self._log_on()
        self._connect()
        data = step.data if step.verb == "raw" else self._built(step.data, count)
        if self._noise is not None:
            data = damage(random.Random(self._noise), data)
            self._noise = None
        self._whole = self._open = False
        for piece in self._pieces(data):
            self._read(piece)
            if not self._is_connected():
                break
        self.watch.fed += 1
        if count == 0:
            self.watch.framed += self._whole
            self.watch.active += self._open

    def _built(self, fields: bytes, count: int) -> bytes:
        return build(
            fields, self._begin, next_in=self.store.next_in, next_out=self.store.next_out,
            now_ns=self.now_ns + self._slipped_ns, count=count,
        )  # fmt: skip

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        size, self._cut = self._cut or _READ_BYTES, 0
        if len(data) // size > _CHUNKS:
            size = _READ_BYTES
        for at in range(0, len(data), size):
            yield data[at : at + size]

    def _read(self, data: bytes) -> None:
        self._take(data)
        self._wait(0)  # whatever is due at once

    def _take(self, data: bytes) -> None:
        session, watch = self.session, self.watch
        for item in watch.time("framing", session.frame, data):
            if isinstance(item, Message):
                self._whole = True
                self._open |= session.phase is Phase.ACTIVE
                what = item.msg_type.decode("latin-1")[:8]
                self._act(watch.time(f"taking MsgType(35) {what!r}", self._taken, item))
            else:
                self._act(watch.time("taking garbled input", self._taken, item))
        self._turn([])

    def _taken(self, item: Message | Garbled) -> list[Event]:
        """Take what came, again when the clock was found to have been set before it."""
        store = self.store
        before = (self.session.phase, store.next_in, store.next_out, len(store.line))
        try:
            return self.session.take(item, self.now_ns)
        except _FoundOutError:
            after = (self.session.phase, store.next_in, store.next_out, len(store.line))
            assert after == before, f"{before} before a message that was not taken, {after} then"
        return self.session.take(item, self.now_ns)

    def _act(self, events: list[Event]) -> None:
        """Take what happened as an application does: an order is answered."""
        self._judge_events(events)
        for event in events:
            if isinstance(event, AppMessage) and event.message.msg_type == b"D":
                self._send(b"8", _ANSWER)

    def _wait(self, span_ns: int) -> None:
        end = self.now_ns + span_ns
        at_once = 0
        for _ in range(_WAKES):
            deadline_ns = self.session.deadline_ns
            if not self._is_connected() or deadline_ns is None or deadline_ns > end:
                break
            at_once = 0 if deadline_ns > self.now_ns else at_once + 1
            assert at_once < _WAKES_AT_ONCE, "a timer fires without end"
            self.now_ns = max(self.now_ns, deadline_ns)
            self._turn(self.watch.time("wake", self.session.wake, self.now_ns))
        self.now_ns = end

    # What must hold.

    def _turn(self, events: list[Event]) -> None:
        """End a turn: what the session wants written goes out, and it is held to its contract."""
        session = self.session
        self._act(events)
        self._judge_output(session.output())
        for _ in range(_CHUNKS):
            if not session.resending:
                break
            self.watch.time("resending", session.continue_resend, self.now_ns)
            self._judge_output(session.output())
        assert not session.resending, "a resend without end"
        assert not self.store.line, f"stored and not sent: {list(self.store.line)}"
        deadline_ns = session.deadline_ns
        if session.phase in (Phase.AWAITING_LOGON, Phase.LOGON_SENT, Phase.LOGOUT_SENT):
            assert session.wants_close or deadline_ns is not None, "waits for ever"
        if session.wants_close:
            self._hang_up()

    def _judge_events(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, AppMessage):
                number = int(event.message[34])
                before = self._delivered
                self._delivered = (self.store.resets, number)
                assert self._delivered > before, f"MsgSeqNum(34) {number} twice"
            else:
                assert SECRET not in repr(event), f"a secret in {type(event).__name__}"

    def _judge_output(self, data: bytes) -> None:
        if not data:
            return
        found, rest = split(data)
        assert rest == b"", f"no frame: {rest[:200]!r}"
        for wire in found:
            self._judge_message(wire)

    def _judge_message(self, wire: Wire) -> None:
        echoed = wire.type == b"0" and self.settings.allow_empty_values
        empty = [tag for tag, value in wire.items() if not value and not (echoed and tag == 112)]
        assert not empty, f"sent tag {empty[0]} without a value"
        sent = (wire[8], wire[49].decode(), wire[56].decode())
        assert sent == (self._begin, OURS, THEIRS), f"sent as {sent}"
        if wire.dup:
            self._judge_again(wire)
        else:
            assert self.store.line, f"MsgSeqNum(34) {wire.number} was never stored"
            number = self.store.line.popleft()
            assert wire.number == number, f"sent {wire.number}, stored {number}"
        for tag, value in wire.items():
            assert SECRET.encode() not in value or (wire.type, tag) in _MAY_HOLD_SECRETS

    def _judge_again(self, wire: Wire) -> None:
        """What is sent again is what was sent; a GapFill passes over numbers that were used."""
        assert 1 <= wire.number < self.store.next_out
        if wire.type == b"4":
            assert wire[123] == b"Y"
            assert wire.number < int(wire[36]) <= self.store.next_out
            return
        (original,), _ = split(self.store.raw[wire.number])
        assert _lasting(wire) == _lasting(original), f"{wire} again, was {original}"


def _lasting(wire: Wire) -> dict[int, bytes]:
    """The fields that stay as they are when a message is sent again."""
    return {tag: value for tag, value in wire.items() if tag not in (9, 10, 43, 52, 122)}


_MAY_HOLD_SECRETS = ((b"A", 554), (b"A", 925))
