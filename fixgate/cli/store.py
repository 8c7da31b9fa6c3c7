"""``fixgate store``: show, verify, export, set-seqnum, compare, persistence."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from fixgate.config import state_folder
from fixgate.errors import LocalProtocolError
from fixgate.net.readonly import find_stores
from fixgate.net.records import MAX_NUMBER
from fixgate.net.renumber import renumber
from fixgate.net.sides import Side, read_sides
from fixgate.net.survey import Damage, StoreSurvey, survey
from fixgate.report.compare import compare_text, pair_up
from fixgate.report.counterparty import read_counterparty
from fixgate.report.enginelog import read_engine
from fixgate.report.export import Row, read_rows, write_jsonl, write_jsonl_file, write_sqlite
from fixgate.report.parquet import write_parquet
from fixgate.report.returns import (
    SessionReturns,
    bare_returns,
    returns_json,
    returns_of,
    returns_text,
)
from fixgate.report.stores import findings, store_json, store_table, store_text
from fixgate.report.text import printable

__all__ = ["store"]

_REASON_CHARS = 500
_FILES = {"sqlite": write_sqlite, "parquet": write_parquet}

_folder = click.argument("folder", required=False, type=click.Path(path_type=Path))
_session = click.option(
    "--session", metavar="TEXT", default="",
    help="Only sessions with this in 'BeginString:OURS->THEIRS'.",
)  # fmt: skip


@click.group()
def store() -> None:
    """Show, verify, export and mend the stores of messages and sequence numbers.

    FOLDER is a store's folder, as 'store: {path: FOLDER}' has it, or that of one session in it;
    by default fixgate's state folder. All but set-seqnum only read, and may be used while the
    store is in use.
    """


@store.command("show")
@_folder
@_session
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each session.")
@click.pass_context
def show(ctx: click.Context, folder: Path | None, session: str, *, as_json: bool) -> None:
    """List the sessions of a store, or tell everything about one.

    Exits 1 when a store is damaged.
    """
    found = _surveys(folder, session)
    if as_json:
        for each in found:
            click.echo(json.dumps(store_json(each)))
    elif len(found) == 1:
        click.echo(store_text(found[0], width=_width()), nl=False)
    else:
        click.echo(store_table(found, width=_width()), nl=False)
    if any(each.damage for each in found):
        ctx.exit(1)


@store.command("verify")
@_folder
@_session
@click.pass_context
def verify(ctx: click.Context, folder: Path | None, session: str) -> None:
    """Read every record of every generation, and tell what is damaged and where.

    Exits 1 when anything is damaged. Changes nothing.
    """
    found = _surveys(folder, session)
    for each in found:
        for line in findings(each):
            click.echo(line)
    if any(each.damage for each in found):
        ctx.exit(1)


@store.command("export")
@_folder
@_session
@click.option(
    "--to", "form", type=click.Choice(["jsonl", *_FILES]), default="jsonl", show_default=True,
    help="JSON Lines, an SQLite database with the table 'messages', or Parquet.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, allow_dash=True),
    help="A new file; JSON Lines go to standard output by default.",
)  # fmt: skip
@click.pass_context
def export(
    ctx: click.Context, folder: Path | None, session: str, form: str, output: str | None
) -> None:
    """Write every stored message: session, generation, direction, number, time, type, bytes.

    Exits 1 when something was damaged and had to be left out; stderr tells what.
    """
    if form in _FILES and output in (None, "-"):
        raise click.UsageError(f"--to {form} needs -o FILE")
    damage: list[Damage] = []
    rows = _rows(_stores(folder, session), damage)
    try:
        if output is None or output == "-":
            write_jsonl(rows, sys.stdout)
        else:
            write = _FILES.get(form, write_jsonl_file)
            click.echo(f"{write(rows, Path(output))} rows in {output}", err=True)
    except BrokenPipeError:
        # The reader, such as head, has seen enough; the flush at exit must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    for each in damage:
        click.echo(f"left out: {printable(str(each))}", err=True)
    if damage:
        ctx.exit(1)


@store.command("set-seqnum")
@_folder
@_session
@click.option(
    "--next-out", type=click.IntRange(1, MAX_NUMBER), metavar="N",
    help="MsgSeqNum(34) of our next message.",
)  # fmt: skip
@click.option(
    "--next-in", type=click.IntRange(1, MAX_NUMBER), metavar="N",
    help="MsgSeqNum(34) to expect next from the peer.",
)  # fmt: skip
@click.option(
    "--reset", is_flag=True,
    help="Begin a new generation first, so that our number may go back: nothing from before is "
    "ever sent again. Alone: both numbers restart at 1. With both: works on a damaged store, too.",
)  # fmt: skip
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why: it stays in the store's audit trail."
)
def set_seqnum(
    folder: Path | None, session: str, *, next_out: int | None, next_in: int | None, reset: bool,
    reason: str,
) -> None:  # fmt: skip
    """Move the sequence numbers of one session that nobody has in use.

    A number that is not given stays as it is. Refused while a process holds the store. A damaged
    store goes on behind the damage with --reset, --next-out and --next-in.
    """
    if next_out is None and next_in is None and not reset:
        raise click.UsageError("give --next-out, --next-in or --reset")
    if not reason.strip() or len(reason) > _REASON_CHARS or not reason.isprintable():
        raise click.BadParameter(
            f"expected 1 to {_REASON_CHARS} printable characters", param_hint="--reason"
        )
    found = _stores(folder, session)
    if len(found) > 1:
        raise click.UsageError(
            f"{len(found)} sessions are here; name one by its folder or --session"
        )
    try:
        done = renumber(
            found[0], next_out=next_out, next_in=next_in, reset=reset, reason=reason.strip(),
            now_ns=time.time_ns(),
        )  # fmt: skip
    except LocalProtocolError as error:
        raise click.UsageError(f"{error}; --reset begins a new generation") from error
    if done.recovered is not None:
        click.echo(f"note: {printable(str(done.recovered))}", err=True)
    click.echo(f"{printable(str(done.session_id))}: {done.entry.after}")
    click.echo(f"before: {done.entry.before}", err=True)


def _width() -> int | None:
    """Return the characters of a line on a terminal; a file or a pipe has no width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _stores(folder: Path | None, session: str) -> list[Path]:
    return find_stores(state_folder() if folder is None else folder, session)


def _surveys(folder: Path | None, session: str) -> list[StoreSurvey]:
    return [survey(path) for path in _stores(folder, session)]


def _rows(paths: Sequence[Path], damage: list[Damage]) -> Iterator[Row]:
    """Yield the rows of all stores, and put what is damaged into ``damage``."""
    for path in paths:
        for item in read_rows(path):
            if isinstance(item, Damage):
                damage.append(item)
            else:
                yield item


@store.command("compare")
@click.argument("ours", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("theirs", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--log", "logs", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="A log of messages of theirs, or a folder of them; those in THEIRS are read anyway.",
)  # fmt: skip
@click.pass_context
def compare(ctx: click.Context, ours: Path, theirs: Path, *, logs: tuple[Path, ...]) -> None:
    """Tell whether we are in sync with the counterparty, and what the next Logon does.

    THEIRS is the FileStorePath or the FileLogPath of a QuickFIX engine (C++, Python, /J, /n or
    Go), or another store of fixgate. A store of QuickFIX has what the engine sent; its log has
    what it received, too, and so tells what was lost. Sessions are paired by their CompIDs,
    reversed. Exits 0 when all are in sync, 1 when any is not, 2 when no session is in both.
    """
    our_sides = read_sides(ours)
    their_sides, remarks = read_counterparty(theirs, logs, our_sides)
    pairs, alone = pair_up(our_sides, their_sides)
    for line in (*remarks, *(f"not compared: {each}" for each in alone)):
        click.echo(line, err=True)
    if not pairs:
        raise click.UsageError("no session is in both stores")
    for pair in pairs:
        click.echo(compare_text(pair), nl=False)
    if not all(pair.in_sync for pair in pairs):
        ctx.exit(1)


@store.command("persistence")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_session
@click.option(
    "--log", "logs", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="A log of messages of the engine, or a folder of them; those in FOLDER are read anyway.",
)  # fmt: skip
@click.option(
    "--before", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A copy of the engine's store from before it came back: its numbers must have gone on.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each session.")
@click.pass_context
def persistence(
    ctx: click.Context, folder: Path, session: str, *, logs: tuple[Path, ...], before: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Tell whether the sessions of your own engine came back whole, each time they came back.

    FOLDER is the FileStorePath or the FileLogPath of a QuickFIX engine (C++, Python, /J, /n or
    Go), or a store of fixgate. Nothing is connected to: the verdict is that of 'fixgate check
    --level persistence', by what the engine itself sent and received. Exits 0 when every return
    was whole, 1 when one was not, 2 when there is no such session, 3 when it cannot be told.
    """
    found = read_engine(folder, logs)
    earlier = [] if before is None else read_sides(before)
    judged = [
        returns_of(each, _same(each.side, earlier))
        for each in found.sessions
        if session in each.name
    ]
    judged += [
        bare_returns(each, _same(each, earlier)) for each in found.bare if session in each.name
    ]
    for remark in found.remarks:
        click.echo(remark, err=True)
    if not judged:
        raise click.UsageError(f"no session with '{session}' is in {folder}")
    for one in judged:
        click.echo(json.dumps(returns_json(one)) if as_json else returns_text(one), nl=as_json)
    ctx.exit(_returns_exit(judged))


def _same(side: Side | None, earlier: Sequence[Side]) -> Side | None:
    if side is None:
        return None
    return next((each for each in earlier if each.file_name == side.file_name), None)


def _returns_exit(judged: Sequence[SessionReturns]) -> int:
    if any(each.failed for each in judged):
        return 1
    return 0 if all(each.told for each in judged) else 3
