"""Catalogue: what can be wrong with a session."""

from __future__ import annotations

from functools import partial

from fixgate.faults.armed import Way
from fixgate.faults.model import (
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
from fixgate.faults.spec import FaultSpec, Group, Kind, Param
from fixgate.wire.tags import MsgType

__all__ = ["SESSION"]

_OUT = (Way.OUT,)
_IN = (Way.IN,)
_REPORTS = frozenset({MsgType.ExecutionReport})
_NUMBERS = Param(
    "numbers", Kind.CHOICE, "MsgSeqNum(34): as it was given, or renumbered with those that follow",
    Numbers.KEPT, choices=Numbers,
)  # fmt: skip
_BY = Param("by", Kind.COUNT, "By how many", 1, low=1, high=2**63 - 1)
_SECOND = 1_000_000_000

SESSION = (
    FaultSpec(
        "drop", Group.TRAFFIC,
        "Messages are lost",
        "TCP loses none, but a proxy that restarts, a full queue or a crash between store and send"
        " does. The next message shows the gap, and a ResendRequest has to close it.",
        "Nothing; the next MsgSeqNum(34) is too high.",
        Drop,
        (Param("msg_types", Kind.MSG_TYPES, "Of these types only", frozenset()),),
    ),
    FaultSpec(
        "ignore", Group.TRAFFIC,
        "Messages are received and not acted upon",
        "An order is taken by the session and lost behind it: no acknowledgement, no Reject, and"
        " the numbers are in order. A client has to have a deadline for the answer.",
        "The answer does not come. Our session takes the message for a Heartbeat.",
        Ignore,
        (Param("msg_types", Kind.MSG_TYPES, "Of these types only; all but Logon", frozenset()),),
        ways=_IN,
    ),
    FaultSpec(
        "delay", Group.TRAFFIC,
        "Messages take longer, and hold up those behind them",
        "A slow line, a busy gateway. Beyond HeartBtInt(108) it looks like a dead one, and"
        " SendingTime(52) grows stale.",
        "Every byte as it was, later; TCP order is kept.",
        Delay,
        (Param("by", Kind.DISTRIBUTION, "How much longer"),),
    ),
    FaultSpec(
        "late", Group.TRAFFIC,
        "Messages wait, and others pass them by",
        "What a gateway with several threads does. With its own number kept, the message comes"
        " after the gap that it left has been noticed.",
        "Others first; then the message, its number too low or, renumbered, in order.",
        lambda by, numbers: Late(by, numbers),
        (Param("by", Kind.DURATION, "How long it waits", low=1), _NUMBERS),
    ),
    FaultSpec(
        "reorder", Group.TRAFFIC,
        "Messages change places",
        "TCP never does; a multicast-like or multi-threaded gateway may. A gap, and then a number"
        " that is too low.",
        "The message comes after `behind` others.",
        lambda behind, within: Reorder(behind, within),
        (
            Param("behind", Kind.COUNT, "How many others pass it", 1, low=1, high=10_000),
            Param("within", Kind.DURATION, "It waits no longer", _SECOND, low=1),
        ),
    ),
    FaultSpec(
        "duplicate", Group.TRAFFIC,
        "Messages come again",
        "A sender that retries. With the same number it is too low without PossDupFlag(43), which"
        " ends the session; renumbered, only the application can tell.",
        "The same bytes again, or the same message under the next number.",
        lambda copies, after, numbers: Duplicate(copies, after, numbers),
        (
            Param("copies", Kind.COUNT, "How many more", 1, low=1, high=1000),
            Param("after", Kind.DURATION, "How long after one another", 0, low=0),
            _NUMBERS,
        ),
    ),
    FaultSpec(
        "duplicate_execution_reports", Group.TRAFFIC,
        "ExecutionReports come twice, each under a number of its own",
        "The session sees nothing wrong: who does not look at ExecID(17) books the fill twice.",
        "Two messages 35=8 with the same ExecID(17) and consecutive MsgSeqNum(34).",
        lambda copies, after: Duplicate(copies, after, Numbers.IN_ORDER, _REPORTS),
        (
            Param("copies", Kind.COUNT, "How many more", 1, low=1, high=1000),
            Param("after", Kind.DURATION, "How long after one another", 0, low=0),
        ),
    ),
    FaultSpec(
        "late_execution_reports", Group.TRAFFIC,
        "ExecutionReports come late, behind newer messages",
        "The fill comes after the cancel was confirmed, the acknowledgement after the fill. Numbers"
        " are in order; only OrdStatus(39), CumQty(14) and TransactTime(60) tell.",
        "35=8 behind messages that were sent after it, numbers without a gap.",
        lambda by: Late(by, Numbers.IN_ORDER, _REPORTS),
        (Param("by", Kind.DURATION, "How late", low=1),),
    ),
    FaultSpec(
        "gap_up", Group.SEQUENCE,
        "Numbers jump up, from a message on",
        "After a fail-over to a site whose numbers are ahead. The ResendRequest that follows is"
        " about messages that never were; who only asks again never gets out of it.",
        "MsgSeqNum(34) of all that follows is higher than expected; resent messages keep theirs.",
        Renumber,
        (_BY,), ways=_OUT,
    ),
    FaultSpec(
        "gap_down", Group.SEQUENCE,
        "Numbers jump down, from a message on",
        "After a fail-over to a site that is behind, or a store that was put back. Too low without"
        " PossDupFlag(43): the counterparty must log out and say why.",
        "MsgSeqNum(34) of all that follows is lower than expected, never below 1.",
        lambda by: Renumber(-by),
        (_BY,), ways=_OUT,
    ),
    FaultSpec(
        "fake_poss_dup", Group.SEQUENCE,
        "New messages say that they are duplicates",
        "Taken at its word, an order or a fill is ignored. OrigSendingTime(122) missing or later"
        " than SendingTime(52) is to be rejected.",
        "`43=Y` behind MsgType(35), and `122=`.",
        FakePossDup,
        (
            Param(
                "orig_sending_time", Kind.CHOICE, "OrigSendingTime(122)", OrigTime.RIGHT,
                choices=OrigTime,
            ),
        ),
    ),
    FaultSpec(
        "fake_poss_resend", Group.SEQUENCE,
        "Messages say that they may have been sent before under another number",
        "The application has to look whether it knows the ClOrdID(11) or ExecID(17), and must act"
        " once.",
        "`97=Y` in the header.",
        FakePossResend,
    ),
    FaultSpec(
        "ignore_resend_request", Group.RESENDS,
        "ResendRequests are not answered",
        "The gap stays open. Who waits without an end, or asks without an end, is stuck.",
        "No message with PossDupFlag(43)=Y, ever; everything else goes on.",
        partial(Ignore, frozenset({MsgType.ResendRequest})), ways=_IN,
    ),
    FaultSpec(
        "gap_fill_resend", Group.RESENDS,
        "ResendRequests are answered by a GapFill over application messages",
        "Venues that do not resend do this. Fills are gone, and the client has to ask for its"
        " orders.",
        "One SequenceReset(4), 123=Y, from BeginSeqNo(7) to the next number.",
        GapFillResend, ways=_IN,
    ),
    FaultSpec(
        "resend_wrong_range", Group.RESENDS,
        "ResendRequests are answered from another number",
        "Later, and the gap is closed only in part; earlier, and old messages come again, which"
        " PossDupFlag(43) excuses.",
        "The first resent MsgSeqNum(34) is not BeginSeqNo(7).",
        ShiftResendRequest,
        (
            Param("by", Kind.COUNT, "So many later, or earlier", 1, low=-(10**9), high=10**9),
        ),
        ways=_IN,
    ),
    FaultSpec(
        "resend_without_poss_dup", Group.RESENDS,
        "Resent messages lack PossDupFlag(43)",
        "In the gap they look new; beyond it they are too low, and the session ends.",
        "No 43 and no 122 in what is resent.",
        ResendWithoutPossDup, ways=_OUT,
    ),
    FaultSpec(
        "resend_forever", Group.RESENDS,
        "What was resent comes again and again",
        "A resend storm. The receiver has to ignore what it knows, at little cost, and keep up.",
        "The resent messages in a loop, PossDupFlag(43)=Y, until the fault is cleared.",
        lambda every: ResendForever(every),
        (Param("every", Kind.DURATION, "How often", _SECOND, low=1_000_000),), ways=_OUT,
    ),
    FaultSpec(
        "new_seq_no_too_low", Group.RESENDS,
        "NewSeqNo(36) of a SequenceReset is too low",
        "Numbers must not go back: a Reject with SessionRejectReason(373)=5, and nothing changes.",
        "`36=` is lower than it should be.",
        lambda by: WrongNewSeqNo(-by), (_BY,),
    ),
    FaultSpec(
        "new_seq_no_too_high", Group.RESENDS,
        "NewSeqNo(36) of a SequenceReset is too high",
        "Messages are passed over that were never sent; the next one is too low.",
        "`36=` is higher than it should be.",
        WrongNewSeqNo, (_BY,),
    ),
    FaultSpec(
        "gap_fill_without_flag", Group.RESENDS,
        "A GapFill lacks GapFillFlag(123)",
        "Without it the message is a reset, whose MsgSeqNum(34) counts for nothing.",
        "SequenceReset(4) without 123.",
        partial(GapFillFlag, b""),
    ),
    FaultSpec(
        "reset_as_gap_fill", Group.RESENDS,
        "A SequenceReset says GapFillFlag(123)=Y",
        "A reset that claims to be a GapFill is held to its MsgSeqNum(34).",
        "SequenceReset(4) with 123=Y.",
        partial(GapFillFlag, b"Y"),
    ),
    FaultSpec(
        "gap_fill_as_reset", Group.RESENDS,
        "A GapFill says GapFillFlag(123)=N",
        "In the middle of a resend it resets the numbers.",
        "SequenceReset(4) with 123=N.",
        partial(GapFillFlag, b"N"),
    ),
    FaultSpec(
        "mute_heartbeats", Group.LIVENESS,
        "No Heartbeat is sent, whether asked for or not",
        "A process that is alive and whose timer is dead: the counterparty sends a TestRequest, and"
        " hangs up when it stays unanswered.",
        "Everything but 35=0.",
        partial(Mute, Muted.HEARTBEATS),
    ),
    FaultSpec(
        "mute_regular_heartbeats", Group.LIVENESS,
        "Heartbeats are sent only when a TestRequest asks",
        "The line is alive, just barely: a TestRequest every interval, and no reason to hang up.",
        "35=0 only with TestReqID(112).",
        partial(Mute, Muted.UNASKED),
    ),
    FaultSpec(
        "ignore_test_request", Group.LIVENESS,
        "TestRequests are not answered",
        "Heartbeats come in time, so who counts any message as a sign of life stays calm; who"
        " insists on the answer hangs up.",
        "35=0 only without TestReqID(112).",
        partial(Mute, Muted.ANSWERS),
    ),
    FaultSpec(
        "answer_test_requests_only", Group.LIVENESS,
        "Nothing is sent but the answers to TestRequests",
        "A gateway whose session layer lives and whose application hangs: orders go in, nothing"
        " comes out, and the line looks fine.",
        "35=0 with TestReqID(112), and nothing else.",
        partial(Mute, Muted.ALL_BUT_ANSWERS),
    ),
    FaultSpec(
        "wrong_test_req_id", Group.LIVENESS,
        "The answer to a TestRequest has another TestReqID(112)",
        "An answer to somebody else's question is none.",
        "`112=` is not what was asked.",
        WrongTestReqID,
        (Param("test_req_id", Kind.BYTES, "What it says", b"WRONG"),),
    ),
    FaultSpec(
        "ignore_logon", Group.LOGON,
        "A Logon is not answered, and the connection stays",
        "A gateway that has accepted and hangs. The client needs a deadline of its own.",
        "Nothing, ever, on this connection.",
        partial(RefuseLogon, RefusedBy.SILENCE), ways=_OUT,
    ),
    FaultSpec(
        "refuse_logon_by_logout", Group.LOGON,
        "A Logon is answered by a Logout, and the connection ends",
        "Wrong password, closed for today, numbers too low: Text(58) says which, and the client has"
        " to show it and not to try again every second.",
        "35=5 with the number of the Logon, then FIN.",
        lambda text: RefuseLogon(RefusedBy.LOGOUT, text),
        (Param("text", Kind.TEXT, "Text(58); empty for none", ""),), ways=_OUT,
    ),
    FaultSpec(
        "refuse_logon_by_reject", Group.LOGON,
        "A Logon is answered by a Reject, and the connection ends",
        "What some venues do instead of a Logout.",
        "35=3 with RefMsgType(372)=A and the number of the Logon, then FIN.",
        lambda text: RefuseLogon(RefusedBy.REJECT, text),
        (Param("text", Kind.TEXT, "Text(58); empty for none", ""),), ways=_OUT,
    ),
)  # fmt: skip
