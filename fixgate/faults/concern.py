"""Which messages a fault can act on, and which its trigger names."""

from __future__ import annotations

from typing import assert_never

from fixgate.faults.armed import Trigger
from fixgate.faults.model import (
    Blackhole,
    Chop,
    Coalesce,
    CorruptField,
    Delay,
    Drop,
    Duplicate,
    EndConnection,
    FakePossDup,
    Fault,
    FlipBits,
    GapFillFlag,
    GapFillResend,
    Ignore,
    Late,
    MissingSoh,
    Mute,
    Muted,
    RefuseConnections,
    RefuseLogon,
    Renumber,
    RepeatField,
    ResendForever,
    ResendWithoutPossDup,
    ShiftResendRequest,
    SlowClose,
    Stall,
    SwapFields,
    Throttle,
    WrongNewSeqNo,
    WrongTestReqID,
)
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["concerns", "names"]


def names(trigger: Trigger, message: Message | None) -> bool:
    """Return whether the message is one that the trigger names."""
    if not trigger.msg_types and not trigger.fields:
        return True
    if message is None or (trigger.msg_types and message.msg_type not in trigger.msg_types):
        return False
    return all(
        each.tag in message and (each.value is None or message[each.tag] == each.value)
        for each in trigger.fields
    )


def concerns(fault: Fault, message: Message | None) -> bool:
    """Return whether a fault can act on what passes at all, whatever its trigger.

    Args:
        fault: The fault.
        message: A whole message; ``None`` for other bytes.
    """
    match fault:
        case Drop(msg_types) | Late(msg_types=msg_types) | Duplicate(msg_types=msg_types):
            return not msg_types or (message is not None and message.msg_type in msg_types)
        case Delay() | Chop() | Throttle() | Coalesce() | Stall() | EndConnection() | Blackhole():
            return True
        case SlowClose() | RefuseConnections():
            return False
        case _:
            return message is not None and _concerned(fault, message)


def _concerned(fault: Fault, message: Message) -> bool:
    kind, resent = message.msg_type, message.get(Tag.PossDupFlag) == b"Y"
    match fault:
        case Ignore(msg_types):
            return kind in msg_types if msg_types else kind != MsgType.Logon
        case Mute(what):
            return _muted(what, message)
        case GapFillResend() | ShiftResendRequest():
            return kind == MsgType.ResendRequest
        case ResendWithoutPossDup() | ResendForever():
            return resent
        case WrongNewSeqNo():
            return kind == MsgType.SequenceReset
        case GapFillFlag(value):
            gap_fill = message.get(Tag.GapFillFlag) == b"Y"
            return kind == MsgType.SequenceReset and gap_fill == (value != b"Y")
        case WrongTestReqID():
            return _answers(message)
        case RefuseLogon():
            return kind == MsgType.Logon
        case FakePossDup():
            return not resent
        case Renumber():
            return not resent and Tag.MsgSeqNum in message
        case CorruptField(tag) | RepeatField(tag):
            return tag in message
        case FlipBits(tag=tag) | MissingSoh(tag=tag):
            return tag is None or tag in message
        case SwapFields(first, second):
            return first in message and second in message
        case _:
            return True


def _answers(message: Message) -> bool:
    return message.msg_type == MsgType.Heartbeat and Tag.TestReqID in message


def _muted(what: Muted, message: Message) -> bool:
    heartbeat, answers = message.msg_type == MsgType.Heartbeat, _answers(message)
    match what:
        case Muted.HEARTBEATS:
            return heartbeat
        case Muted.UNASKED:
            return heartbeat and not answers
        case Muted.ANSWERS:
            return answers
        case Muted.ALL_BUT_ANSWERS:
            # Without the Logon there would be no session that could fall silent.
            return not answers and message.msg_type != MsgType.Logon
        case _ as never:
            assert_never(never)
