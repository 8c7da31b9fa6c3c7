"""What can be wrong with a venue's TLS, each named by the check."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import struct
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from fixgate.health.model import CheckReport, Level, Phase, Status
from fixgate.net.pem import read_chain
from fixgate.net.settings import Address, ClientTls, ListenSettings, ServerTls
from fixgate.net.tls import TlsChannel
from tests.live.checking import LOOPBACK, SECOND_NS, Script, cause, checked, peer, plan, venue
from tests.live.conftest import known, running
from tests.live.conftest import venue as settings
from tests.live.peer import Peer
from tests.net.test_tls import Files, revoke

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    return Files(tmp_path_factory.mktemp("matrix"))


def server(files: Files, name: str = "127.0.0.1", **kwargs) -> ServerTls:
    """A certificate of its own for each case."""
    kwargs.setdefault("not_before", datetime.now(UTC) - 500 * DAY)
    kwargs.setdefault("not_after", datetime.now(UTC) + 500 * DAY)
    return files.server(name, **kwargs)


async def check(address: Address, tls: ClientTls | None, **changes) -> CheckReport:
    changes.setdefault("level", Level.SESSION)
    (report,) = await checked(plan("tls", address, tls=tls, deadline_ns=2 * SECOND_NS, **changes))
    return report


async def check_venue(listener: ServerTls, tls: ClientTls) -> CheckReport:
    async with venue(ListenSettings(LOOPBACK, tls=listener)) as gateway:
        return await check(gateway.addresses[0], tls)


def facts(report: CheckReport) -> dict[str, str]:
    return dict(next(r.facts for r in report.phases if r.phase is Phase.TLS))


async def never(reader, writer):
    await reader.read()


def shaking(context: ssl.SSLContext) -> Script:
    """A server that sends its alerts, which the event loops' own TLS loses."""

    async def script(reader, writer):
        channel = TlsChannel(context, server_side=True)
        while not channel.established:
            failed = channel.handshake(await reader.read(65536))
            writer.write(channel.output())
            if failed is not None:
                return
        await reader.read()

    return script


# --- certificates -----------------------------------------------------------------------------


async def test_all_is_well(files):
    listener = server(files)
    report = await check_venue(listener, ClientTls(files.ca))
    assert report.status is Status.PASS, report.findings
    assert facts(report)["protocol"] == "TLSv1.3"
    assert facts(report)["key"].startswith("sha256/")


def expired(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    now = datetime.now(UTC)
    return server(files, not_after=now - 2 * DAY), ClientTls(files.ca)


def not_yet_valid(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    return server(files, not_before=datetime.now(UTC) + 2 * DAY), ClientTls(files.ca)


def self_signed(files: Files, folder: Path) -> tuple[ServerTls, ClientTls]:
    alone = trustme.CA()
    pem = folder / "alone.pem"
    pem.write_bytes(alone.private_key_pem.bytes() + alone.cert_pem.bytes())
    return ServerTls(pem, pem), ClientTls(files.ca)


def unknown_authority(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    return server(files, authority=trustme.CA()), ClientTls(files.ca)


def wrong_name(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    return server(files, "other.example"), ClientTls(files.ca)


def revoked(files: Files, folder: Path) -> tuple[ServerTls, ClientTls]:
    listener = server(files)
    return listener, ClientTls(files.ca, crl=revoke(files, folder, listener.certificate))


def revoked_perhaps(files: Files, folder: Path) -> tuple[ServerTls, ClientTls]:
    return server(files), ClientTls(files.ca, crl=revoke(files, folder, days=-1))


def another_key(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    return server(files), ClientTls(files.ca, pins=(f"sha256/{'A' * 43}=",))


def another_key_unverified(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    return server(files), ClientTls(verify=False, pins=(f"sha256/{'A' * 43}=",))


def no_client_certificate(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    return server(files, client_ca=files.ca), ClientTls(files.ca)


def a_stranger_s_client_certificate(files: Files, _: Path) -> tuple[ServerTls, ClientTls]:
    certificate, key = files.issue("stranger", "client.example", authority=trustme.CA())
    tls = ClientTls(files.ca, certificate=certificate, key=key)
    return server(files, client_ca=files.ca), tls


def a_revoked_client_certificate(files: Files, folder: Path) -> tuple[ServerTls, ClientTls]:
    certificate, key = files.issue("revoked", "client.example")
    listener = server(files, client_ca=files.ca)
    tls = ClientTls(files.ca, certificate=certificate, key=key)
    return replace(listener, crl=revoke(files, folder, certificate)), tls


@pytest.mark.parametrize(
    ("case", "expected", "words"),
    [
        (expired, "tls-expired", "certificate expired on 2"),
        (not_yet_valid, "tls-not-yet-valid", "is valid only from 2"),
        (self_signed, "tls-untrusted", "not signed by an authority we trust"),
        (unknown_authority, "tls-untrusted", "not signed by an authority we trust"),
        (wrong_name, "tls-hostname", "is not for 127.0.0.1, but for other.example"),
        (revoked, "tls-revoked", "certificate is revoked"),
        (revoked_perhaps, "tls-revocation-unknown", "CRL has expired"),
        (another_key, "tls-pin-mismatch", "none of those in tls.pins"),
        (another_key_unverified, "tls-pin-mismatch", "none of those in tls.pins"),
        (no_client_certificate, "tls-client-certificate", "demands a client certificate"),
        (a_stranger_s_client_certificate, "tls-client-certificate", "demands a client certificate"),
        (a_revoked_client_certificate, "tls-client-certificate", "demands a client certificate"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_certificate_that_is_wrong(files, tmp_path, case, expected, words):
    listener, tls = case(files, tmp_path)
    report = await check_venue(listener, tls)
    assert cause(report) == expected, report.findings
    assert words in report.findings[0].summary
    assert report.status is Status.FAIL


@pytest.mark.parametrize("certificate", [False, True])
async def test_client_certificates_under_tls_1_2(files, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listener = server(files)
    context.load_cert_chain(listener.certificate, listener.key)
    context.load_verify_locations(files.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    tls = ClientTls(files.ca)
    if certificate:
        chain, key = files.issue("stranger", "client.example", authority=trustme.CA())
        tls = replace(tls, certificate=chain, key=key)
    async with peer(shaking(context)) as address:
        assert cause(await check(address, tls)) == "tls-client-certificate"


# --- what is a warning ------------------------------------------------------------------------


async def test_a_pinned_key_is_enough_without_an_authority(files, tmp_path):
    listener, _ = self_signed(files, tmp_path)
    pin = read_chain(listener.certificate)[0].pin
    report = await check_venue(listener, ClientTls(verify=False, pins=(pin,)))
    assert report.status is Status.PASS, report.findings


async def test_an_expired_certificate_is_a_warning_where_only_the_key_is_asked_for(files):
    now = datetime.now(UTC)
    listener = server(files, not_before=now - 20 * DAY, not_after=now - DAY)
    pin = read_chain(listener.certificate)[0].pin
    report = await check_venue(listener, ClientTls(verify=False, pins=(pin,)))
    assert [f.cause for f in report.findings] == ["tls-unverified"]
    assert "although expired" in report.findings[0].summary


async def test_certificates_that_expire_soon(files):
    soon = datetime.now(UTC) + 5.5 * DAY
    listener = server(files, client_ca=files.ca, not_after=soon)
    chain, key = files.issue(
        "desk", "desk.example", not_before=datetime.now(UTC) - DAY, not_after=soon + 2 * DAY
    )
    tls = ClientTls(files.ca, certificate=chain, key=key)
    report = await check_venue(listener, tls)
    assert report.status is Status.WARN
    findings = {f.cause: f.summary for f in report.findings}
    assert set(findings) == {"tls-expires-soon", "tls-own-expires-soon"}
    assert "in 5 days" in findings["tls-expires-soon"]
    assert "CN=desk expires" in findings["tls-own-expires-soon"]
    assert "in 7 days" in findings["tls-own-expires-soon"]
    report = await check_venue(listener, replace(tls, warn_days=3))
    assert report.status is Status.PASS


async def test_a_venue_says_so_too(files, caplog):
    soon = datetime.now(UTC) + 5.5 * DAY
    listener = server(files, client_ca=files.ca, not_after=soon)
    chain, key = files.issue("desk", "desk.example", not_after=soon, not_before=soon - 9 * DAY)
    tls = ClientTls(files.ca, certificate=chain, key=key)
    async with venue(ListenSettings(LOOPBACK, tls=listener)) as gateway:
        for _ in range(2):
            await check(gateway.addresses[0], tls, level=Level.LOGON)
    told = [r.getMessage() for r in caplog.records if "expires on" in r.getMessage()]
    assert len(told) == 2
    assert told[0].startswith("! the certificate 'O=")
    assert "its certificate 'O=" in told[1]
    assert all("in 5 days" in line for line in told)


# --- protocols and ciphers --------------------------------------------------------------------


def old(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


def odd_cipher(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("CAMELLIA128-SHA256")


def unknown_name(context: ssl.SSLContext) -> None:
    def refuse(sock, name, context):
        return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = refuse


def trouble_of_its_own(context: ssl.SSLContext) -> None:
    def refuse(sock, name, context):
        return ssl.AlertDescription.ALERT_DESCRIPTION_INTERNAL_ERROR

    context.sni_callback = refuse


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (old, "tls-protocol"),
        (odd_cipher, "tls-protocol"),
        (unknown_name, "tls-server-name"),
        (trouble_of_its_own, "tls-failed"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_venue_with_which_there_is_no_agreement(
    files, change: Callable[[ssl.SSLContext], None], expected
):
    listener = server(files, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(listener.certificate, listener.key)
    change(context)
    async with peer(shaking(context)) as address:
        report = await check(address, ClientTls(files.ca, server_name="localhost"))
    assert cause(report) == expected, report.findings


# --- no TLS at all, or half of it --------------------------------------------------------------


async def fix(reader, writer):
    writer.write(b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01")
    await reader.read()


async def http(reader, writer):
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


async def ssh(reader, writer):
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    await reader.read()


async def half_a_record(reader, writer):
    await reader.read(100)
    writer.write(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")
    await reader.read()


async def nonsense(reader, writer):
    await reader.read(100)
    writer.write(b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00")
    await reader.read()


async def close_at_once(reader, writer):
    pass


async def close_after_the_hello(reader, writer):
    await reader.read(1)


async def close_in_a_record(reader, writer):
    await reader.read(1000)
    writer.write(b"\x16\x03\x03\x00\x7a\x02")


async def reset(reader, writer):
    await reader.read(1)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (fix, "tls-not-tls"),
        (http, "tls-not-tls"),
        (ssh, "tls-not-tls"),
        (nonsense, "tls-failed"),
        (never, "tls-silent"),
        (half_a_record, "tls-silent"),
        (close_at_once, "tls-closed"),
        (close_after_the_hello, "tls-closed"),
        (close_in_a_record, "tls-closed"),
        (reset, "tls-closed"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_port_that_is_not_behind_tls(files, script, expected):
    async with peer(script) as address:
        report = await check(address, ClientTls(files.ca))
    assert cause(report) == expected, report.findings
    assert report.status is Status.FAIL
    assert report.duration_ns < 3 * SECOND_NS


async def test_a_plain_check_of_a_port_behind_tls(files):
    async with venue(ListenSettings(LOOPBACK, tls=server(files))) as gateway:
        report = await check(gateway.addresses[0], None)
    assert cause(report) == "closed-after-logon"
    assert "does not expect TLS" in report.findings[0].next_step


# --- strangers at a port behind TLS -------------------------------------------------------------


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl s_client")
async def test_nobody_can_have_a_session_renegotiated(files):
    listen = (ListenSettings(LOOPBACK, tls=server(files)),)
    async with running(settings(sessions=known("CLIENT"), listen=listen)) as gateway:
        host, port = gateway.addresses[0].host, gateway.addresses[0].port
        process = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdin is not None
        await asyncio.sleep(0.3)
        process.stdin.write(b"R\n")  # renegotiate
        said, _ = await process.communicate()
        assert b"RENEGOTIATING" in said
        assert b"no renegotiation" in said.split(b"RENEGOTIATING")[1]
        context = ssl.create_default_context(cafile=str(files.ca))
        client = await Peer.log_on(gateway.addresses[0], ssl=context)
        await client.log_out()


async def test_half_handshakes_by_the_hundred_while_a_client_logs_on(files):
    listen = (ListenSettings(LOOPBACK, tls=server(files)),)
    kwargs = {"sessions": known("CLIENT"), "listen": listen, "first_logon_ns": 1_500_000_000}
    context = ssl.create_default_context(cafile=str(files.ca))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    whole = outgoing.read()
    beginnings = (b"", whole[:1], whole[:5], whole[:100], whole[:-1], whole)
    async with running(settings(**kwargs)) as gateway:
        peers = [await Peer.connect(gateway.addresses[0]) for _ in range(500)]
        begun = asyncio.get_running_loop().time()
        for number, each in enumerate(peers):
            each.writer.write(beginnings[number % len(beginnings)])
        client = await Peer.log_on(gateway.addresses[0], ssl=context)
        client.send("1", "112=here|")
        assert (await client.read())[112] == "here"
        for number, each in enumerate(peers):
            if number % len(beginnings) == len(beginnings) - 1:
                await each.reader.read()  # the answer to a whole ClientHello
            else:
                assert await each.is_closed_silently()
        assert asyncio.get_running_loop().time() - begun < 2.5  # the deadline and a second
        assert gateway.connections == 1
        await client.log_out()
        for each in peers:
            await each.close()
