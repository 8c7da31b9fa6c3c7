"""What a venue says by SessionStatus(1409), in words and in what to do about it."""

from __future__ import annotations

from fixgate.health.reading import integer
from fixgate.session.status import SessionStatus
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["next_step_for", "status_of", "status_words"]

_NEXT_STEPS = {
    SessionStatus.INVALID_USERNAME_OR_PASSWORD: (
        "Check username and password, or the signature's secret, that the session file refers to: "
        "the venue says that they are wrong. A few more attempts may lock the account."
    ),
    SessionStatus.ACCOUNT_LOCKED: (
        "Ask the venue to unlock the account before you try again; find out who locked it with "
        "wrong passwords."
    ),
    SessionStatus.LOGONS_ARE_NOT_ALLOWED_AT_THIS_TIME: (
        "Check the venue's session hours, and write them into the session file as its schedule."
    ),
    SessionStatus.PASSWORD_EXPIRED: (
        "Change the password: set new_password in the session file for one Logon, or ask the venue."
    ),
}


def status_of(message: Message) -> SessionStatus | int | None:
    """Return SessionStatus(1409), a plain number when it is not known, or ``None``."""
    value = integer(message, Tag.SessionStatus)
    try:
        return value if value is None else SessionStatus(value)
    except ValueError:
        return value


def status_words(message: Message) -> str:
    """Return SessionStatus(1409) for people, such as ``6, Account locked``; empty without it."""
    status = status_of(message)
    if isinstance(status, SessionStatus):
        return f"{int(status)}, {status.text}"
    return "" if status is None else str(status)


def next_step_for(message: Message) -> str | None:
    """Return what to do about the status of a Logout, ``None`` where it says nothing special."""
    status = status_of(message)
    return _NEXT_STEPS.get(status) if isinstance(status, SessionStatus) else None
