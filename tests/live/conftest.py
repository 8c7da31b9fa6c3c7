from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
import trustme

from fixgate.net import Address, Gateway, GatewaySettings, ListenSettings, VenueSession
from fixgate.session.settings import Role, SessionId, SessionSettings

LOOPBACK = Address("127.0.0.1", 0)


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/live/" in item.nodeid.replace("\\", "/"):
            item.add_marker(pytest.mark.live)


def acceptor(theirs: str, begin_string: str = "FIX.4.4", **kwargs) -> SessionSettings:
    return SessionSettings(SessionId(begin_string, "VENUE", theirs), Role.ACCEPTOR, **kwargs)


def known(*names: str, **kwargs) -> tuple[VenueSession, ...]:
    return tuple(VenueSession(name.lower(), acceptor(name, **kwargs)) for name in names)


def venue(**kwargs) -> GatewaySettings:
    kwargs.setdefault("listen", (ListenSettings(LOOPBACK),))
    kwargs.setdefault("template", acceptor("ANYONE"))
    return GatewaySettings("test venue", **kwargs)


@contextlib.asynccontextmanager
async def running(settings: GatewaySettings):
    """A gateway that listens; stopped, and looked over for leaks, in the end."""
    before = asyncio.all_tasks()
    gateway = Gateway(settings)
    await gateway.start()
    try:
        async with asyncio.timeout(10):
            yield gateway
    finally:
        await gateway.stop()
    assert gateway.connections == 0
    assert asyncio.all_tasks() == before


def pytest_asyncio_loop_factories(config, item):
    """Every test on both event loops: they differ where sockets end."""
    factories = {"asyncio": asyncio.SelectorEventLoop}
    with contextlib.suppress(ImportError):
        import uvloop

        factories["uvloop"] = uvloop.new_event_loop
    return factories


@pytest.fixture
def tls_files(tmp_path: Path):
    authority = trustme.CA()
    cert = authority.issue_cert("127.0.0.1", "localhost")
    client = authority.issue_cert("client.example")
    for name, blob in [
        ("ca", authority.cert_pem),
        ("venue", cert.private_key_and_cert_chain_pem),
        ("client", client.private_key_and_cert_chain_pem),
    ]:
        blob.write_to_path(str(tmp_path / f"{name}.pem"))
    return tmp_path
