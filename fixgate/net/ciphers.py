"""Ciphers for the passwords of Logons: RSA, and what other packages bring.

RSA is the package cryptography's (``pip install 'fixgate[crypto]'``), imported in this module only.
A package of the user's own is found by its entry point in the group ``fixgate.password_ciphers``:
a callable that takes the bytes of the key file (``None`` without one) and
EncryptedPasswordMethod(1400), and returns a `fixgate.session.authentication.PasswordCipher`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, cast

from fixgate.net.keys import key_of
from fixgate.net.plugins import installed
from fixgate.session.authentication import Get, PasswordCipher
from fixgate.wire.tags import Tag
from fixgate.wire.timestamps import utc_ns

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

__all__ = ["ENTRY_POINTS", "Padding", "RsaCipher", "load_cipher"]

ENTRY_POINTS = "fixgate.password_ciphers"

_STAMP_CHARS = len("YYYYMMDDHHMMSS")
_STAMP_TOLERANCE_NS = 120_000_000_000
_MIN_KEY_BITS = 2048


class Padding(Enum):
    """How RSA pads a password; the value is its name in files."""

    OAEP = "rsa-oaep"
    PKCS1 = "rsa-pkcs1"


class RsaCipher:
    """RSA with a venue's key, in base64, as venues with encrypted passwords ask for it.

    Args:
        key: The venue's public key, or its private key, which decrypts as well.
        padding: OAEP with SHA-256, or PKCS #1 version 1.5.
        method: EncryptedPasswordMethod(1400).
        stamped: The instant of SendingTime(52), as YYYYMMDDHHMMSS, stands before the password,
            so that the same bytes are of no use later.
    """

    __slots__ = ("_method", "_padding", "_private", "_public", "_stamped")

    def __init__(
        self,
        key: RSAPublicKey | RSAPrivateKey,
        padding: Padding,
        *,
        method: int,
        stamped: bool = False,
    ) -> None:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

        self._private = key if isinstance(key, RSAPrivateKey) else None
        self._public = key.public_key() if isinstance(key, RSAPrivateKey) else key
        self._padding = _padding(padding)
        self._method = method
        self._stamped = stamped

    def __repr__(self) -> str:
        return f"RsaCipher({self._public.key_size} bits, {self._padding.name}, {self._method})"

    def __deepcopy__(self, memo: dict[int, object]) -> RsaCipher:
        return self

    @property
    def method(self) -> int:
        """EncryptedPasswordMethod(1400)."""
        return self._method

    def seal(self, password: bytes, get: Get) -> bytes:
        """Return the encrypted password in base64."""
        stamp = _digits(get) if self._stamped else b""
        return base64.b64encode(self._public.encrypt(stamp + password, self._padding))

    def open(self, sealed: bytes, get: Get) -> bytes | None:
        """Return the password, or ``None`` when it cannot be decrypted or its instant is off."""
        if self._private is None:
            return None
        try:
            plain = self._private.decrypt(base64.b64decode(sealed, validate=True), self._padding)
        except (ValueError, binascii.Error):
            return None
        if not self._stamped:
            return plain
        return plain[_STAMP_CHARS:] if _near(plain[:_STAMP_CHARS], get) else None


def _padding(padding: Padding) -> AsymmetricPadding:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding as paddings

    if padding is Padding.PKCS1:
        return paddings.PKCS1v15()
    sha256 = hashes.SHA256()
    return paddings.OAEP(paddings.MGF1(sha256), sha256, None)


def _digits(get: Get) -> bytes:
    sent = (get(Tag.SendingTime) or b"").replace(b"-", b"").replace(b":", b"")
    return sent[:_STAMP_CHARS]


def _near(stamp: bytes, get: Get) -> bool:
    parts = (stamp[:8], stamp[8:10], stamp[10:12], stamp[12:])
    stamped_ns = utc_ns(b"%b-%b:%b:%b" % parts)
    sent_ns = utc_ns(get(Tag.SendingTime) or b"")
    if stamped_ns is None or sent_ns is None:
        return False
    return abs(stamped_ns - sent_ns) <= _STAMP_TOLERANCE_NS


def load_cipher(
    name: str, key: bytes | None, *, method: int, stamped: bool, private: bool
) -> PasswordCipher:
    """Return the cipher that a file names.

    Args:
        name: ``rsa-oaep``, ``rsa-pkcs1``, or an entry point.
        key: The bytes of the key file: PEM for RSA.
        method: EncryptedPasswordMethod(1400).
        stamped: See `RsaCipher`; not for ciphers of other packages.
        private: Whether the key has to decrypt.

    Raises:
        ValueError: There is no such cipher, or the key is not one for it.
        EngineUnavailable: The package that it needs is not installed.
    """
    for padding in Padding:
        if padding.value == name:
            return _load_rsa(padding, key, method=method, stamped=stamped, private=private)
    factory = installed(ENTRY_POINTS, name)
    if factory is None:
        known = ", ".join(padding.value for padding in Padding)
        raise ValueError(f"expected {known} or an installed cipher; received {name!r}")
    return cast("Callable[[bytes | None, int], PasswordCipher]", factory)(key, method)


def _load_rsa(
    padding: Padding, pem: bytes | None, *, method: int, stamped: bool, private: bool
) -> RsaCipher:
    if pem is None:
        raise ValueError("RSA needs a key")
    key = key_of(pem, "RSA", private=private)
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) or key.key_size < _MIN_KEY_BITS:
        raise ValueError(f"expected an RSA key of at least {_MIN_KEY_BITS} bits")
    return RsaCipher(key, padding, method=method, stamped=stamped)
