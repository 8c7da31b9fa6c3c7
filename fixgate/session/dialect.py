"""Where widely used engines differ from the standard, each difference a named value.

The standard is the default. A dialect is data: the session asks it, and names no engine itself.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DIALECTS", "QUICKFIX", "STANDARD", "Dialect"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One set of habits.

    Attributes:
        name: As written in a venue file.
        silent_logon_refusal: Close without a Logout when a Logon is not acceptable.
            Standard: Logout with Text(58), then close (case 1S.d).
        serve_low_resend_request: Serve a ResendRequest(2) and confirm a Logout(5) whose
            MsgSeqNum(34) is too low. Standard: Logout, "MsgSeqNum too low".
        confirm_high_logout: Confirm a Logout(5) whose number is too high at once. Standard:
            ask for the missing messages first.
        bare_logout: No Text(58) on the Logout that follows a Reject for CompID or SendingTime,
            and no RefTagID(371) on that Reject.
        possdup_low_moves_nothing: A PossDup message rejected for OrigSendingTime(122) does not
            use a number.
        plain_reject_texts: Text(58) of a Reject is the reason's fixed wording alone; in
            FIX 4.0 and 4.1 the tag follows in brackets.
        test_request_id: The TestReqID(112) we send, or ``None`` for a fresh one each time.
        garbled_ends_at_checksum: Skip garbled input up to the next ``10=``, not to the next
            ``8=FIX``.
        business_reject_version: Add DefaultApplVerID(1137) to BusinessMessageReject on FIXT.
    """

    name: str
    silent_logon_refusal: bool = False
    serve_low_resend_request: bool = False
    confirm_high_logout: bool = False
    bare_logout: bool = False
    possdup_low_moves_nothing: bool = False
    plain_reject_texts: bool = False
    test_request_id: bytes | None = None
    garbled_ends_at_checksum: bool = False
    business_reject_version: bool = False


STANDARD = Dialect("standard")

QUICKFIX = Dialect(
    "quickfix",
    silent_logon_refusal=True,
    serve_low_resend_request=True,
    confirm_high_logout=True,
    bare_logout=True,
    possdup_low_moves_nothing=True,
    plain_reject_texts=True,
    test_request_id=b"TEST",
    garbled_ends_at_checksum=True,
    business_reject_version=True,
)

DIALECTS = {d.name: d for d in (STANDARD, QUICKFIX)}
