"""The messages of one connection into samples, whichever side turns out to be the client. Pure.

Who is the client may be known only at the end. So both sides are taken for it until then: what the
one asks and the other answers is never the same message.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fixgate.latency.sides import Evidence
from fixgate.net.capture.messages import Seen
from fixgate.sampling.pairing import Pair, Pairing, Passed, Unanswered, Why
from fixgate.sampling.questions import Outcome, can_rest
from fixgate.triage.model import Exchange, Mark, Sample, StampSource
from fixgate.triage.venue_times import venue_times
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Conversation", "Found", "Stamp"]

_NAMED_AT_MOST = 5
_REJECTED = "the session layer rejected it"
_UNFINISHED = "the recording ended before a reply came"
_MISSED = "no reply was recorded, and the capture has a hole where it may have been"
_SILENT = frozenset({Why.OPEN, Why.ENDED})
_PATIENCE_NS = 5_000_000_000
"""A request that is open for less when the recording ends is not called unanswered."""
_UNTIMED = "the recording has no time of the request or of the reply"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a message passed, and what is to be known of that.

    Attributes:
        at_ns: Nanoseconds since the epoch, by the recording's clock; ``None`` for unknown.
        coalesced: Other messages share the stamp.
        resent_ns: When a segment of its connection had last been sent again by then.
        epoch: How often the clock had been set back by then.
        seen: The message in its capture, which comes to know when it was acknowledged.
    """

    at_ns: int | None
    coalesced: bool = False
    resent_ns: int | None = None
    epoch: int = 0
    seen: Seen | None = None


@dataclass(slots=True)
class Found:
    """What a conversation gave, if one side is the client.

    Attributes:
        samples: By the instant of their replies; without the session's name.
        unmeasured: How many requests of a kind made none, by why, for people.
        names: Of the first few of these.
        could_rest: Of the first fills, how many may have waited for somebody to trade with.
    """

    samples: list[Sample] = field(default_factory=list)
    unmeasured: Counter[tuple[Exchange, str]] = field(default_factory=Counter)
    names: dict[tuple[Exchange, str], list[str]] = field(default_factory=dict)
    could_rest: int = 0

    def leave_out(self, kind: Exchange, why: str, name: str) -> None:
        """Count a request that makes no sample."""
        self.unmeasured[kind, why] += 1
        names = self.names.setdefault((kind, why), [])
        if len(names) < _NAMED_AT_MOST:
            names.append(name)


class Conversation:
    """What two sides, 0 and 1, say to each other on one connection.

    Args:
        source: Whose clock the stamps are from.
        evidence: Which side is the client, as far as that is known before.

    Attributes:
        names: SenderCompID(49) of each side; empty until it, or who speaks to it, has spoken.
        begin_string: BeginString(8) of the first message.
        evidence: Which side is the client.
        messages: How many there were.
        logons: How many Logons of each side.
        began_ns: When the first passed, nanoseconds since the epoch; ``None`` without one.
        ended_ns: When the last one did.
    """

    def __init__(self, source: StampSource, evidence: Evidence) -> None:
        self.names = ["", ""]
        self.begin_string = ""
        self.evidence = evidence
        self.messages = 0
        self.logons = [0, 0]
        self.began_ns: int | None = None
        self.ended_ns: int | None = None
        self._missed_ns: list[int | None] = [None, None]
        self._source = source
        self._pairings: tuple[Pairing[Stamp], Pairing[Stamp]] = (Pairing(), Pairing())
        self._found = Found(), Found()

    def take(self, side: int, message: Message, stamp: Stamp) -> None:
        """Take the next message, which ``side`` sent."""
        self._note(side, message, stamp.at_ns)
        for client, pairing in enumerate(self._pairings):
            for each in pairing.take(Passed(side == client, message, stamp)):
                self._settle(client, each)

    def missed(self, side: int, at_ns: int | None) -> None:
        """Say that the recording has not all that ``side`` said before ``at_ns``."""
        self._missed_ns[side] = at_ns

    def close(self) -> None:
        """Say that the connection was closed: what is open is not answered any more."""
        for client, pairing in enumerate(self._pairings):
            for each in pairing.end():
                self._settle(client, each)

    def finish(self, until_ns: int | None) -> None:
        """Say that nothing more was recorded.

        Args:
            until_ns: When the recording ends, of all sessions in it.
        """
        for client, pairing in enumerate(self._pairings):
            for each in pairing.open():
                at_ns = each.request.ref.at_ns
                early = at_ns is None or until_ns is None or until_ns - at_ns < _PATIENCE_NS
                if early:
                    self._found[client].leave_out(each.kind, _UNFINISHED, each.name)
                else:
                    self._settle(client, each)

    def found(self, client: int) -> Found:
        """Return what there is if that side is the client."""
        return self._found[client]

    def _note(self, side: int, message: Message, at_ns: int | None) -> None:
        self.messages += 1
        self.evidence.take(side, message, at_ns)
        if message.msg_type == MsgType.Logon:
            self.logons[side] += 1
        self.begin_string = self.begin_string or message.begin_string.decode("latin-1")
        for index, tag in ((side, Tag.SenderCompID), (1 - side, Tag.TargetCompID)):
            self.names[index] = self.names[index] or (message.get(tag) or b"").decode("latin-1")
        if at_ns is not None:
            self.began_ns = at_ns if self.began_ns is None else min(self.began_ns, at_ns)
            self.ended_ns = at_ns if self.ended_ns is None else max(self.ended_ns, at_ns)

    def _settle(self, client: int, each: Pair[Stamp] | Unanswered[Stamp]) -> None:
        found = self._found[client]
        if isinstance(each, Unanswered):
            missed = each.why in _SILENT and self._may_be_missing(1 - client, each.request.ref)
            found.leave_out(each.kind, _MISSED if missed else each.why.value, each.name)
        elif each.outcome is Outcome.REJECTED:
            if each.kind is not Exchange.FILL:
                found.leave_out(each.kind, _REJECTED, each.name)
        elif each.outcome is not Outcome.GONE:
            self._measure(found, each)

    def _may_be_missing(self, side: int, request: Stamp) -> bool:
        """Whether a reply that ``side`` gave may be among what was not recorded."""
        missed_ns = self._missed_ns[side]
        return missed_ns is not None and request.at_ns is not None and missed_ns >= request.at_ns

    def _measure(self, found: Found, pair: Pair[Stamp]) -> None:
        sent_ns, received_ns = pair.request.ref.at_ns, pair.reply.ref.at_ns
        if sent_ns is None or received_ns is None:
            found.leave_out(pair.kind, _UNTIMED, pair.name)
            return
        if pair.kind is Exchange.FILL:
            found.could_rest += can_rest(pair.request.message, pair.reply.message)
        seen = pair.request.ref.seen
        found.samples.append(
            Sample(
                pair.kind,
                pair.name,
                app_sent_ns=sent_ns,
                app_received_ns=received_ns,
                source=self._source,
                sent_ns=sent_ns,
                acked_ns=None if seen is None else seen.acked_ns,
                received_ns=received_ns,
                venue=venue_times(pair.reply.message),
                marks=_marks(pair.request.ref, sent_ns, pair.reply.ref, received_ns),
            )
        )


def _marks(request: Stamp, sent_ns: int, reply: Stamp, received_ns: int) -> frozenset[Mark]:
    marks = set()
    if reply.coalesced:
        marks.add(Mark.COALESCED)
    if reply.resent_ns is not None and reply.resent_ns >= sent_ns:
        marks.add(Mark.RETRANSMITTED)
    if reply.epoch != request.epoch or received_ns < sent_ns:
        marks.add(Mark.CLOCK_STEPPED)
    return frozenset(marks)
