"""Loads PEM files into contexts; what is wrong with a file names the file."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from fixgate.errors import ConfigError, Mistake
from fixgate.net.certificate import CertificateFacts, read_certificate

__all__ = ["load_authorities", "load_chain", "load_revocations", "read_chain"]

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


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


def load_revocations(context: ssl.SSLContext, path: str) -> None:
    """Load lists of revoked certificates, and have the peer's certificate looked up in them.

    Raises:
        ConfigError: The file is missing, or holds no lists, or certificates beside them: those
            would be trusted.
    """
    _check_readable(path)
    text = Path(path).read_text("latin-1")
    message = "expected lists of revoked certificates (X509 CRL) in PEM"
    if "BEGIN X509 CRL" not in text or "CERTIFICATE-----" in text:
        raise ConfigError([Mistake(path, 0, 0, f"{message}, and nothing else")])
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        raise ConfigError([Mistake(path, 0, 0, f"{message}: {reason}")]) from error
    context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF


def read_chain(path: Path) -> tuple[CertificateFacts, ...]:
    """Return what the certificates of a file that has been loaded say, in its order."""
    blocks = _CERTIFICATE.findall(path.read_text("latin-1"))
    facts = (read_certificate(ssl.PEM_cert_to_DER_cert(block)) for block in blocks)
    return tuple(filter(None, facts))


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise ConfigError([Mistake(path, 0, 0, f"cannot read: {error.strerror}")]) from error
