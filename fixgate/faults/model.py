"""The faults: a closed set of frozen values, each one thing that goes wrong.

They say what, never when: that is the trigger's (`fixgate.faults.armed`). Names of scenario files
are in `fixgate.faults.catalogue`, where one value may have several: ``mute_heartbeats`` and
``answer_test_requests_only`` are both a `Mute`.
"""

from __future__ import annotations

from typing import TypeAlias

from fixgate.faults.conduct import (
    Delay,
    Drop,
    Duplicate,
    FakePossDup,
    FakePossResend,
    GapFillFlag,
    GapFillResend,
    Ignore,
    Late,
    Mute,
    Muted,
    Numbers,
    OrigTime,
    RefusedBy,
    RefuseLogon,
    Renumber,
    Reorder,
    ResendForever,
    ResendWithoutPossDup,
    ShiftResendRequest,
    WrongNewSeqNo,
    WrongTestReqID,
)
from fixgate.faults.content import (
    ClockSkew,
    CorruptField,
    Fields,
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
from fixgate.faults.line import (
    Blackhole,
    Chop,
    Coalesce,
    Cut,
    EndConnection,
    Ending,
    RefuseConnections,
    SlowClose,
    Stall,
    Throttle,
)

__all__ = [
    "Blackhole",
    "Chop",
    "ClockSkew",
    "Coalesce",
    "CorruptField",
    "Cut",
    "Delay",
    "Drop",
    "Duplicate",
    "EndConnection",
    "Ending",
    "FakePossDup",
    "FakePossResend",
    "Fault",
    "Fields",
    "FlipBits",
    "GapFillFlag",
    "GapFillResend",
    "Garbage",
    "Ignore",
    "InsertFields",
    "Late",
    "MissingSoh",
    "Mute",
    "Muted",
    "Numbers",
    "OrigTime",
    "RefuseConnections",
    "RefuseLogon",
    "RefusedBy",
    "RemoveFields",
    "Renumber",
    "Reorder",
    "RepeatField",
    "ResendForever",
    "ResendWithoutPossDup",
    "SetFields",
    "ShiftResendRequest",
    "SlowClose",
    "Stall",
    "Sum",
    "SwapFields",
    "Throttle",
    "Truncate",
    "WalkFields",
    "WrongBodyLength",
    "WrongCheckSum",
    "WrongNewSeqNo",
    "WrongTestReqID",
]

Fault: TypeAlias = (
    Drop
    | Ignore
    | Delay
    | Late
    | Reorder
    | Duplicate
    | FlipBits
    | CorruptField
    | WrongCheckSum
    | WrongBodyLength
    | MissingSoh
    | Truncate
    | Garbage
    | SetFields
    | InsertFields
    | RemoveFields
    | RepeatField
    | SwapFields
    | ClockSkew
    | WalkFields
    | Renumber
    | FakePossDup
    | FakePossResend
    | GapFillResend
    | ShiftResendRequest
    | ResendWithoutPossDup
    | ResendForever
    | WrongNewSeqNo
    | GapFillFlag
    | Mute
    | WrongTestReqID
    | RefuseLogon
    | Chop
    | Coalesce
    | Throttle
    | Stall
    | EndConnection
    | Cut
    | Blackhole
    | SlowClose
    | RefuseConnections
)
