"""What a Logon must be, for either role: pure judgements of one message.

Spec: FIX 4.4 volume 2, "Logon"; FIXT 1.1, "Logon"; test cases 1B, 1S.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.session.account import LOGON_TAGS
from fixgate.session.authentication import Fields
from fixgate.session.checks import whole_number
from fixgate.session.routing import Checker
from fixgate.session.settings import SessionSettings
from fixgate.wire.encode import encode_fields
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag
from fixgate.wire.timestamps import utc_ns

__all__ = ["Terms", "heartbeat_in", "logon_body", "read_terms", "seq_num_of"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a Logon that can be accepted asks for.

    Attributes:
        seq_num: MsgSeqNum(34).
        heartbeat_s: HeartBtInt(108), seconds, 0 for none.
        reset: ResetSeqNumFlag(141)=Y.
    """

    seq_num: int
    heartbeat_s: int
    reset: bool


def seq_num_of(message: Message) -> int | None:
    """Return MsgSeqNum(34), or ``None`` when it is missing or no number."""
    return whole_number(message.get(Tag.MsgSeqNum))


def heartbeat_in(message: Message) -> int | None:
    """Return HeartBtInt(108), or ``None`` when it is no number of seconds up to a day."""
    heartbeat_s = whole_number(message.get(Tag.HeartBtInt))
    return None if heartbeat_s is None or heartbeat_s > 86_400 else heartbeat_s


def _show(value: bytes | None) -> str:
    return "nothing" if value is None else repr(value.decode("latin-1"))


def logon_body(
    settings: SessionSettings, heartbeat_s: int, *, reset: bool, more: Fields = ()
) -> bytes:
    """Return the body of our Logon: EncryptMethod(98), HeartBtInt(108) and what was asked for.

    Args:
        settings: What the session is configured to be.
        heartbeat_s: HeartBtInt(108).
        reset: Whether ResetSeqNumFlag(141)=Y is sent.
        more: Further fields, such as Username(553); all are put in ascending order.
    """
    fields: list[tuple[int, str | int | bytes]] = [
        (Tag.EncryptMethod, 0),
        (Tag.HeartBtInt, heartbeat_s),
    ]
    if reset:
        fields.append((Tag.ResetSeqNumFlag, "Y"))
    fields.extend(more)
    if settings.default_appl_ver_id is not None:
        fields.append((Tag.DefaultApplVerID, settings.default_appl_ver_id))
    return encode_fields(sorted(fields, key=lambda field: field[0]))


def read_terms(
    message: Message, settings: SessionSettings, validator: Checker, now_ns: int
) -> Terms | str:
    """Judge the peer's Logon.

    Args:
        message: A Logon(A).
        settings: What the session is configured to be.
        validator: The version's dictionary.
        now_ns: Our clock.

    Returns:
        Its terms, or the text that says why it cannot be accepted. A prober takes what the
        dictionary and the clock object to; whoever observes hears of it elsewhere.
    """
    seq_num = seq_num_of(message)
    if not seq_num:
        return f"MsgSeqNum(34): received {_show(message.get(Tag.MsgSeqNum))}, expected a number"
    if not settings.observe and (text := _enforced(message, settings, validator, now_ns)):
        return text
    heartbeat_s = heartbeat_in(message)
    if heartbeat_s is None:
        if not settings.observe:
            received = _show(message.get(Tag.HeartBtInt))
            return f"HeartBtInt(108): received {received}, expected seconds from 0 to 86400"
        heartbeat_s = settings.heartbeat_s
    reset = message.get(Tag.ResetSeqNumFlag) == b"Y"
    if reset and seq_num != 1:
        return f"MsgSeqNum(34) must be 1 with ResetSeqNumFlag(141)=Y: received {seq_num}"
    return Terms(seq_num, heartbeat_s, reset)


def _enforced(
    message: Message, settings: SessionSettings, validator: Checker, now_ns: int
) -> str | None:
    """Return what an engine that enforces the standard objects to, in a fixed order."""
    sent_ns = utc_ns(message.get(Tag.SendingTime) or b"")
    if sent_ns is None or abs(now_ns - sent_ns) > settings.sending_time_tolerance_ns:
        received = _show(message.get(Tag.SendingTime))
        seconds = settings.sending_time_tolerance_ns / 1e9
        return f"SendingTime(52): received {received}, expected UTC within {seconds:g} s of ours"
    problem = validator.check(message)
    asked = settings.credentials is not None and problem is not None
    if problem is not None and not (asked and problem.tag in LOGON_TAGS):
        return problem.text
    if message.get(Tag.EncryptMethod) != b"0":
        received = _show(message.get(Tag.EncryptMethod))
        return f"EncryptMethod(98): received {received}, expected '0'"
    wanted = settings.default_appl_ver_id
    if wanted is not None and message.get(Tag.DefaultApplVerID) != wanted.encode():
        received = _show(message.get(Tag.DefaultApplVerID))
        return f"DefaultApplVerID(1137): received {received}, expected {wanted!r}"
    return None
