"""Faults of the fields of one message, those of the session's own messages included."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, assert_never

from fixgate.faults.corrupting import Edit
from fixgate.faults.model import (
    ClockSkew,
    FakePossDup,
    FakePossResend,
    Fields,
    GapFillFlag,
    Ignore,
    InsertFields,
    OrigTime,
    RemoveFields,
    RepeatField,
    ResendWithoutPossDup,
    SetFields,
    ShiftResendRequest,
    SwapFields,
    WrongNewSeqNo,
    WrongTestReqID,
)
from fixgate.faults.record import name_of, shown
from fixgate.faults.rewriting import (
    RawFields,
    assemble,
    body_end,
    fields_of,
    find,
    header_end,
    set_value,
    value_of,
)
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag
from fixgate.wire.timestamps import format_utc_timestamp, parse_utc_timestamp

__all__ = ["FieldFault", "edit"]

FieldFault: TypeAlias = (
    SetFields
    | InsertFields
    | RemoveFields
    | RepeatField
    | SwapFields
    | ClockSkew
    | FakePossDup
    | FakePossResend
    | ResendWithoutPossDup
    | ShiftResendRequest
    | WrongNewSeqNo
    | GapFillFlag
    | WrongTestReqID
    | Ignore
)

_HOUR_NS = 3_600_000_000_000
_SECOND_NS = 1_000_000_000


class _Changed(NamedTuple):
    fields: RawFields
    did: str
    untouched: frozenset[bytes] = frozenset()


def edit(fault: FieldFault, data: bytes, message: Message, armed_for_ns: int) -> Edit | None:
    """Return a message with other fields; ``None`` when it has nothing to change.

    Args:
        fault: What changes.
        data: The message as it is now.
        message: As it came.
        armed_for_ns: How long the fault has been armed, for clocks that drift.
    """
    fields = fields_of(data)
    changed = _change(fault, fields, message, armed_for_ns)
    if changed is None:
        return None
    if isinstance(fault, SetFields | InsertFields | RemoveFields):
        data = assemble(
            changed.fields,
            before=data,
            body_length=fault.body_length,
            check_sum=fault.checksum,
            untouched=changed.untouched,
        )
    else:
        data = assemble(changed.fields, before=data, untouched=changed.untouched)
    return Edit(data, changed.did)


def _change(
    fault: FieldFault, fields: RawFields, message: Message, armed_for_ns: int
) -> _Changed | None:
    match fault:
        case SetFields(given):
            return _set(fields, given, message)
        case InsertFields(given, before):
            return _insert(fields, given, before, message)
        case RemoveFields(tags):
            return _remove(fields, tags, message)
        case RepeatField(tag):
            return _repeat(fields, tag, message)
        case SwapFields(first, second):
            return _swap(fields, first, second, message)
        case ClockSkew(by_ns, drift_ns):
            return _skew(fields, by_ns + drift_ns * armed_for_ns // _HOUR_NS)
        case FakePossDup(orig):
            return _poss_dup(fields, orig)
        case FakePossResend():
            set_value(fields, Tag.PossResend, b"Y")
            return _Changed(fields, "PossResend(97)=Y")
        case ResendWithoutPossDup():
            return _remove(fields, (Tag.PossDupFlag, Tag.OrigSendingTime), message)
        case ShiftResendRequest(by):
            return _shift(fields, Tag.BeginSeqNo, by, message)
        case WrongNewSeqNo(by):
            return _shift(fields, Tag.NewSeqNo, by, message)
        case GapFillFlag(value):
            if not value:
                return _remove(fields, (Tag.GapFillFlag,), message)
            return _set(fields, ((Tag.GapFillFlag, value),), message)
        case WrongTestReqID(value):
            return _set(fields, ((Tag.TestReqID, value),), message)
        case Ignore():
            return _heartbeat(fields, message)
        case _ as never:
            assert_never(never)


def _set(fields: RawFields, given: Fields, message: Message) -> _Changed:
    said = []
    for tag, value in given:
        before = value_of(fields, tag) if find(fields, tag) >= 0 else None
        set_value(fields, tag, value)
        was = "" if before is None else f"{shown(tag, before)} "
        said.append(f"{name_of(tag, message)}: {was}-> {shown(tag, value)}")
    return _Changed(fields, ", ".join(said), frozenset(b"%d" % tag for tag, _ in given))


def _insert(fields: RawFields, given: Fields, before: int | None, message: Message) -> _Changed:
    at = body_end(fields) if before is None else find(fields, before)
    if at < 0:
        at = body_end(fields)
    fields[at:at] = [(b"%d" % tag, value) for tag, value in given]
    said = ", ".join(f"{name_of(tag, message)} {shown(tag, value)}" for tag, value in given)
    where = "" if before is None else f" before {name_of(before, message)}"
    return _Changed(fields, f"inserted {said}{where}")


def _remove(fields: RawFields, tags: tuple[int, ...], message: Message) -> _Changed | None:
    names = {b"%d" % tag for tag in tags}
    gone = [tag for tag in tags if find(fields, tag) >= 0]
    if not gone:
        return None
    left = [field for field in fields if field[0] not in names]
    return _Changed(left, "removed " + ", ".join(name_of(tag, message) for tag in gone))


def _repeat(fields: RawFields, tag: int, message: Message) -> _Changed | None:
    index = find(fields, tag)
    if index < 0:
        return None
    fields.insert(index, fields[index])
    return _Changed(fields, f"{name_of(tag, message)} twice")


def _swap(fields: RawFields, first: int, second: int, message: Message) -> _Changed | None:
    one, other = find(fields, first), find(fields, second)
    if one < 0 or other < 0:
        return None
    fields[one], fields[other] = fields[other], fields[one]
    names = f"{name_of(first, message)} and {name_of(second, message)}"
    return _Changed(fields, f"{names} have changed places")


def _skew(fields: RawFields, by_ns: int) -> _Changed | None:
    before = value_of(fields, Tag.SendingTime)
    at = parse_utc_timestamp(before)
    if at is None or not by_ns:
        return None
    skewed = format_utc_timestamp(_within_four_digits(at.ns + by_ns), at.digits)
    set_value(fields, Tag.SendingTime, skewed)
    return _Changed(fields, f"SendingTime(52): {before.decode()} -> {skewed.decode()}")


def _within_four_digits(ns: int) -> int:
    # Years 1 and 9999, which a timestamp can say.
    return min(max(ns, -62_135_596_800 * _SECOND_NS), 253_402_300_799 * _SECOND_NS)


def _poss_dup(fields: RawFields, orig: OrigTime) -> _Changed:
    sent = value_of(fields, Tag.SendingTime)
    said = "PossDupFlag(43)=Y"
    set_value(fields, Tag.PossDupFlag, b"Y")
    match orig:
        case OrigTime.ABSENT:
            fields = [field for field in fields if field[0] != b"122"]
            said += ", no OrigSendingTime(122)"
        case OrigTime.RIGHT:
            set_value(fields, Tag.OrigSendingTime, sent)
        case OrigTime.LATER:
            at = parse_utc_timestamp(sent)
            if at is not None:
                later = _within_four_digits(at.ns + _HOUR_NS)
                sent = format_utc_timestamp(later, at.digits)
            set_value(fields, Tag.OrigSendingTime, sent)
            said += ", OrigSendingTime(122) an hour later than SendingTime(52)"
        case _ as never:
            assert_never(never)
    return _Changed(fields, said)


def _shift(fields: RawFields, tag: int, by: int, message: Message) -> _Changed | None:
    before = value_of(fields, tag)
    if not before.isdigit() or len(before) > 20:
        return None
    shifted = max(int(before) + by, 0 if tag == Tag.NewSeqNo else 1)
    set_value(fields, tag, b"%d" % shifted)
    return _Changed(fields, f"{name_of(tag, message)}: {before.decode()} -> {shifted}")


def _heartbeat(fields: RawFields, message: Message) -> _Changed:
    set_value(fields, Tag.MsgType, MsgType.Heartbeat)
    trailer = [field for field in fields[body_end(fields) :] if field[0] == b"10"]
    text = f"MsgType(35) {shown(Tag.MsgType, message.msg_type)} taken for a Heartbeat(0)"
    return _Changed([*fields[: header_end(fields)], *trailer], text)
