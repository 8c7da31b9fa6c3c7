"""``fixgate host``: what this machine costs, what good looks like, and what is different."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fixgate.cli.console import console_for
from fixgate.cli.params import DURATION
from fixgate.cli.reports import REPORT_FILE, STDOUT, make_ready, write_report
from fixgate.cli.targets import Direct, plans_of

if TYPE_CHECKING:
    from fixgate.host.account import Account
    from fixgate.host.comparison import Comparison
    from fixgate.host.model import Snapshot

__all__ = ["host"]

_MOST_BYTES = 64 << 20
_NOBODY = Direct(None, None, "FIX.4.4", None, None, None, tls=False, ca=None)


@dataclass(frozen=True, slots=True)
class _Output:
    """Where the results go; each of the files may be ``-``."""

    json: str | None
    html: str | None
    save: str | None
    plain: bool
    color: bool

    @property
    def files(self) -> tuple[str | None, ...]:
        return self.json, self.html, self.save


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--canary", "canary_ns", type=DURATION, default="1s", show_default=True,
              help="How long to watch.")  # fmt: skip
@click.option("--json", "json_file", type=REPORT_FILE, metavar="FILE", help="Write JSON.")
@click.option("--html", "html_file", type=REPORT_FILE, metavar="FILE", help="Write a web page.")
@click.option("--save", "save_file", type=REPORT_FILE, metavar="FILE",
              help="Keep it, for --compare: the same as --json.")  # fmt: skip
@click.option("--compare", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              metavar="FILE", multiple=True,
              help="Say what is different from then; given twice, between the two.")  # fmt: skip
@click.option("--plain", is_flag=True, help="No colours.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.pass_context
def host(
    ctx: click.Context,
    targets: tuple[str, ...],
    canary_ns: int,
    json_file: str | None,
    html_file: str | None,
    save_file: str | None,
    compare: tuple[Path, ...],
    plain: bool,
    no_color: bool,
) -> None:
    """Say what this machine costs whoever measures microseconds on it, and how to do better.

    Each fact of the processor, interrupts, memory, network, clock and of this process comes with
    what was found, what good looks like, and the command or setting that leads there. Nothing is
    changed, and nothing is sent.

    TARGET is a session file, a folder of them, or HOST:PORT: the interfaces that lead there are
    looked at, too.

    --save FILE keeps all of it, and --compare FILE says another day which settings were changed
    and what was dropped, retransmitted or held back meanwhile. FILE may be - for standard output.

    Exits 0 when nothing is bad, 1 when something is, 2 on wrong usage.
    """
    output = _Output(json_file, html_file, save_file, plain, not no_color)
    if len(compare) > 2:
        raise click.UsageError("--compare takes one file, or two.")
    if len(compare) == 2 and targets:
        raise click.UsageError("Two files are compared as they are, without a TARGET.")
    make_ready(output.files)
    earlier = [_snapshot(path) for path in compare]
    account, comparison = _taken(targets, canary_ns, earlier)
    ctx.exit(_deliver(account, comparison, output))


def _taken(
    targets: tuple[str, ...], canary_ns: int, earlier: list[Snapshot]
) -> tuple[Account, Comparison | None]:
    from fixgate.host.account import Account, watch_host
    from fixgate.host.comparison import compare

    if len(earlier) == 2:
        found = compare(*earlier)
        return Account.of(found.after), found
    addresses = _addresses(targets)
    if not targets and earlier:
        addresses = earlier[0].targets
    account = watch_host(addresses, canary_ns)
    return account, compare(earlier[0], account.snapshot) if earlier else None


def _addresses(targets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the IP addresses of the targets; a name that nobody knows is a warning."""
    import socket

    hosts = dict.fromkeys(plan.address.host for plan in plans_of(targets, _NOBODY))
    found: dict[str, None] = {}
    for name in hosts:
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            click.echo(f"warning: {name}: {error}: the way to it is not looked at", err=True)
        else:
            found.update(dict.fromkeys(str(answer[4][0]) for answer in answers))
    return tuple(found)


def _snapshot(path: Path) -> Snapshot:
    from fixgate.host.document import read_document

    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise click.UsageError(f"{path}: over {_MOST_BYTES >> 20} MiB, which no snapshot is.")
    return read_document(data, str(path))


def _deliver(account: Account, comparison: Comparison | None, output: _Output) -> int:
    from fixgate.report.host.html import render_html
    from fixgate.report.host.json import render_json
    from fixgate.report.host.terminal import print_account, print_comparison
    from fixgate.report.host.wording import exit_code

    if STDOUT not in output.files:
        console = console_for(sys.stdout, plain=output.plain, color=output.color)
        if comparison is None:
            print_account(account, console)
        else:
            print_comparison(comparison, console)
    renderings = (
        (output.json, render_json),
        (output.html, render_html),
        (output.save, render_json),
    )
    for file, render in renderings:
        if file is not None:
            write_report(file, render(account, comparison))
    return exit_code(account)
