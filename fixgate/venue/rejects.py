"""Refusals: which reason code a FIX version has for it, and the sentence that goes with it.

A venue knows one reason; the code sets of the FIX versions grew over twenty years. `OrdRejReason`
and `CxlRejReason` are the reasons as FIX 5.0 SP2 has them, and `code` falls back to the nearest
one that the client's version knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from fixgate.dictionary.version import FixVersion
from fixgate.venue.model import Reply
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = [
    "BusinessRejectReason",
    "CxlRejReason",
    "CxlRejResponseTo",
    "OrdRejReason",
    "Refusal",
    "business_reject",
    "shown",
    "unsupported_message",
]

_SHOWN_BYTES = 40


class OrdRejReason(IntEnum):
    """OrdRejReason(103): why a new order was refused."""

    BROKER_OPTION = 0
    UNKNOWN_SYMBOL = 1
    ORDER_EXCEEDS_LIMIT = 3
    DUPLICATE_ORDER = 6
    UNSUPPORTED_ORDER_CHARACTERISTIC = 11
    INCORRECT_QUANTITY = 13
    INVALID_PRICE_INCREMENT = 18
    OTHER = 99

    def code(self, version: FixVersion) -> int:
        """Return the value of OrdRejReason(103) in ``version``.

        Spec: OrdRejReason(103) of FIX 4.0 has 0 to 4, 4.1 adds 5 and 6, 4.3 adds 11, 4.4 adds 13
        and 99, 5.0 adds 18. Broker / Exchange option (0) serves where nothing closer exists.
        """
        reason = self
        while version.value < _ORDER_REASON_SINCE.get(reason, ""):
            reason = _ORDER_REASON_BEFORE[reason]
        return int(reason)


_ORDER_REASON_SINCE = {
    OrdRejReason.DUPLICATE_ORDER: "FIX.4.1",
    OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC: "FIX.4.3",
    OrdRejReason.INCORRECT_QUANTITY: "FIX.4.4",
    OrdRejReason.OTHER: "FIX.4.4",
    OrdRejReason.INVALID_PRICE_INCREMENT: "FIX.5.0",
}

_ORDER_REASON_BEFORE = {
    OrdRejReason.DUPLICATE_ORDER: OrdRejReason.BROKER_OPTION,
    OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC: OrdRejReason.BROKER_OPTION,
    OrdRejReason.INCORRECT_QUANTITY: OrdRejReason.BROKER_OPTION,
    OrdRejReason.OTHER: OrdRejReason.BROKER_OPTION,
    OrdRejReason.INVALID_PRICE_INCREMENT: OrdRejReason.OTHER,
}


class CxlRejReason(IntEnum):
    """CxlRejReason(102): why a cancel or a replace was refused.

    ``ALREADY_PENDING`` is not among them: this venue decides each request at once, so no order
    is ever pending.
    """

    TOO_LATE_TO_CANCEL = 0
    UNKNOWN_ORDER = 1
    BROKER_OPTION = 2
    DUPLICATE_CL_ORD_ID = 6
    INVALID_PRICE_INCREMENT = 18
    OTHER = 99

    def code(self, version: FixVersion) -> int | None:
        """Return the value of CxlRejReason(102) in ``version``, or ``None`` to leave it out.

        Spec: CxlRejReason(102), an optional field, has 0 and 1 in FIX 4.0 and 4.1; 4.2 adds 2 and
        3, 4.3 adds 4 to 6, 4.4 adds 99, 5.0 adds 18.
        """
        reason: CxlRejReason | None = self
        while reason is not None and version.value < _CANCEL_REASON_SINCE.get(reason, ""):
            reason = _CANCEL_REASON_BEFORE[reason]
        return None if reason is None else int(reason)


_CANCEL_REASON_SINCE = {
    CxlRejReason.BROKER_OPTION: "FIX.4.2",
    CxlRejReason.DUPLICATE_CL_ORD_ID: "FIX.4.3",
    CxlRejReason.OTHER: "FIX.4.4",
    CxlRejReason.INVALID_PRICE_INCREMENT: "FIX.5.0",
}

_CANCEL_REASON_BEFORE = {
    CxlRejReason.BROKER_OPTION: None,
    CxlRejReason.DUPLICATE_CL_ORD_ID: CxlRejReason.BROKER_OPTION,
    CxlRejReason.OTHER: CxlRejReason.BROKER_OPTION,
    CxlRejReason.INVALID_PRICE_INCREMENT: CxlRejReason.OTHER,
}


class CxlRejResponseTo:
    """Values of CxlRejResponseTo(434)."""

    CANCEL = b"1"
    REPLACE = b"2"


class BusinessRejectReason:
    """Values of BusinessRejectReason(380) that this venue uses."""

    UNSUPPORTED_MESSAGE_TYPE = b"3"
    APPLICATION_NOT_AVAILABLE = b"4"
    CONDITIONALLY_REQUIRED_FIELD_MISSING = b"5"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the terms of an order cannot be taken.

    Attributes:
        reason: The reason as a new order's refusal would state it.
        text: Text(58): the field as ``Name(tag)``, what was received, what was expected.
        missing: It lacks a field that what else it carries makes necessary (case 14.m).
    """

    reason: OrdRejReason
    text: bytes
    missing: bool = False

    @property
    def cancel_reason(self) -> CxlRejReason:
        """The reason as the refusal of a replace states it."""
        if self.reason is OrdRejReason.INVALID_PRICE_INCREMENT:
            return CxlRejReason.INVALID_PRICE_INCREMENT
        return CxlRejReason.OTHER


def shown(value: bytes | None) -> bytes:
    """Return a received value as a Text(58) may quote it: printable ASCII, and short.

    Args:
        value: As received; ``None`` when the field was absent.
    """
    if value is None:
        return b"nothing"
    text = bytes(byte if 32 <= byte < 127 else 63 for byte in value[:_SHOWN_BYTES])
    return text + b"..." if len(value) > _SHOWN_BYTES else text


def business_reject(
    client_key: str,
    version: FixVersion,
    message: Message,
    *,
    reason: bytes,
    text: bytes,
    appl_ver_id: bytes | None = None,
) -> Reply:
    """Refuse a message that no other answer fits.

    Args:
        client_key: Who sent it.
        version: The version that the answer is in.
        message: The message at fault.
        reason: BusinessRejectReason(380).
        text: Text(58).
        appl_ver_id: DefaultApplVerID(1137) to add, a habit of one engine; ``None`` for none.

    Returns:
        BusinessMessageReject, or Reject before FIX 4.2, which has no such message.

    Spec: FIX 4.2, Business Message Reject; RefSeqNum(45) is the MsgSeqNum(34) at fault.
    """
    number = message.get(Tag.MsgSeqNum)
    body = b"45=%b\x01" % number if number else b""
    body += b"58=%b\x01" % text
    if version.value < "FIX.4.2":
        return Reply(client_key, MsgType.Reject, body)
    body += b"372=%b\x01380=%b\x01" % (message.msg_type, reason)
    if appl_ver_id is not None:
        body += b"1137=%b\x01" % appl_ver_id
    return Reply(client_key, MsgType.BusinessMessageReject, body)


def unsupported_message(
    client_key: str, version: FixVersion, message: Message, *, name_version: bool = False
) -> Reply:
    """Refuse a message type that this venue does not serve.

    Args:
        client_key: Who sent it.
        version: The version that the answer is in.
        message: The message at fault.
        name_version: Add DefaultApplVerID(1137) on FIXT, as one engine does.
    """
    # The wording, down to its capitals, is what acceptance definitions in circulation compare.
    text = b"Unsupported message type" if version.value < "FIX.4.2" else b"Unsupported Message Type"
    appl_ver_id = version.appl_ver_id if name_version else None
    return business_reject(
        client_key,
        version,
        message,
        reason=BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE,
        text=text,
        appl_ver_id=None if appl_ver_id is None else appl_ver_id.encode(),
    )
