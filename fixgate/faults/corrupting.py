"""Faults of the bytes of one message."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, assert_never

from fixgate.dice import Dice, pick
from fixgate.faults.model import (
    CorruptField,
    FlipBits,
    Garbage,
    MissingSoh,
    Sum,
    Truncate,
    WrongBodyLength,
    WrongCheckSum,
)
from fixgate.faults.record import name_of
from fixgate.faults.rewriting import body_end, encode, fields_of, find, mended, value_of
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["ByteFault", "Edit", "corrupt"]

ByteFault: TypeAlias = (
    FlipBits | CorruptField | WrongCheckSum | WrongBodyLength | MissingSoh | Truncate | Garbage
)

_PRINTABLE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Edit(NamedTuple):
    """What became of a message, and what was done to it, in words."""

    data: bytes
    did: str


def corrupt(fault: ByteFault, data: bytes, message: Message, dice: Dice) -> Edit | None:
    """Return a message with broken bytes; ``None`` when there is nothing to break.

    Args:
        fault: What breaks.
        data: The message as it is now.
        message: As it came.
        dice: Where chance decides.
    """
    match fault:
        case FlipBits(bits, tag):
            return _flip(data, bits, tag, message, dice)
        case CorruptField(tag, check_sum):
            return _corrupt_field(data, tag, check_sum, message, dice)
        case WrongCheckSum(by):
            return _wrong_checksum(data, by)
        case WrongBodyLength(by, check_sum):
            return _wrong_body_length(data, by, check_sum)
        case MissingSoh():
            return _missing_soh(data, fault, message)
        case Truncate(keep):
            left = len(data) // 2 if keep is None else min(keep, len(data))
            return Edit(data[:left], f"only the first {left} of {len(data)} bytes")
        case Garbage(garbage):
            return Edit(garbage + data, f"{len(garbage)} bytes that are no message before it")
        case _ as never:
            assert_never(never)


def _flip(data: bytes, bits: int, tag: int | None, message: Message, dice: Dice) -> Edit | None:
    begin, end = (0, len(data)) if tag is None else _span(data, tag)
    if begin == end:
        return None
    broken = bytearray(data)
    # Each bit once: flipped twice it would be right again.
    left = list(range(8 * (end - begin)))
    places = [left.pop(pick(len(left), dice)) for _ in range(min(bits, len(left)))]
    for place in places:
        broken[begin + place // 8] ^= 1 << place % 8
    at = ", ".join(f"bit {place % 8} of byte {begin + place // 8}" for place in sorted(places)[:3])
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    where = "" if tag is None else f" in {name_of(tag, message)}"
    return Edit(bytes(broken), f"flipped {at}{more}{where}")


def _span(data: bytes, tag: int) -> tuple[int, int]:
    """Return where the first value of a field begins and ends; the same twice for none."""
    fields = fields_of(data)
    index = find(fields, tag)
    if index < 0:
        return 0, 0
    begin = len(encode(fields[:index])) + len(fields[index][0]) + 1
    return begin, begin + len(fields[index][1])


def _corrupt_field(
    data: bytes, tag: int, check_sum: Sum, message: Message, dice: Dice
) -> Edit | None:
    begin, end = _span(data, tag)
    if begin == end:
        return None
    # Never the character that it was.
    value = bytes(
        _PRINTABLE[(_PRINTABLE.find(byte) + 1 + pick(len(_PRINTABLE) - 1, dice)) % len(_PRINTABLE)]
        for byte in data[begin:end]
    )
    broken = data[:begin] + value + data[end:]
    if tag not in (Tag.CheckSum, Tag.BodyLength):
        broken = mended(broken, body_length=Sum.STALE, check_sum=check_sum)
    return Edit(
        broken, f"other characters in {name_of(tag, message)}, CheckSum(10) {_of(check_sum)}"
    )


def _of(sum_: Sum) -> str:
    return "stale" if sum_ is Sum.STALE else "mended"


def _wrong_checksum(data: bytes, by: int) -> Edit | None:
    fields = fields_of(data)
    said = value_of(fields, Tag.CheckSum)
    if not said.isdigit() or len(said) > 9:
        return None
    index = find(fields, Tag.CheckSum)
    wrong = (int(said) + by) % 256
    fields[index] = fields[index][0], b"%03d" % wrong
    return Edit(encode(fields), f"CheckSum(10): {said.decode()} -> {wrong:03}")


def _wrong_body_length(data: bytes, by: int, check_sum: Sum) -> Edit | None:
    fields = fields_of(data)
    said = value_of(fields, Tag.BodyLength)
    if not said.isdigit() or len(said) > 9:
        return None
    index = find(fields, Tag.BodyLength)
    wrong = int(said) + by
    fields[index] = fields[index][0], b"%d" % wrong
    broken = mended(encode(fields), body_length=Sum.STALE, check_sum=check_sum)
    return Edit(broken, f"BodyLength(9): {said.decode()} -> {wrong}")


def _missing_soh(data: bytes, fault: MissingSoh, message: Message) -> Edit | None:
    fields = fields_of(data)
    index = body_end(fields) - 1 if fault.tag is None else find(fields, fault.tag)
    if not 0 <= index < len(fields):
        return None
    end = len(encode(fields[: index + 1]))
    broken = data[: end - 1] + data[end:]
    name = fields[index][0]
    behind = name_of(int(name), message) if name.isdigit() and len(name) <= 9 else "a field"
    broken = mended(broken, body_length=fault.body_length, check_sum=fault.checksum)
    return Edit(broken, f"no SOH behind {behind}")
