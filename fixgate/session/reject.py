"""The body of a session-level Reject, as each version knows it.

Spec: FIX 4.0 to 5.0 SP2, "Reject". RefTagID(371), RefMsgType(372) and SessionRejectReason(373)
came with FIX 4.2, whose reasons end at 11; FIX 4.3 ends at 17, FIX 4.4 adds 99.
"""

from __future__ import annotations

from fixgate.dictionary.reasons import REASON_TEXTS, SessionRejectReason
from fixgate.dictionary.version import FixVersion
from fixgate.session.dialect import Dialect
from fixgate.session.rules import Breach, Rule
from fixgate.wire.encode import encode_fields
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["reject_body"]

_LAST_REASON = {FixVersion.FIX42: 11, FixVersion.FIX43: 17}
_WITHOUT_TAG = frozenset(
    {Rule.COMP_ID, Rule.SENDING_TIME, Rule.ORIG_SENDING_TIME_LATER, Rule.RESET_LOWERS}
)


def reject_body(breach: Breach, message: Message, version: FixVersion, dialect: Dialect) -> bytes:
    """Return the body of the Reject that answers ``message``.

    Args:
        breach: What is wrong with it.
        message: The message rejected.
        version: Decides which fields exist.
        dialect: Decides the wording and whether RefTagID(371) is told.
    """
    tag = breach.tag
    if dialect.bare_rejects and (breach.rule in _WITHOUT_TAG or breach.reason == 11):
        tag = None
    text = breach.text
    if dialect.plain_reject_texts and breach.reason is not None:
        text = REASON_TEXTS.get(SessionRejectReason(breach.reason), text)
        if version.order < FixVersion.FIX42.order and tag is not None:
            text += f" ({tag})"
    number = message.get(Tag.MsgSeqNum)
    fields: list[tuple[int, str | int | bytes]] = [
        (Tag.RefSeqNum, number if number is not None and number.isdigit() else 0),
        (Tag.Text, text),
    ]
    if version.order >= FixVersion.FIX42.order:
        if tag is not None:
            fields.append((Tag.RefTagID, tag))
        if message.msg_type:
            fields.append((Tag.RefMsgType, message.msg_type))
        if breach.reason is not None and breach.reason <= _LAST_REASON.get(version, 99):
            fields.append((Tag.SessionRejectReason, breach.reason))
    return encode_fields(fields)
