"""Signatures of Logons with a private key: Ed25519, and what other packages bring.

Ed25519 is the package cryptography's (``pip install 'fixgate[crypto]'``). A package of the user's
own is found by its entry point in the group ``fixgate.logon_signatures``: a callable that takes the
secret and the bytes of the key file, each ``None`` without one, and returns a
`fixgate.session.authentication.Signature`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from fixgate.errors import LocalProtocolError
from fixgate.net.keys import key_of
from fixgate.net.plugins import installed
from fixgate.session.authentication import Fields, Get, Signature, Signed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

__all__ = ["ENTRY_POINTS", "Ed25519Signature", "installed_signature", "load_ed25519"]

ENTRY_POINTS = "fixgate.logon_signatures"


class Ed25519Signature:
    """Ed25519 over values of the Logon: the client has the private key, the venue the public one.

    Args:
        key: Either key; the public one can only verify.
        signed: What is signed.
    """

    __slots__ = ("_private", "_public", "_signed")

    def __init__(self, key: Ed25519PrivateKey | Ed25519PublicKey, signed: Signed) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._private = key if isinstance(key, Ed25519PrivateKey) else None
        self._public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
        self._signed = signed

    def __repr__(self) -> str:
        return f"Ed25519Signature({self._signed})"

    def __deepcopy__(self, memo: dict[int, object]) -> Ed25519Signature:
        return self

    @property
    def secret(self) -> str:
        """Nothing to hide: the key is no text."""
        return ""

    def fields(self, get: Get) -> Fields:
        """Return RawDataLength(95) and RawData(96).

        Raises:
            LocalProtocolError: There is no private key to sign with.
        """
        if self._private is None:
            raise LocalProtocolError("a public key cannot sign a Logon")
        return self._signed.fields(self._private.sign(self._signed.text(get)))

    def right(self, get: Get) -> bool:
        """Whether a Logon carries the right signature."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._public.verify(self._signed.signature(get) or b"", self._signed.text(get))
        except InvalidSignature:
            return False
        return True


def load_ed25519(pem: bytes, signed: Signed, *, private: bool) -> Ed25519Signature:
    """Return the signature with a key of a PEM file.

    Args:
        pem: The bytes of the file.
        signed: What is signed.
        private: Whether the key has to sign.

    Raises:
        ValueError: It is no such key.
        EngineUnavailable: The package that it needs is not installed.
    """
    key = key_of(pem, "Ed25519", private=private)
    from cryptography.hazmat.primitives.asymmetric import ed25519

    if not isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        raise ValueError("expected an Ed25519 key")
    return Ed25519Signature(key, signed)


def installed_signature(name: str, secret: str | None, key: bytes | None) -> Signature:
    """Return the signature of another package.

    Raises:
        ValueError: None has that name.
    """
    factory = installed(ENTRY_POINTS, name)
    if factory is None:
        raise ValueError(f"expected hmac, ed25519 or an installed signature; received {name!r}")
    return cast("Callable[[str | None, bytes | None], Signature]", factory)(secret, key)
