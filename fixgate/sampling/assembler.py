"""Samples out of a session's history, as it is written. Pure.

Theory of operation
-------------------
A stamped connection tells, beside the messages, how many bytes were written and read, and when
the kernel had them (`fixgate.net.wire_events`). Messages that went out since the last write went
with this one; a message that came ended with the bytes that were read last. A stamp of a byte holds
for everything before it, so a message has the first stamp at or beyond its last byte; a second
stamp of the same byte is a transmission of the same again.

Where the transport tells nothing, the instants of the records themselves are all there is.

Stamps may come after the reply that they are about, and a stall is known only when it is over. So a
sample is given away a while after its reply, by the time that whoever asks finds sufficient.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fixgate.host.stall import Stall
from fixgate.net.events import ConnectionClosed
from fixgate.net.stamps import StampKind
from fixgate.net.tcp_info import TcpInfo
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten, StampsAbsent
from fixgate.sampling.pairing import Pair, Pairing, Passed, Unanswered
from fixgate.sampling.questions import Outcome
from fixgate.session.events import GarbledInput
from fixgate.triage.model import Exchange, Mark, Sample, StampSource
from fixgate.triage.venue_times import venue_times
from fixgate.wire.frame import decode
from fixgate.wire.message import Message

__all__ = ["LATE_NS", "Assembler", "Measured"]

LATE_NS = 1_000_000
"""A request that is sent so much after it was due is marked: the prober was busy, or blocked."""

_STEP_NS = 50_000
"""By so much the wall clock must move against the monotonic one to have been set: facts of NTP's
slewing, 500 ppm, are below it for a tenth of a second."""

_UNSTAMPED = 10_000
_MEASURED = frozenset({Outcome.DONE, Outcome.REFUSED})


@dataclass(frozen=True, slots=True)
class Measured:
    """A sample, and the two messages that it is of.

    Attributes:
        sample: It.
        request: Ours, as it was sent; secrets are in it.
        reply: The venue's.
    """

    sample: Sample
    request: bytes
    reply: bytes


class _Out:
    """A message of ours on its way."""

    __slots__ = (
        "acked_ns",
        "again",
        "card_ns",
        "end",
        "scheduled_ns",
        "sent_ns",
        "size",
        "written",
    )

    def __init__(self, size: int, at_ns: int) -> None:
        self.size = size
        self.end = 0
        self.written = BytesWritten(0, at_ns, at_ns, b"")
        self.scheduled_ns = self.sent_ns = self.acked_ns = self.card_ns = 0
        self.again = False


class _In:
    """One read, and what ended with it."""

    __slots__ = ("messages", "partial", "read")

    def __init__(self, read: BytesRead) -> None:
        self.read = read
        self.messages = 0
        self.partial = not read.whole


_Ref = _Out | _In


class Assembler:
    """The samples of one session, over all of its connections.

    Args:
        session: Its name.
        tls: Whether the bytes of the wire are TLS, and so are more than those of the messages.
    """

    def __init__(self, session: str, *, tls: bool = False) -> None:
        self._session = session
        self._tls = tls
        self._pairing: Pairing[_Ref] = Pairing()
        self._waiting: deque[Pair[_Ref]] = deque()
        self._unanswered: list[Unanswered[_Ref]] = []
        self._due: dict[str, int] = {}
        self.stampless = ""
        """Why the kernel stamps nothing, or empty."""
        self._connect()

    def _connect(self) -> None:
        self._unwritten: deque[_Out] = deque()
        self._unstamped: deque[_Out] = deque(maxlen=_UNSTAMPED)
        self._in: _In | None = None
        self._written_end = self._surplus = 0

    def due(self, name: str, due_ns: int) -> None:
        """Say when a request is meant to be sent, CLOCK_REALTIME.

        Args:
            name: TestReqID(112) or ClOrdID(11).
            due_ns: When.
        """
        self._due[name] = due_ns

    # What happens.

    def take(self, at_ns: int, glyph: str, what: object) -> None:
        """Take the next record of the session's history; see `fixgate.history.Record`."""
        match what:
            case bytes():
                message = decode(what)
                if isinstance(message, Message):
                    self._message(message, at_ns, outgoing=glyph == ">")
            case BytesWritten():
                self._on_written(what)
            case BytesRead():
                self._on_read(what)
            case BytesStamped():
                self._on_stamped(what)
            case GarbledInput():
                self._surplus = 0  # it was skipped, however much of it there was
            case StampsAbsent():
                self.stampless = what.reason
            case ConnectionClosed():
                self._disconnected()
            case _:
                pass

    def _disconnected(self) -> None:
        """The connection is gone; offsets begin anew with the next."""
        self._close_read()
        self._unanswered += self._pairing.end()
        self._connect()

    def _message(self, message: Message, at_ns: int, *, outgoing: bool) -> None:
        ref: _Out | _In
        size = len(message.raw)
        if outgoing:
            ref = _Out(size, at_ns)
            self._unwritten.append(ref)
        else:
            ref = self._in or _In(BytesRead(size, at_ns, at_ns, 0, 0, True, b""))
            ref.messages += 1
            self._surplus -= size
        for found in self._pairing.take(Passed(outgoing, message, ref)):
            if isinstance(found, Unanswered):
                self._unanswered.append(found)
            elif found.outcome in _MEASURED:
                self._waiting.append(found)

    def _on_written(self, written: BytesWritten) -> None:
        # What the store holds back is in the history before it goes out; its bytes tell. Those of
        # TLS do not, and there all that is open went with this write.
        room = written.end - self._written_end
        self._written_end = written.end
        while self._unwritten and (self._tls or self._unwritten[0].size <= room):
            out = self._unwritten.popleft()
            room -= out.size
            out.written = written
            out.end = written.end if self._tls else written.end - max(room, 0)
            self._unstamped.append(out)

    def _on_stamped(self, stamped: BytesStamped) -> None:
        acked = stamped.kind is StampKind.ACKED
        for out in self._unstamped:
            if out.end > stamped.end:
                break
            _stamp(out, stamped)
        while acked and self._unstamped and self._unstamped[0].end <= stamped.end:
            self._unstamped.popleft()

    def _on_read(self, read: BytesRead) -> None:
        self._close_read()
        self._surplus += read.size
        self._in = _In(read)

    def _close_read(self) -> None:
        """Nothing more ends with the bytes that were read last."""
        if self._in is not None and not self._tls and self._surplus > 0:
            self._in.partial = True

    # What it comes to.

    def samples(self, before_ns: int, stalls: Sequence[Stall] = ()) -> list[Measured]:
        """Take the samples whose reply was read before an instant.

        Args:
            before_ns: CLOCK_REALTIME; what is later may still be found to have been held up.
            stalls: All that may have held them up, by when they began.
        """
        self._close_read()
        found: list[Measured] = []
        while self._waiting:
            reply = self._waiting[0].reply.ref
            if isinstance(reply, _In) and reply.read.at_ns >= before_ns:
                break
            made = self._sample(self._waiting.popleft(), stalls)
            if made is not None:
                found.append(made)
        return found

    def unanswered(self) -> list[Unanswered[_Ref]]:
        """Take the requests that no reply came to, and never will."""
        lost, self._unanswered = self._unanswered, []
        for each in lost:
            self._due.pop(each.name, None)
        return lost

    def open(self) -> list[Unanswered[_Ref]]:
        """Return the requests that a reply may yet come to."""
        return self._pairing.open()

    def _sample(self, pair: Pair[_Ref], stalls: Sequence[Stall]) -> Measured | None:
        out, back = pair.request.ref, pair.reply.ref
        if not isinstance(out, _Out) or not isinstance(back, _In):
            return None
        written, read = out.written, back.read
        # Of the exchanges of one request only the first takes its due instant along.
        due_ns = self._due.pop(pair.name, None) if pair.kind is not Exchange.FILL else None
        begin_ns = written.at_ns if due_ns is None else min(due_ns, written.at_ns)
        held_up = tuple(each for each in stalls if each.overlaps(begin_ns, read.at_ns))
        before, after = _tcp(written.tcp), _tcp(read.tcp)
        # Where there is a card, its stamp may come alone.
        both = bool(out.card_ns and read.hardware_ns)
        sample = Sample(
            kind=pair.kind,
            name=pair.name,
            app_sent_ns=written.at_ns,
            app_received_ns=read.at_ns,
            source=_source(out, read, card=both),
            due_ns=due_ns,
            scheduled_ns=out.scheduled_ns or None,
            sent_ns=_sent_ns(out, read),
            acked_ns=out.acked_ns or None,
            received_ns=read.software_ns or None,
            card_ns=read.hardware_ns - out.card_ns if both else None,
            marks=frozenset(_marks(out, back, due_ns, held_up, before, after)),
            tcp_before=before,
            tcp_after=after,
            stalls=held_up,
            venue=venue_times(pair.reply.message),
            session=self._session,
            tls=self._tls,
        )
        return Measured(sample, pair.request.message.raw, pair.reply.message.raw)


def _stamp(out: _Out, stamped: BytesStamped) -> None:
    match stamped.kind:
        case StampKind.SCHEDULED:
            out.scheduled_ns = out.scheduled_ns or stamped.software_ns
        case StampKind.SENT:
            seen = out.card_ns if stamped.hardware_ns else out.sent_ns
            out.again = out.again or (bool(seen) and stamped.end == out.end)
            out.sent_ns = out.sent_ns or stamped.software_ns
            out.card_ns = out.card_ns or stamped.hardware_ns
        case StampKind.ACKED:
            out.acked_ns = out.acked_ns or stamped.software_ns


def _tcp(raw: bytes) -> TcpInfo | None:
    return TcpInfo.decode(raw) if raw else None


def _source(out: _Out, read: BytesRead, *, card: bool) -> StampSource:
    if card:
        return StampSource.HARDWARE
    stamped = _sent_ns(out, read) is not None and read.software_ns
    return StampSource.KERNEL if stamped else StampSource.USER


def _sent_ns(out: _Out, read: BytesRead) -> int | None:
    """Return when a message left; ``None`` where nothing tells.

    Before a closed window the kernel may send the beginning of what it holds as a probe, and stamps
    the rest alone: that is later than the reply, and not when the message left.
    """
    later = read.software_ns and out.sent_ns > read.software_ns
    return None if later else out.sent_ns or None


def _marks(
    out: _Out,
    back: _In,
    due_ns: int | None,
    held_up: Sequence[Stall],
    before: TcpInfo | None,
    after: TcpInfo | None,
) -> Iterable[Mark]:
    written, read = out.written, back.read
    if back.messages > 1 or back.partial:
        yield Mark.COALESCED
    resent = before is not None and after is not None and after.total_retrans > before.total_retrans
    if out.again or resent:
        yield Mark.RETRANSMITTED
    if held_up:
        yield Mark.STALLED
    moved_ns = (read.at_ns - read.monotonic_ns) - (written.at_ns - written.monotonic_ns)
    if abs(moved_ns) > _STEP_NS:
        yield Mark.CLOCK_STEPPED
    if due_ns is not None and written.at_ns - due_ns > LATE_NS:
        yield Mark.LATE
