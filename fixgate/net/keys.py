"""Keys of PEM files for signatures and ciphers, read with the package cryptography."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixgate.errors import EngineUnavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

__all__ = ["key_of"]


def key_of(pem: bytes, kind: str, *, private: bool) -> PrivateKeyTypes | PublicKeyTypes:
    """Return the key in a PEM file.

    Args:
        pem: The bytes of the file.
        kind: What it is to be, for messages, such as ``RSA``.
        private: Whether it is to be a private key, without a password, or a public one.

    Raises:
        ValueError: It is none.
        EngineUnavailable: The package is not installed.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import (
            load_pem_private_key,
            load_pem_public_key,
        )
    except ImportError:
        raise EngineUnavailable(
            f"{kind} needs the package 'cryptography': pip install 'fixgate[crypto]'"
        ) from None
    try:
        return load_pem_private_key(pem, None) if private else load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        side = "private key without a password" if private else "public key"
        raise ValueError(f"expected a PEM file with an {kind} {side}") from None
