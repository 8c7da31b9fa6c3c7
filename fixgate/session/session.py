"""The FIX session as a sans-I/O state machine: bytes, time and commands in; bytes, events out.

It reads no clock, opens no socket, draws no random number, and serves both roles. Its owner

- hands it what the connection brings (`frame`, then `take` item by item), and what the
  application wants (`send`),
- writes what `output` returns after flushing the store (store before send),
- calls `wake` at `deadline_ns`, and `continue_resend` while `resending`,
- closes the connection when `wants_close`, and tells it with `disconnected`.

Whatever the peer sends never raises: it becomes a `Violation` event and the reaction that the
policy names. Three small machines share the work: `phase`, `recovery`, `liveness`.

Spec: FIX 4.4 volume 2; FIXT 1.1; FIX Session Layer Test Cases 1.0. docs/conformance.md maps every
case to the function that obeys it.
"""

from __future__ import annotations

from collections.abc import Callable

from fixgate.dictionary.validate import Validator
from fixgate.dictionary.version import FixVersion
from fixgate.errors import LocalProtocolError
from fixgate.history import History
from fixgate.session.core import Core
from fixgate.session.events import (
    GARBLED_KEPT_BYTES,
    Event,
    GarbledInput,
    LoggedOut,
    TestRequestSent,
    TimedOut,
)
from fixgate.session.gaps import ask_again
from fixgate.session.garbling import put_up_with
from fixgate.session.handshake import on_handshake, refuse, send_logon
from fixgate.session.hours import end_hours, hours_after_step, renew
from fixgate.session.inbound import on_active, release
from fixgate.session.liveness import Due
from fixgate.session.phase import Input, Phase
from fixgate.session.repeats import Repeats
from fixgate.session.settings import Role, SessionSettings
from fixgate.session.status import SessionStatus
from fixgate.session.store import Store
from fixgate.session.writer import Header
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["Session"]

_ACTIVE = Phase.ACTIVE  # a name of this module: looking up a member of an enum costs 0.2 us


class Session:
    """One FIX session.

    Args:
        settings: What it is configured to be.
        store: Its sequence numbers and sent messages.
        validator: The dictionary of its version.
        history: Gets a record of every message and event; ``None`` keeps none.

    Attributes:
        store: As given.
    """

    __slots__ = ("_core", "_framer", "frame", "output", "store")

    frame: Callable[[bytes], list[Message | Garbled]]
    """Cuts bytes from the connection into what `take` takes, one at a time."""

    output: Callable[[], bytes]
    """Takes the bytes to write; flush the store before writing them."""

    def __init__(
        self,
        settings: SessionSettings,
        store: Store,
        validator: Validator,
        history: History | None = None,
    ) -> None:
        history = history if history is not None else History(limit=0)
        self._core = Core(settings, store, validator, history)
        self.store = store
        self.output = self._core.outbound.take
        self._use(self._new_framer())

    # What the owner looks at.

    @property
    def settings(self) -> SessionSettings:
        """What the session is configured to be."""
        return self._core.settings

    @property
    def history(self) -> History:
        """Everything that happened."""
        return self._core.history

    @property
    def version(self) -> FixVersion:
        """The application version of the session."""
        return self._core.version

    @property
    def phase(self) -> Phase:
        """How far the handshakes have come."""
        return self._core.phase

    @property
    def wants_close(self) -> bool:
        """``True`` once the connection must be closed, after writing what `output` returns."""
        return self._core.closing

    @property
    def resending(self) -> bool:
        """``True`` while a ResendRequest is being served: call `continue_resend` when drained."""
        return self._core.outbound.resending

    @property
    def deadline_ns(self) -> int | None:
        """When `wake` must be called next, or ``None``."""
        core = self._core
        if core.phase is not _ACTIVE:
            return core.phase_deadline_ns
        deadline_ns, alarm_ns = core.liveness.deadline_ns, core.alarm_ns
        if alarm_ns is None or (deadline_ns is not None and deadline_ns < alarm_ns):
            return deadline_ns
        return alarm_ns

    @property
    def over(self) -> bool:
        """Whether nothing that the peer could still send would count: both have said goodbye.

        Also after a Logout of ours for cause, which ends the session whatever the peer says.
        """
        core = self._core
        said = core.for_cause or core.logout_seen
        return core.closing or (core.phase is Phase.LOGOUT_SENT and said)

    def unanswered(self, now_ns: int) -> bool:
        """Return whether the peer has left a TestRequest unanswered for longer than it may take."""
        return self._core.phase is _ACTIVE and self._core.liveness.unanswered(now_ns)

    # Commands and input.

    def connected(self, now_ns: int, framer: Framer | None = None) -> None:
        """A connection stands: an initiator sends its Logon, an acceptor waits for one.

        Args:
            now_ns: Now.
            framer: The framer that read the first bytes, when the owner had to look at them to
                know whose session this is.

        Raises:
            LocalProtocolError: The session has a connection already.
        """
        core = self._core
        core.now_ns = now_ns
        initiator = core.settings.role is Role.INITIATOR
        core.move(Input.OPENED_AS_INITIATOR if initiator else Input.OPENED_AS_ACCEPTOR)
        self._use(framer or self._new_framer())
        core.closing = core.for_cause = core.logout_seen = False
        core.garbled = 0
        core.repeats = Repeats()
        core.phase_deadline_ns = now_ns + core.settings.logon_timeout_ns
        if initiator:
            send_logon(core)

    def take(self, item: Message | Garbled, now_ns: int) -> list[Event]:
        """Take one message, or what is none; return what happened.

        The owner acts on the events before it hands over the next item: an order and a
        TestRequest that came together are answered in the order in which they came.
        """
        core = self._core
        if core.closing:
            return []
        core.now_ns = now_ns
        if type(item) is Message:
            (on_active if core.phase is _ACTIVE else on_handshake)(core, item)
        elif isinstance(item, Garbled):
            self._on_garbled(item)
        events = core.events
        if events:
            core.events = []
        return events

    def receive(self, data: bytes, now_ns: int) -> list[Event]:
        """Frame bytes and take everything in them, for an owner that answers no message."""
        return [event for item in self.frame(data) for event in self.take(item, now_ns)]

    def send(self, msg_type: bytes, body: bytes, now_ns: int, header: Header = ()) -> int:
        """Send an application message; return its MsgSeqNum(34).

        While the session is not active the message is numbered and stored, and goes out when
        the peer asks for what it missed (case 16).

        Args:
            msg_type: MsgType(35).
            body: Encoded body fields.
            now_ns: Now.
            header: Extra header fields, such as PossResend(97).
        """
        active = self._core.phase is _ACTIVE
        if not active:
            self.renew(now_ns)
        return self._core.outbound.send(msg_type, body, now_ns, header, now=active)

    def renew(self, now_ns: int) -> None:
        """Restart both numbers at 1 if the reset schedule has asked for that since they began.

        Done by itself before a Logon and before a message for a peer that is away; does nothing
        from the first Logon on until the connection is gone.
        """
        core = self._core
        if core.phase in (Phase.DISCONNECTED, Phase.AWAITING_LOGON):
            core.now_ns = now_ns
            renew(core)

    def test_request(self, test_req_id: bytes, now_ns: int) -> None:
        """Send a TestRequest of the owner's; a Heartbeat with its id will answer.

        Raises:
            LocalProtocolError: The session is not active.
        """
        core = self._core
        core.now_ns = now_ns
        if core.phase is not _ACTIVE:
            raise LocalProtocolError(f"no TestRequest while the session is {core.phase.value}")
        core.transmit(MsgType.TestRequest, b"112=%b\x01" % test_req_id)
        core.tell(TestRequestSent(test_req_id))

    def logout(self, text: str, now_ns: int) -> None:
        """Begin an orderly end: Logout, wait for the peer's, close (case 12).

        Before the session is active there is nobody to log out from, so it only closes.
        """
        core = self._core
        core.now_ns = now_ns
        if core.phase is _ACTIVE:
            core.send_logout(text, status=SessionStatus.SESSION_LOGOUT_COMPLETE)
        elif core.phase is not Phase.LOGOUT_SENT:
            core.closing = True

    def disconnected(self, now_ns: int) -> list[Event]:
        """The connection is gone; everything but the store starts anew."""
        core = self._core
        core.now_ns = now_ns
        left = self._framer.end()
        if left is not None:
            self._on_garbled(left, ended=True)
        if core.phase in (Phase.ACTIVE, Phase.LOGOUT_SENT) and not core.logout_seen:
            core.tell(LoggedOut(by_peer=True, clean=False, text=""))
        core.move(Input.CLOSED)
        core.phase_deadline_ns = None
        core.liveness.stop()
        core.forget_gap()
        core.outbound.clear()
        return core.take_events()

    def wake(self, now_ns: int) -> list[Event]:
        """Do what is due; harmless when nothing is."""
        core = self._core
        core.now_ns = now_ns
        if core.phase is _ACTIVE:
            if core.until_ns is not None and now_ns >= core.until_ns:
                end_hours(core)
            elif core.retry_ns is not None and now_ns >= core.retry_ns:
                (release if core.recovery.releasing else ask_again)(core)
            else:
                self._keep_alive()
        elif core.phase_deadline_ns is not None and now_ns >= core.phase_deadline_ns:
            if not core.logout_seen:
                core.tell(TimedOut("Logout" if core.phase is Phase.LOGOUT_SENT else "Logon"))
            core.closing = True
        return core.take_events()

    def clock_stepped(self, step_ns: int) -> None:
        """The owner's clock was set, and every input is by the new one from now on.

        What is pending is due in as long as it was before. Only hours are hours by the new clock:
        a session that it finds closed ends in order at the next `wake`. What was recorded stays as
        it was recorded.

        Args:
            step_ns: How far, nanoseconds; above 0 where it was set forward.
        """
        core = self._core
        core.clock_stepped(step_ns)
        if core.phase is _ACTIVE:
            hours_after_step(core)
            core.arm(retry_ns=core.retry_ns)

    def doubt(self, look_again: Callable[[], None]) -> None:
        """Have the owner look at its clock before a SendingTime(52) is held against a message.

        Args:
            look_again: Where the clock is found to have stepped it calls `clock_stepped` and
                raises an exception of its own, which comes out of `take`: that message is then
                as if it had not come, and has to be taken again.
        """
        self._core.look_again = look_again

    def continue_resend(self, now_ns: int) -> None:
        """Put the next chunk of what the peer asked for into `output`."""
        self._core.outbound.continue_resend(now_ns)

    def _keep_alive(self) -> None:
        """Spec: cases 4.a and 6."""
        core = self._core
        match core.liveness.due(core.now_ns):
            case Due.GIVE_UP:
                core.tell(TimedOut("any message after our TestRequest"))
                core.closing = True
            case Due.TEST_REQUEST:
                test_req_id = core.dialect.test_request_id or b"alive-%d" % core.store.next_out
                self.test_request(test_req_id, core.now_ns)
                core.liveness.challenged(core.now_ns)
            case Due.HEARTBEAT:
                core.transmit(MsgType.Heartbeat, b"")
            case None:
                pass

    def _on_garbled(self, garbled: Garbled, *, ended: bool = False) -> None:
        """Ignore it; no number moves. Spec: cases 2.d, 2.m, 2.t, 3.b, 3.c."""
        core = self._core
        core.tell(GarbledInput(garbled.data[:GARBLED_KEPT_BYTES], garbled.text))
        if core.phase is Phase.AWAITING_LOGON:
            refuse(core, f"no Logon: {garbled.text}")
        elif not ended:
            put_up_with(core, garbled)

    def _use(self, framer: Framer) -> None:
        self._framer = framer
        self.frame = framer.feed

    def _new_framer(self) -> Framer:
        return Framer(garbled_ends_at_checksum=self._core.dialect.garbled_ends_at_checksum)
