"""The readers of packet captures: the bytes of a pcap or pcapng file go in.

Contract: nothing but `RecordingError` is raised, and only of a file that does not begin like a
capture; packets and damage are in the file, the damage last where nothing can be read behind it;
a capture that comes in small pieces reads as it does whole. Every instant of a sample is one of a
packet, and no reply is before its request but where the clock is said to have been set.
"""

from __future__ import annotations

import io
import random
from typing import BinaryIO, cast

from fixgate.errors import RecordingError
from fixgate.latency.from_capture import record_captures
from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.reading import read_capture
from fixgate.triage.model import Exchange, Mark
from fuzz.damage import damage
from fuzz.scratch import scratch
from fuzz.tapped import any_capture
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_MOST_REMARKS = 200


def make(dice: random.Random) -> bytes:
    """Return a capture of a session, damaged more often than not."""
    data = any_capture(dice)
    return damage(dice, data) if dice.random() < 0.6 else data


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the capture with a few bytes changed."""
    return damage(dice, data)


class _Slow(io.RawIOBase):
    """A capture that comes in small pieces."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        """Return a few bytes."""
        return self._stream.read(min(97, size) if size >= 0 else 97)


def run(data: bytes, watch: Watch) -> None:
    """Read a capture packet by packet, and measure what is in it."""
    watch.messages += 1
    try:
        found = watch.read("reading", _packets, io.BytesIO(data))
    except RecordingError as error:
        assert error.offset == 0
        return
    watch.framed += 1
    assert _packets(cast("BinaryIO", _Slow(data))) == found, "reads otherwise in pieces"
    for each in found:
        assert 0 <= each.offset <= len(data)
        if isinstance(each, Packet):
            assert len(each.data) <= min(each.length, len(data))
    path = scratch() / "some.pcap"
    path.write_bytes(data)
    if data[:2] != b"\x1f\x8b":
        _measure(str(path), found, watch)


def _packets(stream: BinaryIO) -> list[Packet | Damage]:
    return list(read_capture(stream, "some.pcap"))


def _measure(path: str, found: list[Packet | Damage], watch: Watch) -> None:
    recording = watch.read("measuring", record_captures, [path])
    instants = {each.at_ns for each in found if isinstance(each, Packet)}
    for sample in recording.samples:
        assert {sample.sent_ns, sample.received_ns, sample.acked_ns} <= {*instants, None}
        assert sample.app_ns >= 0 or Mark.CLOCK_STEPPED in sample.marks
        assert sample.session in {session.name for session in recording.sessions}
    used = sum(session.messages for session in recording.sessions)
    measured = sum(each.kind is not Exchange.TCP for each in recording.samples)
    assert measured <= used  # at most two of a request, acknowledged and filled
    assert len(recording.remarks) < _MOST_REMARKS
