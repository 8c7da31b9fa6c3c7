"""Messages as fields that can be changed in any way, and back to bytes.

Our own encoder refuses what is malformed; simplefix writes what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import simplefix

from fixgate.faults.model import Sum
from fixgate.wire.checksum import checksum
from fixgate.wire.frame import START, decode
from fixgate.wire.message import Message
from fixgate.wire.tags import HEADER_TAGS, Tag

__all__ = [
    "RawField",
    "RawFields",
    "assemble",
    "body_end",
    "encode",
    "fields_of",
    "find",
    "header_end",
    "mended",
    "set_value",
    "value_of",
]

RawField: TypeAlias = tuple[bytes, bytes]
"""The digits before ``=`` and what stands between it and the SOH.

Bytes before the first field have no digits.
"""

RawFields: TypeAlias = list[RawField]

_TRAILER = (b"93", b"89", b"10")


def fields_of(data: bytes) -> RawFields:
    """Return the fields of a message; what is no field belongs to the value before it."""
    decoded = decode(data)
    if isinstance(decoded, Message):
        return [(b"%d" % tag, value) for tag, value in decoded.fields()]
    fields: RawFields = []
    for piece in data.removesuffix(b"\x01").split(b"\x01"):
        tag, equals, value = piece.partition(b"=")
        if equals and tag.isdigit():
            fields.append((tag, value))
        elif fields:
            last, before = fields[-1]
            fields[-1] = last, before + b"\x01" + piece
        else:
            fields.append((b"", piece))
    return fields


def encode(fields: Iterable[RawField]) -> bytes:
    """Return fields as they stand on the wire, in the order given, whatever they are."""
    message = simplefix.FixMessage()
    before = b""
    for tag, value in fields:
        if tag:
            message.append_pair(tag, value)
        else:
            before += value + b"\x01"
    encoded: bytes = message.encode(raw=True)
    return before + encoded


def assemble(
    fields: Sequence[RawField],
    *,
    before: bytes = b"",
    body_length: Sum = Sum.MENDED,
    check_sum: Sum = Sum.MENDED,
    untouched: frozenset[bytes] = frozenset(),
) -> bytes:
    """Return a message.

    Args:
        fields: All of it, BodyLength(9) and CheckSum(10) as they were.
        before: The message before it was changed. If an earlier fault has broken it, nothing is
            mended: that would undo what it did.
        body_length: What becomes of BodyLength(9).
        check_sum: What becomes of CheckSum(10).
        untouched: Tags that stay as they are in any case.
    """
    if before and not isinstance(decode(before[max(before.find(START), 0) :]), Message):
        return encode(fields)
    return mended(
        encode(fields),
        body_length=Sum.STALE if b"9" in untouched else body_length,
        check_sum=Sum.STALE if b"10" in untouched else check_sum,
    )


def mended(data: bytes, *, body_length: Sum = Sum.MENDED, check_sum: Sum = Sum.MENDED) -> bytes:
    """Return a message with its length and its sum made right, where it has them."""
    trailer = data.rfind(b"\x0110=") + 1
    if body_length is Sum.MENDED and trailer:
        at = data.find(b"\x019=", 0, trailer)
        begin = data.find(b"\x01", at + 1, trailer) + 1 if at >= 0 else 0
        if begin:
            length = b"\x019=%d\x01" % (trailer - begin)
            moved = len(length) - (begin - at)
            data = data[:at] + length + data[begin:]
            trailer += moved
    if check_sum is Sum.MENDED and trailer:
        begin = max(data.find(START), 0)  # garbage may come before it
        data = data[:trailer] + b"10=%03d\x01" % checksum(data[begin:trailer])
    return data


def find(fields: Sequence[RawField], tag: int) -> int:
    """Return the index of the first field of a tag; -1 when there is none."""
    name = b"%d" % tag
    for index, (each, _) in enumerate(fields):
        if each == name:
            return index
    return -1


def value_of(fields: Sequence[RawField], tag: int) -> bytes:
    """Return the first value of a tag; empty when there is none."""
    index = find(fields, tag)
    return fields[index][1] if index >= 0 else b""


def body_end(fields: Sequence[RawField]) -> int:
    """Return where another field of the body would stand: before the trailer."""
    end = len(fields)
    while end and fields[end - 1][0] in _TRAILER:
        end -= 1
    return end


def header_end(fields: Sequence[RawField]) -> int:
    """Return where another field of the header would stand."""
    for index, (tag, _) in enumerate(fields):
        if not tag.isdigit() or len(tag) > 9 or int(tag) not in HEADER_TAGS:
            return index
    return len(fields)


def set_value(fields: RawFields, tag: int, value: bytes) -> None:
    """Give the first field of a tag another value, or add it: to the header if it belongs there."""
    index = find(fields, tag)
    if index >= 0:
        fields[index] = fields[index][0], value
        return
    at = header_end(fields) if tag in HEADER_TAGS else body_end(fields)
    if tag == Tag.CheckSum:
        at = len(fields)
    fields.insert(at, (b"%d" % tag, value))
