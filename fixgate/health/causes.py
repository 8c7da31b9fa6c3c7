"""Every cause that a check can name: where it lies, how bad it is, and what to do about it.

The names are stable: programs and rehearsals refer to them. docs/causes.md lists them for people.
"""

from __future__ import annotations

from fixgate.health.cause import Cause
from fixgate.health.causes_connect import NETWORK, TLS
from fixgate.health.model import Layer, Severity
from fixgate.health.persistence.causes import PERSISTENCE

__all__ = ["CAUSES", "Cause"]


_FAILURE, _WARNING = Severity.FAILURE, Severity.WARNING

_LOGON = {
    "silent": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether the gateway process behind this port is up; check that no firewall "
        "or load balancer answers in its place, and that the port does not expect TLS.",
    ),
    "closed-after-logon": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Compare BeginString(8), SenderCompID(49) and TargetCompID(56) with the venue's sheet; "
        "check that the port does not expect TLS, that the venue lets in this host's address and "
        "our certificate, and that the same session is not logged on elsewhere (another host, "
        "yesterday's process); then the password, and the venue's session hours.",
    ),
    "logon-refused": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Correct what the venue's text names; if it is the password, check the secret that the "
        "session file refers to, and ask the venue whether the account is locked or expired.",
    ),
    "test-session": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Check host and port in the session file before you send an order: a test session must not "
        "meet a production gateway, nor the other way around. If it is the gateway that you mean, "
        "correct test_session.",
    ),
    "password-due-to-expire": Cause(
        Layer.CONFIG,
        _WARNING,
        "Change the password before the venue does not take it any more: set new_password in the "
        "session file for one Logon, or ask the venue.",
    ),
    "new-password-refused": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Choose another new password that complies with the venue's policy; the old one is still "
        "in force.",
    ),
    "logon-rejected": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Correct the field that the Reject names in the session file, or ask the venue for its "
        "Logon specification; the session layers do not agree.",
    ),
    "logon-not-answered": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue why its gateway answers a Logon with another message.",
    ),
    "seqnum-too-low": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Find out which side lost its numbers before you log on again: restore our store, or "
        "agree with the venue on the next number or on a reset (reset_on_logon: true, for one "
        "Logon).",
    ),
    "seqnum-too-high": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Agree with the venue on the next number or on a reset; it is missing messages that our "
        "store says we sent.",
    ),
    "venue-seqnum-too-low": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Tell the venue that it restarted its numbers without a reset; agree on a reset "
        "(reset_on_logon: true, for one Logon), and reconcile today's executions.",
    ),
    "reset-unasked": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether it resets this session on purpose; if it does, set reset_on_logon: "
        "true or numbering: {unasked_reset: follow}, else reconcile: what was not delivered is "
        "lost after a reset.",
    ),
    "not-fix": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Correct host and port in the session file: what listens there is not a FIX gateway.",
    ),
    "comp-ids": Cause(
        Layer.CONFIG,
        _WARNING,
        "Compare SenderCompID(49), TargetCompID(56) and BeginString(8) with the venue's sheet.",
    ),
    "heartbeat-mismatch": Cause(
        Layer.CONFIG,
        _WARNING,
        "Set the session file's heartbeat to what the venue answered, so that both sides agree "
        "on when the other one is dead.",
    ),
    "heartbeat-refused": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Set the session file's heartbeat to what the venue answered, or heartbeat_answer: accept; "
        "if the venue must obey, ask it why it does not.",
    ),
    "clock-skew": Cause(
        Layer.HOST,
        _WARNING,
        "Check this host's clock (chronyc tracking) before you ask the venue to check its own; "
        "many gateways log out a client whose SendingTime(52) is off.",
    ),
}

_SESSION = {
    "closed-in-session": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue why its gateway dropped the connection; check whether the same session is "
        "logged on elsewhere.",
    ),
    "logged-out": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Act on the venue's text; check the venue's session hours, and whether the same session "
        "is logged on elsewhere.",
    ),
    "flooded": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue what it sends without pause; if it resends a day's messages, log on once "
        "with the order system, which takes them, or agree on the numbers (fixgate store "
        "set-seqnum).",
    ),
    "engine-ended": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Read QuickFIX's words in the transcript (-v), and check without --engine quickfix whether "
        "the session layer of fixgate goes on where QuickFIX did not.",
    ),
    "test-request-unanswered": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether the session behind the gateway is alive: it logs on but does not "
        "answer a TestRequest, so it would not notice an order either.",
    ),
    "test-request-rejected": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Send the venue the TestRequest and its Reject; the session layers do not agree.",
    ),
    "wrong-test-req-id": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Send the venue the TestRequest and the Heartbeat: TestReqID(112) must come back as it "
        "was sent, or neither side can tell a live session from a stale one.",
    ),
    "seqnum-gap": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue to resend the missing messages, or agree on a reset after reconciling "
        "today's executions.",
    ),
    "seqnum-gap-filled": Cause(
        Layer.GATEWAY,
        _WARNING,
        "Check whether the messages that were resent hold executions that the desk has not seen.",
    ),
    "seqnum-repeated": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Tell the venue that it uses MsgSeqNum(34) twice without PossDupFlag(43)=Y; an order "
        "system that enforces the standard would log out.",
    ),
    "resend-requested": Cause(
        Layer.GATEWAY,
        _WARNING,
        "Check what the venue had missed; fixgate has answered with what its store holds.",
    ),
    "garbled": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Send the bytes to the venue; if they differ from what its own log shows, look for a "
        "proxy or a line that changes them.",
    ),
    "invalid-message": Cause(
        Layer.GATEWAY,
        _WARNING,
        "Compare the field with the venue's dictionary; if the venue means it, name that "
        "dictionary in the session file of the order system.",
    ),
    "logout-unanswered": Cause(
        Layer.GATEWAY,
        _WARNING,
        "Nothing needs doing before the open; mention it to the venue, since a Logout that is not "
        "answered can leave the session half open.",
    ),
}

_ORDER = {
    "order-rejected": Cause(
        Layer.MATCHING,
        _FAILURE,
        "Act on the venue's text; check that the symbol trades now, and that the order of the "
        "session file respects tick, lot and price collar.",
    ),
    "order-unacknowledged": Cause(
        Layer.MATCHING,
        _FAILURE,
        "Call the venue: the session is up, but orders get no answer. Have it confirm that the "
        "test order is not in the book.",
    ),
    "order-filled": Cause(
        Layer.MATCHING,
        _FAILURE,
        "TELL THE DESK NOW: the test order traded. Reconcile the position, then correct the price "
        "in the session file, which was not far enough from the market.",
    ),
    "cancel-unconfirmed": Cause(
        Layer.MATCHING,
        _FAILURE,
        "CALL THE VENUE NOW and have the test order cancelled by its ClOrdID(11): it may still be "
        "in the book.",
    ),
}

_OURS = {
    "crashed": Cause(
        Layer.HOST,
        _FAILURE,
        "Run the check again with -v and report the traceback to fixgate's maintainers; check "
        "this session by hand meanwhile.",
    ),
    "incomplete": Cause(
        Layer.HOST,
        _FAILURE,
        "Run the check again; the history of this one ends before its last phase.",
    ),
    "deadline": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Run the check again with a longer --deadline; if it does not pass then either, ask the "
        "venue why it answers so slowly.",
    ),
}

CAUSES: dict[str, Cause] = NETWORK | TLS | _LOGON | _SESSION | _ORDER | PERSISTENCE | _OURS
"""Every cause by its stable name."""
