"""What stores hold, for SQL and for programs: SQLite and JSON Lines; Parquet is beside it.

Passwords in the journal were overwritten before they were written, and stay so here.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from fixgate.errors import StoreError
from fixgate.net.readonly import ReadOnlyFolder, ReadOnlySegment
from fixgate.net.records import MAX_NUMBER, RecordKind, Torn
from fixgate.net.segments import session_id_of
from fixgate.net.survey import Damage, read_sound
from fixgate.report.files import new_file

__all__ = ["Row", "read_rows", "write_jsonl", "write_jsonl_file", "write_sqlite"]

_DIRECTIONS = {
    int(RecordKind.OUT): "out",
    int(RecordKind.IN): "in",
    int(RecordKind.NEXT_OUT): "next_out",
    int(RecordKind.NEXT_IN): "next_in",
}
_MESSAGES = frozenset((int(RecordKind.OUT), int(RecordKind.IN)))
_SEQ_NUM = re.compile(rb"\x0134=(\d{1,20})\x01")
_MSG_TYPE = re.compile(rb"\x0135=([^\x01]*)\x01")
_BATCH = 5_000
_SCHEMA = """
CREATE TABLE messages (
    session TEXT NOT NULL,       -- BeginString:ours->theirs
    generation INTEGER NOT NULL, -- 1 for the first; one more after each reset
    direction TEXT NOT NULL,     -- in, out; next_in, next_out: the number moved without a message
    seq_num,                     -- MsgSeqNum(34), or the number moved to; text past 63 bits
    at_ns INTEGER NOT NULL,      -- when it was stored, nanoseconds since the epoch, UTC
    msg_type TEXT,               -- MsgType(35); NULL for a move
    raw BLOB                     -- the message with SOH; NULL for a move
);
CREATE INDEX messages_by_number ON messages (session, generation, direction, seq_num);
"""
_INSERT = "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)"
_MAX_SQL = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a store.

    Attributes:
        session: ``BeginString:ours->theirs``.
        generation: 1 for the first; one more after each reset.
        direction: ``out``, ``in``, or ``next_out``, ``next_in`` where a number was moved without
            a message.
        seq_num: MsgSeqNum(34), or the number moved to; ``None`` where it cannot be read.
        at_ns: When it was stored, nanoseconds since the epoch, UTC.
        msg_type: MsgType(35), ``None`` for a move or where it cannot be read.
        raw: The message, ``None`` for a move.
    """

    session: str
    generation: int
    direction: str
    seq_num: int | None
    at_ns: int
    msg_type: str | None
    raw: bytes | None


def read_rows(path: Path) -> Iterator[Row | Damage]:
    """Yield every sound record of a store in the order of writing, and the damage between.

    Args:
        path: The folder of one session.

    Raises:
        StoreError: The folder cannot be opened.
    """
    with ReadOnlyFolder(path) as folder:
        generations, wrong = folder.generations()
        yield from (Damage(error.path, error.offset, error.reason) for error in wrong)
        for generation in generations:
            try:
                with folder.segment(generation) as segment:
                    yield from _generation_rows(segment, generation, os.path.basename(path))
            except StoreError as error:
                yield Damage(error.path, error.offset, error.reason)


def _generation_rows(
    segment: ReadOnlySegment, generation: int, name: str
) -> Iterator[Row | Damage]:
    header = segment.header()
    session = str(session_id_of(header.identity) or name)
    # A folder may be called what is no text; no column takes that.
    session = session.encode("utf-8", "backslashreplace").decode()
    for item in read_sound(segment, header.size):
        match item:
            case Damage():
                yield item
            case Torn():
                continue
            case (_, kind, number, at_ns, message) if kind in _DIRECTIONS:
                yield _row(session, generation, kind, number, at_ns, message)


def _row(session: str, generation: int, kind: int, number: int, at_ns: int, message: bytes) -> Row:
    direction = _DIRECTIONS[kind]
    if kind not in _MESSAGES:
        return Row(session, generation, direction, number, at_ns, None, None)
    seq_num, msg_type = _read(message)
    if kind == RecordKind.OUT:
        seq_num = number
    return Row(session, generation, direction, seq_num, at_ns, msg_type, message)


def _read(raw: bytes) -> tuple[int | None, str | None]:
    """Return MsgSeqNum(34) and MsgType(35); the message of a concealed Logon is garbled."""
    found, msg_type = _SEQ_NUM.search(raw), _MSG_TYPE.search(raw)
    number = MAX_NUMBER + 1 if found is None else int(found[1])
    return (
        number if number <= MAX_NUMBER else None,
        None if msg_type is None else msg_type[1].decode("latin-1"),
    )


def write_jsonl(rows: Iterable[Row], stream: TextIO) -> int:
    """Write one JSON object a line, and return how many.

    ``raw`` is text with one character for each byte (ISO 8859-1).
    """
    count = 0
    for row in rows:
        values = {
            "session": row.session,
            "generation": row.generation,
            "direction": row.direction,
            "seq_num": row.seq_num,
            "at_ns": row.at_ns,
            "msg_type": row.msg_type,
            "raw": None if row.raw is None else row.raw.decode("latin-1"),
        }
        stream.write(json.dumps(values) + "\n")
        count += 1
    return count


def write_jsonl_file(rows: Iterable[Row], path: Path) -> int:
    """Do the same into a new file, which appears whole or not at all; only its owner can read it.

    Raises:
        StoreError: It exists, or cannot be written.
    """
    with new_file(path) as partial, open(partial, "w", encoding="ascii") as stream:
        return write_jsonl(rows, stream)


def write_sqlite(rows: Iterable[Row], path: Path) -> int:
    """Write a new SQLite database with the table ``messages``, and return how many rows.

    The file appears whole or not at all, and only its owner can read it.

    Args:
        rows: What to write.
        path: The file; must not exist.

    Raises:
        StoreError: It exists, or cannot be written.
    """
    with new_file(path) as partial:
        try:
            database = sqlite3.connect(partial, isolation_level=None)
            try:
                database.execute("PRAGMA journal_mode = OFF")
                database.executescript(_SCHEMA)
                database.execute("BEGIN")
                count = _insert(database, rows)
                database.execute("COMMIT")
            finally:
                database.close()
        except sqlite3.Error as error:
            raise StoreError(str(path), f"cannot write: {error}") from error
    return count


def _insert(database: sqlite3.Connection, rows: Iterable[Row]) -> int:
    count = 0
    batch: list[tuple[str | int | bytes | None, ...]] = []
    for row in rows:
        # SQLite's integers end at 63 bits; a larger number is kept as text, exactly.
        number = row.seq_num
        shown = str(number) if number is not None and number > _MAX_SQL else number
        batch.append(
            (row.session, row.generation, row.direction, shown, row.at_ns, row.msg_type, row.raw)
        )
        count += 1
        if len(batch) >= _BATCH:
            database.executemany(_INSERT, batch)
            batch.clear()
    database.executemany(_INSERT, batch)
    return count
