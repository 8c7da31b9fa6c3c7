"""Records as people read them: messages masked, events in words."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime

from fixgate.health.events import (
    CancelSent,
    CheckCrashed,
    Closed,
    DeadlinePassed,
    EngineEnded,
    EngineSaid,
    Flooded,
    MessagesPassed,
    OrderSent,
    OutOfHours,
    OwnCertificates,
    PhaseStarted,
    Resolved,
    ResolveFailed,
    SequenceNoted,
    StoreUnusable,
    TcpConnected,
    TcpFailed,
    TcpNoted,
    TlsEstablished,
    TlsFailed,
)
from fixgate.health.model import CheckPlan, Evidence
from fixgate.health.persistence.events import (
    LineCut,
    Returning,
    Settled,
    StatusAsked,
    Unread,
    Withheld,
)
from fixgate.history import Record
from fixgate.net.events import ClockStepped
from fixgate.net.tcp_info import TcpInfo
from fixgate.session.account import secrets_of
from fixgate.session.events import (
    GapClosed,
    GapOpened,
    GarbledInput,
    HoursEnded,
    NumbersRunLow,
    ResendServed,
    SequenceMoved,
    SequenceReset,
    TimedOut,
    Violation,
)
from fixgate.wire.mask import Blotter, mask

__all__ = ["Scribe", "day", "seconds", "traceback_of"]


def seconds(duration_ns: int) -> str:
    """Return a duration in words for a sentence, such as ``8.00 s`` or ``1.2 ms``."""
    if abs(duration_ns) >= 1_000_000_000:
        return f"{duration_ns / 1e9:.2f} s"
    return f"{duration_ns / 1e6:.3g} ms"


def day(at_ns: int) -> str:
    """Return the day of an instant in UTC, such as ``2026-11-22``."""
    return f"{datetime.fromtimestamp(at_ns // 1_000_000_000, UTC):%Y-%m-%d}"


def traceback_of(error: BaseException, plan: CheckPlan) -> str:
    """Return a traceback without the plan's secrets, which a message of ours could repeat."""
    text = "".join(traceback.format_exception(error))
    return Blotter(secrets_of(plan.session)).blot(text)


class Scribe:
    """Writes down records of one check so that no secret of its session shows.

    The fields that hold secrets are masked by tag; a password that a venue repeats in a text of
    its own is masked by value.
    """

    def __init__(self, plan: CheckPlan) -> None:
        self._blotter = Blotter(secrets_of(plan.session))

    def clean(self, text: str) -> str:
        """Return ``text`` without the session's secrets."""
        return self._blotter.blot(text)

    def write(self, record: Record) -> Evidence | None:
        """Return the record in words, ``None`` for one that says nothing new."""
        text = mask(record.what) if isinstance(record.what, bytes) else _words(record.what)
        return Evidence(record.at_ns, record.glyph, self.clean(text)) if text else None


def _words(what: object) -> str:
    return _network(what) or _step(what) or _return(what) or _session(what)


def _network(what: object) -> str:
    match what:
        case Resolved(host, addresses):
            return "" if addresses == (host,) else f"{host} is {', '.join(addresses)}"
        case ResolveFailed(host, text):
            return f"{host} could not be resolved: {text}"
        case TcpConnected(peer, local):
            return f"connected to {peer}" + (f" from {local}" if local else "")
        case TcpFailed(reason, text):
            return f"connection failed, {reason.value}" + (f": {text}" if text else "")
        case TcpNoted(info):
            return f"TCP: {_tcp(info)}"
        case TlsEstablished(protocol, cipher):
            return f"TLS established: {protocol}, {cipher}"
        case TlsFailed(reason, text):
            return f"TLS failed, {reason.value}" + (f": {text}" if text else "")
        case ClockStepped(step_ns):
            side = "forward" if step_ns > 0 else "back"
            return f"our clock was set {side} by {seconds(abs(step_ns))}"
        case Closed(by_peer, reset, text):
            side = "the venue" if by_peer else "fixgate"
            how = "reset" if reset else "closed"
            return f"connection {how} by {side}" + (f": {text}" if text else "")
        case _:
            return ""


def _tcp(info: TcpInfo) -> str:
    segments = f"{info.unacked} segment{'' if info.unacked == 1 else 's'}"
    amiss = [
        (info.unacked, f"{segments} unacknowledged"),
        (info.notsent_bytes, f"{info.notsent_bytes} bytes not sent"),
        (info.retransmits, f"{info.retransmits} timeouts in a row"),
        (info.total_retrans, f"{info.total_retrans} sent again"),
    ]
    told = ", ".join(words for count, words in amiss if count) or "all acknowledged"
    room = f"the peer has room for {info.snd_wnd} bytes"
    return f"{told}; {room}; round trip {seconds(info.rtt_ns)}"


def _step(what: object) -> str:
    match what:
        case PhaseStarted(phase):
            return f"phase {phase.value}"
        case DeadlinePassed(deadline_ns):
            return f"time is up: deadline {seconds(deadline_ns)}"
        case Flooded(limit_bytes):
            return f"more messages than {limit_bytes >> 20} MiB hold: connection cut"
        case SequenceNoted(next_out, next_in):
            return f"our store: next MsgSeqNum(34) out {next_out}, in {next_in}"
        case OwnCertificates(chain):
            until = (f"{each.subject} until {day(each.not_after_ns)}" for each in chain)
            return f"our own certificate: {', '.join(until)}"
        case OutOfHours(text=text):
            return f"left out: {text}"
        case StoreUnusable(text):
            return f"store unusable: {text}"
        case MessagesPassed(first, end):
            return f"{end - first} messages of the measurement came in order, not shown here"
        case OrderSent(cl_ord_id):
            return f"test order ClOrdID(11) {cl_ord_id.decode('latin-1')} sent"
        case CancelSent(cl_ord_id):
            return f"cancel ClOrdID(11) {cl_ord_id.decode('latin-1')} sent"
        case CheckCrashed(text):
            return f"fixgate failed: {text}"
        case EngineSaid(text):
            return f"QuickFIX says: {text}"
        case EngineEnded():
            return "QuickFIX closed the connection by itself"
        case _:
            return ""


def _return(what: object) -> str:
    match what:
        case LineCut(cut):
            return f"the line is cut: {cut.value}"
        case Unread(raw):
            return f"sent by the venue into the cut line: {mask(raw)}"
        case Withheld(number):
            return f"MsgSeqNum(34) {number} used and not sent, for the venue to ask for"
        case Returning():
            return "coming back with the same store"
        case Settled():
            return "the venue has answered behind the return"
        case StatusAsked(cl_ord_id):
            return f"asked for the state of ClOrdID(11) {cl_ord_id.decode('latin-1')}"
        case _:
            return ""


def _session(what: object) -> str:
    match what:
        case GarbledInput(data, reason):
            return f"garbled: {reason}: {mask(data[:200])}"
        case GapOpened(begin, received):
            return f"gap: expected MsgSeqNum(34) {begin}, received {received}"
        case GapClosed(begin, end):
            return f"gap closed: {begin} to {end} have come"
        case ResendServed(begin, end):
            return f"resend served: {begin} to {end or 'the end'}"
        case SequenceMoved(old, new):
            return f"expected number moved by the venue: {old} to {new}"
        case SequenceReset(by_peer):
            return "both numbers restart at 1" + (", by the venue" if by_peer else "")
        case HoursEnded(text):
            return f"time is up: {text}"
        case NumbersRunLow(left, highest):
            return f"our numbers run low: {left} left, up to {highest}"
        case TimedOut(waiting_for):
            return f"timed out waiting for {waiting_for}"
        case Violation(rule=rule, text=text):
            return f"violation {rule}: {text}"
        case _:
            return ""
