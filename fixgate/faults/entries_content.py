"""Catalogue: what can be wrong with a message."""

from __future__ import annotations

from fixgate.faults.armed import Way
from fixgate.faults.model import (
    ClockSkew,
    CorruptField,
    FlipBits,
    Garbage,
    InsertFields,
    MissingSoh,
    RemoveFields,
    RepeatField,
    SetFields,
    Sum,
    SwapFields,
    Truncate,
    WalkFields,
    WrongBodyLength,
    WrongCheckSum,
)
from fixgate.faults.spec import ActsOn, FaultSpec, Group, Kind, Param

__all__ = ["CONTENT"]

_BODY_LENGTH = Param(
    "body_length", Kind.CHOICE, "What becomes of BodyLength(9)", Sum.MENDED, choices=Sum
)
_CHECKSUM = Param("checksum", Kind.CHOICE, "What becomes of CheckSum(10)", Sum.MENDED, choices=Sum)
_HELD = Sum.STALE

CONTENT = (
    FaultSpec(
        "flip_bit", Group.CORRUPTION,
        "Bits of a message are flipped",
        "Rare on TCP, whose checksum is weak, and common where a proxy or a capture card is broken."
        " A garbled message is ignored, and the next one shows a gap; who believes it trades on"
        " it.",
        "One byte differs; CheckSum(10) says so, most of the time.",
        FlipBits,
        (
            Param("bits", Kind.COUNT, "How many", 1, low=1, high=1000),
            Param("tag", Kind.TAG, "In the value of this field; anywhere when not said", None),
        ),
    ),
    FaultSpec(
        "corrupt_field", Group.CORRUPTION,
        "The value of a field becomes other characters",
        "With a stale CheckSum(10) the message must be ignored; with a mended one the value is"
        " simply wrong, and must be rejected where it can be told.",
        "As many characters as before, letters and digits.",
        CorruptField,
        (
            Param("tag", Kind.TAG, "The field"),
            Param("checksum", Kind.CHOICE, "What becomes of CheckSum(10)", _HELD, choices=Sum),
        ),
    ),
    FaultSpec(
        "wrong_checksum", Group.CORRUPTION,
        "CheckSum(10) is wrong",
        "The message is garbled: it must be ignored without a Reject, its number is not used, and"
        " the next message shows the gap.",
        "`10=` has another number; nothing else differs.",
        WrongCheckSum,
        (Param("by", Kind.COUNT, "How far it is off, modulo 256", 1, low=1, high=255),),
    ),
    FaultSpec(
        "wrong_body_length", Group.CORRUPTION,
        "BodyLength(9) is wrong",
        "Too long, and a naive reader waits for bytes of the next message, or swallows it; too"
        " short, and it finds no CheckSum(10) where one should be.",
        "`9=` has another number.",
        WrongBodyLength,
        (
            Param("by", Kind.COUNT, "How far it is off", 1, low=-1_000_000_000, high=1_000_000_000),
            _CHECKSUM,
        ),
    ),
    FaultSpec(
        "missing_soh", Group.CORRUPTION,
        "The SOH behind a field is missing",
        "Two fields become one: a value swallows the field behind it.",
        "`55=ABC54=1|` where `55=ABC|54=1|` was.",
        MissingSoh,
        (
            Param("tag", Kind.TAG, "The field; the last one of the body when not said", None),
            _BODY_LENGTH,
            _CHECKSUM,
        ),
    ),
    FaultSpec(
        "truncate", Group.CORRUPTION,
        "Only the beginning of a message is sent",
        "What follows is glued to half a message: the reader has to find the next `8=FIX` and must"
        " not lose the message that begins there.",
        "`8=FIX.4.4|9=65|35=D|34=78=FIX.4.4|9=...`",
        Truncate,
        (
            Param(
                "keep", Kind.COUNT, "Bytes that are sent; half of them when not said", None, low=0
            ),
        ),
    ),
    FaultSpec(
        "garbage", Group.CORRUPTION,
        "Bytes that are no message come before one",
        "A banner of a proxy, an HTTP error page, the rest of another stream: they are to be"
        " skipped and the message behind them to be read.",
        "`not a FIX message|8=FIX.4.4|9=...`",
        Garbage,
        (Param("data", Kind.BYTES, "The bytes", b"not a FIX message\x01"),),
    ),
    FaultSpec(
        "set_fields", Group.FIELDS,
        "Fields have other values",
        "Any field, the header's and the trailer's too: a wrong CompID, BeginString(8),"
        " SendingTime(52), MsgSeqNum(34), a price that is no number. A Reject has to name the"
        " field.",
        "The values are as given; a field that was missing is added at the end of the body.",
        SetFields,
        (Param("fields", Kind.FIELDS, "Fields and their values"), _BODY_LENGTH, _CHECKSUM),
    ),
    FaultSpec(
        "insert_fields", Group.FIELDS,
        "Fields come in that do not belong there",
        "A tag that is not defined, or not of this message, or empty: each has a"
        " SessionRejectReason(373) of its own.",
        "The fields stand where asked for, whether they are there already or not.",
        InsertFields,
        (
            Param("fields", Kind.FIELDS, "Fields and their values"),
            Param(
                "before", Kind.TAG, "The field that follows them; the trailer when not said", None
            ),
            _BODY_LENGTH,
            _CHECKSUM,
        ),
    ),
    FaultSpec(
        "remove_fields", Group.FIELDS,
        "Fields are missing",
        "Required tag missing: a Reject for the body, a Reject and a Logout for CompIDs and"
        " SendingTime(52), a Logout when it is MsgSeqNum(34).",
        "The fields are gone, every time they stood there.",
        RemoveFields,
        (Param("tags", Kind.TAGS, "The fields"), _BODY_LENGTH, _CHECKSUM),
    ),
    FaultSpec(
        "repeat_field", Group.FIELDS,
        "A field stands twice",
        "Who takes the first and who takes the last trade on different values; it must be"
        " rejected.",
        "`38=100|38=100|`",
        RepeatField,
        (Param("tag", Kind.TAG, "The field"),),
    ),
    FaultSpec(
        "swap_fields", Group.FIELDS,
        "Two fields have changed places",
        "BeginString(8), BodyLength(9) and MsgType(35) come first or the message is garbled; a"
        " header field in the body is rejected; in the body the order is free, but for groups.",
        "The two stand where the other one was.",
        SwapFields,
        (
            Param("first", Kind.TAG, "The one"),
            Param("second", Kind.TAG, "The other"),
        ),
    ),
    FaultSpec(
        "clock_skew", Group.FIELDS,
        "SendingTime(52) is that of a wrong clock",
        "A machine without NTP: beyond some seconds or minutes the counterparty rejects and logs"
        " out. A drift breaks a session that has been fine for hours.",
        "`52=` is ahead or behind, with as many digits; OrigSendingTime(122) stays.",
        lambda by, drift: ClockSkew(by, drift),
        (
            Param(
                "by", Kind.DURATION, "How far the clock is ahead; negative for behind",
                low=-(10**18), high=10**18,
            ),
            Param(
                "drift", Kind.DURATION, "What it gains in an hour; negative for losing", 0,
                low=-(10**15), high=10**15,
            ),
        ),
    ),
    FaultSpec(
        "walk_fields", Group.FIELDS,
        "One mistake in each message, field by field",
        "Every field removed, empty, twice, of the wrong type, out of range, at the wrong place,"
        " and every group with a wrong count: the mistakes a counterparty makes while it is"
        " developed.",
        "One mutation for each message that passes, in a fixed order; the record names it.",
        lambda version, tags: WalkFields(version, tags),
        (
            Param("version", Kind.TEXT, "Dictionary: FIX.4.4; by BeginString(8) if empty", ""),
            Param("tags", Kind.TAGS, "Of these fields only", ()),
        ),
        ActsOn.MESSAGES,
        (Way.OUT, Way.IN),
    ),
)  # fmt: skip
