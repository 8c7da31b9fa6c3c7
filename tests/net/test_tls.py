from __future__ import annotations

import datetime
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import (
    CertificateRevocationListBuilder,
    RevokedCertificateBuilder,
    load_pem_x509_certificate,
)

from fixgate.errors import ConfigError
from fixgate.net.certificate import CertificateFacts
from fixgate.net.pem import read_chain
from fixgate.net.settings import ClientTls, ServerTls
from fixgate.net.tls import TlsChannel, client_tls, server_context
from fixgate.net.tls_outcome import TlsFailed, TlsReason

UTC = datetime.UTC


class Files:
    """Certificates made afresh, as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA(organization_name="Right Authority")
        self.ca = self._pem("ca", self.authority.cert_pem)

    def _pem(self, name: str, *blobs: trustme.Blob) -> Path:
        path = self.folder / f"{name}.pem"
        path.write_bytes(b"".join(blob.bytes() for blob in blobs))
        return path

    def issue(self, name: str, *hosts: str, authority: trustme.CA | None = None, **kwargs):
        cert = (authority or self.authority).issue_cert(*hosts, common_name=name, **kwargs)
        chain = self._pem(name, *cert.cert_chain_pems)
        return chain, self._pem(f"{name}-key", cert.private_key_pem)

    def server(self, *hosts: str, client_ca: Path | None = None, **kwargs) -> ServerTls:
        certificate, key = self.issue("venue", *hosts, **kwargs)
        return ServerTls(certificate, key, client_ca)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    return Files(tmp_path_factory.mktemp("certificates"))


def shake(client: TlsChannel, server: TlsChannel) -> TlsFailed | None:
    """Carry ciphertext between the two until both stand or one fails."""
    assert client.handshake() is None
    for _ in range(10):
        answer = server.handshake(client.output()) if not server.established else None
        failed = answer or client.handshake(server.output())
        if failed or (client.established and server.established):
            return failed
    raise AssertionError("the handshake does not end")


def pair(files: Files, server: ServerTls, tls: ClientTls, host: str = "fix.example"):
    client = client_tls(tls).channel(host)
    return client, TlsChannel(server_context(server), server_side=True)


def test_plain_bytes_pass_both_ways(files):
    client, server = pair(files, files.server("fix.example"), ClientTls(files.ca))
    assert shake(client, server) is None
    assert server.receive(client.send(b"8=FIX.4.4|")) == b"8=FIX.4.4|"
    assert client.receive(server.send(b"x" * 200_000)) == b"x" * 200_000
    facts = client.facts(time.time_ns())
    assert facts.version == "TLSv1.3"
    assert facts.cipher.startswith("TLS_")
    assert facts.certificate is not None
    assert "CN=venue" in facts.certificate.subject
    assert facts.certificate.names == ("fix.example",)
    assert (facts.client_certificate_asked, facts.problems) == (False, ())
    assert server.receive(client.close()) == b""
    assert server.closed


def test_bytes_may_come_one_by_one(files):
    client, server = pair(files, files.server("fix.example"), ClientTls(files.ca))
    client.handshake()
    while not (client.established and server.established):
        for byte in client.output():
            assert server.handshake(bytes([byte])) is None
        for byte in server.output():
            assert client.handshake(bytes([byte])) is None
    assert b"".join(server.receive(bytes([b])) for b in client.send(b"hello")) == b"hello"


def past(days: int) -> datetime.datetime:
    return datetime.datetime.now(UTC) - datetime.timedelta(days=days)


def check_fails(files, server: ServerTls, tls: ClientTls, reason: TlsReason, host="fix.example"):
    client, acceptor = pair(files, server, tls, host)
    failed = shake(client, acceptor)
    assert failed is not None
    assert failed.reason is reason
    return failed


def test_expired(files):
    server = files.server("fix.example", not_before=past(40), not_after=past(3))
    failed = check_fails(files, server, ClientTls(files.ca), TlsReason.EXPIRED)
    assert failed.text == "certificate has expired"
    assert failed.certificate is not None
    assert failed.certificate.days_left(time.time_ns()) in (-3, -4)
    assert "O=Right Authority" in failed.certificate.issuer


def test_not_yet_valid(files):
    server = files.server("fix.example", not_before=past(-5), not_after=past(-9))
    check_fails(files, server, ClientTls(files.ca), TlsReason.NOT_YET_VALID)


def test_unknown_authority(files):
    other = trustme.CA(organization_name="Wrong Authority")
    server = files.server("fix.example", authority=other)
    failed = check_fails(files, server, ClientTls(files.ca), TlsReason.UNKNOWN_AUTHORITY)
    assert failed.certificate is not None
    assert "O=Wrong Authority" in failed.certificate.issuer


def test_self_signed(files, tmp_path):
    alone = trustme.CA(organization_name="Alone")
    certificate, key = tmp_path / "alone.pem", tmp_path / "alone-key.pem"
    alone.cert_pem.write_to_path(str(certificate))
    alone.private_key_pem.write_to_path(str(key))
    failed = check_fails(
        files, ServerTls(certificate, key), ClientTls(files.ca), TlsReason.SELF_SIGNED
    )
    assert failed.certificate is not None
    assert failed.certificate.self_issued


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
def test_host_mismatch(files, host):
    server = files.server("fix.example")
    failed = check_fails(files, server, ClientTls(files.ca), TlsReason.HOST_MISMATCH, host)
    assert failed.certificate is not None
    assert failed.certificate.names == ("fix.example",)


def test_the_server_name_of_the_settings_counts_not_the_host(files):
    tls = ClientTls(files.ca, server_name="fix.example")
    client, server = pair(files, files.server("fix.example"), tls, host="10.1.2.3")
    assert shake(client, server) is None


def test_unverified_still_says_what_is_wrong(files):
    server = files.server("fix.example", not_before=past(40), not_after=past(3))
    client, acceptor = pair(files, server, ClientTls(verify=False), host="127.0.0.1")
    assert shake(client, acceptor) is None
    facts = client.facts(time.time_ns())
    assert facts.problems == (TlsReason.EXPIRED, TlsReason.HOST_MISMATCH)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_demanded(files, version):
    context = server_context(files.server("fix.example", client_ca=files.ca))
    context.maximum_version = version
    client = client_tls(ClientTls(files.ca)).channel("fix.example")
    server = TlsChannel(context, server_side=True)
    theirs = shake(client, server)
    # Under TLS 1.3 the client's own handshake is complete when the refusal comes.
    go_on = client.receive if client.established else client.handshake
    failed = go_on(server.output())
    assert theirs is not None
    assert theirs.reason is TlsReason.CLIENT_CERTIFICATE_REQUIRED
    assert isinstance(failed, TlsFailed)
    assert failed.reason is TlsReason.CLIENT_CERTIFICATE_REQUIRED
    assert failed.client_certificate_asked


def test_a_client_certificate_is_accepted(files):
    certificate, key = files.issue("client", "client.example")
    server = files.server("fix.example", client_ca=files.ca)
    tls = ClientTls(files.ca, certificate=certificate, key=key)
    client, acceptor = pair(files, server, tls)
    assert shake(client, acceptor) is None
    theirs = acceptor.facts(time.time_ns()).certificate
    assert theirs is not None
    assert "CN=client" in theirs.subject


def test_the_wrong_client_certificate_is_refused(files):
    other = trustme.CA(organization_name="Wrong Authority")
    certificate, key = files.issue("stranger", "client.example", authority=other)
    server = files.server("fix.example", client_ca=files.ca)
    client, acceptor = pair(files, server, ClientTls(files.ca, certificate=certificate, key=key))
    failed = shake(client, acceptor)
    assert failed is not None
    answer = client.receive(acceptor.output())
    assert isinstance(answer, TlsFailed)
    assert answer.reason is TlsReason.CLIENT_CERTIFICATE_REFUSED


def test_a_server_that_is_too_old(files):
    context = server_context(files.server("fix.example"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    client = client_tls(ClientTls(files.ca)).channel("fix.example")
    server = TlsChannel(context, server_side=True)
    theirs = shake(client, server)
    failed = client.handshake(server.output())
    assert theirs is not None
    assert theirs.reason is TlsReason.PROTOCOL_VERSION
    assert failed is not None
    assert failed.reason is TlsReason.PROTOCOL_VERSION


# --- pins -----------------------------------------------------------------------------------


def facts_of(path: Path) -> CertificateFacts:
    facts = read_chain(path)
    return facts[0]


OTHER_KEY = f"sha256/{'A' * 43}="


@pytest.mark.parametrize("verify", [True, False])
def test_the_key_that_is_pinned(files, verify):
    server = files.server("fix.example")
    pins = (OTHER_KEY, facts_of(server.certificate).pin)
    client, acceptor = pair(files, server, ClientTls(files.ca, pins=pins, verify=verify))
    assert shake(client, acceptor) is None
    assert client.established


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_another_key(files, verify, version):
    tls = ClientTls(files.ca, pins=(OTHER_KEY,), verify=verify)
    server = files.server("fix.example")
    context = server_context(server)
    context.maximum_version = version
    client = client_tls(tls).channel("fix.example")
    failed = shake(client, TlsChannel(context, server_side=True))
    assert failed is not None
    assert failed.reason is TlsReason.PIN_MISMATCH
    assert failed.certificate == facts_of(server.certificate)
    assert failed.text == f"its key is {facts_of(server.certificate).pin}"
    assert not client.established


def test_the_key_of_an_authority_is_pinned_where_it_was_verified(files):
    server, pins = files.server("fix.example"), (facts_of(files.ca).pin,)
    client, acceptor = pair(files, server, ClientTls(files.ca, pins=pins))
    assert shake(client, acceptor) is None
    client, acceptor = pair(files, server, ClientTls(verify=False, pins=pins))
    failed = shake(client, acceptor)
    assert failed is not None
    assert failed.reason is TlsReason.PIN_MISMATCH


@pytest.mark.parametrize("verify", [True, False])
def test_a_certificate_that_is_only_shown_does_not_count(files, tmp_path, verify):
    """Whoever has a certificate of its own can show the pinned one behind it, without the key."""
    server, pinned = files.server("fix.example"), trustme.CA()
    chain = tmp_path / "chain.pem"
    chain.write_bytes(server.certificate.read_bytes() + pinned.cert_pem.bytes())
    path = tmp_path / "pinned.pem"
    path.write_bytes(pinned.cert_pem.bytes())
    tls = ClientTls(files.ca, pins=(facts_of(path).pin,), verify=verify)
    client, acceptor = pair(files, ServerTls(chain, server.key), tls)
    failed = shake(client, acceptor)
    assert failed is not None
    assert failed.reason is TlsReason.PIN_MISMATCH


def test_a_pin_does_not_make_up_for_verification(files):
    other = trustme.CA(organization_name="Wrong Authority")
    server = files.server("fix.example", authority=other)
    tls = ClientTls(files.ca, pins=(facts_of(server.certificate).pin,))
    check_fails(files, server, tls, TlsReason.UNKNOWN_AUTHORITY)


def test_of_a_pinned_certificate_only_its_dates_are_a_problem(files):
    server = files.server("fix.example", not_before=past(40), not_after=past(3))
    tls = ClientTls(verify=False, pins=(facts_of(server.certificate).pin,))
    client, acceptor = pair(files, server, tls, host="127.0.0.1")
    assert shake(client, acceptor) is None
    assert client.facts(time.time_ns()).problems == (TlsReason.EXPIRED,)


# --- what is above a certificate, and what is revoked ------------------------------------------


def test_the_certificates_above_it_are_told(files):
    client, server = pair(files, files.server("fix.example"), ClientTls(files.ca))
    assert shake(client, server) is None
    assert client.facts(time.time_ns()).issuers == (facts_of(files.ca),)
    client, server = pair(files, files.server("fix.example"), ClientTls(verify=False))
    assert shake(client, server) is None
    assert client.facts(time.time_ns()).issuers == ()


def test_our_own_certificates_are_told(files):
    certificate, key = files.issue("client", "client.example")
    tls = ClientTls(files.ca, certificate=certificate, key=key)
    assert client_tls(tls).own == read_chain(certificate)
    assert client_tls(ClientTls(files.ca)).own == ()


def revoke(files: Files, folder: Path, *certificates: Path, days: int = 1) -> Path:
    """Write the authority's list of revoked certificates, good for so many days from now."""
    authority = load_pem_private_key(files.authority.private_key_pem.bytes(), None)
    issuer = load_pem_x509_certificate(files.authority.cert_pem.bytes())
    now = datetime.datetime.now(UTC)
    builder = CertificateRevocationListBuilder(
        issuer.subject, now - datetime.timedelta(days=9), now + datetime.timedelta(days=days)
    )
    for certificate in certificates:
        serial = load_pem_x509_certificate(certificate.read_bytes()).serial_number
        entry = RevokedCertificateBuilder(serial, now - datetime.timedelta(days=1))
        builder = builder.add_revoked_certificate(entry.build())
    path = folder / "revoked.pem"
    path.write_bytes(builder.sign(authority, SHA256()).public_bytes(Encoding.PEM))
    return path


def test_revoked(files, tmp_path):
    server = files.server("fix.example")
    tls = ClientTls(files.ca, crl=revoke(files, tmp_path, server.certificate))
    failed = check_fails(files, server, tls, TlsReason.REVOKED)
    assert failed.text == "certificate revoked"


def test_not_revoked(files, tmp_path):
    other, _ = files.issue("other", "fix.example")
    tls = ClientTls(files.ca, crl=revoke(files, tmp_path, other))
    client, server = pair(files, files.server("fix.example"), tls)
    assert shake(client, server) is None


def test_a_list_that_is_out_of_date(files, tmp_path):
    tls = ClientTls(files.ca, crl=revoke(files, tmp_path, days=-1))
    server = files.server("fix.example")
    failed = check_fails(files, server, tls, TlsReason.REVOCATION_UNKNOWN)
    assert failed.text == "CRL has expired"


def test_a_list_of_another_authority(files, tmp_path):
    other = Files(tmp_path)
    tls = ClientTls(files.ca, crl=revoke(other, tmp_path))
    server = files.server("fix.example")
    failed = check_fails(files, server, tls, TlsReason.REVOCATION_UNKNOWN)
    assert failed.text == "unable to get certificate CRL"


def test_a_client_certificate_that_is_revoked(files, tmp_path):
    certificate, key = files.issue("client", "client.example")
    crl = revoke(files, tmp_path, certificate)
    server = replace(files.server("fix.example", client_ca=files.ca), crl=crl)
    tls = ClientTls(files.ca, certificate=certificate, key=key)
    client, acceptor = pair(files, server, tls)
    theirs = shake(client, acceptor)
    assert theirs is not None
    assert theirs.reason is TlsReason.REVOKED
    answer = client.receive(acceptor.output())
    assert isinstance(answer, TlsFailed)
    assert answer.reason is TlsReason.CLIENT_CERTIFICATE_REFUSED
    other, other_key = files.issue("other", "other.example")
    client, acceptor = pair(files, server, replace(tls, certificate=other, key=other_key))
    assert shake(client, acceptor) is None


@pytest.mark.parametrize("what", ["certificate", "both", "nothing", "missing", "damaged"])
def test_a_file_that_is_no_list_trusts_nobody(files, tmp_path, what):
    listed = revoke(files, tmp_path).read_bytes()
    text = {
        "certificate": files.ca.read_bytes(),
        "both": listed + files.ca.read_bytes(),
        "nothing": b"",
        "damaged": listed[:200] + listed[220:],
    }
    path = tmp_path / "crl.pem"
    if what in text:
        path.write_bytes(text[what])
    expected = "cannot read" if what == "missing" else "expected lists of revoked certificates"
    with pytest.raises(ConfigError, match=rf"crl\.pem: {expected}"):
        client_tls(ClientTls(files.ca, crl=path))


# --- what OpenSSL is told not to do -------------------------------------------------------------


def test_nothing_is_resumed_or_renegotiated(files):
    context = server_context(files.server("fix.example"))
    assert context.num_tickets == 0
    assert context.options & ssl.OP_NO_TICKET
    for each in (context, client_tls(ClientTls(files.ca)).context):
        assert each.options & ssl.OP_NO_RENEGOTIATION
        assert each.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    "answer", [b"8=FIX.4.4\x019=5\x01", b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-OpenSSH\r\n"]
)
def test_a_peer_that_speaks_something_else(files, answer):
    client = client_tls(ClientTls(files.ca)).channel("fix.example")
    client.handshake()
    failed = client.handshake(answer)
    assert failed is not None
    assert failed.reason is TlsReason.NOT_TLS


@pytest.mark.parametrize("hello", [b"GET / HTTP/1.1\r\n\r\n", b"8=FIX.4.4\x019=5\x01"])
def test_a_plain_client_at_a_tls_port(files, hello):
    server = TlsChannel(server_context(files.server("fix.example")), server_side=True)
    failed = server.handshake(hello)
    assert failed is not None
    assert failed.reason is TlsReason.NOT_TLS


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), TlsReason.RESET),
        (BrokenPipeError(32, "Broken pipe"), TlsReason.RESET),
        (TimeoutError(), TlsReason.TIMEOUT),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), TlsReason.CLOSED),
    ],
)
def test_errors_of_the_socket_are_named_too(files, error, reason):
    client = client_tls(ClientTls(files.ca)).channel("fix.example")
    assert client.failed(error).reason is reason


def test_files_that_cannot_be_used_are_named(files, tmp_path):
    missing = tmp_path / "missing.pem"
    certificate, key = files.issue("venue", "fix.example")
    _, other_key = files.issue("other", "fix.example")
    with pytest.raises(ConfigError, match=r"missing\.pem: cannot read: No such file"):
        client_tls(ClientTls(missing))
    with pytest.raises(ConfigError, match=r"venue\.pem: cannot use .*other-key\.pem: key values"):
        server_context(ServerTls(certificate, other_key))
    with pytest.raises(ConfigError, match="expected certificates of authorities in PEM"):
        client_tls(ClientTls(key))
