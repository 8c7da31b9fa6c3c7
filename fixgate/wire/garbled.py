"""Bytes that are no message, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Flaw", "Garbled", "GarbledReason"]


class GarbledReason(Enum):
    """The first rule of the wire that was broken."""

    NO_MESSAGE_START = "no-message-start"
    BEGIN_STRING = "begin-string"
    BODY_LENGTH = "body-length"
    MESSAGE_TOO_LONG = "message-too-long"
    MSG_TYPE_NOT_THIRD = "msg-type-not-third"
    FIELD = "field"
    TAG = "tag"
    DATA_LENGTH = "data-length"
    TOO_MANY_FIELDS = "too-many-fields"
    CHECKSUM_FORMAT = "checksum-format"
    CHECKSUM = "checksum"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Garbled:
    """Bytes of the stream that were skipped.

    Spec: FIX session layer, garbled messages: ignored, and no MsgSeqNum(34) is used.

    Attributes:
        data: The bytes, untouched; they may hold secrets (`fixgate.wire.mask`),
            so they are not in the repr.
        offset: Of the first byte of ``data`` in the stream, from 0.
        reason: The first rule that was broken.
        text: What was received and what was expected, with ``Name(tag)``; no values of fields
            other than BeginString(8), BodyLength(9) and CheckSum(10).
        continued: ``True`` when this piece goes on where the one before it, of an earlier feed,
            ended: one mistake of the peer, told in several pieces.
    """

    data: bytes = field(repr=False)
    offset: int
    reason: GarbledReason
    text: str
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a candidate is no message.

    Attributes:
        reason: The rule that was broken.
        text: What was received and what was expected.
        drop_bytes: How much of the candidate is surely not the start of another message.
    """

    reason: GarbledReason
    text: str
    drop_bytes: int = 1
