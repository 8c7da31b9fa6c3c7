"""``fixgate watch``: keep sessions up until stopped, and say what becomes of them."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fixgate.cli.console import ConsoleHandler, console_for
from fixgate.cli.params import DURATION
from fixgate.cli.targets import Direct, address_options, adjusted, plans_of
from fixgate.health.model import CheckPlan, Level

if TYPE_CHECKING:
    import asyncio

    from rich.console import Console

    from fixgate.health.standing import Standing

__all__ = ["watch"]

_LAST_WORDS_S = 2.0
"""How long lines that nobody has read yet may hold up the end."""

Show = Callable[["Standing"], None]


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--for", "for_ns", type=DURATION, help="End by itself, after 8h say.")
@click.option("--deadline", type=DURATION, help="To connect, and then to log on, such as 8s.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON Lines.")
@address_options
@click.option("--ignore-schedule", is_flag=True, help="Keep sessions up out of hours, too.")
@click.option("--plain", is_flag=True, help="No board, no colours.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-v", "--verbose", is_flag=True, help="A line for each try, too.")
@click.pass_context
def watch(
    ctx: click.Context,
    targets: tuple[str, ...],
    for_ns: int | None,
    deadline: int | None,
    as_json: bool,
    sender: str | None,
    target: str | None,
    begin_string: str,
    application_version: str | None,
    username: str | None,
    password_file: Path | None,
    tls: bool,
    ca: Path | None,
    ignore_schedule: bool,
    plain: bool,
    no_color: bool,
    verbose: bool,
) -> None:
    """Keep FIX sessions up until stopped, and say what becomes of them.

    TARGET is a session file, a folder of them, or HOST:PORT with --sender and --target.

    Sessions log on, answer and send heartbeats, come back when the line breaks, and keep their
    hours. No application message is sent, and sequence numbers are never reset unless the file
    says so. A session that was refused is left in peace for a minute at least; where another
    Logon would lock an account, or fare no better, there is none until SIGUSR1 says that what was
    wrong has been mended.

    SIGTERM, SIGHUP and Ctrl-C log everyone out.

    Exits 0 when all sessions were up, or closed by their schedule, until the end; 1 when one was
    down; 2 on wrong usage or configuration.
    """
    direct = Direct(
        sender, target, begin_string, application_version, username, password_file, tls, ca
    )
    plans = adjusted(
        _watchable(plans_of(targets, direct)), deadline_ns=deadline, at_any_time=ignore_schedule
    )
    console = console_for(sys.stdout, plain=plain, color=not no_color)
    with _shown(plans, console, as_json=as_json, plain=plain, verbose=verbose) as show:
        in_order = _run(plans, show, for_ns)
    ctx.exit(0 if in_order else 1)


def _watchable(plans: list[CheckPlan]) -> list[CheckPlan]:
    """Leave out what does not log on.

    Raises:
        UsageError: Nothing is left.
    """
    found = []
    for plan in plans:
        if plan.level in (Level.TCP, Level.TLS):
            reason = (
                f"level {plan.level.value} does not log on"
                if plan.session.id.ours
                else "--sender and --target are missing"
            )
            place = f"{plan.source}: " if plan.source else ""
            click.echo(f"warning: {place}{plan.name}: {reason}: not watched", err=True)
        else:
            found.append(plan)
    if not found:
        raise click.UsageError("no session to watch.")
    return found


# The run.


def _run(plans: list[CheckPlan], show: Show, for_ns: int | None) -> bool:
    import asyncio

    from fixgate.net.loop import new_event_loop

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_watched(plans, show, for_ns))


async def _watched(plans: list[CheckPlan], show: Show, for_ns: int | None) -> bool:
    import asyncio
    import random

    from fixgate.health.watch import Watch
    from fixgate.net.clock import Clock

    made = Watch(plans, Clock(), random.Random(), show)
    stop = asyncio.Event()
    _on_signals(stop, made.retry)
    await made.run(stop, for_ns=for_ns)
    return made.in_order


def _on_signals(stop: asyncio.Event, retry: Callable[[], None]) -> None:
    """Have signals stop the watch in order, and one of them try again what was given up."""
    import asyncio

    from fixgate.cli.signals import stop_at_signals

    stop_at_signals(stop.set)
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, retry)


# What is seen of it.


@contextlib.contextmanager
def _shown(
    plans: list[CheckPlan], console: Console, *, as_json: bool, plain: bool, verbose: bool
) -> Iterator[Show]:
    """Show changes as they come, from a thread of its own.

    A terminal that is stopped, or a pipe that nobody reads, must not stop our heartbeats.
    """
    from fixgate.health.standing import State
    from fixgate.report.watch import change_line, render_change

    live = console.is_terminal and not (as_json or plain)
    width = max(len(plan.name) for plan in plans)
    _log_to(console if live else console_for(sys.stderr, plain=plain, color=True))

    def line(standing: Standing) -> None:
        if as_json:
            click.echo(render_change(standing))
        elif verbose or standing.state is not State.CONNECTING:
            click.echo(change_line(standing, width))

    with contextlib.ExitStack() as stack:
        write: Show = line
        if live:
            write = stack.enter_context(_board(plans, console, verbose=verbose))
        outlet = _Outlet(write)
        stack.callback(outlet.close)
        yield outlet.put


@contextlib.contextmanager
def _board(plans: list[CheckPlan], console: Console, *, verbose: bool) -> Iterator[Show]:
    import time

    from fixgate.health.standing import State
    from fixgate.report.watch import WatchBoard

    board = WatchBoard(plans, console, time.time_ns)

    def write(standing: Standing) -> None:
        for text in board.take(standing, console.width):
            if verbose or standing.state is not State.CONNECTING:
                console.print(text, no_wrap=True, overflow="ignore", crop=False)

    with board.live:
        yield write


def _log_to(console: Console) -> None:
    logging.basicConfig(handlers=[ConsoleHandler(console)], level=logging.WARNING)


class _Outlet:
    """Hands changes to whoever writes them, one by one, in a thread.

    Args:
        write: Writes one; when it cannot, because nobody reads any more, no more is written.
    """

    def __init__(self, write: Show) -> None:
        self._write = write
        self._queue: queue.SimpleQueue[Standing | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="watch output", daemon=True)
        self._thread.start()

    def put(self, standing: Standing) -> None:
        """Have a change written."""
        self._queue.put(standing)

    def close(self) -> None:
        """Wait for a moment until everything is written."""
        self._queue.put(None)
        self._thread.join(_LAST_WORDS_S)

    def _work(self) -> None:
        while (standing := self._queue.get()) is not None:
            try:
                self._write(standing)
            except OSError:
                os.kill(os.getpid(), signal.SIGTERM)
                return
