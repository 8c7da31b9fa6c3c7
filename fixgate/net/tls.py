"""TLS as a sans-I/O layer, with every failure named.

Both roles run the same `TlsChannel` between the socket and the session, so that a handshake that
fails can be told apart: by the reason, by what the certificate says, and by whether the peer
speaks TLS at all. OpenSSL does all of the verification.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass
from enum import Enum
from weakref import WeakKeyDictionary

from fixgate.net.certificate import CertificateFacts, read_certificate
from fixgate.net.pem import load_authorities, load_chain
from fixgate.net.settings import ClientTls, ServerTls

__all__ = [
    "TlsChannel",
    "TlsClient",
    "TlsFacts",
    "TlsFailed",
    "TlsReason",
    "client_tls",
    "server_context",
]

_READ_BYTES = 1 << 16
_RECORD_TYPES = (b"\x14", b"\x15", b"\x16", b"\x17")
_CERTIFICATE, _CERTIFICATE_REQUEST = 11, 13


class TlsReason(Enum):
    """Why TLS failed, or what is wrong with a certificate."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    SELF_SIGNED = "self-signed"
    UNKNOWN_AUTHORITY = "unknown-authority"
    REVOKED = "revoked"
    HOST_MISMATCH = "host-mismatch"
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
        client_certificate_asked: The peer asked for a certificate of ours. Under TLS 1.3 it
            refuses a missing one only after the handshake.
        problems: What is wrong with the certificate although it was not verified.
    """

    version: str
    cipher: str
    certificate: CertificateFacts | None
    client_certificate_asked: bool = False
    problems: tuple[TlsReason, ...] = ()


# Spec: X509_V_ERR_* of OpenSSL.
_BY_VERIFY_CODE = {
    9: TlsReason.NOT_YET_VALID,
    10: TlsReason.EXPIRED,
    18: TlsReason.SELF_SIGNED,
    19: TlsReason.UNKNOWN_AUTHORITY,
    20: TlsReason.UNKNOWN_AUTHORITY,
    21: TlsReason.UNKNOWN_AUTHORITY,
    23: TlsReason.REVOKED,
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


def server_context(tls: ServerTls) -> ssl.SSLContext:
    """Return the context of a listener: TLS 1.2 and up, client certificates where demanded.

    Raises:
        ConfigError: A file is missing or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Every connection shows its certificate, and is verified, anew.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    load_chain(context, str(tls.certificate), str(tls.key))
    if tls.client_ca is not None:
        load_authorities(context, str(tls.client_ca))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@dataclass(frozen=True, slots=True)
class TlsClient:
    """What connections to one venue share; see `client_tls`.

    Attributes:
        context: OpenSSL's settings.
        server_name: The name that certificates must carry, or ``None`` for the host.
        verify: Whether certificates are verified.
        certificate: Whether we have one of our own to show.
        seen: Handshake messages of the peers, by connection.
    """

    context: ssl.SSLContext
    server_name: str | None
    verify: bool
    certificate: bool
    seen: WeakKeyDictionary[object, dict[int, bytes]]

    def channel(self, host: str) -> TlsChannel:
        """Return the layer for one connection to ``host``."""
        return TlsChannel(
            self.context, server_name=self.server_name or host, client=self, server_side=False
        )


def client_tls(tls: ClientTls) -> TlsClient:
    """Return what connections with these settings share; loading authorities takes a while.

    Raises:
        ConfigError: A file is missing or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif tls.ca is not None:
        load_authorities(context, str(tls.ca))
    else:
        context.load_default_certs()
    if tls.certificate is not None:
        load_chain(context, str(tls.certificate), str(tls.key or tls.certificate))
    seen: WeakKeyDictionary[object, dict[int, bytes]] = WeakKeyDictionary()
    _watch_handshakes(context, seen)
    return TlsClient(context, tls.server_name, tls.verify, tls.certificate is not None, seen)


def _watch_handshakes(
    context: ssl.SSLContext, seen: WeakKeyDictionary[object, dict[int, bytes]]
) -> None:
    """Keep the peer's certificate even where verification fails.

    The standard library gives it away only when it has been verified. The callback is there for
    debugging in every CPython since 3.8; without it only the evidence is poorer.
    """

    def watch(
        conn: object, direction: str, version: int, content_type: int, kind: int, data: bytes
    ) -> None:
        if direction == "read" and kind in (_CERTIFICATE, _CERTIFICATE_REQUEST):
            seen.setdefault(conn, {})[kind] = data

    if hasattr(context, "_msg_callback"):
        context._msg_callback = watch


class TlsChannel:
    """TLS of one connection: ciphertext on one side, plain bytes on the other.

    `output` must be written to the socket after every call, also after a failure: it carries
    the alert that tells the peer why.

    Args:
        context: See `server_context` and `client_tls`.
        server_side: ``True`` for the end that accepted.
        server_name: For a client: the name that the certificate must carry.
        client: For a client: what connections share.
    """

    __slots__ = (
        "_client", "_first", "_incoming", "_name", "_outgoing", "_tls", "closed", "established",
    )  # fmt: skip

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        server_name: str | None = None,
        client: TlsClient | None = None,
    ) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._client = client
        self._name = server_name
        self._first = b""
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_side=server_side, server_hostname=server_name
        )
        self.established = False
        self.closed = False
        """The peer has ended TLS in order (close_notify)."""

    def output(self) -> bytes:
        """Take the ciphertext to write."""
        return self._outgoing.read()

    def handshake(self, data: bytes = b"") -> TlsFailed | None:
        """Go on with the handshake; a client begins it with no data.

        Returns:
            A failure, or ``None``: see ``established`` for whether it is complete.
        """
        if not self._first:
            self._first = data[:1]
        self._incoming.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError as error:
            return self.failed(error)
        self.established = True
        return None

    def receive(self, data: bytes) -> bytes | TlsFailed:
        """Take ciphertext of the established connection; return the plain bytes in it."""
        self._incoming.write(data)
        parts = []
        try:
            while part := self._tls.read(_READ_BYTES):
                parts.append(part)
            self.closed = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.closed = True
        except ssl.SSLError as error:
            return self.failed(error)
        return b"".join(parts)

    def send(self, data: bytes) -> bytes:
        """Return the ciphertext of ``data``."""
        self._tls.write(data)
        return self._outgoing.read()

    def close(self) -> bytes:
        """Return the ciphertext that ends TLS in order, as far as there is an order left."""
        # The peer's own close_notify is not waited for.
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        return self._outgoing.read()

    def failed(self, error: OSError) -> TlsFailed:
        """Return what an error of OpenSSL or of the socket means."""
        asked = _CERTIFICATE_REQUEST in self._seen()
        reason = self._reason(error, asked=asked)
        text = error.strerror or str(error)
        if isinstance(error, ssl.SSLCertVerificationError):
            text = error.verify_message
        elif name := getattr(error, "reason", None):
            text = name.replace("_", " ").lower()
        return TlsFailed(reason, text, self.certificate(), asked)

    def _reason(self, error: OSError, *, asked: bool) -> TlsReason:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _BY_VERIFY_CODE.get(error.verify_code, TlsReason.CERTIFICATE)
        if isinstance(error, ConnectionError):
            return TlsReason.RESET
        if isinstance(error, TimeoutError):
            return TlsReason.TIMEOUT
        if isinstance(error, ssl.SSLEOFError):
            return TlsReason.CLOSED
        if self._first and self._first not in _RECORD_TYPES:
            return TlsReason.NOT_TLS
        name = getattr(error, "reason", None) or ""
        if name == "SSLV3_ALERT_HANDSHAKE_FAILURE":
            # Under TLS 1.2 this is how a server says that it wants a certificate.
            bare = self._client is not None and not self._client.certificate
            required = asked and bare
            return TlsReason.CLIENT_CERTIFICATE_REQUIRED if required else TlsReason.NO_COMMON_CIPHER
        return _BY_REASON.get(name, TlsReason.OTHER)

    def facts(self, now_ns: int) -> TlsFacts:
        """Return what the handshake showed.

        Args:
            now_ns: Now, for the dates of a certificate that was not verified.
        """
        cipher = self._tls.cipher()
        certificate = self.certificate()
        return TlsFacts(
            version=self._tls.version() or "",
            cipher=cipher[0] if cipher else "",
            certificate=certificate,
            client_certificate_asked=_CERTIFICATE_REQUEST in self._seen(),
            problems=self._problems(certificate, now_ns),
        )

    def _problems(self, certificate: CertificateFacts | None, now_ns: int) -> tuple[TlsReason, ...]:
        if certificate is None or self._client is None or self._client.verify:
            return ()
        found = []
        if now_ns > certificate.not_after_ns:
            found.append(TlsReason.EXPIRED)
        if now_ns < certificate.not_before_ns:
            found.append(TlsReason.NOT_YET_VALID)
        if certificate.self_issued:
            found.append(TlsReason.SELF_SIGNED)
        if self._name is not None and not certificate.is_for(self._name):
            found.append(TlsReason.HOST_MISMATCH)
        return tuple(found)

    def _seen(self) -> dict[int, bytes]:
        return self._client.seen.get(self._tls, {}) if self._client is not None else {}

    def certificate(self) -> CertificateFacts | None:
        """Return the peer's certificate as far as it was seen, ``None`` when it has none."""
        try:
            der = self._tls.getpeercert(binary_form=True)
        except ValueError:
            der = None  # the handshake did not come that far
        if der is None:
            der = _first_certificate(self._seen().get(_CERTIFICATE, b""))
        return read_certificate(der) if der else None


def _first_certificate(message: bytes) -> bytes:
    """Return the peer's own certificate out of a Certificate message.

    Spec: RFC 5246, 7.4.2: a list of certificates; RFC 8446, 4.4.2: a context before it.
    """
    body = message[4:]
    if int.from_bytes(body[:3], "big") != len(body) - 3:
        body = body[1 + (body[0] if body else 0) :]
    length = int.from_bytes(body[3:6], "big")
    return body[6 : 6 + length]
