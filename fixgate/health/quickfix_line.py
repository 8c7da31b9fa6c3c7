"""One session of a check that QuickFIX does; `fixgate.health.quickfix` says how."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from fixgate.dictionary.loader import load_dictionary
from fixgate.dictionary.version import FixVersion
from fixgate.errors import StoreError
from fixgate.health.events import CheckCrashed, EngineEnded, EngineSaid
from fixgate.health.model import CheckPlan
from fixgate.health.reading import integer
from fixgate.history import History
from fixgate.interop.compose import body_fields
from fixgate.interop.process import PeerError
from fixgate.interop.protocol import (
    AskNumbers,
    Command,
    EventKind,
    Fields,
    LogOn,
    LogOut,
    PeerEvent,
    Send,
)
from fixgate.net.clock import Clock
from fixgate.net.events import CloseReason, ConnectionClosed
from fixgate.net.opening import Opened, TlsEstablished
from fixgate.net.relay import Relay
from fixgate.session.conceal import concealed
from fixgate.session.events import (
    GARBLED_KEPT_BYTES,
    AppMessage,
    Event,
    GapClosed,
    GapOpened,
    GarbledInput,
    HeartbeatReceived,
    LoggedOn,
    Reaction,
    RejectReceived,
    Violation,
)
from fixgate.session.store import Store
from fixgate.wire.frame import decode
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["QuickFixLine"]

_SETTLE_S = 1.0
_REMEMBERED = 256
"""Messages of the venue's that a Reject of QuickFIX's may refer to."""

_RULES = {9: "comp-id", 10: "sending-time"}
"""By SessionRejectReason(373): what the judge has its own words for."""

_INVALID_MSG_TYPE = 11

_COMP_IDS = (Tag.SenderCompID, Tag.TargetCompID)


class QuickFixLine:
    """One session of QuickFIX's; implements `fixgate.health.line.Line`.

    Args:
        tell: Gives QuickFIX a command; raises `PeerError` when its process is gone.
        plan: The check.
        name: The session's, as QuickFIX has it.
        version: Its application version.
        store: The session's store.
        clock: The process's clock.
        history: Gets every message and event.
    """

    def __init__(
        self,
        tell: Callable[[Command], None],
        plan: CheckPlan,
        name: str,
        version: FixVersion,
        store: Store,
        clock: Clock,
        history: History,
    ) -> None:
        self.version = version
        self.active = False
        self._command = tell
        self._plan = plan
        self._name = name
        self._store = store
        self._clock = clock
        self._history = history
        self._relay = Relay(clock, history, self._on_item)
        self.closed = self._relay.closed
        self.closed.add_done_callback(self._on_closed)
        self._events: deque[tuple[int, Event]] = deque()
        self._news = asyncio.Event()
        self._received: dict[int, Message] = {}
        self._logon: Message | None = None
        self._gap: GapOpened | None = None
        self._ending = False
        """We asked for the end."""
        self._left = False
        """QuickFIX closed unasked."""
        self._words = ""
        self._numbers: asyncio.Future[None] | None = None

    @property
    def numbers(self) -> tuple[int, int]:
        """The store's: MsgSeqNum(34) that we send next, and expect next."""
        return self._store.next_out, self._store.next_in

    # What the check asks for.

    async def start(self, opened: Opened, tls: TlsEstablished | None = None) -> None:
        """Take the connection over and let QuickFIX send its Logon.

        Raises:
            PeerError: QuickFIX's process is gone.
            OSError: The connection cannot be used.
        """
        port = await self._relay.start(opened, tls)
        settings = self._plan.session
        credentials = settings.credentials
        fields: Fields = ()
        named = [each for each in settings.id.sent() if each[0] not in _COMP_IDS]
        routed = settings.routing.sent if settings.routing is not None else ()
        header = tuple((tag, value.decode("latin-1")) for tag, value in (*named, *routed))
        if credentials is not None:
            login = (credentials.username, credentials.password)
            fields = ((int(Tag.Username), login[0]), (int(Tag.Password), login[1]))
        out, expected = self.numbers
        self._command(LogOn(self._name, fields, header, port, out, expected))

    async def next_event(self) -> tuple[int, Event] | None:
        """Return the next event and its instant; ``None`` when the connection is gone."""
        while not self._events:
            if self.closed.done():
                return None
            self._news.clear()
            await self._news.wait()
        return self._events.popleft()

    def send(self, msg_type: bytes, body: bytes) -> None:
        """Send an application message."""
        self._command(Send(self._name, msg_type.decode("ascii"), body_fields(body)))

    def test_request(self, test_req_id: bytes) -> None:
        """Send a TestRequest."""
        self.send(MsgType.TestRequest, b"112=%b\x01" % test_req_id)

    def logout(self, text: str = "") -> None:
        """Begin an orderly end with a Logout; without a session there is nobody to log out from."""
        self._ending = True
        if self.active:
            self._command(LogOut(self._name, text))
        else:
            self._relay.abort()

    def abort(self) -> None:
        """Drop the connection now; `closed` follows."""
        self._ending = True
        self._relay.abort()

    async def settle(self) -> None:
        """Wait until QuickFIX has seen the end, take over its numbers, and say who ended it."""
        await asyncio.wait([self._relay.gone], timeout=_SETTLE_S)
        self._numbers = asyncio.get_running_loop().create_future()
        with suppress(PeerError):
            self._command(AskNumbers(self._name))
            await asyncio.wait([self._numbers], timeout=_SETTLE_S)
        if not self._numbers.done():
            self._note(CheckCrashed("QuickFIX's process does not answer any more"))
        elif self._left:
            self._note(EngineEnded(self._words))

    def release(self) -> None:
        """Let go of the store, and keep QuickFIX from connecting again."""
        self._relay.abort()
        with suppress(PeerError):  # without a process nothing connects
            self._command(LogOut(self._name))
        self._store.close()

    def broken(self, why: str) -> None:
        """QuickFIX's process is gone: so is this session."""
        self._ending = True
        self._relay.abort(ConnectionClosed(CloseReason.FAULT, why))

    # What was on the wire.

    def _on_closed(self, _: object) -> None:
        self._left = self._relay.engine_left and not self._ending
        self._news.set()

    def _on_item(self, glyph: str, item: Message | Garbled, now_ns: int) -> None:
        if isinstance(item, Garbled):
            self._note(GarbledInput(item.data[:GARBLED_KEPT_BYTES], item.text))
        elif glyph == ">":
            self._on_sent(item, now_ns)
        else:
            number = integer(item, Tag.MsgSeqNum)
            if number is not None:
                self._received[number] = item
            if len(self._received) > _REMEMBERED:
                del self._received[next(iter(self._received))]
            if item.msg_type == MsgType.Logon:
                self._logon = item

    def _on_sent(self, message: Message, now_ns: int) -> None:
        number = integer(message, Tag.MsgSeqNum)
        if number is not None and message.get(Tag.PossDupFlag) != b"Y":
            if number < self._store.next_out:
                self._store.reset(now_ns)  # nothing else makes an engine go back
            self._store.sent(number, concealed(message), now_ns)
            self._store.flush()
        match message.msg_type:
            case MsgType.ResendRequest:
                begin = integer(message, Tag.BeginSeqNo) or 0
                self._gap = GapOpened(begin, max(self._received, default=begin))
                self._tell(self._gap)
            case MsgType.Reject:
                self._objection(message)
            case MsgType.Logout if not self._ending and Tag.Text in message:
                self._note(_violation("quickfix-logout", message, Reaction.LOGOUT, None))
            case _:
                pass

    def _objection(self, reject: Message) -> None:
        """Note what QuickFIX rejects."""
        at_fault = self._received.get(integer(reject, Tag.RefSeqNum) or 0)
        reason = integer(reject, Tag.SessionRejectReason)
        if reason == _INVALID_MSG_TYPE and at_fault is not None:
            known = load_dictionary(self.version.value).messages
            if at_fault.msg_type in known:
                return  # its dictionary is cut short, see `fixgate.interop.dictionaries`
        rule = _RULES.get(reason or -1, "quickfix-reject")
        self._note(_violation(rule, reject, Reaction.REJECTED, at_fault))

    @property
    def talking(self) -> bool:
        """Whether the session is up, and neither side has said goodbye."""
        return self.active

    # What QuickFIX says.

    def take(self, event: PeerEvent) -> None:
        """Take an event of the session's."""
        match event.kind:
            case EventKind.LOGON:
                self.active = True
                self._tell(self._logged_on())
            case EventKind.LOGOUT:
                self.active = False
            case EventKind.FROM_ADMIN | EventKind.FROM_APP:
                message = decode(event.message)
                if isinstance(message, Message):
                    self._passed_on(message, is_app=event.kind is EventKind.FROM_APP)
            case EventKind.MOVED | EventKind.NUMBERS:
                self._moved(event)
            case EventKind.SAID | EventKind.PROBLEM:
                self._words = event.text
                self._note(EngineSaid(event.text))
                if event.kind is EventKind.PROBLEM:
                    self._settled()
            case _:
                pass

    def _logged_on(self) -> LoggedOn:
        logon = self._logon
        if logon is None:
            raise PeerError("QuickFIX counts a session as logged on that has sent no Logon")
        heartbeat_s = integer(logon, Tag.HeartBtInt) or 0
        reset = logon.get(Tag.ResetSeqNumFlag) == b"Y"
        return LoggedOn(heartbeat_s, self._plan.session.heartbeat_s, reset, logon)

    def _passed_on(self, message: Message, *, is_app: bool) -> None:
        if is_app:
            poss_dup = message.get(Tag.PossDupFlag) == b"Y"
            self._queue(AppMessage(message, poss_dup, message.get(Tag.PossResend) == b"Y"))
        elif message.msg_type == MsgType.Heartbeat:
            self._queue(HeartbeatReceived(message.get(Tag.TestReqID)))
        elif message.msg_type == MsgType.Reject:
            text = (message.get(Tag.Text) or b"").decode("utf-8", "replace")
            self._queue(RejectReceived(integer(message, Tag.RefSeqNum), text, message))

    def _moved(self, event: PeerEvent) -> None:
        now_ns = self._clock.now_ns()
        if event.next_in != self._store.next_in:
            self._store.set_next_in(event.next_in, now_ns)
            try:
                self._store.flush()
            except StoreError as error:
                self._relay.abort(ConnectionClosed(CloseReason.STORE, str(error)))
        gap = self._gap
        if gap is not None and event.next_in > gap.received:
            self._gap = None
            self._tell(GapClosed(gap.begin, gap.received - 1))
        if event.kind is EventKind.NUMBERS:
            self._settled()

    def _settled(self) -> None:
        if self._numbers is not None and not self._numbers.done():
            self._numbers.set_result(None)

    # Bookkeeping.

    def _note(self, what: object) -> None:
        self._history.add((self._clock.now_ns(), "=", what))

    def _queue(self, event: Event) -> None:
        self._events.append((self._clock.now_ns(), event))
        self._news.set()

    def _tell(self, event: Event) -> None:
        self._note(event)
        self._queue(event)


def _violation(
    rule: str, message: Message, reaction: Reaction, at_fault: Message | None
) -> Violation:
    tag, reason = integer(message, Tag.RefTagID), integer(message, Tag.SessionRejectReason)
    said = (message.get(Tag.Text) or b"").decode("utf-8", "replace")
    where = f", RefTagID(371) {tag}" if tag is not None else ""
    return Violation(rule, tag, reason, reaction, f'QuickFIX says "{said}"{where}', at_fault)
