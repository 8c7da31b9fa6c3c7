"""TARGET...: session files, folders of them, and addresses, with the options that go with these."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fixgate.cli.params import COMP_ID
from fixgate.health.model import CheckPlan
from fixgate.net.settings import Address, ClientTls

if TYPE_CHECKING:
    from fixgate.health.direct import Identity

__all__ = ["Direct", "address_options", "adjusted", "plans_of", "secret_of"]

_PASSWORD_BYTES = 4096
_LIKE_AN_ADDRESS = re.compile(r".+:-?\d+/?")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--sender", type=COMP_ID, metavar="ID", help="SenderCompID(49), for HOST:PORT."),
    click.option("--target", type=COMP_ID, metavar="ID", help="TargetCompID(56), for HOST:PORT."),
    click.option("--begin-string", default="FIX.4.4", show_default=True, help="For HOST:PORT."),
    click.option("--application-version", metavar="VERSION", help="FIX.5.0SP2, for FIXT.1.1."),
    click.option("--username", help="Username(553), for HOST:PORT."),
    click.option("--password-file", type=_FILE),
    click.option("--tls", is_flag=True, help="Use TLS, for HOST:PORT."),
    click.option("--ca", type=_FILE, help="PEM."),
)


def address_options(command: _Command) -> _Command:
    """Give a command the options of a session that no file describes; see `Direct`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Direct:
    """What the options say of a session at HOST:PORT, as they were given.

    Attributes:
        sender: SenderCompID(49).
        target: TargetCompID(56).
        begin_string: BeginString(8).
        application_version: Such as FIX.5.0SP2, for FIXT.1.1.
        username: Username(553).
        password_file: Holds Password(554) in its first line.
        tls: Use TLS.
        ca: PEM file of the authorities to trust; TLS, too.
    """

    sender: str | None
    target: str | None
    begin_string: str
    application_version: str | None
    username: str | None
    password_file: Path | None
    tls: bool
    ca: Path | None


def plans_of(targets: tuple[str, ...], direct: Direct, engine: str = "fixgate") -> list[CheckPlan]:
    """Return a plan for each session; warnings go to standard error.

    Args:
        targets: Session files, folders of them, HOST:PORT.
        direct: Who we are at HOST:PORT.
        engine: Whose session layer is to do the sessions.

    Raises:
        ConfigError: A file is wrong.
        UsageError: An option is, or a target is neither.
    """
    from fixgate.config import EngineName, default_store, load_targets
    from fixgate.health.direct import direct_plan

    identity = _identity(direct, secret_of(direct.username, direct.password_file))
    tls = ClientTls(ca=direct.ca) if direct.tls or direct.ca is not None else None
    addresses = {target: _address(target) for target in targets}
    files = [target for target in targets if addresses[target] is None]
    plans: list[CheckPlan] = []
    if files:
        loaded, warnings = load_targets(files, engine=EngineName(engine))
        plans += loaded
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
    for address in dict.fromkeys(addresses.values()):
        if address is not None:
            store = default_store(address)
            plans.append(direct_plan(address, identity, tls=tls, store=store))
    return plans


def adjusted(
    plans: Iterable[CheckPlan], *, deadline_ns: int | None, at_any_time: bool
) -> list[CheckPlan]:
    """Return the plans with another deadline, or without their schedules, as options ask."""
    if deadline_ns is not None:
        plans = [replace(plan, deadline_ns=deadline_ns) for plan in plans]
    if at_any_time:
        plans = [replace(p, session=replace(p.session, schedule=None)) for p in plans]
    return list(plans)


def _identity(direct: Direct, secret: tuple[str, str] | None) -> Identity:
    from fixgate.dictionary.version import FixVersion
    from fixgate.health.direct import Identity
    from fixgate.session.settings import Credentials

    begin_string, application_version = direct.begin_string, direct.application_version
    known = sorted({version.begin_string for version in FixVersion})
    if begin_string not in known:
        raise click.BadParameter(
            f"'{begin_string}' is not one of {', '.join(known)}.", param_hint="--begin-string"
        )
    version = None
    if application_version is not None:
        fixt = {v.value: v for v in FixVersion if v.is_fixt}
        version = fixt.get(application_version)
        if version is None or begin_string != "FIXT.1.1":
            raise click.BadParameter(
                f"one of {', '.join(fixt)}, with --begin-string FIXT.1.1.",
                param_hint="--application-version",
            )
    if (direct.sender is None) != (direct.target is None):
        raise click.UsageError("--sender and --target go together.")
    credentials = Credentials(*secret) if secret is not None else None
    return Identity(direct.sender or "", direct.target or "", begin_string, version, credentials)


def secret_of(username: str | None, password_file: Path | None) -> tuple[str, str] | None:
    """Return username and password as options give them; ``None`` when they give neither.

    Raises:
        click.UsageError: One is missing, or the file holds no password.
    """
    if username is None and password_file is None:
        return None
    if username is None or password_file is None:
        raise click.UsageError("--username and --password-file go together.")
    try:
        with password_file.open("rb") as file:
            text = file.read(_PASSWORD_BYTES + 1).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{password_file} cannot be read as a password.") from error
    password = text.splitlines()[0] if text.strip() else ""
    if not password or len(text) > _PASSWORD_BYTES:
        raise click.UsageError(f"{password_file}: expected a password in its first line.")
    return username, password


def _address(target: str) -> Address | None:
    """Return the address that a target is, or ``None`` when it must be a file or a folder."""
    from fixgate.config.units import parse_address

    if os.path.exists(target) or os.sep in target:
        return None
    try:
        return parse_address(target)
    except ValueError as error:
        if _LIKE_AN_ADDRESS.fullmatch(target):
            notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
            raise click.UsageError(f"{target}: {error}{notes}; nor is it a file") from error
        return None
