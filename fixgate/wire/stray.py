"""Values with an SOH inside: whole messages in which something between two SOH is no field.

A message like ``58=a|b|`` with a right BodyLength(9) and CheckSum(10) is not garbled: its sender
wrote an SOH into Text(58). What is no field belongs to the value before it; whoever validates the
message rejects it and names the field. Only field-by-field reading meets them.

Spec: FIX Session Layer Test Cases 1.0, case 14.k.
"""

from __future__ import annotations

from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["read_with_strays", "stray_delimiter"]

_SOH = b"\x01"
_LEADING = 3  # BeginString, BodyLength, MsgType: nothing may stand between them


def read_with_strays(raw: bytes, end: int, tag_of: dict[bytes, int], most: int) -> Message | None:
    """Read a message whose frame is right and in which some piece has no ``=``.

    Args:
        raw: The message.
        end: Where CheckSum(10) begins.
        tag_of: Tags by their digits; without the fields that measure others, and a `KeyError`
            for what is no tag.
        most: Fields that it may have.

    Returns:
        The message, or ``None`` when it is garbled all the same.
    """
    tags: list[int] = []
    values: list[list[bytes]] = []
    for piece in raw[: end - 1].split(_SOH):
        name, equals, value = piece.partition(b"=")
        if not equals:
            if len(tags) <= _LEADING:
                return None
            values[-1].append(piece)
            continue
        try:
            tags.append(tag_of[name])
        except KeyError:
            return None
        values.append([value])
    if Tag.CheckSum in tags or len(tags) >= most:
        return None
    checksum = raw[end + 3 : -1]
    return Message(raw, (*tags, int(Tag.CheckSum)), [*map(_SOH.join, values), checksum])


def stray_delimiter(message: Message) -> int | None:
    """Return the index of the first value with an SOH that no length covers, or ``None``."""
    tags, values = message.tags, message.values
    if message.raw.count(_SOH) == len(tags):
        return None
    for index, value in enumerate(values):
        if _SOH in value and DATA_FIELDS.get(tags[index - 1]) != tags[index]:
            return index
    return None
