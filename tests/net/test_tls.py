from __future__ import annotations

import datetime
import ssl
import time
from pathlib import Path

import pytest
import trustme

from fixgate.errors import ConfigError
from fixgate.net.settings import ClientTls, ServerTls
from fixgate.net.tls import TlsChannel, TlsFailed, TlsReason, client_tls, server_context

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
