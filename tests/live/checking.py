"""What live tests of checks share: a venue, plans, and peers of a few lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import trustme

from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, CheckReport
from fixgate.net.clock import Clock
from fixgate.net.gateway import Gateway
from fixgate.net.settings import Address, GatewaySettings, ListenSettings, ServerTls, VenueSession
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.venue import VenueSettings, default_instruments

SECOND_NS = 1_000_000_000
LOOPBACK = Address("127.0.0.1", 0)


@asynccontextmanager
async def venue(
    *listeners: ListenSettings, sessions: tuple[VenueSession, ...] = ()
) -> AsyncIterator[Gateway]:
    anyone = SessionSettings(SessionId("FIX.4.4", "VENUE", "ANYONE"), Role.ACCEPTOR)
    gateway = Gateway(
        GatewaySettings(
            "test",
            listeners or (ListenSettings(LOOPBACK),),
            anyone,
            accept_any=True,
            sessions=sessions,
            venue=VenueSettings(instruments=default_instruments()),
        )
    )
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


def plan(name: str, address: Address, **changes: object) -> CheckPlan:
    begin_string = str(changes.pop("begin_string", "FIX.4.4"))
    appl_ver_id = changes.pop("appl_ver_id", None)
    credentials = changes.pop("credentials", None)
    session = SessionSettings(
        SessionId(begin_string, name.upper(), "VENUE"),
        Role.INITIATOR,
        default_appl_ver_id=appl_ver_id,  # type: ignore[arg-type]
        credentials=credentials,  # type: ignore[arg-type]
        observe=True,
    )
    made = CheckPlan(name, address, session, deadline_ns=SECOND_NS, test_requests=2)
    return replace(made, **changes)  # type: ignore[arg-type]


async def checked(*plans: CheckPlan, progress=None) -> tuple[CheckReport, ...]:
    fleet = await run_fleet(plans, clock=Clock(), host="test", version="0", progress=progress)
    return fleet.checks


def cause(report: CheckReport) -> str | None:
    return report.findings[0].cause if report.findings else None


def certificate(tmp_path: Path, authority: trustme.CA, name: str, **dates: datetime) -> ServerTls:
    issued = authority.issue_cert(name, **dates)  # type: ignore[arg-type]
    chain, key = tmp_path / f"{name}-{len(dates)}.pem", tmp_path / f"{name}-{len(dates)}.key"
    issued.private_key_pem.write_to_path(str(key))
    for part in issued.cert_chain_pems:
        part.write_to_path(str(chain), append=True)
    return ServerTls(chain, key)


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer(script: Script) -> AsyncIterator[Address]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
            await writer.drain()
            writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()
