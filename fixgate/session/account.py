"""Who may log on: credentials, their signature, and new passwords.

An initiator proves who it is; an acceptor decides. Which of name, password or signature is wrong
is never said. A password that was changed counts as long as the process lives: it is written
nowhere.

Spec: FIX 4.4 volume 2, "Logon"; FIXT 1.1, "Logon": NewPassword(925), EncryptedPassword(1402),
SessionStatus(1409).
"""

from __future__ import annotations

import hmac

from fixgate.session.authentication import Fields, Get
from fixgate.session.checks import show
from fixgate.session.logon_options import AccountState
from fixgate.session.rules import Breach, Rule
from fixgate.session.settings import SessionSettings
from fixgate.session.status import SessionStatus
from fixgate.wire.mask import Blotter
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["LOGON_TAGS", "Account", "secrets_of"]

LOGON_TAGS = frozenset(
    {
        Tag.Username,
        Tag.Password,
        Tag.NewPassword,
        Tag.EncryptedPasswordMethod,
        Tag.EncryptedPasswordLen,
        Tag.EncryptedPassword,
        Tag.EncryptedNewPasswordLen,
        Tag.EncryptedNewPassword,
    }
)
"""What came late to the Logon: venues ask for it on older versions all the same."""


def secrets_of(settings: SessionSettings) -> tuple[str, ...]:
    """Return everything of a session that must never show in a text."""
    credentials, options = settings.credentials, settings.logon
    found = (
        credentials.password if credentials is not None else "",
        options.new_password or "",
        options.signature.secret if options.signature is not None else "",
    )
    return tuple(secret for secret in found if secret)


class Account:
    """The credentials of one session as they are now.

    Args:
        settings: The session's settings.
    """

    __slots__ = ("_password", "_settings", "_state", "_wanted")

    def __init__(self, settings: SessionSettings) -> None:
        self._settings = settings
        self._state = settings.logon.account
        self._password = settings.credentials.password if settings.credentials else ""
        self._wanted = settings.logon.new_password

    def blot(self, text: str) -> str:
        """Return what is said of a Logon without its secrets: a field may hold another's value."""
        return Blotter((*secrets_of(self._settings), self._password)).blot(text)

    # The initiator's side.

    def proof(self, header: dict[int, bytes]) -> Fields:
        """Return what our Logon carries to prove who we are.

        Args:
            header: The fields of its header.
        """
        credentials, options = self._settings.credentials, self._settings.logon
        known = dict(header)
        if options.test_session is not None:
            known[Tag.TestMessageIndicator] = b"Y" if options.test_session else b"N"
        if credentials is not None:
            if credentials.username:
                known[Tag.Username] = credentials.username.encode()
            if self._password:
                known.update(self._passwords(known.get))
        if options.signature is not None:
            known.update(options.signature.fields(known.get))
        return tuple((tag, value) for tag, value in known.items() if tag not in header)

    def _passwords(self, get: Get) -> Fields:
        cipher = self._settings.logon.cipher
        password = self._password.encode()
        wanted = self._wanted.encode() if self._wanted is not None else None
        if cipher is None:
            new = ((Tag.NewPassword, wanted),) if wanted is not None else ()
            return ((Tag.Password, password), *new)
        sealed = cipher.seal(password, get)
        fields: Fields = (
            (Tag.EncryptedPasswordMethod, b"%d" % cipher.method),
            (Tag.EncryptedPasswordLen, b"%d" % len(sealed)),
            (Tag.EncryptedPassword, sealed),
        )
        if wanted is None:
            return fields
        sealed = cipher.seal(wanted, get)
        return (
            *fields,
            (Tag.EncryptedNewPasswordLen, b"%d" % len(sealed)),
            (Tag.EncryptedNewPassword, sealed),
        )

    def answered(self, logon: Message) -> None:
        """Take the acceptor's Logon: unless it says otherwise, the new password counts."""
        refused = b"%d" % SessionStatus.NEW_SESSION_PASSWORD_DOES_NOT_COMPLY_WITH_POLICY
        if self._wanted is not None and logon.get(Tag.SessionStatus) != refused:
            self._password, self._wanted = self._wanted, None

    # The acceptor's side.

    def admit(self, logon: Message) -> Breach | None:
        """Return why a Logon that is otherwise in order is refused, or ``None``."""
        if not self._authentic(logon):
            status = SessionStatus.INVALID_USERNAME_OR_PASSWORD
            return Breach(Rule.LOGON, self._refusal(), status=status)
        if self._state is AccountState.LOCKED:
            return Breach(Rule.LOGON, "Account locked", status=SessionStatus.ACCOUNT_LOCKED)
        if self._state is AccountState.PASSWORD_EXPIRED and not self._new_password(logon):
            return Breach(Rule.LOGON, "Password expired", status=SessionStatus.PASSWORD_EXPIRED)
        return self._wrong_world(logon)

    def _wrong_world(self, logon: Message) -> Breach | None:
        """Return the breach of a test session where production is expected, or the other way.

        Spec: FIX 4.3, TestMessageIndicator(464): without it a session is one of production.
        """
        wanted, received = self._settings.logon.test_session, logon.get(Tag.TestMessageIndicator)
        if wanted is None or wanted is (received == b"Y"):
            return None
        expected = "'Y', a test session" if wanted else "a session of production"
        text = f"TestMessageIndicator(464): received {show(received)}, expected {expected}"
        return Breach(Rule.LOGON, self.blot(text), tag=Tag.TestMessageIndicator)

    def accepted(self, logon: Message) -> SessionStatus:
        """Take a Logon that has been accepted: change the password when that is asked for."""
        asked = Tag.NewPassword in logon or Tag.EncryptedNewPassword in logon
        if asked and self._settings.credentials is not None:
            new = self._new_password(logon)
            if not new:
                return SessionStatus.NEW_SESSION_PASSWORD_DOES_NOT_COMPLY_WITH_POLICY
            self._password, self._state = new, AccountState.ACTIVE
            return SessionStatus.SESSION_PASSWORD_CHANGED
        if self._state is AccountState.PASSWORD_DUE_TO_EXPIRE:
            return SessionStatus.SESSION_PASSWORD_DUE_TO_EXPIRE
        return SessionStatus.SESSION_ACTIVE

    def _refusal(self) -> str:
        if self._settings.logon.signature is None:
            return "Username(553) or Password(554) not accepted"
        return "Username(553), Password(554) or RawData(96) not accepted"

    def _authentic(self, logon: Message) -> bool:
        """Compare in constant time."""
        credentials, signature = self._settings.credentials, self._settings.logon.signature
        right = True
        if credentials is not None:
            if credentials.username:
                right &= _same(logon.get(Tag.Username), credentials.username.encode())
            if self._password:
                password = self._given(logon, Tag.Password, Tag.EncryptedPassword)
                right &= _same(password, self._password.encode())
        if signature is not None:
            right &= signature.right(logon.get)
        return right

    def _given(self, logon: Message, plain: int, encrypted: int) -> bytes | None:
        """Return a password of the Logon's; where they are to be encrypted, no other counts."""
        cipher = self._settings.logon.cipher
        if cipher is None:
            return logon.get(plain)
        sealed = logon.get(encrypted)
        if sealed is None or logon.get(Tag.EncryptedPasswordMethod) != b"%d" % cipher.method:
            return None
        return cipher.open(sealed, logon.get)

    def _new_password(self, logon: Message) -> str:
        """Return the password that a Logon asks for; empty for none, or for the same."""
        given = self._given(logon, Tag.NewPassword, Tag.EncryptedNewPassword) or b""
        try:
            new = given.decode()
        except UnicodeDecodeError:
            return ""
        return "" if new == self._password else new


def _same(received: bytes | None, wanted: bytes) -> bool:
    return hmac.compare_digest(received or b"", wanted)
