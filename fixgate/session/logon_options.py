"""What a Logon carries or must carry beside HeartBtInt(108) and a plain password."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from fixgate.session.authentication import PasswordCipher, Signature
from fixgate.session.status import StatusPolicy

__all__ = ["PLAIN_LOGON", "AccountState", "LogonOptions"]


class AccountState(Enum):
    """What an acceptor makes of an account whose password is right."""

    ACTIVE = "active"
    PASSWORD_DUE_TO_EXPIRE = "password_due_to_expire"
    PASSWORD_EXPIRED = "password_expired"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class LogonOptions:
    """How a Logon goes; the default is a plain one.

    Attributes:
        signature: An initiator signs with it; an acceptor demands the same.
        cipher: Encrypts the passwords that an initiator sends; an acceptor takes no others.
        new_password: NewPassword(925) that an initiator asks for; never shown.
        test_session: ``True`` for a test session, ``False`` for one of production: an initiator
            says so by TestMessageIndicator(464), an acceptor demands it; ``None`` does neither.
        account: What an acceptor makes of the account.
        status: When SessionStatus(1409) is sent.
    """

    signature: Signature | None = None
    cipher: PasswordCipher | None = None
    new_password: str | None = field(default=None, repr=False)
    test_session: bool | None = None
    account: AccountState = AccountState.ACTIVE
    status: StatusPolicy = StatusPolicy.NEVER


PLAIN_LOGON = LogonOptions()
