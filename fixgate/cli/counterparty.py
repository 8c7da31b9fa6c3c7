"""Options that say whose engine a live run is with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fixgate.cli.driver import driver_of
from fixgate.cli.params import ADDRESS, COMP_ID, DURATION
from fixgate.cli.targets import secret_of
from fixgate.dictionary.version import FixVersion
from fixgate.net.settings import Address, ClientTls, StoreSettings
from fixgate.scenario.live import Counterparty
from fixgate.scenario.model import Identity, Need, Side
from fixgate.scenario.on_disk import StoresOnDisk
from fixgate.scenario.runner import LIVE, VIRTUAL
from fixgate.session.settings import Credentials

if TYPE_CHECKING:
    from fixgate.health.model import CheckPlan

__all__ = ["Against", "against", "live_options"]

_PATIENCE_NS = 60_000_000_000
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_VERSIONS = click.Choice([version.value for version in FixVersion])

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--live", is_flag=True, help="One side is your engine: --venue, --listen, or"
                 " --session."),
    click.option("--venue", type=ADDRESS, help="The venue under test."),
    click.option("--listen", type=ADDRESS, help="Where the client under test connects to."),
    click.option("--backup", type=ADDRESS, help="Live: where that client connects to next when"
                 " nobody is there."),
    click.option("--session", type=_FILE, help="Live: a session file; its venue is under test."),
    click.option("--sender", type=COMP_ID, metavar="ID", help="Live: our CompID."),
    click.option("--target", type=COMP_ID, metavar="ID", help="Live: that of your engine."),
    click.option("--version", type=_VERSIONS, help="Live: where a scenario names none. [FIX.4.4]"),
    click.option("--username", help="Live: Username(553) of the client."),
    click.option("--password-file", type=_FILE, help="Live: holds its Password(554)."),
    click.option("--tls", is_flag=True, help="Live: connect by TLS."),
    click.option("--ca", type=_FILE, help="Live: PEM file of the authorities to trust; TLS."),
    click.option("--patience", type=DURATION, help="Live: how long people may take. [60s]"),
    click.option("--store", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
                 help="Live: keeps our client's sequence numbers from run to run."),
    click.option("--reset", is_flag=True, help="Live: our client restarts the numbers at Logon."),
    click.option("--orders", is_flag=True, help="Live: orders may be sent to the venue."),
    click.option("--driver", metavar="COMMAND", help="Live: makes the system under test act."),
    click.option(
        "--without", type=click.Choice([need.value for need in Need]), multiple=True,
        help="What the system under test is not capable of.",
    ),
)  # fmt: skip


def live_options(command: _Command) -> _Command:
    """Give a command the options that `against` takes, all in ``**options``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Against:
    """Who is under test.

    Attributes:
        counterparty: Somebody's engine; ``None`` in the virtual world.
        identity: Who the two sides are.
        capable: What scenarios may need.
        patience_ns: How long people may take.
        words: The options that say the same again.
    """

    counterparty: Counterparty | None
    identity: Identity
    capable: frozenset[Need]
    patience_ns: int
    words: tuple[str, ...] = ()

    @property
    def world(self) -> str:
        """``virtual`` or ``live``."""
        return VIRTUAL if self.counterparty is None else LIVE


def against(
    *,
    live: bool,
    venue: Address | None,
    listen: Address | None,
    backup: Address | None,
    session: Path | None,
    sender: str | None,
    target: str | None,
    version: str | None,
    username: str | None,
    password_file: Path | None,
    tls: bool,
    ca: Path | None,
    patience: int | None,
    store: Path | None,
    reset: bool,
    orders: bool,
    driver: str | None,
    without: tuple[str, ...],
) -> Against:
    """Return what the options of `live_options` come to.

    Raises:
        click.UsageError: They do not fit together.
        ConfigError: The session file is wrong, or a certificate cannot be used.
    """
    lacking = {Need(word) for word in without}
    if venue is not None and listen is not None:
        raise click.UsageError("Either --venue or --listen: one side is under test.")
    if session is not None and listen is not None:
        raise click.UsageError("A session file describes a client's session: use it with --venue.")
    if backup is not None and listen is None:
        raise click.UsageError("--backup is a second address of --listen.")
    plan = None if session is None else _plan(session)
    address = venue or listen or (plan.address if plan is not None else None)
    if address is None:
        if live:
            raise click.UsageError("--live needs --venue, --listen or --session.")
        return Against(None, Identity(), frozenset(Need) - lacking, 0)
    side = Side.CLIENT if listen is not None else Side.VENUE
    secret = secret_of(username, password_file)
    credentials = None if secret is None else Credentials(*secret)
    if plan is not None:
        identity = Identity(
            sender or plan.session.id.ours, target or plan.session.id.theirs,
            FixVersion(version) if version else _version_of(plan),
            credentials or plan.session.credentials,
        )  # fmt: skip
        orders = orders or plan.order is not None
    else:
        ours = (sender, target) if side is Side.VENUE else (target, sender)
        identity = Identity(*ours, FixVersion(version) if version else None, credentials)
    by_tls = ClientTls(ca=ca) if tls or ca is not None else (plan.tls if plan else None)
    if by_tls is not None and by_tls.pins:
        # The Logon leaves as soon as TLS stands, before anybody could look at the key.
        raise click.UsageError(
            f"{session}: 'pins' cannot be checked while scenarios are played; no password is sent"
            " to a venue whose key may be another one. Use a session file without them."
        )
    counterparty = Counterparty(
        side, address, backup, tls=_context(by_tls),
        server_name=by_tls.server_name if by_tls else None,
        reset=reset, orders=orders, driver=driver_of(driver),
        on_disk=_on_disk(store, plan, identity),
    )  # fmt: skip
    # What a client under test orders is ordered from our venue.
    lacking |= _lacking(orders=orders or side is Side.CLIENT, driver=driver, backup=backup)
    if identity.credentials is None:
        lacking.add(Need.CREDENTIALS)
    said = (
        ("--venue" if side is Side.VENUE else "--listen", str(address)),
        ("--backup", backup), ("--session", session), ("--sender", sender), ("--target", target),
        ("--version", version), ("--username", username), ("--password-file", password_file),
        ("--tls", tls), ("--ca", ca), ("--store", store), ("--reset", reset),
        ("--orders", orders), ("--driver", driver),
    )  # fmt: skip
    words = tuple(word for name, value in said for word in _words(name, value))
    patience_ns = _PATIENCE_NS if patience is None else patience
    return Against(counterparty, identity, frozenset(Need) - lacking, patience_ns, words)


def _on_disk(store: Path | None, plan: CheckPlan | None, identity: Identity) -> StoresOnDisk | None:
    """Return where our client keeps its numbers: a session file's own store unless told."""
    settings = StoreSettings(store) if store is not None else plan.store if plan else None
    if settings is None or settings.path is None:
        return None
    password = identity.credentials.password if identity.credentials else ""
    return StoresOnDisk(settings, (password,) if password else ())


def _words(name: str, value: object) -> tuple[str, ...]:
    if value is None or value is False:
        return ()
    return (name,) if value is True else (name, str(value))


def _lacking(*, orders: bool, driver: str | None, backup: Address | None) -> set[Need]:
    """Return what a live run cannot do."""
    lacking = {Need.TIME}
    if not orders:
        lacking.add(Need.ORDERS)
    if backup is None:
        lacking.add(Need.BACKUP)
    if driver is None and not sys.stdin.isatty():
        lacking |= {Need.ASK, Need.RESTART}
    return lacking


def _plan(file: Path) -> CheckPlan:
    from fixgate.config import load_targets

    plans, warnings = load_targets([file])
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if len(plans) != 1:
        names = ", ".join(plan.name for plan in plans)
        raise click.UsageError(f"{file} lists {len(plans)} sessions, expected one: {names}.")
    return plans[0]


def _version_of(plan: CheckPlan) -> FixVersion | None:
    return FixVersion.of_session(plan.session.id.begin_string, plan.session.default_appl_ver_id)


def _context(tls: ClientTls | None) -> Any:  # noqa: ANN401 - ssl is imported only when it is used
    from fixgate.net.tls import client_tls

    return None if tls is None else client_tls(tls).context
