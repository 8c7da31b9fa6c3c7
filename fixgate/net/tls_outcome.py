"""How TLS went: what the handshake showed, or why it failed. OpenSSL's errors, named."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import Enum

from fixgate.net.certificate import CertificateFacts

__all__ = ["TlsFacts", "TlsFailed", "TlsReason", "reason_of"]


class TlsReason(Enum):
    """Why TLS failed, or what is wrong with a certificate."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    SELF_SIGNED = "self-signed"
    UNKNOWN_AUTHORITY = "unknown-authority"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation-unknown"
    """The list of revoked certificates says nothing about it, or is out of date."""
    HOST_MISMATCH = "host-mismatch"
    PIN_MISMATCH = "pin-mismatch"
    """Genuine, for all that TLS can tell, and for none of the keys that are expected."""
    CERTIFICATE = "certificate"
    """Another fault of the peer's certificate."""
    PROTOCOL_VERSION = "protocol-version"
    NO_COMMON_CIPHER = "no-common-cipher"
    CLIENT_CERTIFICATE_REQUIRED = "client-certificate-required"
    CLIENT_CERTIFICATE_REFUSED = "client-certificate-refused"
    UNRECOGNIZED_NAME = "unrecognized-name"
    NOT_TLS = "not-tls"
    CLOSED = "closed"
    RESET = "reset"
    TIMEOUT = "timeout"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TlsFailed:
    """TLS could not be set up, or broke.

    Attributes:
        reason: Why.
        text: The wording of OpenSSL or of the system.
        certificate: The peer's certificate as far as it was seen, or ``None``.
        client_certificate_asked: The peer asked for a certificate of ours.
    """

    reason: TlsReason
    text: str
    certificate: CertificateFacts | None = None
    client_certificate_asked: bool = False


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """TLS stands.

    Attributes:
        version: Such as ``TLSv1.3``.
        cipher: Such as ``TLS_AES_256_GCM_SHA384``.
        certificate: The peer's certificate, or ``None`` when it has none.
        issuers: The certificates above the peer's, up to the authority that we trust; empty
            when they were not verified.
        client_certificate_asked: The peer asked for a certificate of ours. Under TLS 1.3 it
            refuses a missing one only after the handshake.
        problems: What is wrong with the certificate although it was not verified.
    """

    version: str
    cipher: str
    certificate: CertificateFacts | None
    issuers: tuple[CertificateFacts, ...] = ()
    client_certificate_asked: bool = False
    problems: tuple[TlsReason, ...] = ()


# Spec: X509_V_ERR_* of OpenSSL.
_BY_VERIFY_CODE = {
    3: TlsReason.REVOCATION_UNKNOWN,
    8: TlsReason.REVOCATION_UNKNOWN,
    9: TlsReason.NOT_YET_VALID,
    10: TlsReason.EXPIRED,
    11: TlsReason.REVOCATION_UNKNOWN,
    12: TlsReason.REVOCATION_UNKNOWN,
    18: TlsReason.SELF_SIGNED,
    19: TlsReason.UNKNOWN_AUTHORITY,
    20: TlsReason.UNKNOWN_AUTHORITY,
    21: TlsReason.UNKNOWN_AUTHORITY,
    23: TlsReason.REVOKED,
    33: TlsReason.REVOCATION_UNKNOWN,
    44: TlsReason.REVOCATION_UNKNOWN,
    62: TlsReason.HOST_MISMATCH,
    64: TlsReason.HOST_MISMATCH,
}
_BY_REASON = {
    "UNSUPPORTED_PROTOCOL": TlsReason.PROTOCOL_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": TlsReason.PROTOCOL_VERSION,
    "WRONG_SSL_VERSION": TlsReason.PROTOCOL_VERSION,
    "NO_SHARED_CIPHER": TlsReason.NO_COMMON_CIPHER,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": TlsReason.NO_COMMON_CIPHER,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": TlsReason.CLIENT_CERTIFICATE_REQUIRED,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": TlsReason.CLIENT_CERTIFICATE_REQUIRED,
    "TLSV1_ALERT_UNKNOWN_CA": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "TLSV1_ALERT_DECRYPT_ERROR": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_BAD_CERTIFICATE": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "TLSV1_ALERT_ACCESS_DENIED": TlsReason.CLIENT_CERTIFICATE_REFUSED,
    "TLSV1_UNRECOGNIZED_NAME": TlsReason.UNRECOGNIZED_NAME,
    "HTTP_REQUEST": TlsReason.NOT_TLS,
    "HTTPS_PROXY_REQUEST": TlsReason.NOT_TLS,
}
_RECORD_TYPES = (b"\x14", b"\x15", b"\x16", b"\x17")


def reason_of(error: OSError, first: bytes, *, bare: bool) -> TlsReason:
    """Return why TLS failed.

    Args:
        error: Of OpenSSL or of the socket.
        first: The first byte that the peer sent, empty for none.
        bare: The peer asked a client for a certificate, and it has none.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _BY_VERIFY_CODE.get(error.verify_code, TlsReason.CERTIFICATE)
    if isinstance(error, ConnectionError):
        return TlsReason.RESET
    if isinstance(error, TimeoutError):
        return TlsReason.TIMEOUT
    if isinstance(error, ssl.SSLEOFError):
        return TlsReason.CLOSED
    if first and first not in _RECORD_TYPES:
        return TlsReason.NOT_TLS
    name = getattr(error, "reason", None) or ""
    if name == "SSLV3_ALERT_HANDSHAKE_FAILURE":
        # Under TLS 1.2 this is how a server says that it wants a certificate.
        return TlsReason.CLIENT_CERTIFICATE_REQUIRED if bare else TlsReason.NO_COMMON_CIPHER
    return _BY_REASON.get(name, TlsReason.OTHER)
