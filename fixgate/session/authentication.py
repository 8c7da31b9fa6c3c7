"""How a Logon proves who sends it: signatures and encrypted passwords, as hooks.

A hook is told the fields of a Logon by a function such as `Message.get`, and returns more of
them. The side that receives the Logon computes the same and compares. Hooks are pure but for the
randomness that a cipher may need, and their secrets never show in a repr.

Spec: FIX 4.4 volume 2, "Logon": RawData(96); FIXT 1.1, "Logon": EncryptedPassword(1402).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, assert_never

from fixgate.wire.tags import Tag

__all__ = [
    "Digest",
    "Encoding",
    "Fields",
    "Get",
    "HmacSignature",
    "PasswordCipher",
    "Signature",
    "Signed",
]

Get = Callable[[int], bytes | None]
"""Gives the value of a field of the Logon, ``None`` when it does not carry it."""

Fields = tuple[tuple[int, bytes], ...]
"""Fields of a Logon, ``(tag, value)`` each."""


class Signature(Protocol):
    """Signs Logons, and tells a right signature from a wrong one."""

    def fields(self, get: Get) -> Fields:
        """Return what a Logon carries as its signature.

        Args:
            get: The fields of the header, Username(553) and Password(554).
        """

    def right(self, get: Get) -> bool:
        """Whether a Logon carries the right signature; never raises.

        Args:
            get: The fields of the Logon.
        """

    @property
    def secret(self) -> str:
        """What must never show in a text; empty when there is nothing to hide."""


class PasswordCipher(Protocol):
    """Encrypts the passwords of Logons, and decrypts them on the other side."""

    @property
    def method(self) -> int:
        """EncryptedPasswordMethod(1400)."""

    def seal(self, password: bytes, get: Get) -> bytes:
        """Return EncryptedPassword(1402), or EncryptedNewPassword(1404).

        Args:
            password: The password.
            get: The fields of the header and Username(553).
        """

    def open(self, sealed: bytes, get: Get) -> bytes | None:
        """Return the password, or ``None`` when it cannot be decrypted; never raises."""


class Encoding(Enum):
    """How a signature stands in its field."""

    BASE64 = "base64"
    BASE64URL = "base64url"
    HEX = "hex"


class Digest(Enum):
    """The hash under an HMAC."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


@dataclass(frozen=True, slots=True)
class Signed:
    """What is signed, and how the signature is written in RawData(96).

    Attributes:
        tags: The fields whose values are signed, in order; one that is absent counts as empty.
        separator: Between two values.
        encoding: Of the signature.
    """

    tags: tuple[int, ...] = (
        Tag.SendingTime,
        Tag.MsgType,
        Tag.MsgSeqNum,
        Tag.SenderCompID,
        Tag.TargetCompID,
        Tag.Password,
    )
    separator: bytes = b"\x01"
    encoding: Encoding = Encoding.BASE64

    def text(self, get: Get) -> bytes:
        """Return what is signed of a Logon."""
        return self.separator.join(get(tag) or b"" for tag in self.tags)

    def fields(self, signature: bytes) -> Fields:
        """Return RawDataLength(95) and RawData(96) for the bytes of a signature."""
        match self.encoding:
            case Encoding.BASE64:
                value = base64.b64encode(signature)
            case Encoding.BASE64URL:
                value = base64.urlsafe_b64encode(signature)
            case Encoding.HEX:
                value = binascii.hexlify(signature)
            case unknown:
                assert_never(unknown)
        return ((Tag.RawDataLength, b"%d" % len(value)), (Tag.RawData, value))

    def signature(self, get: Get) -> bytes | None:
        """Return the bytes of the signature that a Logon carries, ``None`` for none."""
        value = get(Tag.RawData)
        if value is None:
            return None
        try:
            match self.encoding:
                case Encoding.BASE64:
                    return base64.b64decode(value, validate=True)
                case Encoding.BASE64URL:
                    return base64.b64decode(value, altchars=b"-_", validate=True)
                case Encoding.HEX:
                    return binascii.unhexlify(value)
                case unknown:
                    assert_never(unknown)
        except binascii.Error:
            return None


@dataclass(frozen=True, slots=True)
class HmacSignature:
    """HMAC over values of the Logon, as most venues with signatures ask for it.

    Attributes:
        secret: The key, or its text.
        signed: What is signed.
        digest: The hash.
        base64_key: ``secret`` is the key in base64.
    """

    secret: str = field(repr=False)
    signed: Signed = Signed()
    digest: Digest = Digest.SHA256
    base64_key: bool = False

    def fields(self, get: Get) -> Fields:
        """Return RawDataLength(95) and RawData(96)."""
        return self.signed.fields(self._digest(get))

    def right(self, get: Get) -> bool:
        """Whether a Logon carries the right signature, compared in constant time."""
        return hmac.compare_digest(self.signed.signature(get) or b"", self._digest(get))

    def _digest(self, get: Get) -> bytes:
        key = base64.b64decode(self.secret) if self.base64_key else self.secret.encode()
        return hmac.digest(key, self.signed.text(get), self.digest.value)
