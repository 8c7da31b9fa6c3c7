"""From the bytes of one message to its tags and values.

Two ways, with the same result. The fast one cuts the whole message with one translate and one
split, and holds only when separators alternate strictly (``=``, SOH, ``=``, SOH, ...) and no
field is measured by another. The careful one, `FieldWalk`, goes field by field: it reads data
fields by their length, takes ``=`` inside values, and says what is wrong and where.
"""

from __future__ import annotations

import re
from functools import cache

from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.garbled import Flaw, GarbledReason
from fixgate.wire.limits import Limits
from fixgate.wire.message import Message
from fixgate.wire.stray import read_with_strays
from fixgate.wire.tags import Tag, label

__all__ = ["FieldReader", "FieldWalk", "early_checksum", "excerpt", "field_reader"]

_SOH = b"\x01"
_SOH_TO_EQUALS = bytes.maketrans(b"\x01", b"=")
_NOT_SEPARATORS = bytes(b for b in range(256) if b not in b"\x01=")
_PLAIN_FIELD = re.compile(rb"([0-9]{1,9})=([^\x01]*)\x01")
_CHECKSUM = int(Tag.CheckSum)
_ALTERNATING = b"=\x01" * 4096

# Every tag of the standards up to FIX 5.0 SP2 is below 2000 but for late extensions; the cap
# keeps a peer that invents tags from filling our memory.
_KNOWN_TAGS = 2000
_MAX_CACHED_TAGS = 16_384


def _tag(text: bytes, max_digits: int) -> int | None:
    # 0 and negative numbers are well formed on the wire: the session rejects them by their
    # SessionRejectReason(373)=0. Leading zeros and signs other than minus are not.
    digits = text[1:] if text[:1] == b"-" else text
    if not digits.isdigit() or len(digits) > max_digits:
        return None
    if digits[0] == 48 and text != b"0":
        return None
    return int(text)


class _FastTags(dict[bytes, int]):
    """Tags of the fast way by their digits; a length field is missing here on purpose."""

    def __init__(self, max_digits: int) -> None:
        super().__init__(
            (b"%d" % n, n) for n in range(min(_KNOWN_TAGS, 10**max_digits)) if n not in DATA_FIELDS
        )
        self._max_digits = max_digits

    def __missing__(self, text: bytes) -> int:
        tag = _tag(text, self._max_digits)
        if tag is None or tag in DATA_FIELDS:
            raise KeyError(text)
        if len(self) < _MAX_CACHED_TAGS:
            self[text] = tag
        return tag


def excerpt(data: bytes | bytearray) -> str:
    """Return the first bytes of ``data`` as a quoted text that is safe to print."""
    shown = repr(bytes(data[:24]).replace(_SOH, b"|"))[1:]
    return f"{shown}..." if len(data) > 24 else shown


def early_checksum(body_length: int, actual: int) -> Flaw:
    """Return the flaw of a body that ends before BodyLength(9) says so."""
    return Flaw(
        GarbledReason.BODY_LENGTH,
        f"BodyLength(9) is {body_length}, but CheckSum(10) comes after {actual} bytes",
    )


class FieldWalk:
    """Reads the fields of one message one after the other; may be asked before all has come.

    Attributes:
        data: The message, or as much of it as there is; a bytearray may grow between calls.
        pos: Where the next field begins.
        tags: The tags read so far.
        values: The value of each.
    """

    __slots__ = (
        "_blocked", "_body", "_data_bytes", "_data_tag", "_end", "_limits", "_scan",
        "data", "pos", "tags", "values",
    )  # fmt: skip

    def __init__(self, data: bytes | bytearray, body: int, end: int, limits: Limits) -> None:
        """Stand at the first field.

        Args:
            data: The message from ``8=``.
            body: Where the body begins, after BodyLength(9).
            end: Where the body ends by BodyLength(9), and CheckSum(10) begins.
            limits: The bounds.
        """
        self.data = data
        self.pos = 0
        self.tags: list[int] = []
        self.values: list[bytes] = []
        self._body = body
        self._end = end
        self._limits = limits
        self._data_tag = -1
        self._data_bytes = 0
        self._scan = body
        self._blocked = False

    def run(self, horizon: int) -> Flaw | None:
        """Read fields up to ``horizon``, or until a data field has not come whole."""
        self._blocked = False
        while self.pos < horizon and not self._blocked:
            self._plain(horizon)
            if self.pos < horizon:
                flaw = self._field()
                if flaw is not None:
                    return flaw
        return None

    def _plain(self, horizon: int) -> None:
        """Read fields up to the first that takes a closer look.

        A peer may send messages of thousands of fields in which one at the end is wrong: one
        after the other in `_field` they would hold everybody up for 10 ms.
        """
        if self._data_tag >= 0:
            return
        pos, tags, values = self.pos, self.tags, self.values
        known = _fast_tags(self._limits.max_tag_digits).get
        data, end, match = self.data, self._end, _PLAIN_FIELD.match
        room = self._limits.max_fields - 1 - len(tags)
        while room > 0 and pos < horizon and (found := match(data, pos, end)) is not None:
            digits, value = found.groups()
            tag = known(bytes(digits))
            if tag is None or tag == _CHECKSUM:
                break
            tags.append(tag)
            values.append(bytes(value))
            pos = found.end()
            room -= 1
        self.pos = pos

    def early(self) -> Flaw | None:
        """Return a flaw that is already certain although the message is not whole.

        A BodyLength(9) that is too large would otherwise hold back every message until as many
        bytes have come. A CheckSum(10) that is a field of its own, not part of a data field,
        ends the body: the bytes are searched once for it, and walked only when it is there.
        """
        data = self.data
        while True:
            hit = data.find(b"\x0110=", self._scan, self._end + 2)
            if hit < 0:
                self._scan = max(self._scan, len(data) - 3)
                return None
            flaw = self.run(hit + 1)
            if flaw is not None:
                return flaw
            if self.pos == hit + 1:
                return early_checksum(self._end - self._body, self.pos - self._body)
            if self._blocked:
                self._scan = hit
                return None
            self._scan = self.pos - 1

    def _field(self) -> Flaw | None:
        data, pos, end = self.data, self.pos, self._end
        soh = data.find(_SOH, pos, end)
        if soh < 0:
            return Flaw(
                GarbledReason.BODY_LENGTH,
                f"BodyLength(9) is {end - self._body} and ends inside the field at byte {pos}"
                " of the message; expected SOH and CheckSum(10) there",
            )
        equals = data.find(b"=", pos, soh)
        if equals < 0:
            return Flaw(
                GarbledReason.FIELD,
                f"byte {pos} of the message: received a field of {soh - pos} bytes without '=',"
                " expected tag=value",
            )
        tag = _tag(bytes(data[pos:equals]), self._limits.max_tag_digits)
        if tag is None:
            return self._bad_tag(equals)
        if tag == Tag.CheckSum:
            return early_checksum(end - self._body, pos - self._body)
        if len(self.tags) >= self._limits.max_fields - 1:
            return Flaw(
                GarbledReason.TOO_MANY_FIELDS,
                f"received more than {self._limits.max_fields} fields",
            )
        if tag == self._data_tag:
            soh = equals + 1 + self._data_bytes
            flaw = self._data_flaw(tag, soh)
            if flaw is not None or self._blocked:
                return flaw
        value = bytes(data[equals + 1 : soh])
        self._data_tag = DATA_FIELDS.get(tag, -1)
        if self._data_tag >= 0:
            self._expect_data(value)
        self.tags.append(tag)
        self.values.append(value)
        self.pos = soh + 1
        return None

    def _expect_data(self, length: bytes) -> None:
        # A length that is no number measures nothing: the data field is read up to SOH like
        # any other, and the dictionary rejects the length.
        if length.isdigit() and len(length) <= 9:
            self._data_bytes = int(length)
        else:
            self._data_tag = -1

    def _data_flaw(self, tag: int, stop: int) -> Flaw | None:
        said = f"{label(self.tags[-1])} is {self._data_bytes}"
        if stop >= self._end:
            return Flaw(
                GarbledReason.DATA_LENGTH, f"{said}, but the body ends before {label(tag)} does"
            )
        if stop >= len(self.data):
            self._blocked = True
        elif self.data[stop] != 1:
            return Flaw(
                GarbledReason.DATA_LENGTH,
                f"{said}, but {label(tag)} does not end with SOH after as many bytes",
            )
        return None

    def _bad_tag(self, equals: int) -> Flaw:
        digits = self._limits.max_tag_digits
        received = excerpt(self.data[self.pos : equals])
        return Flaw(
            GarbledReason.TAG,
            f"byte {self.pos} of the message: received tag {received},"
            f" expected a number of at most {digits} digits without leading zeros",
        )


class FieldReader:
    """Reads the fields of whole messages within fixed limits."""

    __slots__ = ("_limits", "_max_fields", "_tag", "_tags")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._max_fields = limits.max_fields
        self._tags = _fast_tags(limits.max_tag_digits)
        self._tag = self._tags.__getitem__

    def read(self, raw: bytes, body: int, end: int) -> Message | Flaw:
        """Return the message, or why its fields cannot be read.

        Args:
            raw: A message whose frame has been verified.
            body: Where the body begins, after BodyLength(9).
            end: Where CheckSum(10) begins.
        """
        separators = raw.translate(None, _NOT_SEPARATORS)
        if _ALTERNATING.startswith(separators) and len(separators) <= 2 * self._max_fields:
            parts = raw.translate(_SOH_TO_EQUALS).split(b"=")
            parts.pop()
            try:
                message = Message(raw, tuple(map(self._tag, parts[::2])), parts[1::2])
                if message[Tag.CheckSum] is message.values[-1]:
                    return message
            except KeyError:
                pass
        return self._carefully(raw, body, end)

    def _carefully(self, raw: bytes, body: int, end: int) -> Message | Flaw:
        walk = FieldWalk(raw, body, end, self._limits)
        flaw = walk.run(end)
        if flaw is not None:
            if flaw.reason is GarbledReason.FIELD:
                return read_with_strays(raw, end, self._tags, self._max_fields) or flaw
            return flaw
        walk.tags.append(Tag.CheckSum)
        walk.values.append(raw[end + 3 : -1])
        return Message(raw, tuple(walk.tags), walk.values)


@cache
def _fast_tags(max_digits: int) -> _FastTags:
    return _FastTags(max_digits)


@cache
def field_reader(limits: Limits) -> FieldReader:
    """Return the reader for ``limits``; there is one for each."""
    return FieldReader(limits)
