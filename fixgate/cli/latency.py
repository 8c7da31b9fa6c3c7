"""``fixgate latency``: how long the venue takes, by the kernel's stamps."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fixgate import __version__
from fixgate.cli.console import ConsoleHandler, console_for
from fixgate.cli.params import BUDGET, COMP_ID, DURATION
from fixgate.cli.reports import REPORT_FILE, STDOUT, make_ready, write_report
from fixgate.cli.targets import Direct, address_options, adjusted, plans_of
from fixgate.health.model import CheckPlan, Level

if TYPE_CHECKING:
    from fixgate.host.account import Account
    from fixgate.latency.measuring import Watcher
    from fixgate.latency.model import Budget, LatencyPlan, LatencyReport
    from fixgate.triage.model import Sample

__all__ = ["latency"]

_INTERRUPTED = 130
_RATE, _DURATION_NS, _COUNT = 10.0, 10_000_000_000, 100
_HIGHEST_RATE = 100_000
_LEVELS = (Level.SESSION, Level.ORDER)
_CAPTURE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_LOG = click.Path(exists=True, allow_dash=True, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Output:
    """Where the results go; each of the files may be ``-``."""

    json: str | None
    html: str | None
    hdr: str | None
    samples: str | None
    plain: bool
    color: bool
    verbose: bool
    worst: int

    @property
    def files(self) -> tuple[str | None, ...]:
        return (self.json, self.html, self.hdr, self.samples)


@dataclass(frozen=True, slots=True)
class _Pace:
    """How requests are sent, as the options say."""

    rate: float | None
    closed_loop: bool
    count: int | None
    duration_ns: int | None

    def of(self, plan: LatencyPlan) -> LatencyPlan:
        """Return a plan at this pace."""
        rate = None if self.closed_loop else self.rate or _RATE
        count, duration_ns = self.count, self.duration_ns
        if count is None and duration_ns is None:
            count, duration_ns = (_COUNT, None) if self.closed_loop else (None, _DURATION_NS)
        return replace(plan, rate=rate, count=count, duration_ns=duration_ns)


@click.command()
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option(
    "--rate", type=click.FloatRange(0, _HIGHEST_RATE, min_open=True),
    help="Requests a second, on every session.  [default: 10]",
)  # fmt: skip
@click.option("--closed-loop", is_flag=True, help="Each request after the reply before, no rate.")
@click.option("--count", type=click.IntRange(1), help="Requests on every session.")
@click.option("--duration", type=DURATION, help="How long to send, such as 60s.  [default: 10s]")
@click.option(
    "--budget", "budgets", type=BUDGET, multiple=True, metavar="LIMIT",
    help="Such as 'p99<2ms' or 'cancel max<10ms'; missed, the exit status is 1. May be repeated.",
)  # fmt: skip
@click.option(
    "--level", type=click.Choice([level.value for level in _LEVELS]),
    help="session: TestRequests; order: test orders, too, where the file allows them.",
)  # fmt: skip
@click.option(
    "--fills", is_flag=True,
    help="Orders that trade, too: a buy and a sell in turns, where the file has prices for them.",
)  # fmt: skip
@click.option(
    "--connects-after", type=DURATION, metavar="DURATION",
    help="Open a TCP connection, and close it, while a reply is overdue for so long: tells the "
    "line from the gateway. At most 50 a second; ask the venue before.",
)  # fmt: skip
@click.option("--deadline", type=DURATION, help="For connecting and logging on, such as 8s.")
@click.option("--no-stamps", is_flag=True, help="Times of this process only, none of the kernel.")
@click.option(
    "--worst", type=click.IntRange(0, 1000), default=10, show_default=True,
    help="How many of the slowest to keep, of each exchange and session.",
)  # fmt: skip
@click.option(
    "--pcap", "captures", type=_CAPTURE, multiple=True, metavar="FILE",
    help="Measure what a packet capture has instead; - for standard input. May be repeated.",
)  # fmt: skip
@click.option(
    "--log", "logs", type=_LOG, multiple=True, metavar="FILE",
    help="Measure what FIX logs of one end have instead, or a store of fixgate. May be repeated.",
)  # fmt: skip
@click.option(
    "--client", type=COMP_ID, metavar="ID",
    help="SenderCompID(49) of the client, where a capture or a log does not tell.",
)  # fmt: skip
@click.option(
    "--one-clock", is_flag=True,
    help="Of logs without times: both ends were on one clock, SendingTime(52) will do.",
)  # fmt: skip
@click.option("--json", "json_file", type=REPORT_FILE, metavar="FILE", help="Write JSON.")
@click.option("--html", "html_file", type=REPORT_FILE, metavar="FILE", help="Write a web page.")
@click.option(
    "--samples", "samples_file", type=REPORT_FILE, metavar="FILE",
    help="Write every sample as it comes, a line of JSON each.",
)  # fmt: skip
@click.option("--hdr", "hdr_file", type=REPORT_FILE, metavar="FILE", help="Write an HDR log.")
@address_options
@click.option("--ignore-schedule", is_flag=True, help="Measure sessions that are closed, too.")
@click.option("--plain", is_flag=True, help="No live display, no colours.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-v", "--verbose", is_flag=True, help="Every series' spectrum, and all evidence.")
@click.pass_context
def latency(
    ctx: click.Context,
    targets: tuple[str, ...],
    rate: float | None,
    closed_loop: bool,
    count: int | None,
    duration: int | None,
    budgets: tuple[Budget, ...],
    level: str | None,
    fills: bool,
    connects_after: int | None,
    deadline: int | None,
    no_stamps: bool,
    worst: int,
    captures: tuple[Path, ...],
    logs: tuple[Path, ...],
    client: str | None,
    one_clock: bool,
    json_file: str | None,
    html_file: str | None,
    samples_file: str | None,
    hdr_file: str | None,
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
    """Measure how long a venue takes, at the wire.

    TARGET is a session file, a folder of them, or HOST:PORT with --sender and --target. Every
    session is measured at once: TestRequests, and where the file allows orders, test orders and
    their cancels in turn. Each goes out when it is due, whatever became of the one before; with
    --closed-loop, when the one before is answered.

    Times are from the kernel's stamps, beside what this process saw. Of the slowest the report says
    in which layer their time was lost. Sequence numbers are never reset unless the file says so.
    FILE may be - for standard output.

    With --pcap or --log nobody is called on: the same report is made of what was recorded.

    Exits 0 when all is well, 1 when a budget was missed or a session failed, 2 on wrong usage or
    configuration, 3 when something could not be determined.
    """
    output = _Output(
        json_file, html_file, hdr_file, samples_file, plain, not no_color, verbose, worst
    )
    make_ready(output.files)
    if captures or logs:
        if targets or (captures and logs):
            raise click.UsageError("TARGET, --pcap and --log exclude each other.")
        files = _Recorded(captures or logs, client, from_logs=bool(logs), one_clock=one_clock)
        ctx.exit(_deliver(_recorded(files, budgets, output), output))
    if not targets:
        raise click.UsageError("Missing argument 'TARGET...', or --pcap or --log.")
    if closed_loop and rate is not None:
        raise click.UsageError("--closed-loop and --rate exclude each other.")
    pace = _Pace(rate, closed_loop, count, duration)
    direct = Direct(
        sender, target, begin_string, application_version, username, password_file, tls, ca
    )
    checks = adjusted(plans_of(targets, direct), deadline_ns=deadline, at_any_time=ignore_schedule)
    plans = [
        pace.of(
            replace(
                _plan(check, level, budgets, fills=fills, stamps=not no_stamps, worst=worst),
                connects_after_ns=connects_after,
            )
        )
        for check in checks
    ]
    ctx.exit(_deliver(_run(plans, output), output))


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Files in place of a venue."""

    paths: tuple[Path, ...]
    client: str | None
    from_logs: bool
    one_clock: bool


def _recorded(files: _Recorded, budgets: tuple[Budget, ...], output: _Output) -> LatencyReport:
    import socket
    import time

    from fixgate.cli.signals import noticing_ctrl_c
    from fixgate.latency.from_capture import record_captures
    from fixgate.latency.from_log import record_logs
    from fixgate.latency.model import Mode
    from fixgate.latency.recorded import report_recording

    paths = [str(path) for path in files.paths]
    with noticing_ctrl_c() as pressed:
        # Whoever writes to a pipe is told by the same Ctrl-C, and has some more to say.
        stop = (lambda: False) if "-" in paths else pressed
        if files.from_logs:
            mode = Mode.LOG
            recording = record_logs(
                paths, client=files.client, by_sending_time=files.one_clock, stop=stop
            )
        else:
            mode = Mode.CAPTURE
            recording = record_captures(paths, client=files.client, stop=stop)
    with _writer(output.samples) as each:
        for sample in recording.samples:
            each(sample)
    return report_recording(
        recording, mode, targets=paths, budgets=budgets, worst=output.worst,
        now_ns=time.time_ns(), host=socket.gethostname(), version=__version__,
    )  # fmt: skip


def _plan(
    check: CheckPlan,
    level: str | None,
    budgets: tuple[Budget, ...],
    *,
    fills: bool,
    stamps: bool,
    worst: int,
) -> LatencyPlan:
    from fixgate.latency.model import LatencyPlan

    if not check.session.id.ours:
        raise click.UsageError(f"{check.name}: needs --sender and --target.")
    wanted = check.level if level is None else Level(level)
    orders = wanted is Level.ORDER and check.order is not None
    if level == Level.ORDER.value and check.order is None:
        place = f"{check.source}: " if check.source else ""
        text = f"warning: {place}{check.name}: no orders allowed, measured by TestRequests"
        click.echo(text, err=True)
    if fills and (not orders or check.order is None or check.order.fills is None):
        place = f"{check.source}: " if check.source else ""
        raise click.UsageError(
            f"{place}{check.name}: --fills needs level order, and fills under orders in the file."
        )
    return LatencyPlan(
        check, orders=orders, fills=fills, budgets=budgets, worst=worst, stamps=stamps
    )


def _run(plans: list[LatencyPlan], output: _Output) -> LatencyReport:
    import asyncio

    from fixgate.net.loop import new_event_loop
    from fixgate.report.latency.board import LatencyBoard, PlainLatency

    console = console_for(sys.stderr, plain=output.plain, color=output.color)
    level = logging.INFO if output.verbose else logging.ERROR
    logging.basicConfig(handlers=[ConsoleHandler(console)], level=level)
    names = [plan.check.name for plan in plans]
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            if console.is_terminal and not output.plain:
                with LatencyBoard(names, console) as board:
                    return runner.run(_measured(plans, board, output.samples))
            quiet = not output.verbose
            write = (lambda _: None) if quiet else (lambda line: click.echo(line, err=True))
            return runner.run(_measured(plans, PlainLatency(write), output.samples))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo(
            "interrupted: live sessions were sent a Logout, test orders a cancel",
            err=True,
        )
        raise SystemExit(_INTERRUPTED) from None


@contextmanager
def _writer(file: str | None) -> Iterator[Callable[[Sample], None]]:
    """Give something that writes samples to a file, a line each; or nowhere."""
    from fixgate.triage.record import sample_line

    if file is None:
        yield lambda _: None
        return
    try:
        with click.open_file(file, "w", encoding="ascii") as opened:
            yield lambda sample: print(sample_line(sample), file=opened)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error
    if file != STDOUT:
        click.echo(f"wrote {file}", err=True)


async def _measured(
    plans: list[LatencyPlan], watcher: Watcher, samples: str | None
) -> LatencyReport:
    import asyncio
    import socket

    from fixgate.cli.signals import stop_at_signals
    from fixgate.health.accounted import accounted
    from fixgate.latency.measuring import measure
    from fixgate.latency.surroundings import placement_of
    from fixgate.net.clock import Clock

    task, enough = asyncio.current_task(), asyncio.Event()

    def stop() -> None:
        """Once: report what there is. Twice: be gone."""
        if enough.is_set() and task is not None:
            task.cancel()
        enough.set()

    stop_at_signals(stop)

    async def run(before: Account) -> LatencyReport:
        with _writer(samples) as each:
            return await measure(
                plans,
                clock=Clock(),
                host=socket.gethostname(),
                version=__version__,
                watcher=watcher,
                each=each,
                placement=placement_of(before.snapshot),
                clock_source=before.snapshot.clock.source or "",
                stop=enough,
            )

    report, account = await accounted([plan.check for plan in plans], run)
    return replace(report, host_account=account)


def _deliver(report: LatencyReport, output: _Output) -> int:
    from fixgate.report.latency.hdr import render_hdr_log
    from fixgate.report.latency.html import render_html
    from fixgate.report.latency.json import render_json
    from fixgate.report.latency.terminal import print_latency
    from fixgate.report.latency.verdict import exit_code

    if STDOUT not in output.files:
        console = console_for(sys.stdout, plain=output.plain, color=output.color)
        print_latency(report, console, verbose=output.verbose, slowest=output.worst)
    for file, render in (
        (output.json, render_json),
        (output.html, render_html),
        (output.hdr, render_hdr_log),
    ):
        if file is not None:
            write_report(file, render(report))
    return exit_code(report)
