"""SessionStatus(1409): why a session begins or ends, in a number.

Spec: FIXT 1.1, SessionStatus(1409), values 0 to 8; extension packs of FIX 5.0 SP2 add 9 and 10.
Versions before FIXT have no such field; some venues send it all the same.
"""

from __future__ import annotations

from enum import Enum, IntEnum

from fixgate.dictionary.version import FixVersion

__all__ = ["SessionStatus", "StatusPolicy", "tells"]


class SessionStatus(IntEnum):
    """Values of SessionStatus(1409)."""

    SESSION_ACTIVE = 0
    SESSION_PASSWORD_CHANGED = 1
    SESSION_PASSWORD_DUE_TO_EXPIRE = 2
    NEW_SESSION_PASSWORD_DOES_NOT_COMPLY_WITH_POLICY = 3
    SESSION_LOGOUT_COMPLETE = 4
    INVALID_USERNAME_OR_PASSWORD = 5
    ACCOUNT_LOCKED = 6
    LOGONS_ARE_NOT_ALLOWED_AT_THIS_TIME = 7
    PASSWORD_EXPIRED = 8
    RECEIVED_MSG_SEQ_NUM_TOO_LOW = 9
    RECEIVED_NEXT_EXPECTED_MSG_SEQ_NUM_TOO_HIGH = 10

    @property
    def text(self) -> str:
        """The meaning, as people read it."""
        return self.name.replace("_", " ").capitalize()


class StatusPolicy(Enum):
    """When a session says why in a number.

    ``STANDARD``: where the version has SessionStatus(1409) and the value. ``ALWAYS``: in every
    version and with every value, as some venues do.
    """

    NEVER = "never"
    STANDARD = "standard"
    ALWAYS = "always"


def tells(policy: StatusPolicy, version: FixVersion, status: SessionStatus) -> bool:
    """Whether a session of ``version`` sends ``status``."""
    if policy is StatusPolicy.STANDARD:
        return version.is_fixt and status <= SessionStatus.PASSWORD_EXPIRED
    return policy is StatusPolicy.ALWAYS
