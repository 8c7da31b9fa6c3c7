"""One direction of a TCP connection, put in order again. Pure.

Theory of operation. What comes in order is handed out at once. What comes beyond a hole is held,
each byte as it was seen first. A hole closes in one of three ways: a segment fills it; the other
side acknowledges bytes that lie in it, so that it was the capture that missed them; or too much
waits behind it. In the last two cases a `Gap` is handed out in its place.

Every piece carries the instant of the packet that first had it. What is seen again is not handed
out again, but remembered as a retransmission, and so is what fills a hole later than networks
reorder. A byte or none just before the one that is due only asks whether anybody is there.

Spec: RFC 9293, sections 3.4 (sequence numbers) and 3.8.4 (keep-alives).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter

__all__ = ["Gap", "Piece", "Reassembly"]

_REORDERED_NS = 3_000_000
"""How late a segment is no longer out of order but sent again; as Wireshark has it."""
_MAX_HELD_BYTES = 4 * 1024 * 1024
_MAX_HELD = 4096
"""What waits behind a hole: a window's worth, which a sender may send before it fills it."""
_FAR_BYTES = 64 * 1024 * 1024
"""Farther from what is due than any window: another connection, or the capture missed as much."""
_MODULUS = 1 << 32
_HALF = 1 << 31


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the stream, when they passed, and the place behind the last of them."""

    at_ns: int | None
    data: bytes
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes of the stream that the capture does not have, and when what follows them passed."""

    size: int
    before_ns: int | None = field(default=None, compare=False)


@dataclass(slots=True)
class _Held:
    """A range of the stream that waits: its bytes, and behind them those that were cut off."""

    start: int
    end: int
    at_ns: int | None
    data: bytes


_start = attrgetter("start")


class Reassembly:
    """Sequence numbers without wrap-around, and what waits behind a hole.

    Attributes:
        resent_ns: When a segment was last seen again; ``None`` for never.
        resent: How many were.
        reordered: How many segments came after their successors, too soon to be sent again.
    """

    def __init__(self) -> None:
        self._next: int | None = None
        self._acked = 0
        self._held: list[_Held] = []
        self._held_bytes = 0
        self._hole_since_ns: int | None = None
        self.resent_ns: int | None = None
        self.resent = 0
        self.reordered = 0

    @property
    def begun(self) -> bool:
        """Whether a first byte is known."""
        return self._next is not None

    @property
    def acked(self) -> int:
        """The place up to which the other side has acknowledged; see `Piece`."""
        return self._acked

    @property
    def waits(self) -> bool:
        """Whether something waits behind a hole."""
        return bool(self._held)

    def begin(self, seq: int) -> None:
        """Say which sequence number the first byte has, as a SYN tells."""
        if self._next is None:
            self._next = self._acked = seq

    def is_near(self, seq: int) -> bool:
        """Whether a sequence number can belong to this stream now, such as that of an RST."""
        return self._next is None or abs(self._absolute(seq) - self._next) <= _MAX_HELD_BYTES

    def take(self, at_ns: int | None, seq: int, data: bytes, size: int) -> list[Piece | Gap]:
        """Take the data of a segment.

        Args:
            at_ns: When it was captured.
            seq: Of its first byte.
            data: What was captured of it.
            size: How many bytes it had on the line, one at least.

        Returns:
            What is in order with it.
        """
        if self._next is None:
            self.begin(seq)
        due = self._due
        start = self._absolute(seq)
        if start == due and not self._held and len(data) == size:
            self._next = start + size
            return [Piece(at_ns, data, self._next)]
        if abs(start - due) > _FAR_BYTES:
            found = self.flush()
            self._next = self._acked = start
            return [*found, Gap(abs(start - due), at_ns), *self.take(at_ns, start, data, size)]
        end = start + size
        if start == due - 1 and end <= due:
            return []
        if start < due:
            self._saw_again(at_ns)
            if end <= due:
                return []
            data, start = data[due - start :], due
        elif start == due and self._held:
            self._filled(at_ns)
        self._hold(start, end, at_ns, data)
        return self._in_order()

    def acknowledged(self, ack: int) -> list[Piece | Gap]:
        """Take the acknowledgement of the other side; return what that puts in order."""
        if self._next is None:
            return []
        absolute = self._absolute(ack)
        if abs(absolute - self._due) <= _FAR_BYTES:
            self._acked = max(self._acked, absolute)
        return self._in_order() if self._held else []

    def flush(self) -> list[Piece | Gap]:
        """Say that nothing more comes; return what was held, with the gaps in it."""
        found: list[Piece | Gap] = []
        while self._held:
            found += self._skip(self._held[0].start)
            found += self._drain()
        return found

    @property
    def _due(self) -> int:
        return self._next or 0

    def _absolute(self, seq: int) -> int:
        """Return the sequence number without wrap-around that is the nearest to what is due."""
        due = self._due
        return due + (seq - due + _HALF) % _MODULUS - _HALF

    def _saw_again(self, at_ns: int | None) -> None:
        self.resent += 1
        if at_ns is not None:
            self.resent_ns = at_ns

    def _filled(self, at_ns: int | None) -> None:
        since_ns = self._hole_since_ns
        if at_ns is None or since_ns is None or at_ns - since_ns < _REORDERED_NS:
            self.reordered += 1
        else:
            self._saw_again(at_ns)

    def _hold(self, start: int, end: int, at_ns: int | None, data: bytes) -> None:
        """Hold what of a range is not held already."""
        held = self._held
        if not held:
            self._hole_since_ns = at_ns
        index = bisect_left(held, start, key=_start)
        if index and held[index - 1].end > start:
            index -= 1
        pos, seen = start, False
        while pos < end:
            if index < len(held) and held[index].start <= pos:
                seen = seen or held[index].end > pos
                pos = max(pos, held[index].end)
            else:
                stop = min(end, held[index].start) if index < len(held) else end
                part = data[pos - start : stop - start]
                held.insert(index, _Held(pos, stop, at_ns, part))
                self._held_bytes += len(part)
                pos = stop
            index += 1
        if seen:
            self._saw_again(at_ns)

    def _in_order(self) -> list[Piece | Gap]:
        """Hand out what is due, and give up holes that are known to stay."""
        found = self._drain()
        while self._held:
            beyond = self._held[0].start
            # An acknowledgement of what nobody has been seen to send proves nothing.
            if self._due < self._acked <= self._held[-1].end:
                found += self._skip(min(self._acked, beyond))
            elif self._held_bytes > _MAX_HELD_BYTES or len(self._held) > _MAX_HELD:
                found += self._skip(beyond)
            else:
                break
            found += self._drain()
        return found

    def _skip(self, to: int) -> list[Piece | Gap]:
        size = to - self._due
        self._next = to
        return [Gap(size, self._held[0].at_ns)] if size > 0 else []

    def _drain(self) -> list[Piece | Gap]:
        found: list[Piece | Gap] = []
        done = 0
        for held in self._held:
            if held.start != self._due:
                break
            if held.data:
                found.append(Piece(held.at_ns, held.data, held.start + len(held.data)))
            if (missing := held.end - held.start - len(held.data)) > 0:
                found.append(Gap(missing, held.at_ns))
            self._held_bytes -= len(held.data)
            self._next = held.end
            done += 1
        if done:
            del self._held[:done]
            self._hole_since_ns = self._held[0].at_ns if self._held else None
        return found
