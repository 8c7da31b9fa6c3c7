"""Tag numbers and message types by their FIX names.

Spec: FIX 5.0 SP2 field dictionary; FIXT 1.1 for the session layer. Only what fixgate itself
speaks of is here; the dictionaries know the rest.
"""

from __future__ import annotations

from fixgate.wire.data_fields import DATA_FIELD_NAMES

__all__ = ["ADMIN_MSG_TYPES", "HEADER_TAGS", "TRAILER_TAGS", "MsgType", "Tag", "label"]


class Tag:
    """Tag numbers, spelled as in the specification."""

    Account = 1
    AvgPx = 6
    BeginSeqNo = 7
    BeginString = 8
    BodyLength = 9
    CheckSum = 10
    ClOrdID = 11
    CumQty = 14
    EndSeqNo = 16
    ExecID = 17
    ExecInst = 18
    ExecTransType = 20
    HandlInst = 21
    SecurityIDSource = 22
    LastPx = 31
    LastQty = 32
    MsgSeqNum = 34
    MsgType = 35
    NewSeqNo = 36
    OrderID = 37
    OrderQty = 38
    OrdStatus = 39
    OrdType = 40
    OrigClOrdID = 41
    PossDupFlag = 43
    Price = 44
    RefSeqNum = 45
    SecurityID = 48
    SenderCompID = 49
    SenderSubID = 50
    SendingTime = 52
    Side = 54
    Symbol = 55
    TargetCompID = 56
    TargetSubID = 57
    Text = 58
    TimeInForce = 59
    TransactTime = 60
    RawDataLength = 95
    RawData = 96
    PossResend = 97
    EncryptMethod = 98
    StopPx = 99
    CxlRejReason = 102
    OrdRejReason = 103
    HeartBtInt = 108
    MinQty = 110
    TestReqID = 112
    OnBehalfOfCompID = 115
    OnBehalfOfSubID = 116
    OrigSendingTime = 122
    GapFillFlag = 123
    ExpireTime = 126
    DeliverToCompID = 128
    DeliverToSubID = 129
    ResetSeqNumFlag = 141
    SenderLocationID = 142
    TargetLocationID = 143
    OnBehalfOfLocationID = 144
    DeliverToLocationID = 145
    ExecType = 150
    LeavesQty = 151
    SecurityType = 167
    XmlDataLen = 212
    XmlData = 213
    MessageEncoding = 347
    EncodedTextLen = 354
    EncodedText = 355
    LastMsgSeqNumProcessed = 369
    RefTagID = 371
    RefMsgType = 372
    SessionRejectReason = 373
    BusinessRejectRefID = 379
    BusinessRejectReason = 380
    MaxMessageSize = 383
    CxlRejResponseTo = 434
    ExpireDate = 432
    TestMessageIndicator = 464
    Username = 553
    Password = 554
    NoTrdRegTimestamps = 768
    TrdRegTimestamp = 769
    TrdRegTimestampType = 770
    NextExpectedMsgSeqNum = 789
    LastLiquidityInd = 851
    MassStatusReqID = 584
    OrdStatusReqID = 790
    NewPassword = 925
    AggressorIndicator = 1057
    ApplVerID = 1128
    ApplExtID = 1156
    DefaultApplVerID = 1137
    EncryptedPasswordMethod = 1400
    EncryptedPasswordLen = 1401
    EncryptedPassword = 1402
    EncryptedNewPasswordLen = 1403
    EncryptedNewPassword = 1404
    SessionStatus = 1409
    RequestTime = 5979
    """User-defined: when the gateway had the request, as CME and Eurex number and name it."""
    TrdRegTSTimeIn = 21002
    """User-defined: when the matching engine had the request, as Eurex numbers and names it."""


class MsgType:
    """Values of MsgType(35), as they stand on the wire."""

    Heartbeat = b"0"
    TestRequest = b"1"
    ResendRequest = b"2"
    Reject = b"3"
    SequenceReset = b"4"
    Logout = b"5"
    ExecutionReport = b"8"
    OrderCancelReject = b"9"
    Logon = b"A"
    NewOrderMultileg = b"AB"
    News = b"B"
    UserRequest = b"BE"
    NewOrderSingle = b"D"
    OrderCancelRequest = b"F"
    OrderCancelReplaceRequest = b"G"
    OrderStatusRequest = b"H"
    SecurityDefinition = b"d"
    BusinessMessageReject = b"j"
    XMLnonFIX = b"n"


HEADER_TAGS = frozenset(
    {8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 90, 91, 97, 115, 116, 122, 128, 129, 142, 143, 144}
    | {145, 212, 213, 347, 369, 370, 627, 628, 629, 630, 1128, 1129, 1156}
)
"""Every tag of the standard header, in any version. Spec: FIXT 1.1 StandardHeader; FIX 4.0-4.4."""

TRAILER_TAGS = frozenset({10, 89, 93})
"""Every tag of the standard trailer."""

ADMIN_MSG_TYPES = frozenset({b"0", b"1", b"2", b"3", b"4", b"5", b"A"})
"""The messages of the session layer; everything else belongs to the application."""


_NAMES = DATA_FIELD_NAMES | {tag: name for name, tag in vars(Tag).items() if name[0] != "_"}


def label(tag: int) -> str:
    """Return a field as texts name it: ``MsgSeqNum(34)``, or ``Tag(9876)`` for one unknown here.

    The dictionaries know every name; this is for texts about the wire itself.
    """
    return f"{_NAMES.get(tag, 'Tag')}({tag})"
