"""TLS as a sans-I/O layer, with every failure named.

Both roles run the same `TlsChannel` between the socket and the session, so that a handshake that
fails can be told apart: by the reason, by what the certificate says, and by whether the peer
speaks TLS at all. OpenSSL does all of the verification.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from fixgate.net.certificate import CertificateFacts, read_certificate
from fixgate.net.pem import load_authorities, load_chain, load_revocations, read_chain
from fixgate.net.settings import ClientTls, ServerTls
from fixgate.net.tls_outcome import TlsFacts, TlsFailed, TlsReason, reason_of

__all__ = ["TlsChannel", "TlsClient", "client_tls", "server_context"]

_READ_BYTES = 1 << 16
_CERTIFICATE, _CERTIFICATE_REQUEST = 11, 13
_DER = 2  # _ssl.ENCODING_DER
_OF_TIME = (TlsReason.EXPIRED, TlsReason.NOT_YET_VALID)


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
    if tls.crl is not None:
        load_revocations(context, str(tls.crl))
    return context


@dataclass(frozen=True, slots=True)
class TlsClient:
    """What connections to one venue share; see `client_tls`.

    Attributes:
        context: OpenSSL's settings.
        server_name: The name that certificates must carry, or ``None`` for the host.
        verify: Whether certificates are verified.
        pins: The public keys that are expected, as in `CertificateFacts`; empty for any.
        own: Our own certificates, the one to show first; empty when we have none.
        seen: Handshake messages of the peers, by connection.
    """

    context: ssl.SSLContext
    server_name: str | None
    verify: bool
    pins: tuple[str, ...]
    own: tuple[CertificateFacts, ...]
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
    if tls.crl is not None and tls.verify:
        load_revocations(context, str(tls.crl))
    own: tuple[CertificateFacts, ...] = ()
    if tls.certificate is not None:
        load_chain(context, str(tls.certificate), str(tls.key or tls.certificate))
        own = read_chain(tls.certificate)
    seen: WeakKeyDictionary[object, dict[int, bytes]] = WeakKeyDictionary()
    _watch_handshakes(context, seen)
    return TlsClient(context, tls.server_name, tls.verify, tls.pins, own, seen)


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
        failed = self._unpinned()
        self.established = failed is None
        return failed

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
        bare = asked and self._client is not None and not self._client.own
        reason = reason_of(error, self._first, bare=bare)
        text = error.strerror or str(error)
        if isinstance(error, ssl.SSLCertVerificationError):
            text = error.verify_message
        elif name := getattr(error, "reason", None):
            text = name.replace("_", " ").lower()
        return TlsFailed(reason, text, self.certificate(), asked)

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
            issuers=self._chain()[1:],
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
        # A pin vouches for whose key it is, not for how long.
        return tuple(each for each in found if not self._client.pins or each in _OF_TIME)

    def _unpinned(self) -> TlsFailed | None:
        """Return the failure of a client whose peer has none of the keys that are expected.

        Any certificate that was verified may have one of them, the peer's or an authority's; of
        those that were not, only the peer's own, since it can add what it likes.

        Spec: RFC 7469, 2.6.
        """
        if self._client is None or not self._client.pins:
            return None
        certificate = self.certificate()
        held = {each.pin for each in (*self._chain(), certificate) if each is not None}
        if held & set(self._client.pins):
            return None
        seen = "none" if certificate is None else certificate.pin
        asked = _CERTIFICATE_REQUEST in self._seen()
        return TlsFailed(TlsReason.PIN_MISMATCH, f"its key is {seen}", certificate, asked)

    def _chain(self) -> tuple[CertificateFacts, ...]:
        """Return the certificates that were verified, the peer's first."""
        if self._client is None or not self._client.verify:
            return ()
        return tuple(filter(None, map(read_certificate, _verified(self._tls))))

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


def _verified(tls: ssl.SSLObject) -> Iterable[bytes]:
    """Return the certificates of a chain that was verified, in DER.

    The standard library gives it away from Python 3.13 on; before, the object below has it.
    Without it a client knows the peer's own certificate only.
    """
    public = getattr(tls, "get_verified_chain", None)
    if public is not None:
        return list(public())
    private = getattr(getattr(tls, "_sslobj", None), "get_verified_chain", None)
    return [] if private is None else [each.public_bytes(_DER) for each in private() or ()]


def _first_certificate(message: bytes) -> bytes:
    """Return the peer's own certificate out of a Certificate message.

    Spec: RFC 5246, 7.4.2: a list of certificates; RFC 8446, 4.4.2: a context before it.
    """
    body = message[4:]
    if int.from_bytes(body[:3], "big") != len(body) - 3:
        body = body[1 + (body[0] if body else 0) :]
    length = int.from_bytes(body[3:6], "big")
    return body[6 : 6 + length]
