"""Loads PEM files into contexts; what is wrong with a file names the file."""

from __future__ import annotations

import ssl

from fixgate.errors import ConfigError, Mistake

__all__ = ["load_authorities", "load_chain"]


def load_chain(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Load a certificate chain of ours and its key.

    Raises:
        ConfigError: A file is missing, or the two do not belong together.
    """
    for path in (certificate, key):
        _check_readable(path)
    try:
        # A key with a passphrase must not stop a program to ask for it on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        message = f"cannot use the certificate with the key {key}: {reason}"
        raise ConfigError([Mistake(certificate, 0, 0, message)]) from error


def load_authorities(context: ssl.SSLContext, path: str) -> None:
    """Load the certificates of the authorities to trust.

    Raises:
        ConfigError: The file is missing or holds no certificates.
    """
    _check_readable(path)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        message = f"expected certificates of authorities in PEM: {reason}"
        raise ConfigError([Mistake(path, 0, 0, message)]) from error


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise ConfigError([Mistake(path, 0, 0, f"cannot read: {error.strerror}")]) from error
