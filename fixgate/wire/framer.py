"""Cuts a stream of bytes into messages, however the bytes are chunked.

Theory of operation. The framer stands either at a *candidate*, bytes that may be a message
(``8=FIX...``), or in a *run* of garbled bytes. A candidate is judged as soon as its bytes allow:
it is a message, or it has a flaw, or more bytes are needed. A flaw opens a run, which ends
where the next candidate turns out to be a message. Candidates inside a run are looked for from
the byte after the last one that failed, so no good message is lost to a length that lies.
Garbled bytes are handed out at every feed, up to a field's end where fields can be seen, so that
nobody has to mask half a password.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from itertools import accumulate
from zlib import adler32

from fixgate.wire.checksum import EXACT_BYTES, TRAILERS, checksum
from fixgate.wire.early import EarlyEnds
from fixgate.wire.fields import FieldWalk, field_reader
from fixgate.wire.frame import START, TRAILER_BYTES, no_start, read_header, read_message
from fixgate.wire.garbled import Flaw, Garbled, GarbledReason
from fixgate.wire.layouts import BODY_START, Layouts
from fixgate.wire.limits import DEFAULT_LIMITS, Limits
from fixgate.wire.message import Message

__all__ = ["Framer"]

_SOH = b"\x01"
_TRAILER_START = b"\x0110="
_MSG_TYPE_START = b"35="
# Of a run of garbled fields, how long we wait for the SOH of the last one.
_MAX_HELD_BYTES = 4096
_MAX_CACHED_LENGTHS = 1024
# Why a run began is told once. What fails later in it is not looked into, or a peer could have us
# read the same bytes again for every start that it puts into them. So a start in a run has to have
# a whole header, or as much of one as has come, or it is passed over at the speed of a search; and
# where its end has come, its CheckSum(10) has to be right.
_LIKELY_START = re.compile(
    rb"8=FIX(?:(?!8=FIX)[^\x01]){0,29}+"
    rb"(?:\x019=([4-9]|[1-9]\d{1,8})\x0135="
    rb"|(?:\x01(?:9(?:=(?:[1-9]\d{0,8}(?:\x01(?:35?)?)?)?)?)?)?\Z)"
)
_SUMMED_ONE_BY_ONE = 8


class Framer:
    """Turns bytes into messages, and into garbled pieces where they are none.

    Every byte comes out exactly once and in order: in a message, in a garbled piece, or as
    pending. No more than `Limits.max_message_bytes` and 4 KiB are ever pending.

    Spec: FIX session layer, garbled messages; test cases 2d, 2m, 2t, 3b, 3c.
    """

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        *,
        garbled_ends_at_checksum: bool = False,
    ) -> None:
        """Start at the beginning of a stream.

        Args:
            limits: What one message may ask for.
            garbled_ends_at_checksum: Take the first CheckSum(10) field at or after the place
                where BodyLength(9) says that the body ends for the end of a garbled message, and
                drop all of it, as QuickFIX does. Else only the bytes up to the next ``8=FIX``
                are dropped, so that a length that is too large does not cost the next message.
        """
        self._limits = limits
        self._to_checksum = garbled_ends_at_checksum
        self._reader = field_reader(limits)
        self._layouts = Layouts()
        self._known = self._layouts.known
        self._pending = bytearray()
        self._offset = 0  # in the stream, of the first pending byte, or of the next to come
        self._need = 0  # no verdict before so many bytes are pending, but by walk or hunt
        self._walk: FieldWalk | None = None
        self._hunt = -1  # where to look for a CheckSum(10) that ends what is pending
        self._run: Flaw | None = None
        self._told = False  # a piece of this run has been handed out
        self._in_fields = False  # this run has an SOH
        self._summed = 0  # candidates of this feed whose CheckSum(10) was computed
        self._sums: array[int] | None = None  # of all bytes before each, in this feed
        self._ends: EarlyEnds | None = None  # of this feed
        self._prefix = b"8=FIX.4.4\x019="  # how the last good message began
        self._lengths: dict[bytes, int] = {}  # of good messages, by their digits

    @property
    def pending(self) -> int:
        """Bytes that wait for more, the beginning of a message or of a garbled field."""
        return len(self._pending)

    def take_pending(self) -> bytes:
        """Hand out the pending bytes and forget them."""
        data = bytes(self._pending)
        self._offset += len(data)
        self._forget()
        return data

    def end(self) -> Garbled | None:
        """Say that the stream is over; what is pending will never be whole."""
        data = self.take_pending()
        if not data:
            return None
        flaw = self._run or Flaw(
            GarbledReason.TRUNCATED,
            f"the stream ended {len(data)} bytes into a message",
        )
        told, self._told, self._run = self._told, False, None
        return Garbled(data, self._offset - len(data), flaw.reason, flaw.text, told)

    def feed(self, data: bytes) -> list[Message | Garbled]:
        """Take the next bytes of the stream.

        Args:
            data: Any number of bytes.

        Returns:
            What has become certain with them, in the order of the stream.
        """
        if self._pending:
            self._pending += data
            if len(self._pending) < self._need and not self._certain():
                return []
            data = bytes(self._pending)
            self._forget()
        found: list[Message | Garbled] = []
        size = len(data)
        pos, bad = 0, -1
        self._summed, self._sums, self._ends = 0, None, None
        if self._run is not None:
            pos, bad = self._next_start(data, 0), 0
        while pos < size:
            message = self._quick(data, pos)
            if message is None:
                verdict = self._judge(data, pos)
                if verdict is None:
                    break
                if isinstance(verdict, Flaw):
                    if bad < 0:
                        bad, self._run = pos, verdict
                    pos = self._next_start(data, pos + verdict.drop_bytes)
                    continue
                message = verdict
            if bad >= 0:
                self._tell(data, bad, pos, found)
                self._run, bad = None, -1
                self._told = self._in_fields = False
            found.append(message)
            pos += len(message.raw)
        if bad >= 0:
            if pos >= size:
                pos = self._hold(data, bad)
            self._tell(data, bad, pos, found)
        self._offset += pos
        return found

    def _next_start(self, data: bytes, pos: int) -> int:
        """Return where the next candidate of a run begins, from ``pos`` on."""
        most = self._limits.max_message_bytes
        size = len(data)
        while (likely := _LIKELY_START.search(data, pos)) is not None:
            start, length = likely.start(), likely[1]
            if length is None:
                return start  # not whole
            body = likely.end() - len(_MSG_TYPE_START)
            end = body + int(length)
            if end - start <= most - TRAILER_BYTES:
                if self._to_checksum:
                    stop = start + most
                    if size < stop or data.find(_TRAILER_START, end - 1, stop) >= 0:
                        return start
                elif end + TRAILER_BYTES > size:
                    if not self._ends_early(data, body, end):
                        return start
                elif self._adds_up(data, start, end):
                    return start
            pos = start + 1
        return size

    def _ends_early(self, data: bytes, body: int, end: int) -> bool:
        """Whether a CheckSum(10) comes before BodyLength(9) says so, and is no part of a value."""
        if self._ends is None:
            self._ends = EarlyEnds(data)
        return -1 < self._ends.first(body - 1) < end - 1

    def _adds_up(self, data: bytes, start: int, end: int) -> bool:
        """Whether the right CheckSum(10) stands at ``end``, at the same cost for any length."""
        if not data.startswith(b"10=", end):
            return False
        self._summed += 1
        if self._summed <= _SUMMED_ONE_BY_ONE:
            total = checksum(data[start:end])
        else:
            if self._sums is None:
                self._sums = array("L", accumulate(data, initial=0))
            total = (self._sums[end] - self._sums[start]) & 255
        return data.startswith(TRAILERS[total], end)

    def _tell(self, data: bytes, bad: int, pos: int, found: list[Message | Garbled]) -> None:
        if bad < pos and self._run is not None:
            run = self._run
            piece = Garbled(data[bad:pos], self._offset + bad, run.reason, run.text, self._told)
            found.append(piece)
            self._told = True

    def _hold(self, data: bytes, bad: int) -> int:
        """Keep the end of a run pending that may go on in the next feed; return where it begins."""
        size = len(data)
        start_of_start = size
        for count in range(len(START) - 1, 0, -1):
            if size - count >= bad and data.endswith(START[:count]):
                start_of_start = size - count
                break
        soh = data.rfind(_SOH, bad)
        if soh >= 0:
            self._in_fields = True
            cut = min(soh + 1, start_of_start)
        else:
            cut = bad if self._in_fields else start_of_start
        if size - cut > _MAX_HELD_BYTES:
            cut = start_of_start
        if cut < size:
            self._pending = bytearray(data[cut:])
        return cut

    def _quick(self, data: bytes, pos: int) -> Message | None:
        """Return the message at ``pos`` when its header is like the last one and all is well."""
        prefix = self._prefix
        if not data.startswith(prefix, pos):
            return None
        start = pos + len(prefix)
        soh = data.find(_SOH, start, start + 10)
        body = soh + 1
        length = self._lengths.get(data[start:soh])
        if length is None:
            return None
        end = body + length
        stop = end + TRAILER_BYTES
        if stop > len(data):
            return None
        checked = data[pos:end]
        # `checksum`, without the call for what nearly every message is.
        total = adler32(checked, 0) & 255 if end - pos <= EXACT_BYTES else checksum(checked)
        if data[end:stop] != TRAILERS[total]:
            return None
        raw = data if not pos and stop == len(data) else data[pos:stop]
        start_of_body = data[body : body + BODY_START]
        for layout, tags, unique in self._known.get(start_of_body, ()):
            cut = layout.fullmatch(raw)
            if cut is not None:
                return Message(raw, tags, cut.groups(), unique=unique)
        if not start_of_body.startswith(b"35="):
            return None
        verdict = self._reader.read(raw, body - pos, end - pos)
        if isinstance(verdict, Flaw):
            return None
        self._layouts.saw(verdict, start_of_body)
        return verdict

    def _judge(self, data: bytes, pos: int) -> Message | Flaw | None:
        """Return the message at ``pos``, or its flaw; else make the bytes pending."""
        if not data.startswith(START, pos):
            if START.startswith(data[pos : pos + len(START)]):
                self._wait(data, pos, len(data) - pos + 1)
                return None
            return no_start(data[pos : pos + len(START) + 64])
        header = read_header(data, pos, self._limits)
        if header is None:
            self._wait(data, pos, len(data) - pos + 1)
            return None
        if isinstance(header, Flaw):
            return header
        body, length = header
        end = body + length
        if self._to_checksum:
            return self._judge_to_checksum(data, pos, body, end)
        stop = end + TRAILER_BYTES
        if len(data) >= stop:
            verdict = read_message(data[pos:stop], body - pos, end - pos, self._limits)
            if isinstance(verdict, Message):
                self._learn(data, pos, body, length)
            return verdict
        self._wait(data, pos, stop - pos)
        if self._run is not None:
            # Its end has been looked for; once there may be one, it is looked for anew.
            self._hunt = max(len(self._pending) - len(_TRAILER_START) + 1, 0)
            return None
        self._walk = FieldWalk(self._pending, body - pos, end - pos, self._limits)
        flaw = self._walk.early()
        if flaw is not None:
            self._forget()
        return flaw

    def _judge_to_checksum(
        self, data: bytes, pos: int, body: int, end: int
    ) -> Message | Flaw | None:
        if len(data) < end:
            self._wait(data, pos, end - pos)
            return None
        most = self._limits.max_message_bytes
        hit = data.find(_TRAILER_START, end - 1, pos + most)
        soh = data.find(_SOH, hit + len(_TRAILER_START), pos + most) if hit >= 0 else -1
        if soh < 0:
            if len(data) - pos >= most:
                return Flaw(
                    GarbledReason.BODY_LENGTH,
                    f"BodyLength(9) is {end - body}, but no CheckSum(10) follows"
                    f" within {most} bytes",
                )
            self._wait(data, pos, most)
            self._hunt = end - 1 - pos
            return None
        stop = soh + 1
        if self._run is not None and data[end:stop] != TRAILERS[checksum(data[pos:end])]:
            return Flaw(GarbledReason.CHECKSUM, "one more in a run", stop - pos)
        verdict = read_message(data[pos:stop], body - pos, end - pos, self._limits)
        if isinstance(verdict, Message):
            self._learn(data, pos, body, end - body)
            return verdict
        return replace(verdict, drop_bytes=stop - pos)

    def _wait(self, data: bytes, pos: int, need: int) -> None:
        self._pending = bytearray(data[pos:])
        self._need = need
        self._walk = None
        self._hunt = -1

    def _forget(self) -> None:
        self._pending = bytearray()
        self._need = 0
        self._walk = None
        self._hunt = -1

    def _certain(self) -> bool:
        """Tell whether the pending bytes can be judged although they are not whole."""
        if self._walk is not None:
            return self._walk.early() is not None
        if self._hunt < 0:
            return False
        hit = self._pending.find(_TRAILER_START, self._hunt)
        if hit < 0:
            self._hunt = max(self._hunt, len(self._pending) - len(_TRAILER_START) + 1)
            return False
        self._hunt = hit
        return not self._to_checksum or self._pending.find(_SOH, hit + len(_TRAILER_START)) >= 0

    def _learn(self, data: bytes, pos: int, body: int, length: int) -> None:
        """Remember a good header for the quick way."""
        digits = b"%d" % length
        prefix = data[pos : body - len(digits) - 1]
        if prefix != self._prefix:
            self._prefix = prefix
            self._lengths.clear()
        if len(self._lengths) < _MAX_CACHED_LENGTHS:
            self._lengths[digits] = length
