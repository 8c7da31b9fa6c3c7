"""The causes that a return can show; `fixgate.health.causes` has them all."""

from __future__ import annotations

from fixgate.health.cause import Cause
from fixgate.health.model import Layer, Severity

__all__ = ["PERSISTENCE"]

_FAILURE, _WARNING = Severity.FAILURE, Severity.WARNING

PERSISTENCE = {
    "numbers-reset": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Reconcile today's executions first: what was not delivered before the reset will never "
        "come. Then ask the venue why its gateway forgot the session, and agree on the numbers "
        "before the order system logs on.",
    ),
    "numbers-rolled-back": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Tell the venue both numbers: its gateway has come back with an older copy of the session. "
        "Reconcile today's executions, and agree on the next number before the order system logs "
        "on.",
    ),
    "numbers-ahead": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Tell the venue both numbers, and ask which messages carried those that are too many; "
        "another host may have used the session meanwhile.",
    ),
    "own-numbers-lost": Cause(
        Layer.HOST,
        _FAILURE,
        "Restore the engine's store from before the cut: the engine came back with older numbers "
        "than it had used. See that its store is on a disk and outlives a restart.",
    ),
    "messages-lost": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Reconcile today's executions by a drop copy or with the venue: these messages will not "
        "come. Ask the venue why its gateway does not resend them.",
    ),
    "application-gap-filled": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether its gateway keeps application messages for resending at all; if it "
        "does not, reconcile executions after every disconnect (order status, drop copy).",
    ),
    "messages-duplicated": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Have the order system refuse an ExecutionReport whose ExecID(17) it has seen, and tell "
        "the venue: a fill that is booked twice is a position that does not exist.",
    ),
    "number-reused": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Send the venue both messages: one MsgSeqNum(34) must not carry two, and whichever an "
        "engine sees second it drops.",
    ),
    "possdup-missing": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Tell the venue that what it resends lacks PossDupFlag(43)=Y; until it is mended, have the "
        "order system recognise reports by ExecID(17).",
    ),
    "orig-sending-time-missing": Cause(
        Layer.GATEWAY,
        _WARNING,
        "Tell the venue; many engines reject a resent message without OrigSendingTime(122), and "
        "then it is lost.",
    ),
    "orig-sending-time-late": Cause(
        Layer.GATEWAY,
        _WARNING,
        "Tell the venue; many engines reject such a message and log out, and then it is lost. "
        "Check the clocks of its gateways.",
    ),
    "replay-wrong": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Send the venue the message as it was and as it came again: its store does not hold what "
        "its gateway sent.",
    ),
    "replayed-twice": Cause(
        Layer.GATEWAY,
        _WARNING,
        "See that the order system drops what has PossDupFlag(43)=Y and has been seen; mention it "
        "to the venue.",
    ),
    "resend-not-asked": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Tell the venue that its gateway does not ask for messages of ours that it has missed: an "
        "order sent as the line breaks would be gone without a word.",
    ),
    "return-refused": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Act on the venue's text; if it takes the session for logged on still, ask how long its "
        "gateway needs to notice a broken line, and set persistence.away to more than that.",
    ),
    "reset-demanded": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether this session persists at all. If it restarts at every Logon, set "
        "reset_on_logon: true here and in the order system, and reconcile after every disconnect.",
    ),
    "reset-asked": Cause(
        Layer.CONFIG,
        _WARNING,
        "Take reset_on_logon (ResetOnLogon=Y) out where the session is to persist: each Logon "
        "makes the venue forget what it has not been able to deliver.",
    ),
    "return-unreachable": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether its gateway takes new connections after one has broken; check the "
        "line with fixgate check --level tcp.",
    ),
    "orders-cancelled": Cause(
        Layer.MATCHING,
        _FAILURE,
        "Ask the venue about cancel on disconnect: its orders did not outlive the line. If that is "
        "agreed, set persistence.cancel_on_disconnect: true.",
    ),
    "orders-kept": Cause(
        Layer.MATCHING,
        _FAILURE,
        "Have the venue switch cancel on disconnect on: orders stay in the book while nobody can "
        "cancel them. If it is not agreed, set persistence.cancel_on_disconnect: false.",
    ),
    "order-lost": Cause(
        Layer.MATCHING,
        _FAILURE,
        "Call the venue with the ClOrdID(11) and have it say where the order is; it may live on "
        "where its gateway no longer looks.",
    ),
    "persistence-untold": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Run the check again with a longer --deadline; if it ends so again, ask the venue why it "
        "ends the session or falls silent while it resends.",
    ),
}
"""Every one by its stable name."""
