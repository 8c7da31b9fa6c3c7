"""Where widely used engines differ from the standard, each difference a named value.

The standard is the default. A dialect is data: the session asks it, and names no engine itself.
docs/conformance.md says which test case each value touches.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DIALECTS", "QUICKFIX", "STANDARD", "Dialect"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One set of habits; every default is the standard's way.

    Attributes:
        name: As written in a venue file.
        silent_logon_refusal: Close without a Logout when a Logon is not acceptable.
            Standard: Logout with Text(58), then close (case 1S.d).
        serve_low_requests: Serve a ResendRequest(2), and confirm a Logout(5), whose
            MsgSeqNum(34) is too low. Standard: Logout, "MsgSeqNum too low" (case 2.c).
        confirm_high_logout: Confirm a Logout(5) whose number is too high at once. Standard:
            ask for the missing messages first (state matrix, state 15).
        close_after_logout_reply: Close as soon as a Logout(5) is confirmed. Standard: wait for
            the peer to close (case 13.b).
        bare_rejects: No Text(58) on the Logout that follows a Reject(3), and no RefTagID(371)
            on Rejects for CompIDs, SendingTime(52), MsgType(35) and NewSeqNo(36).
        plain_reject_texts: Text(58) of a Reject is the reason's fixed wording alone; in
            FIX 4.0 and 4.1 the tag follows in brackets. Standard: names field and value.
        test_request_id: The TestReqID(112) we send, or ``None`` for a fresh one each time.
        mute_while_challenged: No Heartbeat while our TestRequest is unanswered.
        garbled_ends_at_checksum: Skip garbled input up to the next ``10=``. Standard: resume at
            the next ``8=FIX``, so that a whole message behind garbage is not lost.
        stray_delimiter_is_garbled: Ignore a message with an SOH inside a value, as if it were
            garbled. Standard: Reject(3), reason 17 (case 14.k).
        gap_fill_ends_chunk: A GapFill whose NewSeqNo(36) is the last number that a ResendRequest
            asked for ends that request; the next one begins with this number. Standard: the
            number itself is still to come.
        business_reject_version: Add DefaultApplVerID(1137) to BusinessMessageReject on FIXT.
    """

    name: str
    silent_logon_refusal: bool = False
    serve_low_requests: bool = False
    confirm_high_logout: bool = False
    close_after_logout_reply: bool = False
    bare_rejects: bool = False
    plain_reject_texts: bool = False
    test_request_id: bytes | None = None
    mute_while_challenged: bool = False
    garbled_ends_at_checksum: bool = False
    stray_delimiter_is_garbled: bool = False
    gap_fill_ends_chunk: bool = False
    business_reject_version: bool = False


STANDARD = Dialect("standard")

QUICKFIX = Dialect(
    "quickfix",
    silent_logon_refusal=True,
    serve_low_requests=True,
    confirm_high_logout=True,
    close_after_logout_reply=True,
    bare_rejects=True,
    plain_reject_texts=True,
    test_request_id=b"TEST",
    mute_while_challenged=True,
    garbled_ends_at_checksum=True,
    stray_delimiter_is_garbled=True,
    gap_fill_ends_chunk=True,
    business_reject_version=True,
)

DIALECTS = {d.name: d for d in (STANDARD, QUICKFIX)}
