"""``fixgate serve``: a simulated exchange until it is stopped."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from fixgate.errors import ConfigError, DictionaryError, ListenError, StoreError
from fixgate.net import Address, Gateway, GatewaySettings, ListenSettings
from fixgate.session.settings import Role, SessionId, SessionSettings

__all__ = ["serve", "starter_settings"]

DEFAULT_PORT = 5001

_GC_THRESHOLDS = (50_000, 50, 100)
"""Orders are many and hold no cycles; the default of 700 looks through them for nothing."""


def starter_settings() -> GatewaySettings:
    """Return the exchange of ``fixgate serve`` without a file: everybody may come, on loopback.

    Nothing is kept on disk: whoever wants that says where, in a file.
    """
    anybody = SessionId("FIX.4.4", "FIXGATE", "ANYBODY")
    return GatewaySettings(
        name="fixgate",
        listen=(ListenSettings(Address("127.0.0.1", DEFAULT_PORT)),),
        template=SessionSettings(anybody, Role.ACCEPTOR, allow_user_defined=True),
        accept_any=True,
    )


@click.command()
@click.argument("venue", required=False, type=click.Path(path_type=Path))
@click.option("--host", help="Listen here instead; loopback unless a file says otherwise.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here instead; 0 for any.")
def serve(venue: Path | None, host: str | None, port: int | None) -> None:
    """Run a simulated exchange until it is stopped.

    VENUE is a venue file. Without one, any CompIDs and any FIX version may log on at
    127.0.0.1:5001 and trade ABC, XYZ and others around 100.

    One line "ready HOST:PORT" goes to standard error once it listens. SIGTERM and Ctrl-C log
    everyone out.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    try:
        settings = _with_address(_load(venue), host, port)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(Gateway(settings)))
    except (ConfigError, DictionaryError) as error:
        _fail(str(error), 2)
    except (StoreError, ListenError) as error:
        _fail(str(error), 1)


def _load(venue: Path | None) -> GatewaySettings:
    if venue is None:
        return starter_settings()
    # Only here: the schema of files takes longer to load than the starter exchange to start.
    from fixgate.config import load_venue

    config = load_venue(venue)
    for warning in config.warnings:
        click.echo(str(warning), err=True)
    return config.gateway


def _with_address(settings: GatewaySettings, host: str | None, port: int | None) -> GatewaySettings:
    first, *others = settings.listen
    address = Address(
        first.address.host if host is None else host, first.address.port if port is None else port
    )
    return replace(settings, listen=(replace(first, address=address), *others))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(gateway: Gateway) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    await gateway.start()
    try:
        for number, address in enumerate(gateway.addresses):
            click.echo(f"{'also' if number else 'ready'} {address}", err=True)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        await stop.wait()
    finally:
        await gateway.stop()


def _fail(message: str, exit_code: int) -> NoReturn:
    click.echo(f"fixgate serve: {message}", err=True)
    raise SystemExit(exit_code)
