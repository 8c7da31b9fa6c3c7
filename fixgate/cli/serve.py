"""``fixgate serve``: a simulated exchange until it is stopped."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NoReturn

import click

from fixgate.cli.engine import QUICKFIX, engine_option
from fixgate.cli.signals import stop_at_signals
from fixgate.dictionary.version import FixVersion
from fixgate.errors import (
    ConfigError,
    DictionaryError,
    EngineUnavailable,
    ListenError,
    StoreError,
)
from fixgate.net import Address, Gateway, GatewaySettings, ListenSettings, VenueSession
from fixgate.net.descriptors import within_descriptors
from fixgate.net.loop import new_event_loop
from fixgate.net.truth import TruthFile
from fixgate.report.logs import PrintableFormatter
from fixgate.session.account import secrets_of
from fixgate.session.settings import Role, SessionId, SessionSettings

__all__ = ["serve", "starter_settings"]

DEFAULT_PORT = 5001
LOOPBACK = "127.0.0.1"

_GC_THRESHOLDS = (50_000, 50, 100)
"""Orders are many and hold no cycles; the default of 700 looks through them for nothing."""


def starter_settings() -> GatewaySettings:
    """Return the exchange of ``fixgate serve`` without a file: everybody may come, on loopback.

    Nothing is kept on disk: whoever wants that says where, in a file.
    """
    anybody = SessionId("FIX.4.4", "FIXGATE", "ANYBODY")
    return GatewaySettings(
        name="fixgate",
        listen=(ListenSettings(Address(LOOPBACK, DEFAULT_PORT)),),
        template=SessionSettings(anybody, Role.ACCEPTOR, allow_user_defined=True),
        accept_any=True,
    )


@click.command()
@click.argument("venue", required=False, type=click.Path(path_type=Path))
@click.option("--host", help="Listen here instead; loopback unless a file says otherwise.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here instead; 0 for any.")
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Append what the stages of the venue do to each message, as JSON Lines.",
)
@engine_option
def serve(
    venue: Path | None, host: str | None, port: int | None, truth: Path | None, engine: str
) -> None:
    """Run a simulated exchange until it is stopped.

    VENUE is a venue file. Without one, any CompIDs and any FIX version may log on at
    127.0.0.1:5001 and trade ABC, XYZ and others around 100.

    One line "ready HOST:PORT" goes to standard error once it listens. SIGTERM, SIGHUP and
    Ctrl-C log everyone out.

    With --engine quickfix the same exchange stands behind QuickFIX's session layer, which runs in
    a process of its own. Clients must be known beforehand, and come from this machine.
    """
    log = logging.StreamHandler(sys.stderr)
    lines = PrintableFormatter()
    log.setFormatter(lines)
    logging.basicConfig(handlers=[log], level=logging.INFO)
    try:
        if engine == QUICKFIX and host not in (None, LOOPBACK):
            raise click.BadParameter(
                f"QuickFIX lets in this machine only: expected {LOOPBACK}", param_hint="--host"
            )
        settings = _with_address(_load(venue, engine), host, port)
        lines.hide(chain.from_iterable(secrets_of(each.session) for each in settings.sessions))
        if truth is not None and settings.stages is None:
            raise click.BadParameter("this venue has no stages", param_hint="--truth")
        if engine == QUICKFIX:
            from fixgate.cli.reference import run_reference

            run_reference(settings)
            return
        settings, warning = within_descriptors(settings)
        if warning is not None:
            click.echo(f"warning: {warning}", err=True)
        with (
            _open_truth(truth) or nullcontext() as file,
            asyncio.Runner(loop_factory=new_event_loop) as runner,
        ):
            runner.run(_serve(Gateway(settings, truth=None if file is None else file.tell)))
    except (ConfigError, DictionaryError, EngineUnavailable) as error:
        _fail(str(error), 2)
    except (StoreError, ListenError) as error:
        _fail(str(error), 1)


def _open_truth(path: Path | None) -> TruthFile | None:
    try:
        return None if path is None else TruthFile(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise click.BadParameter(message, param_hint="--truth") from error


def _load(venue: Path | None, engine: str) -> GatewaySettings:
    if venue is None:
        return starter_settings() if engine != QUICKFIX else _quickfix_starter()
    # Only here: the schema of files takes longer to load than the starter exchange to start.
    from fixgate.config import EngineName, load_venue

    config = load_venue(venue, engine=EngineName(engine))
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)
    return config.gateway


def _quickfix_starter() -> GatewaySettings:
    """Return the starter exchange for an engine that has to know its clients."""
    starter = starter_settings()
    versions = [v for v in FixVersion if not v.is_fixt] + [FixVersion.FIX50SP2]
    sessions = []
    for version in versions:
        identity = SessionId(version.begin_string, "FIXGATE", "CLIENT")
        settings = replace(starter.template, id=identity, default_appl_ver_id=version.appl_ver_id)
        sessions.append(VenueSession(f"CLIENT {version.begin_string}", settings))
    click.echo(
        "warning: QuickFIX has to know its clients: without a file, log on as SenderCompID(49) "
        "CLIENT to TargetCompID(56) FIXGATE, in any version up to FIX.4.4 or in FIX.5.0SP2",
        err=True,
    )
    return replace(starter, sessions=tuple(sessions), accept_any=False)


def _with_address(settings: GatewaySettings, host: str | None, port: int | None) -> GatewaySettings:
    first, *others = settings.listen
    address = first.address
    if host is not None:
        address = Address(_host(host), address.port)
        _warn_of_reach(replace(first, address=address))
    if port is not None:
        address = replace(address, port=port)
    return replace(settings, listen=(replace(first, address=address), *others))


def _host(text: str) -> str:
    from fixgate.config.units import parse_address

    bare = text.count(":") > 1 and not text.startswith("[")
    try:
        return parse_address(f"[{text}]:1" if bare else f"{text}:1").host
    except ValueError as error:
        raise click.BadParameter(
            f"expected a host or an address; received '{text}'", param_hint="--host"
        ) from error


def _warn_of_reach(listen: ListenSettings) -> None:
    from fixgate.config.builder import is_open

    if is_open(listen):
        host = listen.address.host
        click.echo(f"warning: {host} can be reached from other machines, without TLS", err=True)


async def _serve(gateway: Gateway) -> None:
    stop = asyncio.Event()
    stop_at_signals(stop.set)
    await gateway.start()
    try:
        if gateway.settings.stages is not None:
            click.echo(gateway.settings.stages, err=True)
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
