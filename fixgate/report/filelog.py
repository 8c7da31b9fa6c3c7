"""What the counterparty's engine logged: the messages that it sent, and those that it received.

A store of QuickFIX keeps what the engine sent. Its FileLog has a line for each message that came or
went:

======  ==========================================  ===========================================
engine  files                                       a line
======  ==========================================  ===========================================
C++     ``SESSION.messages.current.log``, earlier   ``20260101-09:00:00.000000000 : 8=FIX...``
        ``SESSION.messages.backup.N.log``
/n      ``SESSION.messages.current.log``            ``20260101-09:00:00.000 : 8=FIX...``
/J      ``SESSION.messages.log``                    ``8=FIX...``; ``20260101-09:00:00: 8=FIX...``
                                                    with FileIncludeTimeStampForMessages=Y; no
                                                    Heartbeats with FileLogHeartbeats=N
Go      ``SESSION.messages.current.log``, earlier   ``2026/01/01 09:00:00.000000 8=FIX...``
        ``SESSION.messages.current.TIME.log[.gz]``
======  ==========================================  ===========================================

Which way a message went no line says; its SenderCompID(49) does. So any log serves that
`fixgate.net.logfile` reads, of several sessions in one file, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.net.flow import Flow
from fixgate.net.logfile import LogEntry, Unreadable, read_log
from fixgate.net.sides import reverse
from fixgate.net.unpacked import open_unpacked
from fixgate.report.text import printable
from fixgate.session.settings import SessionId
from fixgate.wire import MsgType, Tag

__all__ = ["Logs", "entries_of", "find_logs", "in_order", "read_logs"]

_OF_MESSAGES = ".messages."
_NAMED_AT_MOST = 5
_Names = tuple[str, str, str]


@dataclass(slots=True)
class Logs:
    """What logs have of some sessions.

    Attributes:
        flows: Of each session, as its sender names it, the messages to the other side.
        others: Sessions that were not asked for: BeginString(8) and the CompIDs, as first seen.
        remarks: What could not be read, by file and line.
    """

    flows: dict[SessionId, Flow] = field(default_factory=dict)
    others: dict[_Names, None] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def find_logs(folder: Path) -> list[Path]:
    """Return the logs of messages in a folder, by the names that QuickFIX's engines give them.

    Raises:
        StoreError: The folder cannot be read.
    """
    try:
        return sorted(each for each in folder.iterdir() if _OF_MESSAGES in each.name)
    except OSError as error:
        raise StoreError(str(folder), f"cannot be read: {error.strerror}") from error


def read_logs(paths: Iterable[Path], sessions: Iterable[SessionId]) -> Logs:
    """Read logs in the order of their first messages, as they may have been rotated.

    Args:
        paths: The files, plain or gzip.
        sessions: Whose messages to keep, in both directions.

    Raises:
        StoreError: A file cannot be read.
    """
    reader = _Reader(sessions)
    for path in in_order(paths):
        reader.read(path)
    return reader.finished()


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Return logs in the order of their first messages, as they may have been rotated.

    Raises:
        StoreError: A file cannot be read.
    """
    return sorted({path.resolve(): path for path in paths}.values(), key=_begins)


def _begins(path: Path) -> bytes:
    """Return SendingTime(52) of a log's first sound message; empty when it has none."""
    for entry in entries_of(path):
        if isinstance(entry, LogEntry) and not entry.flaw:
            return entry.get(Tag.SendingTime) or b""
    return b""


def entries_of(path: Path) -> Iterator[LogEntry | Unreadable]:
    """Yield what is in a log, plain or gzip.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        with open_unpacked(path) as stream:
            yield from read_log(stream)
    except OSError as error:
        raise StoreError(str(path), f"cannot be read: {error.strerror}") from error


class _Reader:
    """Sorts the messages of logs by session and direction."""

    def __init__(self, sessions: Iterable[SessionId]) -> None:
        self._logs = Logs()
        self._known: dict[_Names, list[SessionId]] = {}
        self._with_heartbeats: set[SessionId] = set()
        for session_id in dict.fromkeys(sessions):
            for each in (session_id, reverse(session_id)):
                names = (each.begin_string, each.ours, each.theirs)
                self._known.setdefault(names, []).append(each)

    def read(self, path: Path) -> None:
        """Take every message of one file."""
        remarks = []
        for entry in entries_of(path):
            match entry:
                case Unreadable(line, reason):
                    remarks.append(f"{path}:{line}: skipped: {reason}")
                case LogEntry(line, flaw=flaw):
                    if flaw:
                        remarks.append(f"{path}:{line}: garbled, not compared: {flaw}")
                    self._take(entry)
        self._logs.remarks += [printable(each) for each in remarks[:_NAMED_AT_MOST]]
        if (more := len(remarks) - _NAMED_AT_MOST) > 0:
            self._logs.remarks.append(f"{printable(str(path))}: {more} more like that")

    def _take(self, entry: LogEntry) -> None:
        begin, sender, target = (
            (entry.get(tag) or b"").decode("latin-1")
            for tag in (Tag.BeginString, Tag.SenderCompID, Tag.TargetCompID)
        )
        sender_id = self._session(entry, (begin, sender, target))
        if sender_id is None:
            if sender and target and (begin, target, sender) not in self._logs.others:
                self._logs.others[begin, sender, target] = None
            return
        flow = self._logs.flows.get(sender_id) or Flow()
        self._logs.flows[sender_id] = flow.take(entry.raw, garbled=bool(entry.flaw))
        if entry.get(Tag.MsgType) == MsgType.Heartbeat:
            self._with_heartbeats.update((sender_id, reverse(sender_id)))

    def _session(self, entry: LogEntry, names: _Names) -> SessionId | None:
        """Return whose message it is; sub-ids and locations tell where CompIDs do not suffice."""
        known = self._known.get(names, [])
        if len(known) == 1:
            return known[0]
        sender_sub_id, sender_location_id, target_sub_id, target_location_id = (
            (entry.get(tag) or b"").decode("latin-1")
            for tag in (
                Tag.SenderSubID,
                Tag.SenderLocationID,
                Tag.TargetSubID,
                Tag.TargetLocationID,
            )
        )
        exact = SessionId(
            *names, sender_sub_id, sender_location_id, target_sub_id, target_location_id
        )
        return exact if exact in known else None

    def finished(self) -> Logs:
        """Return what was read."""
        for sender_id, flow in self._logs.flows.items():
            flow.heartbeats = sender_id in self._with_heartbeats
        return self._logs
