"""Samples out of packet captures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median_low
from typing import assert_never

from fixgate.errors import RecordingError
from fixgate.latency.conversation import Conversation, Stamp
from fixgate.latency.gathering import Gathering
from fixgate.latency.recording import Recording
from fixgate.latency.remarks import counted
from fixgate.latency.sides import Evidence
from fixgate.net.capture.connection import Connection
from fixgate.net.capture.connections import Connections, Ended, Event, Missed, Spoken
from fixgate.net.capture.files import read_captures
from fixgate.net.capture.messages import Speech
from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.segment import endpoint_text
from fixgate.triage.model import Exchange, Mark, Sample, StampSource

__all__ = ["record_captures"]

_NAMED_AT_MOST = 5


def record_captures(
    paths: Sequence[str | Path],
    *,
    client: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Recording:
    """Measure what the FIX sessions of packet captures did, by the captures' clock.

    Read as they come, in a memory that does not grow with the files but with the samples.

    Args:
        paths: The files, pcap or pcapng, plain or gzip; ``-`` for standard input.
        client: SenderCompID(49) of the client, where the capture does not tell.
        stop: Asked before every packet whether to leave it at what was read.

    Raises:
        RecordingError: A file cannot be read, or is no capture; or the files are of two places.
    """
    return _Listener(client).listen(paths, stop)


class _Listener:
    """Follows the conversations of a capture."""

    def __init__(self, client: str | None) -> None:
        self._gathering = Gathering(StampSource.CAPTURE, client)
        self._connections = Connections()
        self._talks: dict[Connection, Conversation] = {}
        self._speech: Counter[Speech] = Counter()
        self._tls: list[str] = []
        self._copies = 0
        self._cut = 0
        self._precision_ns = 1
        self._packets = 0
        self._behind_ns: list[int] = []  # from the tap to the client and back

    def listen(self, paths: Sequence[str | Path], stop: Callable[[], bool]) -> Recording:
        """Read the files to their ends, or until it is enough."""
        for path, each in read_captures(paths):
            if stop():
                self._remark("stop", "reading was stopped; what had come until then counts")
                break
            if isinstance(each, Damage):
                text = f"{path}: byte {each.offset}: {each.reason}; what can be read counts"
                self._remark(f"damage of {path}", text)
            else:
                self._take(each, path)
        self._play(self._connections.finish())
        self._sum_up()
        return self._gathering.recording(self._precision_ns)

    def _remark(self, kind: str, text: str) -> None:
        self._gathering.remarks.add(kind, text)

    def _take(self, packet: Packet, path: str) -> None:
        self._packets += 1
        self._precision_ns = max(self._precision_ns, packet.unit_ns)
        self._play(self._connections.take(packet, path))
        if self._connections.copied_in is not None:
            first, second = self._connections.copied_in
            raise RecordingError(
                second,
                f"has packets that {first} has, too: the files are of two places, or one is a copy"
                " of the other; expected those of one place",
            )

    def _play(self, events: Sequence[Event]) -> None:
        for event in events:
            talk = self._talks.get(event.connection)
            match event:
                case Spoken():
                    self._spoken(event, talk)
                case Missed():
                    if talk is not None:
                        talk.missed(event.side, event.at_ns)
                case Ended():
                    if talk is not None and event.closed:
                        talk.close()
                    self._ended(event.connection)
                case _:
                    assert_never(event)

    def _spoken(self, event: Spoken, talk: Conversation | None) -> None:
        connection, seen = event.connection, event.seen
        if talk is None:
            evidence = Evidence(0 if connection.opened else None)
            talk = self._talks[connection] = Conversation(StampSource.CAPTURE, evidence)
        stamp = Stamp(seen.at_ns, seen.coalesced, event.resent_ns, event.epoch, seen)
        talk.take(event.side, seen.message, stamp)

    def _ended(self, connection: Connection) -> None:
        speech = connection.speech
        self._speech[speech] += 1
        self._copies += connection.copies
        if speech is Speech.TLS and len(self._tls) < _NAMED_AT_MOST:
            self._tls.append(str(connection))
        talk = self._talks.pop(connection, None)
        if talk is None:
            self._cut += sum(side.cut for side in connection.sides)
            return
        talk.finish(self._connections.latest_ns)
        places = [" - ".join(sorted(endpoint_text(side.endpoint) for side in connection.sides))]
        connect = _connect(connection)
        self._gathering.take(talk, places, [] if connect is None else [(0, connect)])
        hands = connection.handshake
        clean = not (hands.resent or hands.stepped)
        if clean and hands.syn_ack_ns is not None and hands.ack_ns is not None:
            self._behind_ns.append(hands.ack_ns - hands.syn_ack_ns)
        for side in connection.sides:
            who = f"{connection}: from {endpoint_text(side.endpoint)}"
            if side.gaps:
                cut = f" ({_cut(side.cut)})" if side.cut else ""
                self._remark(
                    "gaps",
                    f"{who}: {counted(side.missing_bytes, 'byte')} in"
                    f" {counted(side.gaps, 'place')} are not in the capture{cut}; the messages in"
                    " them were not used",
                )
            if count := side.messages.garbled:
                self._remark("garbled", f"{who}: {counted(count, 'garbled message')} not used")

    def _sum_up(self) -> None:
        connections, speech = self._connections, self._speech
        strange = speech[Speech.OTHER] + speech[Speech.UNKNOWN]
        cut = f"; of their packets, {_cut(self._cut)}" if self._cut else ""
        for count, text in (
            (
                speech[Speech.TLS],
                f"{counted(speech[Speech.TLS], 'connection')} with TLS, such as"
                f" {', '.join(self._tls)}: only the times of the two sides' records can be told,"
                " not whose reply is whose",
            ),
            (strange, f"{counted(strange, 'TCP connection')} without FIX that can be read{cut}"),
            (
                self._copies,
                f"{counted(self._copies, 'packet')} captured twice; the first of each counts,"
                " be they of one place or of two",
            ),
            (
                connections.untimed,
                f"{counted(connections.untimed, 'packet')} without a time in the capture",
            ),
            (connections.epoch, f"the clock went back {counted(connections.epoch, 'time')}"),
            (not self._packets, "there are no packets in the capture"),
        ):
            if count:
                self._remark(text, text)
        for why, count in connections.skipped.most_common():
            self._remark("packets not used", f"{counted(count, 'packet')} not used: {why}")
        if self._behind_ns:
            self._remark(
                "tap",
                "from the tap to the client and back it takes"
                f" {median_low(self._behind_ns) / 1000:.1f} us (SYN/ACK to ACK, the median):"
                " the samples hold what lies between the tap and the venue, not this",
            )


def _cut(count: int) -> str:
    return f"{counted(count, 'packet')} cut by the capture's snapshot length"


def _connect(connection: Connection) -> Sample | None:
    """Return how long the venue's kernel took to accept the connection."""
    hands = connection.handshake
    if hands.syn_ns is None or hands.syn_ack_ns is None:
        return None
    marks = {Mark.RETRANSMITTED} if hands.resent else set()
    if hands.stepped:
        marks.add(Mark.CLOCK_STEPPED)
    return Sample(
        Exchange.TCP,
        endpoint_text(connection.sides[0].endpoint),
        app_sent_ns=hands.syn_ns,
        app_received_ns=hands.syn_ack_ns,
        source=StampSource.CAPTURE,
        sent_ns=hands.syn_ns,
        received_ns=hands.syn_ack_ns,
        marks=frozenset(marks),
    )
