"""``fixgate serve --engine quickfix``: the exchange behind QuickFIX's session layer."""

from __future__ import annotations

import asyncio

import click

from fixgate.cli.signals import stop_at_signals
from fixgate.config.quickfix import quickfix_acceptor
from fixgate.errors import ListenError
from fixgate.interop.gateway import QuickFixGateway
from fixgate.interop.process import PeerError
from fixgate.interop.settings import LOOPBACK
from fixgate.net.clock import Clock
from fixgate.net.clock_watch import ClockWatch
from fixgate.net.groups import group_shapes
from fixgate.net.settings import Address, GatewaySettings
from fixgate.venue import make_venue

__all__ = ["run_reference"]


def run_reference(settings: GatewaySettings) -> None:
    """Serve until a signal says stop.

    Args:
        settings: A venue that suits QuickFIX; see `fixgate.config.quickfix`.

    Raises:
        EngineUnavailable: QuickFIX is not installed.
        ListenError: QuickFIX does not start, or has ended by itself.
    """
    asyncio.run(_serve(settings))


async def _serve(settings: GatewaySettings) -> None:
    stop = asyncio.Event()
    stop_at_signals(stop.set)
    venue = make_venue(settings.venue, groups=group_shapes)
    clock = Clock()
    gateway = QuickFixGateway(*quickfix_acceptor(settings), venue, clock.now_ns)
    address = settings.listen[0].address
    try:
        await gateway.start()
    except PeerError as error:
        raise ListenError(str(address), str(error)) from error
    watch = ClockWatch(clock)
    watch.start()
    try:
        address = Address(LOOPBACK, gateway.port)
        click.echo(
            "warning: QuickFIX listens on every interface of this machine; "
            f"only {LOOPBACK} may log on",
            err=True,
        )
        click.echo(f"ready {address}", err=True)
        await _until(stop, gateway, address)
    finally:
        watch.stop()
        await gateway.stop()


async def _until(stop: asyncio.Event, gateway: QuickFixGateway, address: Address) -> None:
    """Wait for a signal.

    Raises:
        ListenError: The gateway broke first.
    """
    stopped = asyncio.create_task(stop.wait())
    broken = asyncio.create_task(gateway.broken())
    await asyncio.wait([stopped, broken], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if broken.done():
        raise ListenError(str(address), broken.result())
    broken.cancel()
