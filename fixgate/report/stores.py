"""What is in stores, as text for people and as JSON for programs."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from fixgate.net.audit import AuditEntry
from fixgate.net.survey import Damage, Generation, StoreSurvey
from fixgate.report.layout import Cell, Column, fit, line
from fixgate.report.text import format_instant, printable

__all__ = ["SCHEMA_VERSION", "findings", "store_json", "store_table", "store_text"]

SCHEMA_VERSION = 1
"""Of the objects that `store_json` returns; docs/store.md lists their keys."""

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
# What goes first where the width does not suffice: `show` of one session, and --json, have it all.
_COLUMNS = (
    Column("SESSION"),
    Column("GEN", rank=4, right=True),
    Column("NEXT OUT", right=True),
    Column("NEXT IN", right=True),
    Column("SENT", rank=3, right=True),
    Column("RECEIVED", rank=2, right=True),
    Column("LAST", rank=1),
    Column("SIZE", rank=5),
    Column("STATE"),
)
_ANY_WIDTH = 1 << 20


def store_table(surveys: Sequence[StoreSurvey], *, width: int | None = None) -> str:
    """Return one line for each store, under a line of headings.

    Args:
        surveys: The stores.
        width: Characters of a line; columns that do not fit are left out. ``None`` for any.
    """
    rows = [tuple(map(Cell, _row(each))) for each in surveys]
    titles = tuple(Cell(column.title) for column in _COLUMNS)
    widths = fit(_COLUMNS, rows, width or _ANY_WIDTH)
    lines = [line(_COLUMNS, row, widths, mark="").plain.rstrip() for row in (titles, *rows)]
    return "\n".join(lines) + "\n"


def _row(found: StoreSurvey) -> tuple[str, ...]:
    newest = found.newest
    numbers = ("-", "-", "-")
    if newest is not None:
        numbers = (str(newest.number), str(newest.next_out), str(newest.next_in))
    last = max((at for at in (*_last(found, "out"), *_last(found, "in"))), default=None)
    return (
        printable(found.name),
        *numbers,
        str(sum(each.sent for each in found.generations)),
        str(sum(each.received for each in found.generations)),
        "-" if last is None else format_instant(last, digits=0),
        _size(_total_bytes(found)),
        _state(found),
    )


def _last(found: StoreSurvey, side: str) -> list[int]:
    values = (getattr(each, f"last_{side}_ns") for each in found.generations)
    return [at for at in values if at is not None]


def _total_bytes(found: StoreSurvey) -> int:
    return sum(each.size_bytes for each in found.generations)


def _state(found: StoreSurvey) -> str:
    if found.damage:
        return "damaged"
    return {True: "in use", False: "free", None: "unknown"}[found.in_use]


def store_text(found: StoreSurvey, *, width: int | None = None) -> str:
    """Return everything about one store, a line for each thing.

    Args:
        found: The store.
        width: Characters of a line; longer ones go on in the next. ``None`` for any.
    """
    lines = [printable(found.name)]
    for label, value in _facts(found):
        lines += _wrapped(f"  {label:<12}", value, width or _ANY_WIDTH)
    return "\n".join(lines) + "\n"


def _wrapped(label: str, value: str, width: int) -> list[str]:
    return textwrap.wrap(
        value, width, initial_indent=label, subsequent_indent=" " * len(label),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _facts(found: StoreSurvey) -> Iterator[tuple[str, str]]:
    yield "folder", printable(found.path)
    newest = found.newest
    if newest is None:
        yield "numbers", "none: nothing was ever written"
    else:
        yield "numbers", f"next out {newest.next_out}, next in {newest.next_in}"
        yield "since", _instant(newest.since_ns)
        for side in ("out", "in"):
            yield f"last {side}", _instant(max(_last(found, side), default=None))
    for each in found.generations:
        yield f"gen {each.number}", _generation_text(each)
    yield "size", _size(_total_bytes(found))
    yield "use", _use(found)
    for entry in found.audit:
        yield "by hand", _audit_text(entry)
    for each_damage in found.damage:
        yield "DAMAGED", printable(str(each_damage))


def _generation_text(each: Generation) -> str:
    text = (
        f"since {_instant(each.since_ns or None)}: {each.sent} sent, {each.received} received, "
        f"next out {each.next_out}, next in {each.next_in}, {_size(each.size_bytes)}"
    )
    if each.torn is None:
        return text
    what = "had not reached the disk from" if each.unsynced else "unfinished record at"
    return f"{text}; {what} byte {each.torn}"


def _use(found: StoreSurvey) -> str:
    if found.holder is None:
        return "never opened by fixgate"
    holder = printable(str(found.holder))
    return {
        True: f"in use by {holder}",
        False: f"free; last opened by {holder}",
        None: f"last opened by {holder}; whether it is in use cannot be seen on this system",
    }[found.in_use]


def _audit_text(entry: AuditEntry) -> str:
    return (
        f"{format_instant(entry.at_ns, digits=0)} {printable(entry.who)} (process {entry.pid}): "
        f"from {entry.before} to {entry.after}: {printable(entry.reason)}"
    )


def _instant(at_ns: int | None) -> str:
    return "-" if at_ns is None else format_instant(at_ns)


def _size(count: float) -> str:
    for unit in _UNITS:
        if count < 1024 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("the last unit takes every size")


def findings(found: StoreSurvey) -> tuple[str, ...]:
    """Return what ``verify`` says of one store: its damage, else that it is sound; then notes."""
    name = printable(found.name)
    lines = [f"damaged {name}: {printable(str(each))}" for each in found.damage]
    if not lines:
        records = sum(each.sent + each.received for each in found.generations)
        count = len(found.generations)
        lines.append(f"sound {name}: {records} messages in {count} generation{'s' * (count != 1)}")
    newest = found.newest
    if newest is not None and newest.torn is not None:
        place = f"{printable(newest.path)}: byte {newest.torn}"
        lines.append(f"note {name}: {place}: {_tail(newest.size_bytes - newest.torn, found)}")
    if found.in_use:
        lines.append(f"note {name}: {_use(found)}; what it adds meanwhile is not looked at")
    return tuple(lines)


def _tail(size: int, found: StoreSurvey) -> str:
    if found.in_use:
        why = "being written by the process that has the store in use"
        return f"unfinished record of {size} bytes, {why}"
    cut = "the next to open the store cuts it"
    if found.newest is not None and found.newest.unsynced:
        return f"{size} bytes had not reached the disk when the machine stopped; {cut}"
    return f"unfinished record of {size} bytes, left by a process that ended; {cut}"


def store_json(found: StoreSurvey) -> dict[str, object]:
    """Return one store as plain values for JSON; see `SCHEMA_VERSION`."""
    newest = found.newest
    session_id = found.session_id
    return {
        "schema_version": SCHEMA_VERSION,
        "folder": found.path,
        "session": None if session_id is None else asdict(session_id),
        "next_out": None if newest is None else newest.next_out,
        "next_in": None if newest is None else newest.next_in,
        "since_ns": None if newest is None else newest.since_ns,
        "last_out_ns": max(_last(found, "out"), default=None),
        "last_in_ns": max(_last(found, "in"), default=None),
        "size_bytes": _total_bytes(found),
        "in_use": found.in_use,
        "holder": None if found.holder is None else asdict(found.holder),
        "generations": [_generation_json(each) for each in found.generations],
        "audit": [asdict(entry) for entry in found.audit],
        "damage": [_damage_json(each) for each in found.damage],
    }


def _generation_json(each: Generation) -> dict[str, object]:
    return {
        "generation": each.number,
        "file": os.path.basename(each.path),
        "since_ns": each.since_ns,
        "size_bytes": each.size_bytes,
        "next_out": each.next_out,
        "next_in": each.next_in,
        "sent": each.sent,
        "received": each.received,
        "last_out_ns": each.last_out_ns,
        "last_in_ns": each.last_in_ns,
        "torn_at": each.torn,
        "unsynced": each.unsynced,
    }


def _damage_json(each: Damage) -> dict[str, object]:
    return {
        "path": each.path,
        "offset": each.offset,
        "reason": each.reason,
        "resumes": each.resumes,
    }
