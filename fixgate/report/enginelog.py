"""What an engine went through, as a history: from its log of messages, or from a store of fixgate.

A log tells of a return by itself: whoever connects sends a Logon, and with it another connection
begins. Which side is ours, where no store says so, is who sends the first Logon. FileLog's other
log, of events, adds nothing to that and is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.health.persistence.events import Returning
from fixgate.history import Record
from fixgate.net.logfile import Unreadable
from fixgate.net.readonly import read_session_id, search_stores
from fixgate.net.sides import Side, find_sides
from fixgate.net.survey import Damage
from fixgate.report.export import read_rows
from fixgate.report.filelog import entries_of, find_logs, in_order
from fixgate.report.text import printable
from fixgate.session.settings import SessionId
from fixgate.wire import Tag, utc_ns

__all__ = ["EngineLog", "EngineLogs", "read_engine"]

_NAMED_AT_MOST = 5
_IDENTITY = (Tag.BeginString, Tag.SenderCompID, Tag.TargetCompID)


@dataclass(slots=True)
class EngineLog:
    """One session as an engine's log has it.

    Attributes:
        name: ``BeginString:OURS->THEIRS``.
        records: The history.
        side: The engine's store of that session, ``None`` where there is none.
    """

    name: str
    records: tuple[Record, ...]
    side: Side | None = None


@dataclass(slots=True)
class EngineLogs:
    """Every session of an engine.

    Attributes:
        sessions: By name.
        bare: Stores that keep nothing of what came, and have no log beside them.
        remarks: What could not be read.
    """

    sessions: list[EngineLog] = field(default_factory=list)
    bare: list[Side] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_engine(folder: Path, logs: Sequence[Path] = ()) -> EngineLogs:
    """Read the sessions of an engine.

    Args:
        folder: Of its store, of its logs of messages, or of both; or a store of fixgate.
        logs: More of its logs, or folders of them.

    Raises:
        StoreError: There is neither, or one cannot be read.
    """
    found = EngineLogs()
    files = find_logs(folder)
    for path in logs:
        more = find_logs(path) if path.is_dir() else [path]
        if not more:
            raise StoreError(str(path), "no log of messages is here: no file *.messages.*")
        files += more
    journals = search_stores(folder)
    sides = [] if journals else find_sides(folder)
    if not files and not sides and not journals:
        text = "neither a store nor a log of messages (*.messages.*) is here"
        raise StoreError(str(folder), text)
    for path in journals:
        _read_journal(path, found)
    _read_logs(files, sides, found)
    named = {each.name for each in found.sessions}
    found.bare = [side for side in sides if side.name not in named]
    found.sessions.sort(key=lambda each: each.name)
    return found


# A store of fixgate.


def _read_journal(path: Path, found: EngineLogs) -> None:
    entries: list[tuple[int, bool, bytes]] = []
    for row in read_rows(path):
        if isinstance(row, Damage):
            found.remarks.append(printable(f"left out: {row}"))
        elif row.raw is not None:
            entries.append((row.at_ns, row.direction == "out", row.raw))
    session_id = read_session_id(path)
    name = path.name if session_id is None else str(session_id)
    found.sessions.append(EngineLog(printable(name), _history(_logons_first(entries))))


def _logons_first(entries: list[tuple[int, bool, bytes]]) -> list[tuple[int, bool, bytes]]:
    """Put the answer to each Logon where it came: a journal has messages by their numbers.

    A Logon with a number that is too high is counted only after what was missed before it.
    """
    logons = [at for at, (_, _, raw) in enumerate(entries) if _is_logon(raw)]
    if not logons:
        return entries
    opening = entries[logons[0]][1]
    begins = [at for at in logons if entries[at][1] is opening]
    sorted_: list[tuple[int, bool, bytes]] = entries[: begins[0]]
    for begin, end in zip(begins, [*begins[1:], len(entries)], strict=True):
        part = entries[begin:end]
        answer = next((e for e in part if e[1] is not opening and _is_logon(e[2])), None)
        rest = [e for e in part[1:] if e is not answer]
        sorted_ += [part[0], *([answer] if answer is not None else []), *rest]
    return sorted_


def _is_logon(raw: bytes) -> bool:
    return b"\x0135=A\x01" in raw[:64]


# Logs.


def _read_logs(paths: Iterable[Path], sides: list[Side], found: EngineLogs) -> None:
    """Read logs in the order of their first messages, as they may have been rotated."""
    entries: dict[frozenset[SessionId], list[tuple[int, SessionId, bytes]]] = {}
    for path in in_order(paths):
        _read_file(path, entries, found)
    for pair, told in entries.items():
        ours, side = _ours(pair, told, sides)
        if ours is None:
            names = " or ".join(sorted(map(str, pair)))
            text = f"not judged: {names}: the log has no Logon that tells whose it is"
            found.remarks.append(printable(text))
            continue
        last_ns, history = 0, []
        for at_ns, sender, raw in told:
            last_ns = at_ns or last_ns
            history.append((last_ns, sender == ours, raw))
        name = side.name if side is not None else str(ours)
        found.sessions.append(EngineLog(printable(name), _history(history), side))


def _read_file(
    path: Path,
    entries: dict[frozenset[SessionId], list[tuple[int, SessionId, bytes]]],
    found: EngineLogs,
) -> None:
    remarks = []
    for entry in entries_of(path):
        if isinstance(entry, Unreadable):
            remarks.append(f"{path}:{entry.line}: skipped: {entry.reason}")
            continue
        if entry.flaw:
            remarks.append(f"{path}:{entry.line}: garbled, not judged: {entry.flaw}")
            continue
        begin, sender, target = ((entry.get(tag) or b"").decode("latin-1") for tag in _IDENTITY)
        if sender and target:
            ends = SessionId(begin, sender, target), SessionId(begin, target, sender)
            at_ns = utc_ns(entry.get(Tag.SendingTime) or b"") or 0
            entries.setdefault(frozenset(ends), []).append((at_ns, ends[0], entry.raw))
    found.remarks += [printable(each) for each in remarks[:_NAMED_AT_MOST]]
    if (more := len(remarks) - _NAMED_AT_MOST) > 0:
        found.remarks.append(f"{printable(str(path))}: {more} more like that")


def _ours(
    pair: frozenset[SessionId], told: list[tuple[int, SessionId, bytes]], sides: list[Side]
) -> tuple[SessionId | None, Side | None]:
    """Return the engine's end of a session: its store says, or else who opened the session."""
    for side in sides:
        for each in pair:
            if side.is_of(each):
                return each, side
    return next((sender for _, sender, raw in told if _is_logon(raw)), None), None


# Both.


def _history(entries: Iterable[tuple[int, bool, bytes]]) -> tuple[Record, ...]:
    """Return a history whose connections begin with the Logons of whoever opens them."""
    records: list[Record] = []
    opening: bool | None = None
    for at_ns, ours, raw in entries:
        logon = _is_logon(raw)
        if logon and opening is None:
            opening = ours
        if logon and ours is opening and records:
            records.append(Record(at_ns, "#", Returning()))
        records.append(Record(at_ns, ">" if ours else "<", raw))
    return tuple(records)
