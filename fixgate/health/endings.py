"""Every way in which a try to log on can end, or a session that was up, and what follows: a table.

The names are stable: programs refer to them. docs/watching.md lists them for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["ENDINGS", "Course", "Ending", "Next"]


class Next(Enum):
    """What follows an ending; the value is how people say it."""

    SOON = "at once"
    BACK_OFF = "more and more rarely"
    REFUSAL = "after a minute, then more rarely"
    OPENING = "when it is open"
    RESTART = "when the numbers restart, else never"
    NEVER = "never by itself"


class Ending(Enum):
    """How a try, or a session that was up, ended; the value is its stable name."""

    UNREACHABLE = "unreachable"
    TLS_FAILED = "tls-failed"
    UNANSWERED = "unanswered"
    CLOSED_UNANSWERED = "closed-unanswered"
    NOT_FIX = "not-fix"
    REFUSED = "refused"
    VENUE_CLOSED = "venue-closed"
    DUPLICATE = "duplicate"
    CREDENTIALS = "credentials-refused"
    LOCKED = "account-locked"
    EXPIRED = "password-expired"
    NUMBERS = "numbers-disagree"
    RESTART_AWAITED = "restart-awaited"
    NOT_AGREED = "not-agreed"
    LOST = "lost"
    MUTE = "mute"
    LOGGED_OUT = "logged-out"
    CLOSED = "closed"
    RESTART = "numbers-restart"
    STORE = "store-unusable"
    SETTINGS = "settings-unusable"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Course:
    """What is always true of one ending.

    Attributes:
        next: What follows.
        text: What has happened.
        next_step: What to do, in the imperative.
    """

    next: Next
    text: str
    next_step: str


_NOTHING = "Nothing: fixgate goes on by itself."

ENDINGS: dict[Ending, Course] = {
    Ending.UNREACHABLE: Course(
        Next.BACK_OFF,
        "The venue cannot be reached: its name, its host or its port does not answer.",
        "Check the address in the session file, the line and the firewall.",
    ),
    Ending.TLS_FAILED: Course(
        Next.BACK_OFF,
        "The TLS handshake failed.",
        "Check the certificates of both sides; fixgate check says what is wrong with them.",
    ),
    Ending.UNANSWERED: Course(
        Next.REFUSAL,
        "The connection stands, but no byte has answered our Logon.",
        "Ask the venue whether the gateway process behind this port is up.",
    ),
    Ending.CLOSED_UNANSWERED: Course(
        Next.REFUSAL,
        "The venue closed the connection after our Logon, without a word.",
        "Check CompIDs and BeginString(8), whether the same session is logged on elsewhere, the "
        "password, and the venue's session hours.",
    ),
    Ending.NOT_FIX: Course(
        Next.REFUSAL,
        "What answers our Logon is not a FIX gateway, or its bytes are garbled.",
        "Correct host and port in the session file.",
    ),
    Ending.REFUSED: Course(
        Next.REFUSAL,
        "The venue refused our Logon.",
        "Act on the venue's text.",
    ),
    Ending.VENUE_CLOSED: Course(
        Next.REFUSAL,
        "The venue says that the session is closed, or has ended.",
        "Write the venue's session hours into the session file as its schedule.",
    ),
    Ending.DUPLICATE: Course(
        Next.REFUSAL,
        "The venue says that the session is logged on already.",
        "Find out where: another host, yesterday's process. A connection of ours that broke may "
        "live on at the venue for some heartbeat intervals.",
    ),
    Ending.CREDENTIALS: Course(
        Next.NEVER,
        "The venue does not accept our username, password or signature.",
        "Correct the secret that the session file refers to, then start again; a few more attempts "
        "may lock the account, so fixgate makes none.",
    ),
    Ending.LOCKED: Course(
        Next.NEVER,
        "The venue says that the account is locked or disabled.",
        "Have the venue unlock it, find out who locked it, then have it tried again (SIGUSR1).",
    ),
    Ending.EXPIRED: Course(
        Next.NEVER,
        "The venue says that the password has expired.",
        "Change it: new_password in the session file, for one Logon; then start again.",
    ),
    Ending.NUMBERS: Course(
        Next.RESTART,
        "Both sides do not agree on the sequence numbers, and another Logon would not change that.",
        "Find out which side lost its numbers; restore the store, or agree with the venue on the "
        "next number (fixgate store set-seqnum) or on a reset; then start again.",
    ),
    Ending.RESTART_AWAITED: Course(
        Next.REFUSAL,
        "Our numbers have restarted just now, the venue's have not yet.",
        "Nothing for five minutes; then agree with the venue on the time of the restart.",
    ),
    Ending.NOT_AGREED: Course(
        Next.REFUSAL,
        "We have ended the session: the venue broke a rule that it cannot go on without.",
        "Send the venue the message and the rule that is named.",
    ),
    Ending.LOST: Course(
        Next.SOON,
        "The connection of a session that was up broke.",
        "If it goes on breaking, check the line, and ask the venue why its gateway drops it.",
    ),
    Ending.MUTE: Course(
        Next.SOON,
        "The venue has not answered a TestRequest, and counts as gone.",
        "If it goes on, ask the venue whether the session behind the gateway is alive.",
    ),
    Ending.LOGGED_OUT: Course(
        Next.REFUSAL,
        "The venue has logged us out.",
        "Act on the venue's text.",
    ),
    Ending.CLOSED: Course(
        Next.OPENING,
        "By its schedule the session is closed.",
        _NOTHING,
    ),
    Ending.RESTART: Course(
        Next.OPENING,
        "The time has come at which both sides restart their sequence numbers.",
        _NOTHING,
    ),
    Ending.STORE: Course(
        Next.REFUSAL,
        "The session's store is in use, damaged, or cannot be written.",
        "Stop the other process that uses it, free space on the disk, or see what is wrong: "
        "fixgate store verify. Do not delete it.",
    ),
    Ending.SETTINGS: Course(
        Next.NEVER,
        "Our own certificate, key or authorities cannot be used.",
        "Correct the files that tls names in the session file, then start again.",
    ),
    Ending.FAULT: Course(
        Next.REFUSAL,
        "fixgate itself failed; the session's state is not known.",
        "Report the traceback on standard error to fixgate's maintainers.",
    ),
}
"""Every ending: what follows it, what has happened, what to do."""
