"""Certificates that belong to clients, over real TLS."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from fixgate.net import EntrySettings, ListenSettings, ServerTls, read_certificate
from fixgate.net.binding import CertificateRule
from tests.live.conftest import LOOPBACK, known, running, venue
from tests.live.peer import Peer


class Desks:
    """An authority, a venue's certificate, and one for each of two desks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        for name in ("127.0.0.1", "desk1.example", "desk2.example"):
            cert = authority.issue_cert(name, common_name=name.partition(".")[0])
            cert.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))
            if name == "desk1.example":
                der = ssl.PEM_cert_to_DER_cert(cert.cert_chain_pems[0].bytes().decode())
        facts = read_certificate(der)
        assert facts is not None
        self.desk1 = facts

    @property
    def ports(self) -> tuple[ListenSettings, ...]:
        """One that asks for certificates, one that does not, and a plain one."""
        ca, pem = self.folder / "ca.pem", self.folder / "127.0.0.1.pem"
        return (
            ListenSettings(LOOPBACK, ServerTls(pem, pem, ca)),
            ListenSettings(LOOPBACK, ServerTls(pem, pem)),
            ListenSettings(LOOPBACK),
        )

    def context(self, desk: str | None, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if desk is not None:
            context.load_cert_chain(str(self.folder / f"{desk}.example.pem"))
        if version is not None:
            context.maximum_version = version
        return context


@pytest.fixture(scope="module")
def desks(tmp_path_factory) -> Desks:
    return Desks(tmp_path_factory.mktemp("desks"))


def settings(desks: Desks, rule: CertificateRule, **kwargs):
    bound, other = known("BOUND", "OTHER")
    bound = replace(bound, entry=EntrySettings(certificate=rule))
    return venue(sessions=(bound, other), listen=desks.ports, **kwargs)


@pytest.mark.parametrize("kind", ["fingerprints", "pins", "common_name", "alt_name", "all"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_only_its_certificate_logs_a_client_on(desks, kind, version, caplog):
    rules = {
        "fingerprints": (desks.desk1.fingerprint,),
        "pins": (desks.desk1.pin,),
        "common_name": "desk1",
        "alt_name": "desk1.example",
    }
    rule = CertificateRule(**(rules if kind == "all" else {kind: rules[kind]}))
    async with running(settings(desks, rule)) as gateway:
        address = gateway.addresses[0]
        thief = await Peer.connect(address, "BOUND", ssl=desks.context("desk2", version))
        thief.send("A", "98=0|108=30|")
        assert await thief.is_closed_silently()
        await thief.close()
        peer = await Peer.log_on(address, "BOUND", ssl=desks.context("desk1", version))
        # Who is not bound logs on with any certificate that the port takes.
        other = await Peer.log_on(address, "OTHER", ssl=desks.context("desk1", version))
        await peer.log_out()
        await other.log_out()
    (line,) = [r.getMessage() for r in caplog.records if "turned away" in r.getMessage()]
    assert line.startswith(
        "x 127.0.0.1 turned away: not the certificate of this client: bound: received subject "
    )
    assert "CN=desk2' for desk2.example, fingerprint " in line
    assert ", expected " in line


@pytest.mark.parametrize("port", [1, 2])
async def test_a_port_that_asks_for_no_certificate_is_none_for_it(desks, port, caplog):
    async with running(settings(desks, CertificateRule(common_name="desk1"))) as gateway:
        context = desks.context("desk1") if port == 1 else None
        thief = await Peer.connect(gateway.addresses[port], "BOUND", ssl=context)
        thief.send("A", "98=0|108=30|")
        assert await thief.is_closed_silently()
        await thief.close()
        other = await Peer.log_on(gateway.addresses[port], "OTHER", ssl=context)
        await other.log_out()
    assert "bound: received no certificate, expected common name 'desk1'" in caplog.text


async def test_a_session_of_tls_is_never_taken_up_again(desks):
    """Or a certificate that has expired or been revoked since would go on to count."""
    async with running(settings(desks, CertificateRule(common_name="desk1"))) as gateway:
        context = desks.context("desk1", ssl.TLSVersion.TLSv1_3)
        peer = await Peer.log_on(gateway.addresses[0], "BOUND", ssl=context)
        tls = peer.writer.get_extra_info("ssl_object")
        assert tls.session is None or not tls.session.has_ticket
        await peer.log_out()


async def test_a_self_signed_certificate_in_client_ca_is_a_pin(desks, tmp_path):
    """Trust without an authority: the clients' own certificates are the list."""
    alone = trustme.CA(organization_name="Alone")
    (tmp_path / "alone.pem").write_bytes(alone.private_key_pem.bytes() + alone.cert_pem.bytes())
    (tmp_path / "clients.pem").write_bytes(alone.cert_pem.bytes())
    facts = read_certificate(ssl.PEM_cert_to_DER_cert(alone.cert_pem.bytes().decode()))
    assert facts is not None
    pem = desks.folder / "127.0.0.1.pem"
    listen = (ListenSettings(LOOPBACK, ServerTls(pem, pem, tmp_path / "clients.pem")),)
    (bound,) = known("BOUND")
    entry = EntrySettings(certificate=CertificateRule(fingerprints=(facts.fingerprint,)))
    async with running(venue(sessions=(replace(bound, entry=entry),), listen=listen)) as gateway:
        context = desks.context(None)
        context.load_cert_chain(str(tmp_path / "alone.pem"))
        peer = await Peer.log_on(gateway.addresses[0], "BOUND", ssl=context)
        await peer.log_out()
        stranger = await Peer.connect(gateway.addresses[0], ssl=desks.context("desk1"))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            async with asyncio.timeout(5):
                await stranger.reader.read(1)
        await stranger.close()
